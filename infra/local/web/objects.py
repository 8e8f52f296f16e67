"""Readable objects: ``/tuf/**``, ``/targets/**``, ``/blobs/**`` and ``/registry.json``, as a CDN would serve them.

Source: RFC 9110, sections 13 (conditional requests) and 14 (ranges).
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from chalicelib.services import keys
from infra.local.blobs import FileBlobStore, StoredObject
from infra.local.web.messages import FileSlice, Request, Response
from infra.local.web.problems import no_such_object, unsupported_method

_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")


class ObjectEndpoint:
    """Serves the public area of the object store."""

    def __init__(self, blobs: FileBlobStore) -> None:
        self._blobs = blobs

    def __call__(self, request: Request) -> Response:
        """Returns the object, a part of it, or the news that it did not change."""
        if request.method not in ("GET", "HEAD"):
            return unsupported_method("GET", "HEAD")
        stored = self._blobs.stored(keys.PUBLIC + unquote(request.path).removeprefix("/"))
        if stored is None:
            return no_such_object()
        validators = (
            ("ETag", stored.info.etag),
            ("Cache-Control", stored.cache_control or keys.REVALIDATE),
            ("Accept-Ranges", "bytes"),
        )
        if _is_known(request.headers.get("if-none-match", ""), stored.info.etag):
            return Response(304, validators)
        return _content(request, stored, (*validators, ("Content-Type", stored.content_type)))


def _content(request: Request, stored: StoredObject, headers: tuple[tuple[str, str], ...]) -> Response:
    size = stored.info.size_bytes
    wanted = _range(request, stored)
    if wanted is None:
        return Response(200, headers, FileSlice(stored.path, 0, size))
    start, stop = wanted
    if start >= stop:
        return Response(416, (*headers, ("Content-Range", f"bytes */{size}")))
    told = (*headers, ("Content-Range", f"bytes {start}-{stop - 1}/{size}"))
    return Response(206, told, FileSlice(stored.path, start, stop - start))


def _range(request: Request, stored: StoredObject) -> tuple[int, int] | None:
    """Returns the half-open range that is asked for; None for all, empty for none that exists.

    A form other than one simple range is ignored, as the RFC allows.
    """
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    is_other = request.headers.get("if-range", stored.info.etag) != stored.info.etag
    if found is None or is_other or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    size = stored.info.size_bytes
    if not first:
        return max(0, size - int(last)), size
    stop = size if not last else min(size, int(last) + 1)
    return int(first), stop


def _is_known(if_none_match: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag in tags or "*" in tags
