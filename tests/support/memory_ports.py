"""Every port in memory: the fakes that services and API are tested with.

They keep all conditions of the ports' docstrings (the contract suites run on
them too); they forget everything, so nothing outside tests may import them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.adapters.second_opinion.nobody import Nobody
from chalicelib.adapters.waiver_issuer import SigningWaiverIssuer
from chalicelib.ports.artifacts import Artifact, parse_reference
from chalicelib.ports.bundles import BundleRefusedError, VerifiedBundle
from chalicelib.ports.id_tokens import IdToken, IdTokenRefusedError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.ports.second_opinion import SecondOpinion
from chalicelib.settings import Settings
from tank_core.analysis.scanner import PatternMatch
from tank_core.entities import JsonObject
from tank_core.oci import (
    ArtifactDocuments,
    Referrer,
    artifact_documents,
    merged_index,
    referrers_tag,
    tag_of,
)
from tests.support.memory_accounts import MemoryAccounts
from tests.support.memory_appeals import MemoryAppeals
from tests.support.memory_blobs import MemoryBlobs
from tests.support.memory_catalog import MemoryAuditTrail, MemoryCatalog, MemoryPublishes
from tests.support.memory_documents import MemoryIndex
from tests.support.memory_state import IndexStateInMemory, MemoryState
from tests.support.memory_time import MemoryClock, MemoryIds, MemoryRateLimits
from tests.support.ports_under_test import PortsUnderTest


@dataclass(slots=True)
class MemoryExecutions:
    started: dict[str, JsonObject] = field(default_factory=dict)

    def start(self, name: str, document: JsonObject) -> None:
        self.started.setdefault(name, document)


@dataclass(slots=True)
class MemorySigner:
    """A real P-256 key that lives as long as the test."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def key_id(self) -> str:
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"sha256:{hashlib.sha256(der).hexdigest()}"

    def public_key_pem(self) -> str:
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode()

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(slots=True)
class MemoryArtifacts:
    """The documents of each artifact by its reference."""

    pushed: dict[str, tuple[Artifact, ArtifactDocuments]] = field(default_factory=dict)

    def push(self, artifact: Artifact) -> str:
        documents = artifact_documents(artifact.archive, artifact.annotations, artifact.referrers)
        reference = f"{artifact.repository}@{documents.manifest.descriptor.digest}"
        self.pushed[reference] = (artifact, documents)
        return reference

    def attach(self, reference: str, referrer: Referrer) -> None:
        parse_reference(reference)
        if reference in self.pushed:
            artifact, _ = self.pushed[reference]
            kept = [one for one in artifact.referrers if one != referrer]
            self.push(replace(artifact, referrers=(*kept, referrer)))

    def withdraw(self, reference: str) -> None:
        parse_reference(reference)
        self.pushed.pop(reference, None)

    def pull(self, repository: str, name: str) -> bytes | None:
        """Returns what a tag or a digest of the repository names."""
        for artifact, documents in self.pushed.values():
            contents = (*documents.blobs, *documents.referrers, documents.manifest)
            named = {one.descriptor.digest: one.data for one in contents}
            named[tag_of(artifact.tag)] = documents.manifest.data
            named[referrers_tag(documents.manifest.descriptor.digest)] = merged_index(
                None, (referrer.descriptor for referrer in documents.referrers)
            )
            if artifact.repository == repository and name in named:
                return named[name]
        return None


@dataclass(slots=True)
class MemoryBundles:
    """Accepts exactly the bundles that a test announced; refuses all others, as the port must."""

    accepted: dict[bytes, VerifiedBundle] = field(default_factory=dict)

    def verify(self, bundle: bytes) -> VerifiedBundle:
        verified = self.accepted.get(bundle)
        if verified is None:
            raise BundleRefusedError(
                "the bundle is not acceptable", why="no test accepts it", fix="sign again"
            )
        return verified


@dataclass(slots=True)
class MemoryIdTokens:
    """Accepts exactly the OIDC tokens that a test announced; refuses all others, as the port must."""

    accepted: dict[tuple[str, str], IdToken] = field(default_factory=dict)

    def verify(self, token: str, audience: str) -> IdToken:
        verified = self.accepted.get((token, audience))
        if verified is None:
            raise IdTokenRefusedError.because("no test accepts it")
        return verified


@dataclass(slots=True)
class MemoryScanner:
    matches: tuple[PatternMatch, ...] = ()

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        return tuple(sorted(match for match in self.matches if match.file in files))


@dataclass(frozen=True, slots=True)
class MemoryWorld:
    """The fakes by their own types, and the same as ``RegistryPorts``."""

    clock: MemoryClock
    ids: MemoryIds
    blobs: MemoryBlobs
    catalog: MemoryCatalog
    publishes: MemoryPublishes
    accounts: MemoryAccounts
    audit_trail: MemoryAuditTrail
    rate_limits: MemoryRateLimits
    executions: MemoryExecutions
    index: MemoryIndex
    signer: MemorySigner
    artifacts: MemoryArtifacts
    bundles: MemoryBundles
    id_tokens: MemoryIdTokens
    scanner: MemoryScanner
    appeals: MemoryAppeals
    settings: Settings
    second_opinion: SecondOpinion = field(default_factory=Nobody)

    def ports(self) -> RegistryPorts:
        return RegistryPorts(
            settings=self.settings,
            clock=self.clock,
            ids=self.ids,
            blobs=self.blobs,
            catalog=self.catalog,
            publishes=self.publishes,
            accounts=self.accounts,
            audit_trail=self.audit_trail,
            rate_limits=self.rate_limits,
            executions=self.executions,
            index=self.index,
            signer=self.signer,
            artifacts=self.artifacts,
            bundles=self.bundles,
            id_tokens=self.id_tokens,
            scanner=self.scanner,
            appeals=self.appeals,
            waivers=SigningWaiverIssuer(self.signer, self.blobs),
            second_opinion=self.second_opinion,
        )


def memory_world(settings: Settings | None = None) -> MemoryWorld:
    """Returns an empty registry in memory."""
    state, clock = MemoryState(), MemoryClock()
    publishes = MemoryPublishes(state)
    catalog = MemoryCatalog(state, publishes)
    return MemoryWorld(
        clock=clock,
        ids=MemoryIds(),
        blobs=MemoryBlobs(state, clock),
        catalog=catalog,
        publishes=publishes,
        accounts=MemoryAccounts(state),
        audit_trail=MemoryAuditTrail(state),
        rate_limits=MemoryRateLimits(state),
        executions=MemoryExecutions(),
        index=MemoryIndex(catalog),
        signer=MemorySigner(),
        artifacts=MemoryArtifacts(),
        bundles=MemoryBundles(),
        id_tokens=MemoryIdTokens(),
        scanner=MemoryScanner(),
        appeals=MemoryAppeals(state),
        settings=settings or Settings(public_url="https://registry.example"),
    )


@contextmanager
def memory_ports() -> Iterator[PortsUnderTest]:
    """Yields the fakes for the contract suites."""
    world = memory_world()
    yield PortsUnderTest(
        catalog=world.catalog,
        publishes=world.publishes,
        accounts=world.accounts,
        appeals=world.appeals,
        audit_trail=world.audit_trail,
        rate_limits=world.rate_limits,
        index_state=IndexStateInMemory(),
        blobs=world.blobs,
        signer=world.signer,
        artifacts=world.artifacts,
        pull=world.artifacts.pull,
        executions=world.executions,
        put_upload=world.blobs.put_upload,
        move_clock=world.clock.move,
        started_executions=lambda: tuple(sorted(world.executions.started)),
    )
