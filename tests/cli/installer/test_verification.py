"""From a line of the lock to files: keys and roots that are missing, foreign or rotated, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tank_cli.client.transport import NetworkError
from tank_cli.installer import verification
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.signatures import NoTrustedRootError, SignatureMismatchError
from tank_core.attestation import AttestationError
from tank_core.bundle import MAX_BUNDLE_BYTES, BundleRefusedError
from tests.support.local_sigstore import BUILD, SigstoreScene
from tests.support.registry_double import RegistryDouble
from tests.support.signatures import PERSON
from tests.support.signing_publisher import signing
from tests.support.verifying import NAME, VerifyingScene

OTHER = "sha256:" + "1" * 64


@pytest.fixture(scope="module")
def other_sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("other-sigstore"))
    yield scene
    scene.close()


@pytest.mark.parametrize("rekor", [1, 2])
@pytest.mark.parametrize("build", [BUILD, None], ids=["build", "person"])
def test_what_a_bound_identity_signed_is_accepted(scene: VerifyingScene, build: Any, rekor: int) -> None:
    skill = scene.publish(sign=signing(scene.sigstore, "alice", build, rekor=rekor))
    assert skill.signer is not None
    assert "SKILL.md" in scene.verify(skill).facts


def test_an_unsigned_version_needs_no_root(scene: VerifyingScene) -> None:
    skill = scene.publish()
    assert skill.signer is None
    assert scene.verify(skill, scene.anchors(trusted_root=None))


# Anchors: keys and roots that are missing, foreign, rotated.


def test_a_signed_version_without_a_root_is_an_error(scene: VerifyingScene) -> None:
    with pytest.raises(NoTrustedRootError) as caught:
        scene.verify(scene.signed(), scene.anchors(trusted_root=None))
    assert "@acme/notes@1.0.0 is signed" in caught.value.what


def test_a_bundle_of_another_sigstore_is_refused(
    scene: VerifyingScene, other_sigstore: SigstoreScene
) -> None:
    with pytest.raises(BundleRefusedError) as caught:
        scene.verify(scene.signed(), scene.anchors(trusted_root=other_sigstore.trusted_root))
    assert "it comes from another Sigstore" in caught.value.why


def test_an_attestation_by_an_unknown_key_is_refused(scene: VerifyingScene) -> None:
    with pytest.raises(AttestationError) as caught:
        scene.verify(scene.signed(), scene.anchors(keys={"sha256:" + "0" * 64: scene.registry.pem}))
    assert "none of these keys is trusted" in caught.value.why


def test_after_a_rotation_old_attestations_verify_and_new_ones_too(scene: VerifyingScene) -> None:
    old, before = scene.signed(), scene.anchors()
    scene.registry.key = RegistryDouble().key
    new = scene.signed("2.0.0")
    both = replace(before, keys={**before.keys, **scene.anchors().keys})
    assert scene.verify(old, both)
    assert scene.verify(new, both)


def test_a_key_that_is_not_known_yet_is_asked_for_once(scene: VerifyingScene) -> None:
    before = scene.anchors()
    scene.registry.key = RegistryDouble().key
    skill, asked = scene.signed(), []
    assert scene.verify(skill, before, renewed=lambda: asked.append(1) or scene.anchors())
    assert asked == [1]


def test_a_root_that_is_not_known_yet_is_asked_for_once(
    scene: VerifyingScene, other_sigstore: SigstoreScene
) -> None:
    before = scene.anchors(trusted_root=other_sigstore.trusted_root)
    assert scene.verify(scene.signed(), before, renewed=scene.anchors)


def test_asking_again_changes_nothing_about_a_stranger(scene: VerifyingScene) -> None:
    before, asked = scene.anchors(), []
    scene.registry.key = RegistryDouble().key
    verifier = scene.verifier(before, renewed=lambda: asked.append(1) or before)
    skills = {NAME: scene.signed()}
    for _ in range(2):
        with pytest.raises(AttestationError):
            list(verifier.packages(skills))
    assert asked == [1]


def test_without_a_network_to_ask_again_the_refusal_stands(scene: VerifyingScene) -> None:
    def cut() -> Anchors:
        raise NetworkError("the wire is cut", why="test", fix="test")

    before = scene.anchors()
    scene.registry.key = RegistryDouble().key
    with pytest.raises(AttestationError):
        scene.verify(scene.signed(), before, renewed=cut)


# Memory: what was verified once, and what that depended on.


def test_what_was_verified_is_remembered_and_nothing_is_fetched_again(scene: VerifyingScene) -> None:
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
def test_an_answer_holds_for_what_it_depended_on_alone(
    scene: VerifyingScene, other: Callable[..., Any]
) -> None:
    skill = scene.signed()
    scene.verify(skill)
    changed = {"anchors": None, "skill": skill, **other(scene, skill)}
    assert scene.verifier(changed["anchors"]).unverified({NAME: changed["skill"]}) == (NAME,)


def test_the_root_of_sigstore_matters_only_where_there_is_a_bundle(scene: VerifyingScene) -> None:
    skill = scene.publish()
    scene.verify(skill)
    assert scene.verifier(scene.anchors(trusted_root=b"{}")).unverified({NAME: skill}) == ()


def test_a_note_is_looked_for_once_in_a_run(scene: VerifyingScene, monkeypatch: pytest.MonkeyPatch) -> None:
    skill, known = scene.signed(), scene.cache.is_verified
    scene.verify(skill)
    asked: list[Any] = []

    def counted(facts: Any) -> bool:
        asked.append(facts)
        return known(facts)

    monkeypatch.setattr(scene.cache, "is_verified", counted)
    verifier = scene.verifier()
    assert verifier.unverified({NAME: skill}) == ()
    assert dict(verifier.packages({NAME: skill}))
    assert len(asked) == 1
    other = replace(skill, tree_hash=OTHER)
    assert verifier.unverified({NAME: other}) == (NAME,)


def test_newer_anchors_are_asked_about_what_older_ones_verified(scene: VerifyingScene) -> None:
    skill = scene.signed()
    scene.verify(skill)
    verifier = scene.verifier(renewed=lambda: scene.anchors(keys={"other": scene.registry.pem}))
    assert verifier.unverified({NAME: skill}) == ()
    assert verifier._renew()
    assert verifier.unverified({NAME: skill}) == (NAME,)


def test_a_refusal_is_not_remembered_as_an_answer(scene: VerifyingScene) -> None:
    skill = replace(scene.signed(), signer=PERSON.signer)
    for _ in range(2):
        with pytest.raises(SignatureMismatchError):
            scene.verify(skill)
    assert scene.verifier().unverified({NAME: skill}) == (NAME,)


def test_without_memory_everything_is_verified_again(scene: VerifyingScene) -> None:
    """A cache in which somebody noted that all is well does not fool ``tank verify``."""
    skill = replace(scene.signed(), signer=PERSON.signer)
    verifier = scene.verifier(remembers=False)
    scene.cache.remember_verified(verifier._facts(NAME, skill))
    assert scene.verify(skill)
    with pytest.raises(SignatureMismatchError):
        list(verifier.packages({NAME: skill}))


def test_offline_everything_comes_from_the_cache(scene: VerifyingScene) -> None:
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
    scene: VerifyingScene, kind: str, what: str, tmp_path: Path
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
