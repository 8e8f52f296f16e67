"""Validate believes the archive alone, and compares it with everything that it claims."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.ports.errors import Missing
from chalicelib.services import index_room
from pipeline.execution import StageInput, read_document
from pipeline.stages import validate
from tank_core.analysis.report import AnalysisReport
from tank_core.entities import Publisher
from tank_core.findings import Verdict
from tank_core.publish import Stage, StageRejected
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import after, join_org, leave_document, package, skill_md, uploaded
from tests.support.published import publish_version
from tests.support.sample_entities import a_skill, a_version, an_event

CLEAN = AnalysisReport(findings=(), observed=(), unknown=(), rule_set_digest="sha256:" + "0" * 64)


def analysed(world: MemoryWorld, *arguments: Any, **options: Any) -> StageInput:
    given = uploaded(world, *arguments, **options)
    return leave_document(world, given, Stage.ANALYZE, validate.ANALYSIS, CLEAN.to_json())


def refusal(world: MemoryWorld, given: StageInput) -> str:
    with pytest.raises(StageRejected) as caught:
        validate.run(given, world.ports())
    return caught.value.rejection.code


def test_an_honest_package_passes_and_leaves_its_sbom(world: MemoryWorld) -> None:
    given = analysed(world, package())
    given = after(given, Stage.VALIDATE, validate.run(given, world.ports()))
    assert read_document(given, world.ports(), validate.SBOM)["base64"]


def test_without_the_analysis_report_nothing_passes(world: MemoryWorld) -> None:
    with pytest.raises(Missing):
        validate.run(uploaded(world, package()), world.ports())


def test_a_posted_manifest_that_differs_from_the_packed_one_is_refused(world: MemoryWorld) -> None:
    posted = {"name": "@acme/greeter", "version": "1.0.0", "description": "Harmless."}
    assert refusal(world, analysed(world, package(), announced=posted)) == "manifest-mismatch"


def test_an_archive_of_another_version_than_the_reserved_one_is_refused(world: MemoryWorld) -> None:
    assert refusal(world, analysed(world, package(), version="1.0.1")) == "manifest-mismatch"


def test_an_archive_of_another_name_than_the_reserved_one_is_refused(world: MemoryWorld) -> None:
    assert refusal(world, analysed(world, package(), name="@acme/other")) == "manifest-mismatch"


def test_a_version_that_its_skills_index_cannot_take_is_refused(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_room, "MAX_PUBLISHED_BYTES", 100)
    assert refusal(world, analysed(world, package())) == "index-full"


def test_a_skill_md_with_another_name_is_refused(world: MemoryWorld) -> None:
    entries = package(**{"SKILL_dot_md": skill_md("other")})
    assert refusal(world, analysed(world, entries)) == "manifest-mismatch"


@pytest.mark.parametrize("missing", ["SKILL_dot_md", "skills_dot_json"])
def test_a_package_without_one_of_its_two_files_is_refused(world: MemoryWorld, missing: str) -> None:
    assert refusal(world, analysed(world, package(**{missing: b""}))) == "missing-file"


def test_a_broken_manifest_is_refused_with_every_problem(world: MemoryWorld) -> None:
    given = analysed(world, package({"licence": "MIT", "version": "one"}), announced={})
    with pytest.raises(StageRejected) as caught:
        validate.run(given, world.ports())
    assert caught.value.rejection.code == "invalid-manifest"
    assert len(caught.value.rejection.problems) == 2


def test_a_dependency_that_does_not_exist_is_refused(world: MemoryWorld) -> None:
    given = analysed(world, package({"skills": {"@acme/ghost": "^1.0.0"}}))
    assert refusal(world, given) == "unknown-dependency"


def test_a_dependency_out_of_range_is_refused(world: MemoryWorld) -> None:
    publish_version(world, "@acme/base", "1.4.0")
    given = analysed(world, package({"skills": {"@acme/base": "^2.0.0"}}))
    assert refusal(world, given) == "unknown-dependency"


def test_a_dependency_that_was_found_to_be_malicious_is_refused(world: MemoryWorld) -> None:
    publish_version(world, "@acme/base", "1.4.0", verdict=Verdict.FAIL)
    given = analysed(world, package({"skills": {"@acme/base": "^1.0.0"}}))
    assert refusal(world, given) == "unknown-dependency"


def test_a_dependency_in_range_passes(world: MemoryWorld) -> None:
    publish_version(world, "@acme/base", "1.4.0")
    validate.run(analysed(world, package({"skills": {"@acme/base": "^1.0.0"}})), world.ports())


NETWORK = {"network": {"outbound": ["api.acme.example"]}}


def test_new_network_access_in_a_patch_is_refused(world: MemoryWorld) -> None:
    publish_version(world, "@acme/greeter", "1.0.0")
    given = analysed(world, package({"version": "1.0.1", "capabilities": NETWORK}))
    assert refusal(world, given) == "capability-escalation"


def test_escalation_cannot_be_laundered_through_a_higher_major(world: MemoryWorld) -> None:
    publish_version(world, "@acme/greeter", "1.0.0")
    publish_version(world, "@acme/greeter", "2.0.0", capabilities=NETWORK)
    given = analysed(world, package({"version": "1.0.1", "capabilities": NETWORK}))
    assert refusal(world, given) == "capability-escalation"


def test_narrowing_in_a_patch_passes(world: MemoryWorld) -> None:
    publish_version(world, "@acme/greeter", "1.0.0", capabilities={"filesystem": {"read": ["./src/**"]}})
    narrowed = {"version": "1.0.1", "capabilities": {"filesystem": {"read": ["./src/a/*.py"]}}}
    validate.run(analysed(world, package(narrowed)), world.ports())


def imitation(world: MemoryWorld, **changed: Any) -> list[str]:
    """Returns what Validate finds about the name of @acme/greeter."""
    given = analysed(world, package(changed or None))
    given = after(given, Stage.VALIDATE, validate.run(given, world.ports()))
    findings = read_document(given, world.ports(), validate.COMPARISON)["findings"]
    return [
        f"{item['severity']} {item['evidence']}" for item in findings if item["rule_id"] == "imitated-skill"
    ]


def test_a_name_like_that_of_an_established_skill_is_a_finding(world: MemoryWorld) -> None:
    publish_version(world, "@acrne/greeter", "1.0.0")
    assert imitation(world) == ["high @acme/greeter is the same to the eye as @acrne/greeter"]


def test_a_publisher_reads_in_the_stage_whom_the_name_imitates(world: MemoryWorld) -> None:
    publish_version(world, "@acrne/greeter", "1.0.0")
    said = validate.run(analysed(world, package()), world.ports()).summary
    assert "@acme/greeter is the same to the eye as @acrne/greeter" in said


def test_a_skill_of_the_publishers_other_organisation_is_nobody_elses(world: MemoryWorld) -> None:
    join_org(world, "acrne")
    publish_version(world, "@acrne/greeter", "1.0.0")
    assert imitation(world) == []


def test_another_publishers_organisation_stays_another_publishers(world: MemoryWorld) -> None:
    join_org(world, "acrne", Publisher("bob", created_at=1))
    publish_version(world, "@acrne/greeter", "1.0.0")
    assert len(imitation(world)) == 1


def test_a_later_version_of_an_imitation_is_found_again(world: MemoryWorld) -> None:
    publish_version(world, "@acrne/greeter", "1.0.0")
    given = analysed(world, package())
    published = a_version(given.publish)
    at = world.clock.now()
    world.catalog.record(
        published,
        a_skill("@acme/greeter", created_at=at),
        given.publish,
        an_event(event_id=world.ids.new_id()),
    )
    assert len(imitation(world, version="1.0.1")) == 1


def test_the_imitated_skill_does_not_imitate_its_imitation(world: MemoryWorld) -> None:
    publish_version(world, "@acme/greeter", "1.0.0")
    given = analysed(world, package({"name": "@acrne/greeter"}))
    later = a_skill("@acrne/greeter", created_at=world.clock.now())
    world.catalog.record(
        a_version(given.publish), later, given.publish, an_event(event_id=world.ids.new_id())
    )
    assert imitation(world, version="1.0.1") == []
