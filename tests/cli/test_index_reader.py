"""What reading the index costs: every request is counted."""

from __future__ import annotations

import pytest

from tank_cli.client.index_reader import IndexReader
from tank_core import tuf_layout
from tank_core.absence import SkillNotFoundError
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
