"""The other end of an upload link: takes one body of known size and digest, once."""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO

from chalicelib.ports.blobs import ObjectInfo
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import ConditionFailed
from infra.local.blobs import FileBlobStore
from infra.local.upload_links import LinkRefused, UploadGrant, UploadLinks
from infra.local.web.messages import Request, Response
from infra.local.web.problems import problem, unsupported_method
from tank_core.errors import ExitCode, TankError

_CHUNK_BYTES = 256 * 1024


class UploadLinkRefusedError(TankError):
    """The link is not ours, or its time is over."""

    code = "upload-link-refused"
    status = 403
    exit_code = ExitCode.FORBIDDEN


class UploadedAlreadyError(TankError):
    """The link was used."""

    code = "uploaded-already"
    status = 412


class WrongUploadError(TankError):
    """The body is not the one that the link is for."""

    code = "wrong-upload"
    status = 400
    exit_code = ExitCode.INTEGRITY


class UploadEndpoint:
    """Stores what arrives at upload links and tells of it."""

    def __init__(
        self, links: UploadLinks, blobs: FileBlobStore, clock: Clock, on_stored: Callable[[ObjectInfo], None]
    ) -> None:
        """Args: on_stored: told of each new object, once it is durable; what it misses, a sweep finds."""
        self._links = links
        self._blobs = blobs
        self._clock = clock
        self._on_stored = on_stored

    def __call__(self, request: Request) -> Response:
        """Checks, in this order: method, link, announced size, first use, digest, first use again."""
        if request.method != "PUT":
            return unsupported_method("PUT")
        try:
            info = self._received(request)
        except TankError as error:
            return problem(error)
        try:
            self._on_stored(info)
        except Exception:
            # The upload is durable and the publisher has done their part: the next sweep starts it.
            traceback.print_exc(file=sys.stderr)
        return Response(200, (("ETag", info.etag),))

    def _received(self, request: Request) -> ObjectInfo:
        try:
            grant = self._links.grant(request.path, request.query, now=self._clock.now())
        except LinkRefused as exc:
            raise _link_refused(str(exc)) from exc
        if request.size_bytes != grant.size_bytes:
            raise _wrong("size")
        if self._blobs.head(grant.key) is not None:
            raise _used()
        arrived = self._blobs.arrival()
        try:
            if not hmac.compare_digest(_saved(request.body, grant, arrived), grant.sha256_hex):
                raise _wrong("SHA-256 digest")
            return self._blobs.accept(
                grant.key, arrived, digest=grant.sha256_hex, size_bytes=grant.size_bytes
            )
        except ConditionFailed as exc:
            raise _used() from exc
        finally:
            arrived.unlink(missing_ok=True)


def _saved(body: IO[bytes], grant: UploadGrant, target: Path) -> str:
    """Writes the body, synced, and returns its SHA-256 in hex; reads no byte beyond the granted size."""
    digest, left = hashlib.sha256(), grant.size_bytes
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while left and (chunk := body.read(min(left, _CHUNK_BYTES))):
            left -= len(chunk)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left:
        raise _wrong("size")
    return digest.hexdigest()


def _link_refused(reason: str) -> TankError:
    return UploadLinkRefusedError(
        "This upload link allows nothing.",
        why=f"Reason: {reason}.",
        fix="Run `tank publish` again: it gets a fresh link.",
    )


def _used() -> TankError:
    return UploadedAlreadyError(
        "Something was uploaded here already.",
        why="An upload link takes one upload only.",
        fix="Ask for the publish's status, or run `tank publish` again.",
    )


def _wrong(what: str) -> TankError:
    return WrongUploadError(
        f"The {what} is not the announced one.",
        why="An upload link is bound to the size and the digest that the publish announced.",
        fix="Run `tank publish` again, and let nothing change the archive meanwhile.",
    )
