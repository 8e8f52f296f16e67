"""Who published and who signed a skill is pinned: a change of hands waits for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tank_cli.installer.locking import PublisherChangedError, check_publishers, locked_skill
from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.index import IndexVersion
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName
from tank_core.permissions import NONE
from tank_core.semver import Version
from tank_core.signer import Signer
from tests.support.signatures import BUILD, PERSON, a_signature

NAME = SkillName("acme", "notes")
DIGEST = sha256_digest(b"archive")
UNSIGNED = LockedSkill(
    version=Version(1, 0, 0),
    integrity=sha512_integrity(b"archive"),
    digest=DIGEST,
    size_bytes=7,
    capabilities=NONE,
    dependencies={},
    audit_score=9.0,
    verdict=Verdict.PASS,
    publisher="alice",
    attestations={"registry": DIGEST},
    tree_hash=DIGEST,
)
SIGNED = replace(UNSIGNED, attestations={"bundle": DIGEST, "registry": DIGEST}, signer=BUILD.signer)


def lock(skill: LockedSkill) -> Lockfile:
    return Lockfile("https://registry.example", {NAME: skill})


def newer(skill: LockedSkill, **changes: Any) -> Lockfile:
    return lock(replace(skill, version=Version(1, 1, 0), **changes))


def moved(signer: Signer, **changes: str) -> Signer:
    return replace(signer, **changes)


CHANGES: dict[str, tuple[LockedSkill, dict[str, Any], tuple[str, ...]]] = {
    "another publisher": (UNSIGNED, {"publisher": "mallory"}, ("“mallory”", "published by “alice”")),
    "another publisher, same signer": (
        SIGNED,
        {"publisher": "mallory"},
        ("“mallory”", "published by “alice”"),
    ),
    "signed by a person instead of the build": (
        SIGNED,
        {"signer": PERSON.signer},
        ("alice@acme.example", "https://github.com/acme/skills"),
    ),
    "repository of the same name, made anew": (
        SIGNED,
        {"signer": moved(BUILD.signer, repository_id="99")},
        ("repository 99", "repository 2002"),
    ),
    "owner of the same name, made anew": (
        SIGNED,
        {"signer": moved(BUILD.signer, owner_id="99")},
        ("owner 99", "owner 1001"),
    ),
    "the same ids at another issuer": (
        SIGNED,
        {"signer": moved(BUILD.signer, issuer="https://gitlab.example")},
        ("https://gitlab.example", "https://token.actions.githubusercontent.com"),
    ),
    "not signed any more": (
        SIGNED,
        {"signer": None, "attestations": {"registry": DIGEST}},
        ("It is not signed", "was signed by “https://github.com/acme/skills"),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_of_hands_is_refused_with_old_and_new(case: str) -> None:
    before, changes, shown = CHANGES[case]
    with pytest.raises(PublisherChangedError) as caught:
        check_publishers(lock(before), newer(before, **changes))
    (problem,) = caught.value.problems
    assert problem.where == "@acme/notes@1.1.0"
    assert all(text in problem.what for text in (*shown, "1.0.0"))
    assert (caught.value.code, caught.value.exit_code) == ("publisher-changed", ExitCode.POLICY)
    assert caught.value.fix.endswith("--accept publisher:@acme/notes@1.1.0")


def test_publisher_and_signer_are_two_problems() -> None:
    with pytest.raises(PublisherChangedError) as caught:
        check_publishers(lock(SIGNED), newer(SIGNED, publisher="mallory", signer=PERSON.signer))
    assert [p.what.partition(" by")[0] for p in caught.value.problems] == ["It is published", "It is signed"]


def test_a_changed_signer_of_the_very_same_version_is_refused_too() -> None:
    with pytest.raises(PublisherChangedError):
        check_publishers(lock(SIGNED), lock(replace(SIGNED, signer=PERSON.signer)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SIGNED, newer(SIGNED)),
        (UNSIGNED, newer(UNSIGNED)),
        (UNSIGNED, newer(SIGNED)),
        (SIGNED, newer(SIGNED, signer=moved(BUILD.signer, repository="https://github.com/acme/renamed"))),
    ],
    ids=["same signer", "still unsigned", "signed for the first time", "repository renamed"],
)
def test_what_takes_nothing_away_needs_no_consent(before: LockedSkill, after: Lockfile) -> None:
    check_publishers(lock(before), after)


def test_a_first_lock_has_nothing_to_compare_with() -> None:
    check_publishers(None, lock(SIGNED))
    check_publishers(Lockfile("https://registry.example", {}), lock(SIGNED))


def test_a_line_of_the_lock_has_the_signer_of_the_index() -> None:
    entry = IndexVersion(
        Version(1, 0, 0), attestation_digest=DIGEST, bundle_digest=DIGEST, signature=a_signature()
    )
    assert locked_skill(entry).signer == BUILD.signer
    assert locked_skill(replace(entry, bundle_digest="", signature=None)).signer is None
