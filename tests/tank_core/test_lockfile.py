"""skills.lock: the same lock, the same bytes; a damaged one is an error with its line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.lockfile import InvalidLockfileError, LockedSkill, Lockfile, lockfile_bytes, parse_lockfile
from tank_core.names import SkillName
from tank_core.permissions import NONE
from tank_core.semver import Version
from tank_core.signer import Signer
from tests.support.signatures import BUILD, PERSON
from tests.support.strategies_core import locks

DIGEST = sha256_digest(b"archive")
SKILL = LockedSkill(
    version=Version(1, 0, 0), integrity=sha512_integrity(b"archive"), digest=DIGEST, size_bytes=10, capabilities=NONE,
    dependencies={}, audit_score=9, verdict=Verdict.PASS, publisher="alice", attestations={"registry": DIGEST},
    tree_hash=DIGEST,
)  # fmt: skip
SIGNED = replace(SKILL, attestations={"bundle": DIGEST, "registry": DIGEST}, signer=BUILD.signer)
LOCK = Lockfile("https://registry.example", {SkillName("acme", "pdf"): SKILL})


def refused(data: bytes) -> InvalidLockfileError:
    with pytest.raises(InvalidLockfileError) as caught:
        parse_lockfile(data)
    assert caught.value.exit_code is ExitCode.LOCK
    assert caught.value.fix
    return caught.value


@settings(deadline=None)
@given(locks)
def test_a_lock_is_read_back_and_written_as_the_same_bytes(lock: Lockfile) -> None:
    data = lockfile_bytes(lock)
    assert parse_lockfile(data) == lock
    assert lockfile_bytes(parse_lockfile(data)) == data


@settings(deadline=None)
@given(locks, st.randoms(use_true_random=False))
def test_the_order_in_which_skills_were_found_changes_nothing(lock: Lockfile, random: Any) -> None:
    shuffled = list(lock.skills.items())
    random.shuffle(shuffled)
    assert lockfile_bytes(Lockfile(lock.registry, dict(shuffled))) == lockfile_bytes(lock)


def test_keys_are_sorted_at_every_level_and_a_score_has_one_spelling() -> None:
    text = lockfile_bytes(LOCK).decode()
    assert text.endswith("}\n")
    assert '"audit_score": 9.0' in text
    assert "flagged_accepted" not in text
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| base", "=======\r"])
def test_a_merge_conflict_is_named_with_its_line(marker: str) -> None:
    lines = lockfile_bytes(LOCK).decode().split("\n")
    error = refused("\n".join([*lines[:4], marker, *lines[4:]]).encode())
    assert "merge conflict (line 5)" in error.what


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("lockVersion", "1"), ("lockVersion", True), ("lockVersion", 0), ("registry", "ftp://x"), ("registry", 1),
        ("registry", "https://registry.example/"), ("registry", "https://u:p@registry.example"), ("skills", []),
        ("unknown", 1), ("skills.pdf", {}), ("skills.@acme/pdf", 1), ("skills.@acme/pdf.version", "1"),
        ("skills.@acme/pdf.integrity", "sha1-x"), ("skills.@acme/pdf.digest", "x"),
        ("skills.@acme/pdf.tree_hash", ""),
        ("skills.@acme/pdf.size_bytes", "10"), ("skills.@acme/pdf.size_bytes", 0), ("skills.@acme/pdf.verdict", "ok"),
        ("skills.@acme/pdf.capabilities", []), ("skills.@acme/pdf.dependencies", {"x": "1"}),
        ("skills.@acme/pdf.audit_score", 10.5), ("skills.@acme/pdf.publisher", ""),
        ("skills.@acme/pdf.resolved", "x"),
        ("skills.@acme/pdf.attestations", {}),
        ("skills.@acme/pdf.attestations", {"registry": DIGEST, "other": DIGEST}),
        ("skills.@acme/pdf.attestations", {"registry": DIGEST, "bundle": ""}),
        ("skills.@acme/pdf.flagged_accepted", "yes"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_its_line(path: str, value: object) -> None:
    document = json.loads(lockfile_bytes(LOCK))
    target = document
    *outer, last = path.split(".")
    for key in outer:
        target = target[key]
    target[last] = value
    data = json.dumps(document, indent=2).encode()
    line = next(
        n for n, text in enumerate(data.decode().split("\n"), 1) if text.strip().startswith(f'"{last}":')
    )
    error = refused(data)
    inside = [int(problem.where.split(":")[1]) for problem in error.problems]
    assert line in inside or (isinstance(value, dict) and min(inside) >= line)
    assert f"line {min(inside)}" in error.what


@pytest.mark.parametrize("signer", [BUILD.signer, PERSON.signer], ids=["build", "person"])
def test_a_signer_is_read_back(signer: Signer) -> None:
    lock = Lockfile(LOCK.registry, {SkillName("acme", "pdf"): replace(SIGNED, signer=signer)})
    assert parse_lockfile(lockfile_bytes(lock)) == lock


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signer": None}, "is missing, and there is a bundle"),
        ({"attestations": {"registry": DIGEST}}, "is there, and no bundle"),
    ],
)
def test_a_signer_stands_there_exactly_with_a_bundle(changes: dict[str, Any], reason: str) -> None:
    lock = Lockfile(LOCK.registry, {SkillName("acme", "pdf"): replace(SIGNED, **changes)})
    (problem,) = refused(lockfile_bytes(lock)).problems
    assert problem.where.endswith("@acme/pdf.signer")
    assert reason in problem.what


@pytest.mark.parametrize(
    ("signer", "reason"),
    [
        ("alice", "is not an object"),
        ({}, "lacks issuer"),
        ({"issuer": "https://a.example"}, "a subject, or both ids"),
        ({"issuer": "https://a.example", "owner_id": "1"}, "a subject, or both ids"),
        ({**BUILD.signer.to_json(), "subject": "a@b.example"}, "a subject, or both ids"),
        ({**PERSON.signer.to_json(), "name": "x"}, "has the unknown field 'name'"),
        ({"issuer": "https://a.example", "subject": "a\u202eb"}, "subject is not a printable text"),
        ({"issuer": 7, "subject": "a@b.example"}, "issuer is not a printable text"),
    ],
)
def test_a_malformed_signer_is_refused_with_its_reason(signer: object, reason: str) -> None:
    document = json.loads(lockfile_bytes(Lockfile(LOCK.registry, {SkillName("acme", "pdf"): SIGNED})))
    document["skills"]["@acme/pdf"]["signer"] = signer
    (problem,) = refused(json.dumps(document, indent=2).encode()).problems
    assert reason in problem.what


@pytest.mark.parametrize("key", sorted(set(SKILL.to_json())))
def test_a_missing_key_is_refused_at_its_skill(key: str) -> None:
    document = json.loads(lockfile_bytes(LOCK))
    del document["skills"]["@acme/pdf"][key]
    error = refused(json.dumps(document, indent=2).encode())
    assert [problem.where.split(":")[1] for problem in error.problems] == ["5"]


def test_all_problems_are_named_at_once_in_the_order_of_lines() -> None:
    document = json.loads(lockfile_bytes(LOCK))
    document["skills"]["@acme/pdf"] |= {"digest": 1, "verdict": "x", "version": "y"}
    places = [problem.where for problem in refused(json.dumps(document, indent=2).encode()).problems]
    assert [place.rpartition(".")[2] for place in places] == ["digest", "verdict", "version"]


def test_a_lock_of_a_newer_tank_asks_for_an_upgrade() -> None:
    error = refused(b'{"lockVersion": 2, "whatever": []}')
    assert "Upgrade" in error.fix


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"{", b'{"skills":{},"skills":{}}', b"\xff", b"[" * 10_000]
)
def test_bytes_that_are_no_lock_are_refused(data: bytes) -> None:
    refused(data)
