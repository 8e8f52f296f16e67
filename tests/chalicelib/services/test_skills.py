from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.ports.errors import Missing, PortError
from chalicelib.services import availability, history, keys, publishing, skills
from chalicelib.services.skills import DocumentTooLargeError
from tank_core.absence import SkillNotFoundError, VersionNotFoundError, WithdrawnError
from tests.support.scene import ATTESTATION, Scene, announcement

NAME = "@acme/tool"
READS: dict[str, Callable[[Scene], object]] = {
    "version": lambda r: skills.version(r.ports, NAME, "1.0.0"),
    "findings": lambda r: skills.findings(r.ports, NAME, "1.0.0"),
    "audit": lambda r: skills.audit(r.ports, NAME, "1.0.0"),
}


@pytest.mark.parametrize("read", READS)
def test_every_read_path_refuses_a_withdrawn_version_with_its_reason(registry: Scene, read: str) -> None:
    registry.publish()
    READS[read](registry)
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "steals tokens")
    with pytest.raises(WithdrawnError) as caught:
        READS[read](registry)
    assert caught.value.why == "steals tokens"


@pytest.mark.parametrize("read", READS)
def test_nothing_is_readable_before_it_is_recorded(registry: Scene, read: str) -> None:
    publishing.begin(registry.ports, registry.ada, announcement())
    with pytest.raises(SkillNotFoundError):
        READS[read](registry)
    registry.publish(version="2.0.0")
    with pytest.raises(VersionNotFoundError):
        READS[read](registry)
    assert skills.search(registry.ports, "", cursor="", limit=10).items[0].skill.latest == "2.0.0"


def test_versions_are_listed_highest_first(registry: Scene) -> None:
    for version in ("1.9.0", "1.10.0", "1.2.0"):
        registry.publish(version=version)
    listed = [version.version for version in skills.skill(registry.ports, NAME).versions]
    assert listed == ["1.10.0", "1.9.0", "1.2.0"]


def test_audit_has_items_and_the_attestation(registry: Scene) -> None:
    registry.publish()
    view = skills.audit(registry.ports, NAME, "1.0.0")
    assert view.items == ({"points": -0.5, "reason": "one note"},)
    assert view.attestation == ATTESTATION


def test_missing_findings_are_an_error_and_never_no_findings(registry: Scene) -> None:
    stored = registry.publish()
    registry.world.blobs.delete(keys.blob(stored.findings_digest))
    with pytest.raises(Missing):
        skills.findings(registry.ports, NAME, "1.0.0")


def test_a_document_that_is_no_object_is_an_error(registry: Scene) -> None:
    stored = registry.publish()
    registry.world.blobs.put(keys.blob(stored.findings_digest), b"[]")
    with pytest.raises(PortError):
        skills.findings(registry.ports, NAME, "1.0.0")


def test_a_huge_document_is_refused_with_its_address(registry: Scene) -> None:
    stored = registry.publish()
    registry.world.blobs.put(keys.blob(stored.findings_digest), b" " * (skills.MAX_DOCUMENT_BYTES + 1))
    with pytest.raises(DocumentTooLargeError) as caught:
        skills.findings(registry.ports, NAME, "1.0.0")
    digest = stored.findings_digest.removeprefix("sha256:")
    assert f"https://registry.example/blobs/sha256/{digest}" in caught.value.fix


def test_search_shows_the_verdict_of_the_latest_version(registry: Scene) -> None:
    registry.publish(audit_score=8.0)
    (hit,) = skills.search(registry.ports, "tool", cursor="", limit=10).items
    assert hit.version is not None
    assert hit.version.audit_score == 8.0


def test_search_pages_through_everything_once(registry: Scene) -> None:
    names = [f"@acme/tool-{n}" for n in range(5)]
    for name in names:
        registry.publish(name)
    seen, cursor = [], ""
    for _ in range(10):
        page = skills.search(registry.ports, "tool", cursor=cursor, limit=2)
        seen += [hit.skill.name for hit in page.items]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == names


def test_a_skill_without_available_versions_is_not_found_by_search(registry: Scene) -> None:
    registry.publish()
    availability.yank(registry.ports, registry.ada, NAME, "1.0.0", "broken")
    assert skills.search(registry.ports, "tool", cursor="", limit=10).items == ()


def test_reading_changes_nothing(registry: Scene) -> None:
    registry.publish()
    world = registry.world
    before = (
        dict(world.catalog.skills),
        dict(world.publishes.published),
        dict(world.audit_trail.state.trail),
    )
    for read in READS.values():
        read(registry)
    skills.skill(registry.ports, NAME)
    skills.search(registry.ports, "tool", cursor="", limit=10)
    history.events(registry.ports, NAME, cursor="", limit=10)
    after = (dict(world.catalog.skills), dict(world.publishes.published), dict(world.audit_trail.state.trail))
    assert before == after


def test_the_trail_of_a_skill_has_no_attempts_in_it(registry: Scene) -> None:
    registry.publish()
    begun = publishing.begin(registry.ports, registry.ada, announcement(version="2.0.0"))
    assert begun.publish is not None
    page = history.events(registry.ports, NAME, cursor="", limit=10)
    assert [str(event.action) for event in page.items] == ["publish"]
    with pytest.raises(SkillNotFoundError):
        history.events(registry.ports, "@acme/other", cursor="", limit=10)


def test_a_name_with_only_withdrawn_versions_is_still_listed_with_reasons(registry: Scene) -> None:
    registry.publish()
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    view = skills.skill(registry.ports, NAME)
    assert [version.availability_reason for version in view.versions] == ["malware"]
    assert replace(view.skill, latest="") == view.skill
