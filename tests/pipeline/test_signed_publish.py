"""From a publisher's signature to an install: what Sign found is what every client finds again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.sigstore import SigstoreVerifier
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from pipeline.execution import SBOM, SCORE, StageInput
from pipeline.stages import sign, store
from tank_cli.cache import Cache
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.locking import locked_skill
from tank_cli.installer.signatures import SignatureMismatchError
from tank_cli.installer.verification import Verifier
from tank_cli.tree import facts_of
from tank_core.archive import pack
from tank_core.binding import Binding
from tank_core.index import index_bytes, parse_index
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.provenance import publisher_statement
from tank_core.publish import Stage, StageRejected
from tank_core.trusted_publishing import OrgBinding
from tests.support.identities import build_binding
from tests.support.local_sigstore import BUILD, NOW, SigstoreScene, bundle
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import after, leave_document, package, uploaded

NAME = SkillName("acme", "greeter")
BINDING = build_binding("alice", environment="")


@dataclass
class Blobs:
    """The registry's public blobs, as a client reads them."""

    ports: RegistryPorts

    def get(self, digest: str, *, max_bytes: int, what: str, integrity: str = "") -> bytes:
        return self.ports.blobs.get(keys.blob(digest), max_bytes=max_bytes)


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"))
    yield scene
    scene.close()


@pytest.fixture
def ports(world: MemoryWorld, sigstore: SigstoreScene, tmp_path: Path) -> RegistryPorts:
    """A registry whose organisation is bound to the build that signs, at the time at which it signs."""
    world.clock.at = NOW
    (tmp_path / "trusted_root.json").write_bytes(sigstore.trusted_root)
    bind(world, BINDING)
    return replace(world.ports(), bundles=SigstoreVerifier(str(tmp_path / "trusted_root.json")))


def bind(world: MemoryWorld, binding: Binding) -> None:
    org = world.accounts.orgs["acme"]
    world.accounts.orgs["acme"] = replace(org, bindings=(OrgBinding("b", binding, "alice", 0, 0),))


def signed_upload(world: MemoryWorld, sigstore: SigstoreScene, version: str = "1.0.0") -> StageInput:
    """Returns a publish whose bundle the build really signed for this version, or for another one."""
    packed = pack(package())
    statement = publisher_statement(NAME, version, sha512_integrity(packed), sha256_digest(packed))
    return uploaded(world, package(), bundle=bundle(sigstore, statement, BUILD.github_claims()))


def published(world: MemoryWorld, ports: RegistryPorts, given: StageInput) -> LockedSkill:
    """Runs Sign and Store; returns the line that a client locks."""
    given = after(given, Stage.SIGN, sign.run(given, ports))
    score = {"value": 9.5, "verdict": "pass", "items": [], "findings": []}
    given = leave_document(world, given, Stage.SCORE, SCORE, score)
    given = leave_document(world, given, Stage.VALIDATE, SBOM, {"base64": "e30="})
    store.run(given, ports)
    return locked(world)


def locked(world: MemoryWorld) -> LockedSkill:
    data = index_bytes(str(NAME), world.catalog.versions(str(NAME)))
    return locked_skill(parse_index(data, expected=NAME).versions[0])


def verifier(ports: RegistryPorts, sigstore: SigstoreScene, folder: Path) -> Verifier:
    blobs: Any = Blobs(ports)
    anchors = Anchors({ports.signer.key_id(): ports.signer.public_key_pem()}, sigstore.trusted_root)
    return Verifier(Cache(folder), lambda: blobs, anchors)


def test_a_client_finds_again_what_sign_found(
    world: MemoryWorld, ports: RegistryPorts, sigstore: SigstoreScene, tmp_path: Path
) -> None:
    skill = published(world, ports, signed_upload(world, sigstore))
    assert skill.signer is not None
    assert (skill.signer.repository_id, skill.signer.owner_id) == ("2002", "1001")
    ((name, verified),) = verifier(ports, sigstore, tmp_path / "cache").packages({NAME: skill})
    assert (name, verified.facts) == (NAME, facts_of(package()))


def test_a_bundle_for_another_version_reaches_no_client(
    world: MemoryWorld, ports: RegistryPorts, sigstore: SigstoreScene
) -> None:
    with pytest.raises(StageRejected) as caught:
        published(world, ports, signed_upload(world, sigstore, "0.9.0"))
    assert caught.value.rejection.code == "provenance-mismatch"


def test_whoever_owns_the_database_cannot_change_who_signed(
    world: MemoryWorld, ports: RegistryPorts, sigstore: SigstoreScene, tmp_path: Path
) -> None:
    """The index repeats what the database says; the attestation and the bundle do not."""
    published(world, ports, signed_upload(world, sigstore))
    for stored in world.catalog.versions(str(NAME)):
        stored.signature["claims"]["repository_id"] = "666"
    with pytest.raises(SignatureMismatchError) as caught:
        list(verifier(ports, sigstore, tmp_path / "cache").packages({NAME: locked(world)}))
    assert [problem.where for problem in caught.value.problems] == ["signer"]


def test_whoever_owns_the_database_can_bind_a_stranger_but_not_hide_that(
    world: MemoryWorld, ports: RegistryPorts, sigstore: SigstoreScene
) -> None:
    """Sign believes the bindings it is given; the signer in every lock is another one from then on."""
    bind(world, replace(BINDING, repository_id="666", owner_id="667"))
    stranger = replace(BUILD, repository_id="666", owner_id="667")
    packed = pack(package())
    statement = publisher_statement(NAME, "1.0.0", sha512_integrity(packed), sha256_digest(packed))
    given = uploaded(world, package(), bundle=bundle(sigstore, statement, stranger.github_claims()))
    signer = published(world, ports, given).signer
    assert signer is not None
    assert (signer.repository_id, signer.owner_id) == ("666", "667")
