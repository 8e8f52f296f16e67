"""WSGI on one side, ``Request`` and ``Response`` on the other.

Source: PEP 3333; ``REQUEST_URI`` is waitress' name for the target as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, TypeAlias

from chalicelib.services.rate_limiting import parsed_address
from infra.local.web.messages import Endpoint, FileSlice, Request, Response

StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]
Application: TypeAlias = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_CHUNK_BYTES = 256 * 1024
_NO_BODY = frozenset({204, 304})


def application(endpoint: Endpoint, *, is_behind_proxy: bool = False) -> Application:
    """Returns the WSGI application that lets an endpoint answer everything.

    Args:
        endpoint: gets every request.
        is_behind_proxy: whether what a peer on this machine says of its client is believed.
    """

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ, _address(environ, is_behind_proxy=is_behind_proxy))
        response = endpoint(request)
        headers = list(response.headers)
        if response.status not in _NO_BODY:
            headers.append(("Content-Length", str(response.size_bytes)))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [] if request.method == "HEAD" or response.status in _NO_BODY else _body(response)

    return answer


def _address(environ: dict[str, Any], *, is_behind_proxy: bool) -> str:
    """Returns whom a request is from; of a forwarding chain the last link only, which our own proxy wrote."""
    peer = str(environ["REMOTE_ADDR"])
    near = parsed_address(peer)
    if not is_behind_proxy or near is None or not near.is_loopback:
        return peer
    told = parsed_address(str(environ.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip())
    return peer if told is None else str(told)


def _request(environ: dict[str, Any], address: str) -> Request:
    path, _, query = str(environ["REQUEST_URI"]).partition("?")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
    }
    return Request(
        method=str(environ["REQUEST_METHOD"]),
        path=path,
        query=query,
        headers=headers,
        size_bytes=int(environ.get("CONTENT_LENGTH") or 0),
        body=environ["wsgi.input"],
        address=address,
    )


def _body(response: Response) -> Iterable[bytes]:
    if isinstance(response.body, FileSlice):
        return _chunks(response.body)
    return [response.body]


def _chunks(part: FileSlice) -> Iterator[bytes]:
    with part.path.open("rb") as file:
        file.seek(part.offset)
        left = part.size_bytes
        while left and (chunk := file.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk
