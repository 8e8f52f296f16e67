"""From a line of the lock to files: every link that somebody could have exchanged, with the reason it gives."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tank_cli.cache import Cache
from tank_cli.client.blobs import BlobMismatchError, BlobUnavailableError
from tank_cli.client.transport import NetworkError
from tank_cli.installer import verification
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.locking import locked_skill
from tank_cli.installer.signatures import NoTrustedRootError, SignatureMismatchError
from tank_cli.installer.verification import LockMismatchError, Verifier
from tank_core import canonical, dsse, integrity
from tank_core.archive import ArchiveEntry
from tank_core.attestation import PAYLOAD_TYPE, AttestationError, VerificationSummary, statement_bytes
from tank_core.bundle import MAX_BUNDLE_BYTES, BundleRefusedError
from tank_core.errors import TankError
from tank_core.index import index_bytes, parse_index
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.provenance import ProvenanceError, publisher_statement
from tank_core.signature import Signature
from tests.support.local_sigstore import BUILD, SigstoreScene, bundle
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signatures import PERSON
from tests.support.signing_publisher import Sign, signature_of, signing

NAME = SkillName("acme", "notes")
OTHER = "sha256:" + "1" * 64


class Shelf:
    """Blobs by digest, out of the double's objects; counts what was asked for."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects = objects
        self.asked: list[str] = []
        self.is_offline = False

    def get(self, digest: str, *, max_bytes: int, what: str, integrity: str = "") -> bytes:
        self.asked.append(what)
        if self.is_offline:
            raise NetworkError("the wire is cut", why="test", fix="test")
        if blob_path(digest) not in self.objects:
            raise BlobUnavailableError(f"The registry does not give out {what}.", why="test", fix="test")
        data = self.objects[blob_path(digest)]
        if _digest(data) != digest:
            raise BlobMismatchError(what, why="test", fix="test")
        assert len(data) <= max_bytes
        return data


def _digest(data: bytes) -> str:
    return integrity.sha256_digest(data)


@dataclass
class Scene:
    """A registry that publishes, a Sigstore that signs, and a client's cache."""

    registry: RegistryDouble
    sigstore: SigstoreScene
    shelf: Shelf
    cache: Cache

    def anchors(self, **changes: Any) -> Anchors:
        return replace(
            Anchors({self.registry.key_id: self.registry.pem}, self.sigstore.trusted_root), **changes
        )

    def verifier(self, anchors: Anchors | None = None, **options: Any) -> Verifier:
        shelf: Any = self.shelf
        return Verifier(self.cache, lambda: shelf, anchors or self.anchors(), **options)

    def publish(
        self, version: str = "1.0.0", *, name: str = "@acme/notes", sign: Sign | None = None, **options: Any
    ) -> LockedSkill:
        """Publishes and returns the line of a lock that an honest client would write."""
        self.registry.publish(name, version, publisher="alice", sign=sign, **options)
        data = index_bytes(name, self.registry.versions[name])
        found = [e for e in parse_index(data).versions if str(e.version) == version]
        return locked_skill(found[0])

    def signed(self, version: str = "1.0.0", **options: Any) -> LockedSkill:
        return self.publish(version, sign=signing(self.sigstore, "alice"), **options)

    def verify(
        self, skill: LockedSkill, anchors: Anchors | None = None, **options: Any
    ) -> tuple[ArchiveEntry, ...]:
        ((_, entries),) = self.verifier(anchors, **options).packages({NAME: skill})
        return entries

    def attest(self, statement: bytes, skill: LockedSkill) -> LockedSkill:
        """Signs a statement with the registry's key; returns the line with that attestation."""
        key = self.registry.key
        signature = key.sign(dsse.pae(PAYLOAD_TYPE, statement), ec.ECDSA(hashes.SHA256()))
        envelope = dsse.envelope_bytes(PAYLOAD_TYPE, statement, self.registry.key_id, signature)
        self.registry.objects[blob_path(_digest(envelope))] = envelope
        return replace(skill, attestations={**skill.attestations, "registry": _digest(envelope)})

    def statement(self, skill: LockedSkill) -> dict[str, Any]:
        """Returns the statement that is attested now, to be changed and attested again."""
        envelope = json.loads(self.registry.objects[blob_path(skill.attestations["registry"])])
        value: dict[str, Any] = json.loads(base64.b64decode(envelope["payload"]))
        return value

    def add_blob(self, data: bytes) -> str:
        self.registry.objects[blob_path(_digest(data))] = data
        return _digest(data)


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"))
    yield scene
    scene.close()


