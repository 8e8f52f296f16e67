"""The embedded adapters, over a folder that is thrown away, for the contract suites."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.blobs import FileBlobStore
from infra.local.oci_layout import OciLayout
from infra.local.signer import FileSigner
from infra.local.sqlite.accounts import SqliteAccounts
from infra.local.sqlite.appeals import SqliteAppeals
from infra.local.sqlite.audit_trail import SqliteAuditTrail
from infra.local.sqlite.catalog import SqliteCatalog
from infra.local.sqlite.database import Database
from infra.local.sqlite.index_state import SqliteIndexState
from infra.local.sqlite.publishes import SqlitePublishes
from infra.local.sqlite.rate_limits import SqliteRateLimits
from infra.local.states.checkpoints import Checkpoints
from infra.local.states.definition import parse_definition
from infra.local.states.workers import EmbeddedExecutions
from infra.local.upload_links import UploadLinks
from infra.local.web.uploads import UploadEndpoint
from infra.local.web.wsgi import application
from tests.support.ports_under_test import PortsUnderTest
from tests.support.sample_entities import NOW
from tests.support.wsgi import call

ONE_TASK = {
    "StartAt": "Only",
    "States": {
        "Only": {"Type": "Task", "Resource": "r", "TimeoutSeconds": 1, "ResultPath": "$.only", "End": True}
    },
}


class MovableClock:
    """A clock that only a test moves."""

    def __init__(self, at: int = NOW) -> None:
        self.at = at

    def now(self) -> int:
        return self.at

    def move(self, seconds: int) -> None:
        self.at += seconds


@contextmanager
def embedded_ports() -> Iterator[PortsUnderTest]:
    """Yields the adapters of one machine; nothing runs the executions."""
    with tempfile.TemporaryDirectory() as name:
        folder, clock = Path(name), MovableClock()
        database = Database(folder / "registry.sqlite")
        links = UploadLinks(b"s" * 32, "https://registry.example")
        blobs = FileBlobStore(folder / "blobs", database, links, clock)
        uploads = application(UploadEndpoint(links, blobs, clock, on_stored=lambda _info: None))
        checkpoints = Checkpoints(database, b"k" * 32)
        try:
            yield PortsUnderTest(
                catalog=SqliteCatalog(database),
                publishes=SqlitePublishes(database),
                accounts=SqliteAccounts(database),
                appeals=SqliteAppeals(database),
                audit_trail=SqliteAuditTrail(database),
                rate_limits=SqliteRateLimits(database),
                index_state=SqliteIndexState(database),
                blobs=blobs,
                signer=FileSigner(folder / "signing-key.pem"),
                artifacts=OciLayout(folder / "oci"),
                pull=partial(_pulled, folder / "oci"),
                executions=EmbeddedExecutions(parse_definition(ONE_TASK), checkpoints, clock),
                put_upload=lambda link, body: (
                    call(uploads, "PUT", _target(link.url), link.headers, body).status
                ),
                move_clock=clock.move,
                started_executions=checkpoints.names,
            )
        finally:
            database.close()


def _pulled(layouts: Path, repository: str, name: str) -> bytes | None:
    """Reads an image layout as its specification says, without the code under test."""
    layout = layouts / repository
    entries = json.loads((layout / "index.json").read_bytes())["manifests"] if layout.exists() else []
    tags = {entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"] for entry in entries}
    blob = layout / "blobs" / tags.get(name, name).replace(":", "/")
    return blob.read_bytes() if blob.is_file() else None


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"
