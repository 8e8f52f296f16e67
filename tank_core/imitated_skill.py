"""The finding about a skill whose name imitates one that another publisher had before.

Decides which of two names that are alike imitates, and how bad that is. The younger
one does, whatever it contains; a name that was there first is never found. A skill
that nobody can install any more protects its name no longer.

It is found once, at a publish, from what the registry knew then; a rescan, which reads
bytes alone, carries it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tank_core.entities import Skill
from tank_core.findings import Confidence, Finding, Severity
from tank_core.likeness import Likeness, likeness
from tank_core.names import SkillName

RULE_ID = "imitated-skill"
CATEGORY = "imitation"
# Who publishes two names alike within a week most often named the same thing: nobody had time to trust the first.
ESTABLISHED_SECONDS = 7 * 24 * 3600
COMMON_NAME = 3  # organisations that use one own part; it is a word then, and nobody's
MAX_NAMED = 3

_HOW = {
    Likeness.LOOK_ALIKE: "is the same to the eye as",
    Likeness.SLIP: "is one letter away from",
    Likeness.AFFIX: "claims the organisation of",
    Likeness.REORDERED: "has the words of",
    Likeness.NAMESAKE: "has the same last part as",
}


@dataclass(frozen=True, slots=True, order=True)
class Imitated:
    """A skill that was there before, and how the new name is alike."""

    created_at: int
    name: str
    how: Likeness


def imitated(
    name: SkillName, since: int, candidates: Iterable[Skill], *, org_since: int
) -> tuple[Imitated, ...]:
    """Returns the skills that a name imitates, the oldest first.

    Args:
        name: of the skill that is published.
        since: when its first version was published; now, for a new one.
        candidates: skills whose names may be alike, of any publisher.
        org_since: when its organisation was made. The same last part is nothing to say of an older one.
    """
    found = [
        Imitated(skill.created_at, skill.name, how)
        for skill in candidates
        if skill.latest and skill.created_at < since and (how := likeness(name, SkillName.parse(skill.name)))
    ]
    is_common = len(found) >= COMMON_NAME
    return tuple(
        sorted(one for one in found if one.how.is_close or not (is_common or org_since <= one.created_at))
    )


def findings(name: SkillName, since: int, of: Sequence[Imitated]) -> tuple[Finding, ...]:
    """Returns a finding for each imitated skill, the closest and oldest first, and no more than a reader needs."""
    ordered = sorted(of, key=lambda one: (not one.how.is_close, one))
    return tuple(_finding(name, since, one) for one in ordered[:MAX_NAMED])


def carried(earlier: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns what an earlier judgement of the same version found of this kind, as it was found."""
    return tuple(finding for finding in earlier if finding.rule_id == RULE_ID)


def _finding(name: SkillName, since: int, other: Imitated) -> Finding:
    is_established = other.how.is_close and since - other.created_at >= ESTABLISHED_SECONDS
    return Finding(
        file="skills.json",
        line=0,
        rule_id=RULE_ID,
        category=CATEGORY,
        severity=Severity.HIGH if is_established else Severity.MEDIUM,
        confidence=Confidence.MEDIUM if other.how.is_close else Confidence.LOW,
        title=f"Has a name that is easily taken for {other.name} of another publisher",
        evidence=f"{name} {_HOW[other.how]} {other.name}",
        why="Who meant the other skill installs this one, and gives it what the other one was trusted with.",
        fix="Choose a name that nobody takes for the other; if both are yours, publish from one organisation.",
        taxonomy=("AST02", "AST04", "CWE-1007"),
    )
