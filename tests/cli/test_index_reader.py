"""What reading the index costs: every request is counted."""

from __future__ import annotations

import pytest

from tank_cli.client import index_reader
from tank_cli.client.index_reader import IndexReader
from tank_core import tuf_layout
from tank_core.absence import SkillNotFoundError
from tank_core.index import InvalidIndexError
from tank_core.names import SkillName
from tests.support.client_machine import NOTES, Machine
from tests.support.registry_double import RegistryDouble

TIMESTAMP = "GET /tuf/timestamp.json"
SKILLS = [NOTES, *(f"@acme/tool-{number}" for number in range(6))]


def newest(registry: RegistryDouble, role: str) -> str:
    return f"GET {registry.tuf.path(role)}"


def newest_bin(registry: RegistryDouble, name: str) -> str:
    return newest(registry, tuf_layout.bin_of(tuf_layout.index_target(name)))


def document(registry: RegistryDouble, name: str) -> str:
    return f"GET {registry.tuf.document_path(name)}"


def another_bin(registry: RegistryDouble) -> str:
    """Returns a name whose bin none of the skills share."""
    taken = {newest_bin(registry, name) for name in SKILLS}
    names = (f"@other/skill-{number}" for number in range(99))
    return next(name for name in names if newest_bin(registry, name) not in taken)


def requests_of_a_run(machine: Machine, registry: RegistryDouble) -> list[str]:
    """Returns what one run asks for when it needs every skill, sorted: documents come in any order."""
    registry.requests.clear()
    reader = IndexReader(machine.metadata(), machine.cache)
    names = [SkillName.parse(name) for name in SKILLS]
    reader.prefetch(names)
    assert [str(reader.fetch(name).name) for name in names] == SKILLS
    return sorted(registry.requests)


@pytest.fixture
def known(machine: Machine, registry: RegistryDouble) -> RegistryDouble:
    """A registry that this machine trusts, and of which it has read nothing."""
    for name in SKILLS:
        registry.publish(name, "1.0.0")
    machine.refresh()
    return registry


def test_a_cold_run_reads_each_bin_and_each_document_once(machine: Machine, known: RegistryDouble) -> None:
    bins = {newest_bin(known, name) for name in SKILLS}
    documents = {document(known, name) for name in SKILLS}
    assert requests_of_a_run(machine, known) == sorted([TIMESTAMP, *bins, *documents])


def chain(registry: RegistryDouble, length: int) -> list[SkillName]:
    """Publishes skills of which each needs the next."""
    names = [f"@chain/skill-{number}" for number in range(length)]
    for name, needed in zip(names, [*names[1:], None], strict=True):
        registry.publish(name, "1.0.0", skills={needed: "^1.0.0"} if needed else {})
    return [SkillName.parse(name) for name in names]


def test_asking_again_looks_at_what_is_asked_for_and_not_at_all_that_was_read(
    machine: Machine, registry: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = chain(registry, 40)
    reader = IndexReader(machine.metadata(), machine.cache)
    reader.prefetch(names)
    looked_at: list[SkillName] = []
    whole = SkillName.__hash__

    def counted(name: SkillName) -> int:
        looked_at.append(name)
        return whole(name)

    monkeypatch.setattr(SkillName, "__hash__", counted)
    reader.prefetch_reachable(names[:1])
    assert len(looked_at) <= 3  # as one of those asked for, of those followed, and of those read


def test_what_the_newest_versions_need_is_read_before_anybody_asks_each_document_once(
    machine: Machine, registry: RegistryDouble
) -> None:
    first, *others = chain(registry, 5)
    registry.publish("@chain/skill-9", "1.0.0")
    reader = IndexReader(machine.metadata(), machine.cache)
    reader.prefetch_reachable([first])
    asked = list(registry.requests)
    assert {document(registry, str(name)) for name in (first, *others)} <= set(asked)
    assert document(registry, "@chain/skill-9") not in asked
    assert len(set(asked)) == len(asked)
    registry.requests.clear()
    reader.prefetch_reachable([*others, first])
    for name in others:
        reader.fetch(name)
    assert registry.requests == []


def test_a_missing_or_damaged_dependency_ends_no_wave(machine: Machine, registry: RegistryDouble) -> None:
    first, *_, last = chain(registry, 3)
    registry.publish("@chain/other", "1.0.0", skills={"@chain/gone": "*", str(last): "*"})
    registry.tuf.put_document("@chain/skill-1", b"{}")
    reader = IndexReader(machine.metadata(), machine.cache)
    reader.prefetch_reachable([first, SkillName.parse("@chain/other"), SkillName.parse("@chain/nobody")])
    assert document(registry, str(last)) in registry.requests
    with pytest.raises(InvalidIndexError):
        reader.fetch(SkillName.parse("@chain/skill-1"))
    with pytest.raises(SkillNotFoundError):
        reader.fetch(SkillName.parse("@chain/gone"))


def test_how_far_documents_are_followed_is_bounded(
    machine: Machine, registry: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_reader, "_MOST_FOLLOWED", 1)
    first, second, third = chain(registry, 3)
    IndexReader(machine.metadata(), machine.cache).prefetch_reachable([first])
    assert document(registry, str(second)) in registry.requests
    assert document(registry, str(third)) not in registry.requests


def test_a_warm_run_costs_one_request_when_nothing_changed(machine: Machine, known: RegistryDouble) -> None:
    requests_of_a_run(machine, known)
    assert requests_of_a_run(machine, known) == [TIMESTAMP]


def test_a_warm_run_costs_two_requests_when_something_else_changed(
    machine: Machine, known: RegistryDouble
) -> None:
    requests_of_a_run(machine, known)
    known.publish(another_bin(known), "1.0.0")
    assert requests_of_a_run(machine, known) == sorted([TIMESTAMP, newest(known, "snapshot")])


def test_a_warm_run_costs_three_requests_beside_the_documents_that_changed(
    machine: Machine, known: RegistryDouble
) -> None:
    requests_of_a_run(machine, known)
    known.publish(NOTES, "1.1.0")
    changed = [newest(known, "snapshot"), newest_bin(known, NOTES), document(known, NOTES)]
    assert requests_of_a_run(machine, known) == sorted([TIMESTAMP, *changed])


def test_a_run_that_needs_no_document_asks_for_nothing(machine: Machine, known: RegistryDouble) -> None:
    known.requests.clear()
    IndexReader(machine.metadata(), machine.cache).prefetch([])
    assert known.requests == []


def test_a_skill_that_no_bin_lists_is_absent_by_signature(machine: Machine, known: RegistryDouble) -> None:
    known.requests.clear()
    with pytest.raises(SkillNotFoundError):
        machine.versions("@acme/unknown")
    assert not any("/targets/" in request for request in known.requests)


def test_many_skills_are_read_over_one_refresh(machine: Machine, known: RegistryDouble) -> None:
    reader = IndexReader(machine.metadata(), machine.cache)
    for name in SKILLS:
        reader.fetch(SkillName.parse(name))
        reader.fetch(SkillName.parse(name))
    assert known.requests.count(TIMESTAMP) == 2  # one when it was trusted, one now


def test_a_document_that_fails_ahead_fails_with_its_words_when_it_is_needed(
    machine: Machine, known: RegistryDouble
) -> None:
    del known.objects[known.tuf.document_path(NOTES)]
    reader = IndexReader(machine.metadata(), machine.cache)
    reader.prefetch(SkillName.parse(name) for name in SKILLS)
    assert str(reader.fetch(SkillName.parse(SKILLS[1])).name) == SKILLS[1]
    with pytest.raises(Exception, match=r"index/acme/notes\.json"):
        reader.fetch(SkillName.parse(NOTES))