@pytest.fixture(scope="module")
def other_sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("other-sigstore"))
    yield scene
    scene.close()


@pytest.fixture
def scene(sigstore: SigstoreScene, tmp_path: Path) -> Scene:
    registry = RegistryDouble("https://registry.example")
    return Scene(registry, sigstore, Shelf(registry.objects), Cache(tmp_path / "cache"))


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("build", [BUILD, None], ids=["build", "person"])
def test_what_a_bound_identity_signed_is_accepted(scene: Scene, build: Any, rekor: int) -> None:
    skill = scene.publish(sign=signing(scene.sigstore, "alice", build, rekor=rekor))
    assert skill.signer is not None
    assert any(entry.path == "SKILL.md" for entry in scene.verify(skill))


def test_an_unsigned_version_needs_no_root(scene: Scene) -> None:
    skill = scene.publish()
    assert skill.signer is None
    assert scene.verify(skill, scene.anchors(trusted_root=None))


# Each lie: what becomes of the line of the lock, or of what the registry gives out; the error; its reason.
Lie = Callable[[Scene, LockedSkill], LockedSkill]


def attested(**changes: Any) -> Lie:
    """The registry's key signs another summary of the same version."""

    def lie(scene: Scene, skill: LockedSkill) -> LockedSkill:
        statement = scene.statement(skill)
        predicate = statement["predicate"]
        for path, value in changes.items():
            *outer, last = path.split("__")
            target = predicate
            for key in outer:
                target = target[key]
            if value is None:
                del target[last]
            else:
                target[last] = value
        return scene.attest(canonical.compact(statement), skill)

    return lie


def locked(**changes: Any) -> Lie:
    """Somebody edits skills.lock."""
    return lambda _, skill: replace(skill, **changes)


def with_bundle(make: Callable[[Scene, LockedSkill], bytes], *, claims_of_it: bool = False) -> Lie:
    """The registry attests, and the lock names, another bundle."""

    def lie(scene: Scene, skill: LockedSkill) -> LockedSkill:
        made = make(scene, skill)
        digest = scene.add_blob(made)
        statement = scene.statement(skill)
        for item in statement["predicate"]["inputAttestations"]:
            if item["name"] == "bundle":
                item["digest"]["sha256"] = digest.removeprefix("sha256:")
        if claims_of_it:
            said = signature_of(scene.sigstore, made, "alice")
            statement["predicate"]["tank_signature"] = said.to_json()
        changed = replace(skill, attestations={**skill.attestations, "bundle": digest})
        return scene.attest(canonical.compact(statement), changed)

    return lie


def statement_of(skill: LockedSkill, name: SkillName = NAME, version: Any = None) -> bytes:
    return publisher_statement(name, version or skill.version, skill.integrity, skill.digest)


def _of_another_version(scene: Scene, skill: LockedSkill) -> bytes:
    return bundle(scene.sigstore, statement_of(skill, version="0.9.0"))


def _of_another_skill(scene: Scene, skill: LockedSkill) -> bytes:
    return bundle(scene.sigstore, statement_of(skill, SkillName("acme", "text")))


def _of_other_bytes(scene: Scene, _: LockedSkill) -> bytes:
    other = scene.signed("2.0.0")
    return bundle(scene.sigstore, publisher_statement(NAME, "1.0.0", other.integrity, other.digest))


def _of_a_stranger(scene: Scene, skill: LockedSkill) -> bytes:
    stranger = replace(BUILD, repository="mallory/skills", repository_id="666", owner_id="667")
    return bundle(scene.sigstore, statement_of(skill), stranger.github_claims())


