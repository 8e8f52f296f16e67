"""The permission budget: what a project allows, against what its skills ask for.

The only implementation. Every way to install (add, install, ci, update, global)
asks it about the whole tree before anything is downloaded.

Skills are strangers to each other, so each has its own share of the steps that the
comparison may cost (``permissions.effort``): one with hostile patterns may be told
that it is not covered where it is, and takes nothing from the share of another.

Source: FORMATS, "Permission shape"; PEERS, row 13.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import ClassVar

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import SkillName
from tank_core.permissions import (
    Access,
    Entry,
    PermissionSet,
    entries,
    from_entries,
    is_empty,
    missing,
    normalised,
    text_of,
)
from tank_core.permissions.effort import MANY_SETS_STEPS, Effort


class PermissionBudgetError(TankError):
    """Skills ask for more than the project allows; ``problems`` lists each entry of each skill.

    ``gaps``: what is not allowed, by skill; only skills that lack something.
    """

    code = "permission-budget"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.POLICY
    gaps: Mapping[SkillName, PermissionSet] = MappingProxyType({})

    @property
    def addition(self) -> PermissionSet:
        """What the project would have to allow."""
        return _together(self.gaps.values())


def check_budget(
    budget: PermissionSet, wanted: Mapping[SkillName, PermissionSet], *, manifest: str = "skills.json"
) -> None:
    """Refuses skills that ask for anything the budget does not cover.

    Args:
        budget: ``permissions`` of the project's skills.json.
        wanted: the capabilities of every skill in the tree, direct or not.
        manifest: the file that holds the budget, as a person finds it.

    Raises:
        PermissionBudgetError: "permission-budget", with one problem for each uncovered
            entry of each skill, sorted by skill.
    """
    gaps = _gaps(budget, wanted)
    problems = tuple(_problem(name, entry, manifest) for name, gap in gaps.items() for entry in entries(gap))
    if not problems:
        return
    over = [str(name) for name, gap in gaps.items() if not is_empty(gap)]
    together = _together(gaps.values())
    addition = json.dumps(together.to_json(), ensure_ascii=False, sort_keys=True)
    error = PermissionBudgetError(
        f"{', '.join(over[:3])}{' and others' * (len(over) > 3)}"
        f" need{'s' * (len(over) == 1)} permissions that this project does not allow.",
        why="Skills get only what skills.json allows; nothing was downloaded.",
        fix=f'If you agree, add to "permissions" in {manifest}: {addition}',
        problems=problems,
    )
    error.gaps = {name: gap for name, gap in gaps.items() if not is_empty(gap)}
    raise error


def allow_options(permissions: PermissionSet) -> str:
    """Returns what to add to an installing command to allow exactly these."""
    import shlex  # only a refusal needs it

    return " ".join(f"--allow {shlex.quote(text_of(entry))}" for entry in entries(permissions))


def _gaps(budget: PermissionSet, wanted: Mapping[SkillName, PermissionSet]) -> dict[SkillName, PermissionSet]:
    """Returns what the budget does not cover of each skill, sorted by skill.

    The smallest set comes first, and what it leaves of its share is for the larger ones:
    a skill has an equal share at least, whatever the others ask for.
    """
    distinct = sorted(
        dict.fromkeys(capabilities for _, capabilities in sorted(wanted.items())),
        key=lambda capabilities: len(entries(capabilities)),
    )
    missed: dict[PermissionSet, PermissionSet] = {}
    left = MANY_SETS_STEPS
    for position, capabilities in enumerate(distinct):
        effort = Effort(left // (len(distinct) - position))
        missed[capabilities] = missing(budget, capabilities, effort)
        left = max(0, left - effort.spent)
    return {name: missed[capabilities] for name, capabilities in sorted(wanted.items())}


def _together(gaps: Collection[PermissionSet]) -> PermissionSet:
    """Returns the union of all sets, found at once."""
    return normalised(
        from_entries(
            {access: tuple(entry for gap in gaps for entry in gap.values(access)) for access in Access}
        )
    )


def _problem(name: SkillName, entry: Entry, manifest: str) -> Problem:
    return Problem(
        str(name),
        f"needs {entry.type} “{entry.value}”",
        f'add {entry.json_line} to "permissions" in {manifest}',
    )
