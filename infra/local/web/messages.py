"""One HTTP request and one response, as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TypeAlias


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body is not read yet.

    Attributes:
        path: still percent-encoded, starts with ``/``; decoding it first would turn
            an encoded slash into a separator.
        query: still percent-encoded, without the question mark.
        headers: by lower-case name.
        size_bytes: of the body, as announced; the server delivers no more.
        body: positioned at the body's first byte.
        address: of the client, or of a proxy in front that is not believed.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    size_bytes: int
    body: IO[bytes]
    address: str

    @property
    def target(self) -> str:
        """The path with the query, as requested."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True, slots=True)
class FileSlice:
    """Part of a file, as a body."""

    path: Path
    offset: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; the server adds the length, and leaves the body out for HEAD."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | FileSlice = field(default=b"")

    @property
    def size_bytes(self) -> int:
        """The length of the body."""
        return self.body.size_bytes if isinstance(self.body, FileSlice) else len(self.body)


Endpoint: TypeAlias = Callable[[Request], Response]