def _of_a_caller_of_our_workflow(scene: Scene, skill: LockedSkill) -> bytes:
    caller = replace(
        BUILD,
        repository="mallory/skills",
        repository_id="666",
        owner_id="667",
        job_workflow_ref="acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
    )
    return bundle(scene.sigstore, statement_of(skill), caller.github_claims())


def _swapped(scene: Scene, skill: LockedSkill) -> LockedSkill:
    other = scene.signed("2.0.0")
    return replace(skill, attestations={**skill.attestations, "registry": other.attestations["registry"]})


def _withheld(scene: Scene, skill: LockedSkill) -> LockedSkill:
    del scene.registry.objects[blob_path(skill.attestations["bundle"])]
    return skill


def _replaced(scene: Scene, skill: LockedSkill) -> LockedSkill:
    scene.registry.objects[blob_path(skill.attestations["bundle"])] = b"{}"
    return skill


def _without_input(statement: dict[str, Any]) -> dict[str, Any]:
    inputs = statement["predicate"]["inputAttestations"]
    statement["predicate"]["inputAttestations"] = [item for item in inputs if item["name"] != "bundle"]
    return statement


def _claimed_without_proof(scene: Scene, skill: LockedSkill) -> LockedSkill:
    statement = _without_input(scene.statement(skill))
    return scene.attest(canonical.compact(statement), _unsigned(skill))


def _stripped(scene: Scene, skill: LockedSkill) -> LockedSkill:
    """The registry's key attests that nobody signed; the lock still knows better."""
    statement = _without_input(scene.statement(skill))
    del statement["predicate"]["tank_signature"]
    return scene.attest(canonical.compact(statement), skill)


def _unsigned(skill: LockedSkill) -> LockedSkill:
    registry = skill.attestations["registry"]
    return replace(skill, attestations={"registry": registry}, signer=None)


