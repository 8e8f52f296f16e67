"""Serves a folder from memory over HTTP/1.1: what a CDN is to every tool alike, and as cheap as it gets.

The same server serves Tank's objects and the wheels, so that none of them waits for a
slower one. It counts what it was asked; ``GET /-/count`` says so and starts again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import typing
from pathlib import Path
from urllib.parse import unquote

_TYPES = {".html": "text/html", ".json": "application/json"}


class Answers:
    """Path → answer, made once, and a count of the requests."""

    def __init__(self, root: Path) -> None:
        self.requests = 0
        self._answers = {
            f"/{path.relative_to(root).as_posix()}": _answer(path)
            for path in root.rglob("*")
            if path.is_file()
        }

    def of(self, request: bytes) -> bytes:
        """Returns the answer to a request's head."""
        path = unquote(request.split(b" ", 2)[1].decode("ascii")).partition("?")[0]
        if path == "/-/count":
            counted, self.requests = self.requests, 0
            return _message(200, json.dumps(counted).encode(), "application/json")
        self.requests += 1
        if path.endswith("/"):
            path += "index.html"
        return self._answers.get(path) or _message(404, b"", "text/plain")


def _answer(path: Path) -> bytes:
    return _message(200, path.read_bytes(), _TYPES.get(path.suffix, "application/octet-stream"))


def _message(status: int, body: bytes, kind: str) -> bytes:
    head = f"HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = typing.cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self._answers.of(head))


async def serve(root: Path, port: int) -> None:
    """Serves until the process ends; prints the port in one line of JSON."""
    answers = Answers(root)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers), "127.0.0.1", port)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(serve(given.root, given.port))
