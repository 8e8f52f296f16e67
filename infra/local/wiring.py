"""Builds the ports of one machine from a data folder."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from chalicelib.adapters.oidc import OidcVerifier, well_known_key_sources
from chalicelib.adapters.semgrep import SemgrepScanner
from chalicelib.adapters.sigstore import SigstoreVerifier
from chalicelib.adapters.system import SystemClock, SystemIds
from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.adapters.waiver_issuer import SigningWaiverIssuer
from chalicelib.ports.artifacts import ArtifactRegistry
from chalicelib.ports.clock import Clock
from chalicelib.ports.id_tokens import IdTokens
from chalicelib.ports.registry import RegistryPorts
from chalicelib.settings import Settings
from chalicelib.wiring import second_opinion
from infra.local.blobs import FileBlobStore
from infra.local.durable import make_folder, secret_file
from infra.local.folder import DataFolder
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
from infra.local.states.definition import StateMachine, parse_definition
from infra.local.states.workers import EmbeddedExecutions
from infra.local.upload_links import UploadLinks

PROJECT = Path(__file__).resolve().parent.parent.parent
_DEFINITION = PROJECT / "pipeline" / "publish.asl.json"
_RESCAN_DEFINITION = PROJECT / "pipeline" / "rescan.asl.json"
_RESCAN = "rescan"


@dataclass(frozen=True, slots=True)
class RescanMachine:
    """The state machine of rescans, and its executions."""

    machine: StateMachine
    checkpoints: Checkpoints
    executions: EmbeddedExecutions


@dataclass(frozen=True, slots=True)
class EmbeddedRegistry:
    """The ports, and the parts of them that only a server needs."""

    ports: RegistryPorts
    index: TufIndexWriter
    database: Database
    blobs: FileBlobStore
    links: UploadLinks
    machine: StateMachine
    checkpoints: Checkpoints
    executions: EmbeddedExecutions
    rescans: RescanMachine


def embedded_ports(
    data: Path,
    *,
    settings: Settings,
    semgrep: Path,
    artifacts: ArtifactRegistry | None = None,
    id_tokens: IdTokens | None = None,
) -> EmbeddedRegistry:
    """Opens a data folder that exists; makes in it what is missing.

    Args:
        data: the data folder.
        settings: ``public_url`` is where clients reach this registry.
        semgrep: the program that Analyze runs.
        id_tokens: verifies builds' OIDC tokens; None knows the keys of the real issuers.
        artifacts: where versions are mirrored; None keeps image layouts in the data folder.

    Raises:
        DefinitionError: the state machine is not one that this interpreter runs exactly.
        ExposedFileError: others may read a secret of the data folder.
        UnknownSchemaError: a newer release wrote the data folder.
    """
    folder, clock = DataFolder(data), SystemClock()
    machine = parse_definition(json.loads(_DEFINITION.read_bytes()))
    links = UploadLinks(_secret(folder.upload_secret), settings.public_url)
    signer = FileSigner(folder.signing_key)
    database = Database(folder.database)
    blobs = FileBlobStore(folder.blobs, database, links, clock)
    catalog = SqliteCatalog(database)
    make_folder(folder.keys)
    state, index_signer = SqliteIndexState(database), FileSigner(folder.index_key)
    index = TufIndexWriter(blobs=blobs, catalog=catalog, state=state, signer=index_signer, clock=clock)
    secret = _secret(folder.execution_secret)
    checkpoints = Checkpoints(database, secret)
    executions = EmbeddedExecutions(machine, checkpoints, clock)
    ports = RegistryPorts(
        settings=settings,
        clock=clock,
        ids=SystemIds(),
        blobs=blobs,
        catalog=catalog,
        publishes=SqlitePublishes(database),
        accounts=SqliteAccounts(database),
        audit_trail=SqliteAuditTrail(database),
        rate_limits=SqliteRateLimits(database),
        executions=executions,
        index=index,
        signer=signer,
        artifacts=artifacts or OciLayout(folder.artifacts),
        bundles=SigstoreVerifier(settings.trusted_root_path),
        id_tokens=id_tokens or OidcVerifier(well_known_key_sources(), clock.now),
        scanner=SemgrepScanner(semgrep),
        appeals=SqliteAppeals(database),
        waivers=SigningWaiverIssuer(signer, blobs),
        second_opinion=second_opinion(settings.second_opinion),
    )
    rescans = _rescans(database, secret, clock)
    return EmbeddedRegistry(ports, index, database, blobs, links, machine, checkpoints, executions, rescans)


def _rescans(database: Database, secret: bytes, clock: Clock) -> RescanMachine:
    machine = parse_definition(json.loads(_RESCAN_DEFINITION.read_bytes()))
    # A seal of a rescan counts for rescans alone: no row of one machine passes for one of the other.
    key = hmac.new(secret, _RESCAN.encode(), hashlib.sha256).digest()
    checkpoints = Checkpoints(database, key, _RESCAN)
    return RescanMachine(machine, checkpoints, EmbeddedExecutions(machine, checkpoints, clock))


def _secret(path: Path) -> bytes:
    return secret_file(path, lambda: secrets.token_bytes(32))
