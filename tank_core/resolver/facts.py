"""The facts that together make a resolution impossible."""

from __future__ import annotations

from dataclasses import dataclass

from tank_core.names import SkillName


@dataclass(frozen=True, slots=True)
class Requirement:
    """Somebody needs a skill in a range.

    Attributes:
        dependent: who; None is the project.
        positions: the dependent's versions that need it, ascending; empty for the project.
        dependency: what is needed.
    """

    dependent: SkillName | None
    positions: tuple[int, ...]
    dependency: SkillName


@dataclass(frozen=True, slots=True)
class NoneEligible:
    """Of these versions of a skill, none may be chosen. No positions: the skill has none in the range."""

    name: SkillName
    positions: tuple[int, ...]


Fact = Requirement | NoneEligible


class UnsolvableError(Exception):
    """No choice of versions satisfies everything. ``facts`` are a proof; empty when the search gave up."""

    def __init__(self, facts: tuple[Fact, ...]) -> None:
        super().__init__(f"{len(facts)} facts")
        self.facts = facts
