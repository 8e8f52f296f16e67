"""``tank permissions``: show what skills ask for, against the budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_core.permissions import Entry


@click.command("permissions", epilog=example("tank permissions", "tank permissions --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Show what each locked skill may do, and which part of the budget nothing uses.

    Ends with exit code 7 when a skill asks for more than skills.json allows.
    """
    from functools import reduce

    from tank_cli.project import find
    from tank_core.budget import check_budget
    from tank_core.permissions import NONE, entries, union

    project = find(context.cwd, context.config, is_global=is_global)
    budget = project.manifest().permissions
    wanted = {name: skill.capabilities for name, skill in project.require_lock().skills.items()}
    everything = entries(reduce(union, wanted.values(), NONE))
    unused = [e for e in entries(budget) if not any(_covers(e, w) for w in everything)]
    document = {
        "budget": budget.to_json(),
        "skills": {str(name): asked.to_json() for name, asked in wanted.items()},
        "unused": [{"type": str(entry.type), "value": entry.value} for entry in unused],
    }
    lines = [line for name, asked in wanted.items() for line in _block(str(name), render.permissions(asked))]
    lines += (
        _block("allowed, and used by no skill", [f"{e.type}  {e.value}" for e in unused]) if unused else []
    )
    if not context.console.as_json:
        context.console.show({}, lines)
    check_budget(budget, wanted)
    context.console.show(document, ())


def _covers(allowed: Entry, wanted: Entry) -> bool:
    from tank_core.permissions import entry_contains

    return allowed.type is wanted.type and entry_contains(allowed.type, allowed.value, wanted.value)


def _block(title: str, lines: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in lines or ["nothing"])]
