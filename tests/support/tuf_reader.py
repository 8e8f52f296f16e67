"""What an unmodified TUF client sees of a registry whose object store is at hand."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from chalicelib.adapters.tuf.metadata import moment
from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.errors import Missing
from chalicelib.services.keys import PUBLIC
from tank_core import tuf_layout

BASE = "https://registry.example/"
MUCH = 10**7


class BlobFetcher(FetcherInterface):
    """Answers a client's requests from the object store, as the CDN would."""

    def __init__(self, blobs: BlobStore) -> None:
        self.blobs = blobs
        self.asked: list[str] = []

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(BASE)
        self.asked.append(path)
        try:
            return iter([self.blobs.get(PUBLIC + path, max_bytes=MUCH)])
        except Missing:
            raise DownloadHTTPError("not there", 404) from None


@dataclass(slots=True)
class Reader:
    """A client with a memory of its own: what it saw once, it never lets go back."""

    blobs: BlobStore
    root: bytes
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="tank-reader-")))
    asked: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, blobs: BlobStore) -> Reader:
        """Returns a client that pins the root that is published now."""
        return cls(blobs, blobs.get(PUBLIC + tuf_layout.NEWEST_ROOT, max_bytes=MUCH))

    def document(self, name: str, *, now: int) -> bytes | None:
        """Returns a skill's index document, verified; None when the index says that there is none."""
        return self.target(tuf_layout.index_target(name), now=now)

    def target(self, path: str, *, now: int) -> bytes | None:
        """Returns a target's bytes, verified at a time; raises what python-tuf raises."""
        metadata, targets = self.folder / "metadata", self.folder / "targets"
        for each in (metadata, targets):
            each.mkdir(exist_ok=True)
        fetcher = BlobFetcher(self.blobs)
        with patch.object(TrustedMetadataSet, "__init__", _began_at(now)):
            updater = Updater(
                str(metadata),
                BASE + tuf_layout.METADATA,
                str(targets),
                BASE + tuf_layout.TARGETS,
                fetcher,
                bootstrap=self.root,
            )
            try:
                found = updater.get_targetinfo(path)
                return None if found is None else Path(updater.download_target(found)).read_bytes()
            finally:
                self.asked[:] = fetcher.asked


def _began_at(now: int) -> Callable[..., None]:
    """python-tuf asks the system for the time once, when an update begins."""
    begin = TrustedMetadataSet.__init__

    def begun(self: TrustedMetadataSet, *args: Any, **how: Any) -> None:
        begin(self, *args, **how)
        self.reference_time = moment(now)

    return begun