LIES: dict[str, tuple[Lie, type[TankError], str]] = {
    "lock: publisher": (locked(publisher="mallory"), LockMismatchError, "publisher: The lock has mallory"),
    "lock: another signer": (
        locked(signer=PERSON.signer),
        SignatureMismatchError,
        "signer: skills.lock says “alice@acme.example",
    ),
    "lock: signer's repository renamed": (
        lambda _, s: replace(s, signer=replace(s.signer, repository="https://github.com/acme/other")),  # type: ignore[type-var]
        SignatureMismatchError,
        "signer: skills.lock says “https://github.com/acme/other",
    ),
    "lock: no signer": (locked(signer=None), SignatureMismatchError, "signer: skills.lock says nobody"),
    "lock: another bundle": (
        lambda _, s: replace(s, attestations={**s.attestations, "bundle": OTHER}),
        LockMismatchError,
        f"attestations.bundle: The lock has {OTHER}",
    ),
    "lock: made unsigned": (
        lambda _, s: _unsigned(s),
        LockMismatchError,
        "attestations.bundle: The lock has nothing",
    ),
    "attestation of another version": (
        _swapped,
        AttestationError,
        "Its subject is not pkg:tank/acme/notes@1.0.0",
    ),
    "attestation: signature without a bundle": (
        _claimed_without_proof,
        AttestationError,
        "tank_signature is there, and no bundle that would prove it",
    ),
    "attestation: bundle without a signature": (
        attested(tank_signature=None),
        AttestationError,
        "tank_signature is missing, and there is a bundle",
    ),
    "attestation: signed becomes unsigned": (
        _stripped,
        LockMismatchError,
        "attestations.bundle: The lock has sha256",
    ),
    "attestation: binding of another publisher": (
        attested(tank_signature__binding__publisher="mallory"),
        AttestationError,
        "has a binding of “mallory”, and “alice” published it",
    ),
    "attestation: another commit": (
        attested(tank_signature__claims__commit="0" * 40),
        SignatureMismatchError,
        f"claim commit: The registry attests “{'0' * 40}”; the bundle says “",
    ),
    "attestation: a claim left out": (
        attested(tank_signature__claims__run=None),
        SignatureMismatchError,
        "claim run: The registry attests nothing; the bundle says “https://github.com/acme/skills/actions",
    ),
    "attestation: another person": (
        attested(tank_signature__claims__subject="https://github.com/acme/skills/x.yml@refs/tags/v1.0.0"),
        SignatureMismatchError,
        "claim subject: The registry attests “https://github.com/acme/skills/x.yml",
    ),
    "attestation: another log entry": (
        attested(tank_signature__log__index=9999),
        SignatureMismatchError,
        "log index: The registry attests “9999”",
    ),
    "attestation: another time": (
        attested(tank_signature__log__signed_at=1),
        SignatureMismatchError,
        "log signed_at: The registry attests “1”",
    ),
    "attestation: binding to another repository id": (
        attested(tank_signature__binding__repository_id="99"),
        SignatureMismatchError,
        "binding repository-id: The binding that is attested has repository-id: “2002”, bound is 99",
    ),
    "attestation: binding to another owner id": (
        attested(tank_signature__binding__owner_id="99"),
        SignatureMismatchError,
        "binding owner-id: ",
    ),
    "attestation: binding to other refs": (
        attested(tank_signature__binding__refs=["refs/heads/main"]),
        SignatureMismatchError,
        "binding ref: ",
    ),
    "attestation: binding to other triggers": (
        attested(tank_signature__binding__triggers=["release"]),
        SignatureMismatchError,
        "binding trigger: ",
    ),
    "attestation: binding to an environment": (
        attested(tank_signature__binding__environment="release"),
        SignatureMismatchError,
        "binding environment: ",
    ),
    "bundle of another version": (
        with_bundle(_of_another_version),
        ProvenanceError,
        "Its subject is not pkg:tank/acme/notes@1.0.0",
    ),
    "bundle of another skill": (
        with_bundle(_of_another_skill),
        ProvenanceError,
        "Its subject is not pkg:tank/acme/notes@1.0.0",
    ),
    "bundle of other bytes": (
        with_bundle(_of_other_bytes),
        ProvenanceError,
        "with the digests of this archive",
    ),
    "bundle of a stranger, claims of ours": (
        with_bundle(_of_a_stranger),
        SignatureMismatchError,
        "claim owner_id: The registry attests “1001”; the bundle says “667”",
    ),
    "bundle of a stranger who calls our workflow": (
        with_bundle(_of_a_caller_of_our_workflow),
        SignatureMismatchError,
        "claim repository_id: The registry attests “2002”; the bundle says “666”",
    ),
    "bundle that is none": (
        with_bundle(lambda *_: b"{}"),
        BundleRefusedError,
        "format: “mediaType” is not as it must be",
    ),
    "bundle withheld": (_withheld, BlobUnavailableError, "the publisher's signature of @acme/notes@1.0.0"),
    "bundle replaced": (_replaced, BlobMismatchError, "the publisher's signature of @acme/notes@1.0.0"),
}


@pytest.mark.parametrize("case", LIES)
def test_a_lie_is_refused_with_its_reason(scene: Scene, case: str) -> None:
    lie, kind, reason = LIES[case]
    skill = lie(scene, scene.signed())
    with pytest.raises(kind) as caught:
        scene.verify(skill)
    error = caught.value
    told = [error.what, error.why, *(f"{problem.where}: {problem.what}" for problem in error.problems)]
    assert any(reason in text for text in told), told
    assert error.fix


def test_every_difference_is_told_at_once(scene: Scene) -> None:
    skill = attested(
        tank_signature__claims__commit="0" * 40, tank_signature__binding__refs=["refs/heads/main"]
    )(scene, scene.signed())
    with pytest.raises(SignatureMismatchError) as caught:
        scene.verify(replace(skill, signer=PERSON.signer))
    assert [p.where for p in caught.value.problems] == ["claim commit", "binding ref", "signer"]


def test_a_thief_of_the_registrys_key_can_only_name_himself(scene: Scene) -> None:
    """With his own bundle, claims and binding everything agrees; that the signer is new is all that shows it."""
    honest = scene.signed()
    stolen = with_bundle(_of_a_stranger, claims_of_it=True)(scene, honest)
    with pytest.raises(SignatureMismatchError) as caught:
        scene.verify(stolen)
    assert [problem.where for problem in caught.value.problems] == ["signer"]


