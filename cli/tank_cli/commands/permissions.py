"""``tank permissions``: show what skills ask for, against the budget; infer what a skill needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import fitting, render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from tank_cli.inferring import Declaration
    from tank_core.analysis.report import UnknownCapability
    from tank_core.permissions import Entry, PermissionSet

_SHOWN = 5  # places of one kind of access; all of them are in the JSON document


@click.group(
    "permissions",
    invoke_without_command=True,
    epilog=example("tank permissions", "tank permissions --json", "tank permissions infer ./my-skill"),
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Show what each locked skill may do, and which part of the budget nothing uses.

    Ends with exit code 7 when a skill asks for more than skills.json allows.
    """
    if click.get_current_context().invoked_subcommand is None:
        _show(context, is_global=is_global)
    elif is_global or context.console.as_json:
        raise click.UsageError(
            "Options of a command stand behind its name, as in `tank permissions infer --json`."
        )


def _show(context: Context, *, is_global: bool) -> None:
    from functools import reduce

    from tank_cli.project import find
    from tank_core.budget import check_budget
    from tank_core.permissions import NONE, entries, union

    project = find(context.cwd, context.config, is_global=is_global)
    budget = project.manifest().permissions
    lock = project.require_lock()
    fitting.warn(context, project, lock)
    wanted = {name: skill.capabilities for name, skill in lock.skills.items()}
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


@command.command(
    "infer",
    short_help="Print what a skill's own code is seen to need.",
    epilog=example("tank permissions infer ./my-skill", "tank permissions infer --write"),
)
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option(
    "--write", "is_written", is_flag=True, help="Add what is missing to capabilities in skills.json."
)
@click.option("--prune", is_flag=True, help="With --write: also take out what no code shows.")
@common
def infer(context: Context, path: Path | None, is_written: bool, prune: bool) -> None:
    """Print the smallest capabilities that a skill's own code and text need.

    Each entry comes with the places that need it. What only a run can tell is listed,
    and never guessed. Needs no semgrep.
    """
    from tank_cli.inferring import declaration_of, write

    if prune and not is_written:
        raise click.UsageError("--prune takes entries out of skills.json, so it needs --write.")
    folder = context.cwd / (path or ".")
    found = declaration_of(folder)
    result = write(folder, found, is_pruned=prune) if is_written else found.inferred.permissions
    context.console.show(
        _document(found, result, is_written=is_written), _json_lines(result.to_json()), folds=False
    )
    if not context.console.as_json:
        for line in _explained(found, is_pruned=prune):
            context.console.say(line)


def _json_lines(value: object) -> list[str]:
    import json

    return json.dumps(value, indent=2, ensure_ascii=False).split("\n")


def _document(found: Declaration, result: PermissionSet, *, is_written: bool) -> dict[str, object]:
    from dataclasses import asdict

    from tank_core.analysis.inference import to_do

    inferred = found.inferred
    return {
        "capabilities": result.to_json(),
        "declared": found.declared.to_json(),
        "written": is_written,
        "evidence": [{**asdict(item), "type": str(item.type)} for item in inferred.evidence],
        "unknown": [
            {**asdict(item), "type": str(item.type), "to_do": to_do(item)} for item in inferred.unknown
        ],
        "superfluous": [{"type": str(entry.type), "value": entry.value} for entry in found.superfluous],
    }


def _explained(found: Declaration, *, is_pruned: bool) -> Iterator[str]:
    from tank_core.permissions import entries

    inferred = found.inferred
    rows = [
        (
            str(entry.type),
            entry.value,
            ", ".join(f"{item.file}:{item.line}" for item in inferred.evidence_for(entry)[:3]),
        )
        for entry in entries(inferred.permissions)
    ]
    yield from render.section("seen", render.table(rows) or ["nothing"])
    computed = [
        line
        for access in dict.fromkeys(item.type for item in inferred.unknown)
        for line in _computed([item for item in inferred.unknown if item.type is access])
    ]
    yield from render.section("only a run can tell", computed)
    kept = [f"{entry.type}  {entry.value}" for entry in found.superfluous]
    title = (
        "taken out, since no code shows it"
        if is_pruned
        else "declared, and no code shows it (--write --prune takes it out)"
    )
    yield from render.section(title, kept)


def _computed(items: list[UnknownCapability]) -> Iterator[str]:
    from tank_core.analysis.inference import to_do

    places = ", ".join(f"{item.file}:{item.line}" for item in items[:_SHOWN])
    more = f" and {len(items) - _SHOWN} more" if len(items) > _SHOWN else ""
    yield f"{items[0].type}  {places}{more}"
    yield f"  {to_do(items[0])}"
