"""All ports of one deployment, as one value that ``wiring`` builds and services take apart."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports.accounts import Accounts
from chalicelib.ports.appeals import Appeals
from chalicelib.ports.artifacts import ArtifactRegistry
from chalicelib.ports.audit_trail import AuditTrail
from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.bundles import BundleVerifier
from chalicelib.ports.catalog import Catalog
from chalicelib.ports.clock import Clock
from chalicelib.ports.executions import Executions
from chalicelib.ports.id_tokens import IdTokens
from chalicelib.ports.ids import Ids
from chalicelib.ports.index_writer import IndexWriter
from chalicelib.ports.publishes import Publishes
from chalicelib.ports.rate_limits import RateLimits
from chalicelib.ports.second_opinion import SecondOpinion
from chalicelib.ports.signer import AttestationSigner
from chalicelib.ports.waiver_issuer import WaiverIssuer
from chalicelib.settings import Settings
from tank_core.analysis.scanner import PatternScanner


@dataclass(frozen=True, slots=True)
class RegistryPorts:
    """The world of one registry."""

    settings: Settings
    clock: Clock
    ids: Ids
    blobs: BlobStore
    catalog: Catalog
    publishes: Publishes
    accounts: Accounts
    audit_trail: AuditTrail
    rate_limits: RateLimits
    executions: Executions
    index: IndexWriter
    signer: AttestationSigner
    artifacts: ArtifactRegistry
    bundles: BundleVerifier
    id_tokens: IdTokens
    scanner: PatternScanner
    appeals: Appeals
    waivers: WaiverIssuer
    second_opinion: SecondOpinion
