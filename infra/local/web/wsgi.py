"""WSGI on one side, ``Request`` and ``Response`` on the other.

Source: PEP 3333; ``REQUEST_URI`` is waitress' name for the target as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, TypeAlias

from infra.local.web.messages import Endpoint, FileSlice, Request, Response

StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]
Application: TypeAlias = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_CHUNK_BYTES = 256 * 1024
_NO_BODY = frozenset({204, 304})


def application(endpoint: Endpoint) -> Application:
    """Returns the WSGI application that lets an endpoint answer everything."""

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _request(environ)
        response = endpoint(request)
        headers = list(response.headers)
        if response.status not in _NO_BODY:
            headers.append(("Content-Length", str(response.size_bytes)))
        start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
        return [] if request.method == "HEAD" or response.status in _NO_BODY else _body(response)

    return answer


def _request(environ: dict[str, Any]) -> Request:
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
        address=str(environ["REMOTE_ADDR"]),
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
