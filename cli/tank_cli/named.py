"""The skills of a project by the names that a person types, and what was meant where none is of that name."""

from __future__ import annotations

from collections.abc import Collection

from tank_cli.failures import UsageError
from tank_cli.project import NotInProjectError
from tank_cli.suggestions import nearest
from tank_cli.versioned_name import split
from tank_core.errors import quoted
from tank_core.names import InvalidNameError, SkillName


def among(known: Collection[SkillName], typed: str, *, where: str, why: str, instead: str = "") -> SkillName:
    """Returns the skill that a person typed the name of.

    Args:
        known: the skills that it may be one of.
        typed: ``@org/name``, on the command line.
        where: what holds them, such as ``skills.json``.
        why: why it has to be one of them, as a sentence.
        instead: the command for somebody who wrote a range behind the name; "" for the same one without.

    Raises:
        UsageError: usage; a version or range stands behind the name.
        InvalidNameError: invalid-name; it is no name, and the nearest known one is named.
        NotInProjectError: not-in-project; it is none of them, and the nearest is named.
    """
    text, wanted = split(typed)
    if wanted:
        raise UsageError(
            f"{quoted(typed)} is a name with a range behind it.",
            why="Here stands a name alone; which versions are wanted stands in skills.json.",
            fix=f"{instead} '{typed}'" if instead else f"Write {text}",
        )
    try:
        name = SkillName.parse(typed)
    except InvalidNameError as error:
        near = _alike(typed, known)
        if near:
            error.fix = f"Did you mean {near}?"
        raise
    if name in known:
        return name
    near = _alike(typed, known)
    raise NotInProjectError(
        f"{where} does not name {name}.", why=why, fix=f"Did you mean {near}?" if near else "tank list"
    )


def _alike(typed: str, known: Collection[SkillName]) -> str:
    """Returns the known name that is most like what was typed, or whose own part is; "" where it is no one's."""
    near = nearest(typed, map(str, known))
    if near:
        return near
    own = typed.rpartition("/")[2]
    found = [str(name) for name in sorted(known) if name.name == own]
    return found[0] if len(found) == 1 else ""
