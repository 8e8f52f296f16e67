"""A publish goes on, whatever becomes of a second opinion, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from chalicelib.adapters.second_opinion.nobody import Nobody
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.second_opinions import hear
from tank_core.archive import ArchiveEntry
from tank_core.findings import Severity
from tank_core.second_opinion import Opinion, OpinionError, parse_opinion
from tests.support.memory_ports import memory_world
from tests.support.sample_waivers import a_finding

ENTRIES = (ArchiveEntry("run.py", b"x", executable=False),)
OURS = (replace(a_finding(), severity=Severity.LOW),)


@dataclass(frozen=True, slots=True)
class Source:
    """Answers what a test says."""

    answer: Callable[[], Opinion]

    @property
    def source(self) -> str:
        return "program"

    def ask(self, entries: Sequence[ArchiveEntry]) -> Opinion:
        return self.answer()


def ports(answer: Callable[[], Opinion]) -> RegistryPorts:
    return replace(memory_world(), second_opinion=Source(answer)).ports()


def raising(error: BaseException) -> Callable[[], Opinion]:
    def answer() -> Opinion:
        raise error

    return answer


def test_nobody_is_asked_unless_the_operator_says_so_and_the_document_says_that() -> None:
    heard = hear(memory_world().ports(), ENTRIES, OURS)
    assert (heard.findings, heard.line, heard.document) == (OURS, "", {"state": "off"})


def test_nobody_who_is_asked_all_the_same_is_loud() -> None:
    with pytest.raises(OpinionError):
        Nobody().ask(ENTRIES)


def test_what_is_said_counts_and_is_told() -> None:
    data = b'{"findings": [{"rule_id": "x", "severity": "high", "file": "run.py"}, 7]}'
    heard = hear(ports(lambda: parse_opinion(data, "program")), ENTRIES, OURS)
    assert len(heard.findings) == 2
    assert heard.line == "second opinion (program): 1 added, 1 ignored"
    assert heard.document == {"source": "program", "state": "heard", "raised": 0, "added": 1, "ignored": 1}


@pytest.mark.parametrize(
    "error",
    [OpinionError("it took too long"), TimeoutError(), MemoryError(), RecursionError(), KeyError("x")],
    ids=lambda error: type(error).__name__,
)
def test_no_failure_fails_a_publish_or_lowers_anything(error: Exception) -> None:
    heard = hear(ports(raising(error)), ENTRIES, OURS)
    assert heard.findings == OURS
    assert heard.line.startswith("second opinion (program) not available: ")
    assert heard.document["state"] == "not_available"


def test_the_words_of_a_failure_are_escaped() -> None:
    heard = hear(ports(raising(OpinionError("\x1b[2K" + "x" * 10_000))), ENTRIES, OURS)
    assert heard.line.isprintable()
    assert len(heard.line) < 250
