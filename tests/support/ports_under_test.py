"""What a contract suite gets from each implementation of the ports.

A provider is a context manager without arguments that yields ``PortsUnderTest``
over an empty store, and leaves nothing behind:

- ``tests.support.memory_ports.memory_ports``
- ``tests.support.embedded_ports.embedded_ports``
- ``tests.support.aws_ports.aws_ports``

The suites are in ``tests/contract``; what they ask for is in the ports'
docstrings and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.ports.accounts import Accounts
from chalicelib.ports.appeals import Appeals
from chalicelib.ports.artifacts import ArtifactRegistry
from chalicelib.ports.audit_trail import AuditTrail
from chalicelib.ports.blobs import BlobStore, UploadLink
from chalicelib.ports.catalog import Catalog
from chalicelib.ports.executions import Executions
from chalicelib.ports.index_state import IndexState
from chalicelib.ports.publishes import Publishes
from chalicelib.ports.rate_limits import RateLimits
from chalicelib.ports.signer import AttestationSigner


@dataclass(frozen=True, slots=True)
class PortsUnderTest:
    """One implementation of every port, and the levers that a suite needs.

    Attributes:
        pull: the bytes that a reader of the artifacts gets for a repository
            (``org/name``) and a tag or digest, or None.
        put_upload: sends a body to an upload link with the link's headers and
            returns the HTTP status (200 or 201 when stored); None when the
            emulator does not enforce links (moto does not).
        move_clock: moves the store's clock forward by that many seconds; None
            when its clock is not ours to move.
        started_executions: the names of all executions started so far, sorted;
            None when there are no executions.
    """

    catalog: Catalog
    publishes: Publishes
    accounts: Accounts
    appeals: Appeals
    audit_trail: AuditTrail
    rate_limits: RateLimits
    index_state: IndexState
    blobs: BlobStore
    signer: AttestationSigner
    artifacts: ArtifactRegistry | None = None
    pull: Callable[[str, str], bytes | None] | None = None
    executions: Executions | None = None
    put_upload: Callable[[UploadLink, bytes], int] | None = None
    move_clock: Callable[[int], None] | None = None
    started_executions: Callable[[], tuple[str, ...]] | None = None
