"""The tree of what a lock holds, as lines: drawn once, however often a skill is needed.

A skill whose own needs were drawn above is marked ``(*)`` and not opened again, as
cargo does; without that a lock full of diamonds would have more lines than anybody
reads, and a circle would have no end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tank_cli import render
from tank_cli.folding import WIDTH
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName

REPEATED = "(*)"
_GAP = "  "


@dataclass(frozen=True, slots=True)
class Strokes:
    """What a tree is drawn with; each is four columns wide."""

    branch: str
    last: str
    past: str
    blank: str = "    "


BOXES = Strokes("├── ", "└── ", "│   ")
ASCII = Strokes("|-- ", "`-- ", "|   ")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the tree.

    Attributes:
        above: for each step from the root, whether it was the last of its siblings.
        is_repeated: its own needs were drawn above.
    """

    name: SkillName
    above: tuple[bool, ...]
    is_repeated: bool


def strokes_for(encoding: str | None) -> Strokes:
    """Returns what a stream of an encoding can show."""
    try:
        (BOXES.branch + BOXES.last + BOXES.past).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return BOXES


def tree(
    roots: Iterable[SkillName], skills: Mapping[SkillName, LockedSkill], *, depth: int | None = None
) -> Iterator[Line]:
    """Yields the tree from the top, siblings sorted by name.

    Args:
        roots: what the project itself names; those that are not locked are left out.
        skills: the lock.
        depth: how far below the roots to go, 0 for the roots alone; None for all the way.
    """
    yield from _below(roots, skills, depth, (), set())


def _below(
    names: Iterable[SkillName],
    skills: Mapping[SkillName, LockedSkill],
    depth: int | None,
    above: tuple[bool, ...],
    drawn: set[SkillName],
) -> Iterator[Line]:
    present = sorted(name for name in names if name in skills)
    for position, name in enumerate(present):
        here = (*above, position == len(present) - 1)
        needs = skills[name].dependencies if depth is None or len(above) < depth else {}
        is_repeated = bool(needs) and name in drawn
        yield Line(name, here, is_repeated)
        if needs and not is_repeated:
            drawn.add(name)
            yield from _below(needs, skills, depth, here, drawn)


def drawn(lines: Iterable[Line], skills: Mapping[SkillName, LockedSkill], strokes: Strokes) -> list[str]:
    """Returns the tree as text: branches and names, then version, verdict and score in columns.

    Columns are given up where a deep tree leaves no room for them.
    """
    rows = [(_branches(line, strokes) + str(line.name), *_facts(line, skills[line.name])) for line in lines]
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > WIDTH:
        widths = [0] * len(widths)
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _branches(line: Line, strokes: Strokes) -> str:
    *passed, is_last = line.above
    return "".join(strokes.blank if last else strokes.past for last in passed) + (
        strokes.last if is_last else strokes.branch
    )


def _facts(line: Line, skill: LockedSkill) -> tuple[str, str, str]:
    mark = f" {REPEATED}" if line.is_repeated else ""
    return str(skill.version), str(skill.verdict), render.score(skill.audit_score) + mark
