"""Rekor's APIs v1 and v2, and v2's tiles.

Source: sigstore/rekor, openapi.yaml; sigstore/rekor-tiles, CLIENTS.md; C2SP tlog-tiles.
"""

from __future__ import annotations

from infra.local.sigstore.rekor_v1 import RekorV1
from infra.local.sigstore.rekor_v2 import TILE_WIDTH, RekorV2, tile_number
from infra.local.sigstore.web.routes import Call, MalformedQueryError, Route, json_response, route
from infra.local.web.messages import Response
from infra.local.web.problems import no_such_object

_MAX_INDEX_DIGITS = 18  # an int64
_TILE = r"(?P<number>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
_IMMUTABLE = ("Cache-Control", "public, max-age=31536000, immutable")


class RekorV1Api:
    """The routes of version 1."""

    def __init__(self, log: RekorV1) -> None:
        self._log = log

    def routes(self, prefix: str) -> list[Route]:
        """Returns the routes below a path."""
        base = f"{prefix}/api/v1/log"
        return [
            route("GET", base, lambda _call: json_response(self._log.state())),
            route("GET", f"{base}/publicKey", self._public_key),
            route("GET", f"{base}/proof", self._proof),
            route("POST", f"{base}/entries", self._create),
            route("GET", f"{base}/entries", self._by_index),
            route("GET", f"{base}/entries/(?P<uuid>(?:[0-9a-f]{{16}})?[0-9a-f]{{64}})", self._by_uuid),
        ]

    def _create(self, call: Call) -> Response:
        return json_response(self._log.create(call.body), status=201)

    def _by_index(self, call: Call) -> Response:
        return json_response(self._log.by_index(_number(call, "logIndex")))

    def _by_uuid(self, call: Call) -> Response:
        return json_response(self._log.by_uuid(call.parts["uuid"]))

    def _proof(self, call: Call) -> Response:
        return json_response(self._log.consistency(_number(call, "firstSize"), _number(call, "lastSize")))

    def _public_key(self, call: Call) -> Response:
        del call
        return Response(200, (("Content-Type", "application/x-pem-file"),), self._log.public_key_pem())


class RekorV2Api:
    """The routes of version 2."""

    def __init__(self, log: RekorV2) -> None:
        self._log = log

    def routes(self, prefix: str) -> list[Route]:
        """Returns the routes below a path."""
        base = f"{prefix}/api/v2"
        return [
            route("POST", f"{base}/log/entries", self._create),
            route("GET", f"{base}/checkpoint", self._checkpoint),
            route("GET", f"{base}/tile/entries/{_TILE}", self._entry_tile),
            route("GET", f"{base}/tile/(?P<level>[0-9]|[1-5][0-9]|6[0-3])/{_TILE}", self._tile),
        ]

    def _create(self, call: Call) -> Response:
        return json_response(self._log.create(call.body), status=201)

    def _checkpoint(self, call: Call) -> Response:
        del call
        headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-cache"))
        return Response(200, headers, self._log.checkpoint())

    def _tile(self, call: Call) -> Response:
        place = _place(call)
        return _tile_response(place and self._log.tile(int(call.parts["level"]), *place))

    def _entry_tile(self, call: Call) -> Response:
        place = _place(call)
        return _tile_response(place and self._log.entry_tile(*place))


def _place(call: Call) -> tuple[int, int] | None:
    """Returns number and width of a tile, or None where there can be none."""
    number = tile_number(call.parts["number"])
    width = int(call.parts["width"] or TILE_WIDTH)
    is_possible = (
        number is not None and width <= TILE_WIDTH and len(call.parts["number"]) <= _MAX_INDEX_DIGITS
    )
    return (number, width) if is_possible and number is not None else None


def _tile_response(tile: bytes | None) -> Response:
    if tile is None:
        return no_such_object()
    return Response(200, (("Content-Type", "application/octet-stream"), _IMMUTABLE), tile)


def _number(call: Call, name: str) -> int:
    text = call.query.get(name, "")
    if not (text.isascii() and text.isdecimal()) or len(text) > _MAX_INDEX_DIGITS:
        raise MalformedQueryError(
            "The query cannot be read.", why=f"{name} is no whole number.", fix=f"Send {name}, a number."
        )
    return int(text)
