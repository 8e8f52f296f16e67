"""Whatever somebody exchanges in lock, attestation or bundle is refused, each with its own reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tank_cli.client.blobs import BlobMismatchError, BlobUnavailableError
from tank_cli.installer.signatures import SignatureMismatchError
from tank_cli.installer.verification import LockMismatchError
from tank_core import canonical
from tank_core.attestation import AttestationError, VerificationSummary, statement_bytes
from tank_core.bundle import BundleRefusedError
from tank_core.errors import TankError
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.provenance import ProvenanceError, publisher_statement
from tank_core.signature import Signature
from tests.support.local_sigstore import BUILD, bundle
from tests.support.registry_double import blob_path
from tests.support.signatures import PERSON
from tests.support.signing_publisher import signature_of
from tests.support.verifying import NAME, VerifyingScene

OTHER = "sha256:" + "1" * 64

# Each lie: what becomes of the line of the lock, or of what the registry gives out; the error; its reason.
Lie = Callable[[VerifyingScene, LockedSkill], LockedSkill]


def attested(**changes: Any) -> Lie:
    """The registry's key signs another summary of the same version."""

    def lie(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
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


def with_bundle(make: Callable[[VerifyingScene, LockedSkill], bytes], *, claims_of_it: bool = False) -> Lie:
    """The registry attests, and the lock names, another bundle."""

    def lie(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
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


def _of_another_version(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    return bundle(scene.sigstore, statement_of(skill, version="0.9.0"))


def _of_another_skill(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    return bundle(scene.sigstore, statement_of(skill, SkillName("acme", "text")))


def _of_other_bytes(scene: VerifyingScene, _: LockedSkill) -> bytes:
    other = scene.signed("2.0.0")
    return bundle(scene.sigstore, publisher_statement(NAME, "1.0.0", other.integrity, other.digest))


def _of_a_stranger(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    stranger = replace(BUILD, repository="mallory/skills", repository_id="666", owner_id="667")
    return bundle(scene.sigstore, statement_of(skill), stranger.github_claims())


def _of_a_caller_of_our_workflow(scene: VerifyingScene, skill: LockedSkill) -> bytes:
    caller = replace(
        BUILD,
        repository="mallory/skills",
        repository_id="666",
        owner_id="667",
        job_workflow_ref="acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
    )
    return bundle(scene.sigstore, statement_of(skill), caller.github_claims())


def _swapped(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
    other = scene.signed("2.0.0")
    return replace(skill, attestations={**skill.attestations, "registry": other.attestations["registry"]})


def _withheld(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
    del scene.registry.objects[blob_path(skill.attestations["bundle"])]
    return skill


def _replaced(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
    scene.registry.objects[blob_path(skill.attestations["bundle"])] = b"{}"
    return skill


def _without_input(statement: dict[str, Any]) -> dict[str, Any]:
    inputs = statement["predicate"]["inputAttestations"]
    statement["predicate"]["inputAttestations"] = [item for item in inputs if item["name"] != "bundle"]
    return statement


def _claimed_without_proof(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
    statement = _without_input(scene.statement(skill))
    return scene.attest(canonical.compact(statement), _unsigned(skill))


def _stripped(scene: VerifyingScene, skill: LockedSkill) -> LockedSkill:
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
def test_a_lie_is_refused_with_its_reason(scene: VerifyingScene, case: str) -> None:
    lie, kind, reason = LIES[case]
    skill = lie(scene, scene.signed())
    with pytest.raises(kind) as caught:
        scene.verify(skill)
    error = caught.value
    told = [error.what, error.why, *(f"{problem.where}: {problem.what}" for problem in error.problems)]
    assert any(reason in text for text in told), told
    assert error.fix


def test_every_difference_is_told_at_once(scene: VerifyingScene) -> None:
    skill = attested(
        tank_signature__claims__commit="0" * 40, tank_signature__binding__refs=["refs/heads/main"]
    )(scene, scene.signed())
    with pytest.raises(SignatureMismatchError) as caught:
        scene.verify(replace(skill, signer=PERSON.signer))
    assert [p.where for p in caught.value.problems] == ["claim commit", "binding ref", "signer"]


def test_a_thief_of_the_registrys_key_can_only_name_himself(scene: VerifyingScene) -> None:
    """With his own bundle, claims and binding everything agrees; that the signer is new is all that shows it."""
    honest = scene.signed()
    stolen = with_bundle(_of_a_stranger, claims_of_it=True)(scene, honest)
    with pytest.raises(SignatureMismatchError) as caught:
        scene.verify(stolen)
    assert [problem.where for problem in caught.value.problems] == ["signer"]


def _signed_with_environment(scene: VerifyingScene, certified: str, said: str) -> LockedSkill:
    build = replace(BUILD, environment=certified)

    def sign(statement: bytes) -> tuple[bytes, Signature]:
        made = bundle(scene.sigstore, statement, build.github_claims())
        honest = signature_of(scene.sigstore, made, "alice")
        return made, replace(honest, claims=replace(honest.claims, environment=said))

    return scene.publish(sign=sign)


def test_an_environment_that_the_certificate_lacks_may_come_from_the_attestation(
    scene: VerifyingScene,
) -> None:
    assert scene.verify(_signed_with_environment(scene, "", "release"))


@pytest.mark.parametrize(("certified", "said"), [("staging", "release"), ("staging", "")])
def test_an_environment_that_the_certificate_names_is_the_attested_one(
    scene: VerifyingScene, certified: str, said: str
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


def test_a_summary_of_the_scene_is_what_the_registry_would_write(scene: VerifyingScene) -> None:
    """The lies above start from a true statement: written by the code that the registry uses."""
    kept: list[VerificationSummary] = []
    skill = scene.signed(attested=lambda summary: kept.append(summary) or summary)
    assert canonical.compact(scene.statement(skill)) == statement_bytes(kept[0])