def _signed_with_environment(scene: Scene, certified: str, said: str) -> LockedSkill:
    build = replace(BUILD, environment=certified)

    def sign(statement: bytes) -> tuple[bytes, Signature]:
        made = bundle(scene.sigstore, statement, build.github_claims())
        honest = signature_of(scene.sigstore, made, "alice")
        return made, replace(honest, claims=replace(honest.claims, environment=said))

    return scene.publish(sign=sign)


def test_an_environment_that_the_certificate_lacks_may_come_from_the_attestation(scene: Scene) -> None:
    assert scene.verify(_signed_with_environment(scene, "", "release"))


@pytest.mark.parametrize(("certified", "said"), [("staging", "release"), ("staging", "")])
def test_an_environment_that_the_certificate_names_is_the_attested_one(
    scene: Scene, certified: str, said: str
) -> None:
    if not signature_of(
        scene.sigstore,
        bundle(scene.sigstore, b"{}", replace(BUILD, environment=certified).github_claims()),
        "alice",
    ).claims.environment:
        pytest.fail("the local authority does not certify environments, so this would test nothing")
    with pytest.raises(SignatureMismatchError) as caught:
        scene.verify(_signed_with_environment(scene, certified, said))
    assert caught.value.problems[0].where == "claim environment"


# Anchors: keys and roots that are missing, foreign, rotated.


def test_a_signed_version_without_a_root_is_an_error(scene: Scene) -> None:
    with pytest.raises(NoTrustedRootError) as caught:
        scene.verify(scene.signed(), scene.anchors(trusted_root=None))
    assert "@acme/notes@1.0.0 is signed" in caught.value.what


def test_a_bundle_of_another_sigstore_is_refused(scene: Scene, other_sigstore: SigstoreScene) -> None:
    with pytest.raises(BundleRefusedError) as caught:
        scene.verify(scene.signed(), scene.anchors(trusted_root=other_sigstore.trusted_root))
    assert "it comes from another Sigstore" in caught.value.why


def test_an_attestation_by_an_unknown_key_is_refused(scene: Scene) -> None:
    with pytest.raises(AttestationError) as caught:
        scene.verify(scene.signed(), scene.anchors(keys={"sha256:" + "0" * 64: scene.registry.pem}))
    assert "none of these keys is trusted" in caught.value.why


def test_after_a_rotation_old_attestations_verify_and_new_ones_too(scene: Scene) -> None:
    old, before = scene.signed(), scene.anchors()
    scene.registry.key = RegistryDouble().key
    new = scene.signed("2.0.0")
    both = replace(before, keys={**before.keys, **scene.anchors().keys})
    assert scene.verify(old, both)
    assert scene.verify(new, both)


def test_a_key_that_is_not_known_yet_is_asked_for_once(scene: Scene) -> None:
    before = scene.anchors()
    scene.registry.key = RegistryDouble().key
    skill, asked = scene.signed(), []
    assert scene.verify(skill, before, renewed=lambda: asked.append(1) or scene.anchors())
    assert asked == [1]


def test_a_root_that_is_not_known_yet_is_asked_for_once(scene: Scene, other_sigstore: SigstoreScene) -> None:
    before = scene.anchors(trusted_root=other_sigstore.trusted_root)
    assert scene.verify(scene.signed(), before, renewed=scene.anchors)


def test_asking_again_changes_nothing_about_a_stranger(scene: Scene) -> None:
    before, asked = scene.anchors(), []
    scene.registry.key = RegistryDouble().key
    verifier = scene.verifier(before, renewed=lambda: asked.append(1) or before)
    skills = {NAME: scene.signed()}
    for _ in range(2):
        with pytest.raises(AttestationError):
            list(verifier.packages(skills))
    assert asked == [1]


def test_without_a_network_to_ask_again_the_refusal_stands(scene: Scene) -> None:
    def cut() -> Anchors:
        raise NetworkError("the wire is cut", why="test", fix="test")

    before = scene.anchors()
    scene.registry.key = RegistryDouble().key
    with pytest.raises(AttestationError):
        scene.verify(scene.signed(), before, renewed=cut)


