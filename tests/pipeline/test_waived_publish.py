"""A refused package is published with the same bytes once its finding is waived, and says so for good."""

from __future__ import annotations

import json

import pytest

from chalicelib.services import keys
from pipeline.execution import StageInput, read_document
from pipeline.package import archive_of
from pipeline.stages import analyze, score, sign, store, validate
from tank_core.attestation import verify_attestation
from tank_core.entities import SkillVersion
from tank_core.findings import Verdict
from tank_core.index import parse_index
from tank_core.names import SkillName
from tank_core.publish import Stage, StageRejected
from tank_core.semver import Version
from tests.pipeline.stages.test_analyze import PIPE_TO_SHELL
from tests.support.appeals import granted
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import after, package, uploaded

FILES = {"SKILL_dot_md": PIPE_TO_SHELL}


def refused_rules(world: MemoryWorld) -> tuple[StageInput, set[tuple[str, str]]]:
    """Returns a publish that Analyze refuses, with rule and file of what it is refused for."""
    given = uploaded(world, package(**FILES))
    with pytest.raises(StageRejected) as caught:
        analyze.run(given, world.ports())
    found = {
        (problem.what.partition(",")[0], problem.where.partition(":")[0])
        for problem in caught.value.rejection.problems
    }
    return given, found


def waive(world: MemoryWorld, given: StageInput, found: set[tuple[str, str]], days: int = 90) -> list[str]:
    return [
        granted(world.ports(), archive_of(given), rule_id=rule, file=file, days=days).appeal_id
        for rule, file in sorted(found)
    ]


def through(world: MemoryWorld, given: StageInput, *, until: Stage = Stage.STORE) -> StageInput:
    for stage, run in (
        (Stage.SIGN, sign.run),
        (Stage.ANALYZE, analyze.run),
        (Stage.VALIDATE, validate.run),
        (Stage.SCORE, score.run),
        (Stage.STORE, store.run),
    ):
        given = after(given, stage, run(given, world.ports()))
        if stage is until:
            break
    return given


def published(world: MemoryWorld) -> SkillVersion:
    stored = world.catalog.version("@acme/greeter", "1.0.0")
    assert stored is not None
    return stored


def test_the_same_bytes_are_published_flagged_and_name_the_waiver(world: MemoryWorld) -> None:
    given, found = refused_rules(world)
    waive(world, given, found)
    through(world, given)
    stored = published(world)
    assert (stored.verdict, stored.unwaived_verdict) == (Verdict.FLAGGED, Verdict.FAIL)
    assert stored.waivers
    assert all(reference.counted for reference in stored.waivers)
    entry = parse_index(world.index.documents["@acme/greeter"]).versions[0]
    assert (entry.verdict, entry.unwaived_verdict) == (Verdict.FLAGGED, Verdict.FAIL)
    assert entry.waivers == stored.waivers
    assert stored.audit_score is not None
    assert stored.audit_score <= 2.0


def test_the_findings_stay_in_the_report_marked_with_who_why_and_until_when(world: MemoryWorld) -> None:
    given, found = refused_rules(world)
    waive(world, given, found)
    through(world, given)
    document = json.loads(world.blobs.get(keys.blob(published(world).findings_digest), max_bytes=10**6))
    marks = {(f["rule_id"], f["file"]): f.get("waived") for f in document["findings"]}
    for place in found:
        assert marks[place] == {
            "by": "reviewer",
            "reason": "It documents the attack.",
            "until": world.clock.now() + 90 * 24 * 3600,
        }
    severe = [f for f in document["findings"] if (f["rule_id"], f["file"]) in found]
    assert {f["severity"] for f in severe} <= {"high", "critical"}


def test_the_registry_attests_the_verdict_with_waivers_and_its_document_names_them(
    world: MemoryWorld,
) -> None:
    given, found = refused_rules(world)
    waive(world, given, found)
    through(world, given)
    stored = published(world)
    summary = verify_attestation(
        world.blobs.get(keys.blob(stored.attestation_digest), max_bytes=10**6),
        {world.signer.key_id(): world.signer.public_key_pem()},
        name=SkillName.parse(stored.name),
        version=Version.parse(stored.version),
        digest=stored.digest,
        integrity=stored.integrity,
    )
    assert (summary.verdict, summary.findings_digest) == (Verdict.FLAGGED, stored.findings_digest)
    document = json.loads(world.blobs.get(keys.blob(summary.findings_digest), max_bytes=10**6))
    assert document["waivers"] == [reference.digest for reference in stored.waivers]
    assert document["unwaived_verdict"] == "fail"


def test_a_waiver_of_something_else_lets_nothing_pass(world: MemoryWorld) -> None:
    given, _ = refused_rules(world)
    granted(world.ports(), archive_of(given), rule_id="another-rule", file="SKILL.md")
    given = through(world, given, until=Stage.VALIDATE)  # Analyze leaves it to Score, which verifies
    with pytest.raises(StageRejected) as caught:
        score.run(given, world.ports())
    assert caught.value.rejection.code == "malicious-package"


def test_an_expired_waiver_lets_nothing_pass(world: MemoryWorld) -> None:
    given, found = refused_rules(world)
    waive(world, given, found, days=1)
    given = through(world, given, until=Stage.VALIDATE)
    world.clock.move(24 * 3600)
    with pytest.raises(StageRejected):
        score.run(given, world.ports())


def test_a_waiver_for_other_bytes_lets_nothing_pass_analyze(world: MemoryWorld) -> None:
    given, found = refused_rules(world)
    waive(world, given, found)
    other = uploaded(world, package({"version": "1.0.1"}, **FILES))
    with pytest.raises(StageRejected):
        analyze.run(other, world.ports())


def test_a_forged_row_wins_nothing_but_the_way_to_score(world: MemoryWorld) -> None:
    given, found = refused_rules(world)
    for rule, file in sorted(found):
        granted(world.ports(), archive_of(given), rule_id=rule, file=file, waiver_digest="sha256:" + "0" * 64)
    given = through(world, given, until=Stage.VALIDATE)
    with pytest.raises(StageRejected):
        score.run(given, world.ports())


def test_a_waiver_that_is_revoked_on_the_way_is_published_as_revoked(world: MemoryWorld) -> None:
    """Nobody installs it: clients take the verdict without the waiver."""
    from dataclasses import replace

    given, found = refused_rules(world)
    waive(world, given, found)
    given = through(world, given, until=Stage.SCORE)
    for appeal_id, appeal in list(world.appeals.appeals.items()):
        world.appeals.appeals[appeal_id] = replace(appeal, revoked_at=7, revocation="It was wrong.")
    store.run(given, world.ports())
    entry = parse_index(world.index.documents["@acme/greeter"]).versions[0]
    assert {(w.counted, w.revoked_at) for w in entry.waivers} == {(True, 7)}


def test_without_waivers_nothing_speaks_of_any(world: MemoryWorld) -> None:
    given = through(world, uploaded(world, package()))
    stored = published(world)
    assert (stored.unwaived_verdict, stored.waivers) == (None, ())
    assert b"waive" not in world.index.documents["@acme/greeter"]
    assert "waivers" not in read_document(given, world.ports(), score.SCORE)