# Memory: what was verified once, and what that depended on.


def test_what_was_verified_is_remembered_and_nothing_is_fetched_again(scene: Scene) -> None:
    skill = scene.signed()
    scene.verify(skill)
    scene.shelf.asked.clear()
    assert scene.verifier().unverified({NAME: skill}) == ()
    assert scene.verify(skill)
    assert scene.shelf.asked == []


@pytest.mark.parametrize(
    "other",
    [
        lambda s, _: {"anchors": s.anchors(keys={"sha256:" + "0" * 64: ""})},
        lambda s, _: {"anchors": s.anchors(trusted_root=b"{}")},
        lambda s, _: {"anchors": s.anchors(trusted_root=None)},
        lambda _, skill: {"skill": replace(skill, signer=PERSON.signer)},
        lambda _, skill: {"skill": replace(skill, publisher="mallory")},
        lambda _, skill: {"skill": replace(skill, attestations={**skill.attestations, "bundle": OTHER})},
    ],
    ids=["keys", "root", "no root", "signer", "publisher", "bundle"],
)
def test_an_answer_holds_for_what_it_depended_on_alone(scene: Scene, other: Callable[..., Any]) -> None:
    skill = scene.signed()
    scene.verify(skill)
    changed = {"anchors": None, "skill": skill, **other(scene, skill)}
    assert scene.verifier(changed["anchors"]).unverified({NAME: changed["skill"]}) == (NAME,)


def test_the_root_of_sigstore_matters_only_where_there_is_a_bundle(scene: Scene) -> None:
    skill = scene.publish()
    scene.verify(skill)
    assert scene.verifier(scene.anchors(trusted_root=b"{}")).unverified({NAME: skill}) == ()


def test_a_refusal_is_not_remembered_as_an_answer(scene: Scene) -> None:
    skill = replace(scene.signed(), signer=PERSON.signer)
    for _ in range(2):
        with pytest.raises(SignatureMismatchError):
            scene.verify(skill)
    assert scene.verifier().unverified({NAME: skill}) == (NAME,)


def test_without_memory_everything_is_verified_again(scene: Scene) -> None:
    """A cache in which somebody noted that all is well does not fool ``tank verify``."""
    skill = replace(scene.signed(), signer=PERSON.signer)
    verifier = scene.verifier(remembers=False)
    scene.cache.remember_verified(verifier._facts(NAME, skill))
    assert scene.verify(skill)
    with pytest.raises(SignatureMismatchError):
        list(verifier.packages({NAME: skill}))


def test_offline_everything_comes_from_the_cache(scene: Scene) -> None:
    skill = scene.signed()
    scene.verify(skill)
    scene.shelf.is_offline = True
    assert scene.verify(skill, remembers=False)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("bundle", "The publisher's signature of @acme/notes@1.0.0"),
        ("registry", "The attestation of @acme/notes@1.0.0"),
    ],
)
def test_what_is_in_no_cache_is_said_to_be_missing_there(
    scene: Scene, kind: str, what: str, tmp_path: Path
) -> None:
    skill = scene.signed()
    scene.verify(skill)
    hexadecimal = skill.attestations[kind].removeprefix("sha256:")
    (tmp_path / "cache/blobs" / hexadecimal[:2] / hexadecimal).unlink()
    scene.shelf.is_offline = True
    with pytest.raises(NetworkError) as caught:
        scene.verify(skill, remembers=False)
    assert caught.value.what == f"{what} is not in the cache, and could not be fetched."


def test_the_clients_limit_for_bundles_is_the_verifiers() -> None:
    """It is written down twice, because a warm install loads no verifier."""
    assert verification._MAX_BUNDLE_BYTES == MAX_BUNDLE_BYTES


def test_a_summary_of_the_scene_is_what_the_registry_would_write(scene: Scene) -> None:
    """The lies above start from a true statement: written by the code that the registry uses."""
    kept: list[VerificationSummary] = []
    skill = scene.signed(attested=lambda summary: kept.append(summary) or summary)
    assert canonical.compact(scene.statement(skill)) == statement_bytes(kept[0])
