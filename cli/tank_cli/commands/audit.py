"""``tank audit``: ask the registry about the versions in the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tank_cli import render
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, Problem, TankError

if TYPE_CHECKING:
    from tank_cli.installer.standing import Standing


class WithdrawnInLockError(TankError):
    """The lock holds versions that were taken down."""

    code = "withdrawn-in-lock"
    exit_code = ExitCode.VERDICT


@click.command("audit", epilog=example("tank audit", "tank audit --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Ask the registry about every version in the lock: withdrawn, yanked, deprecated, score, verdict.

    Ends with exit code 8 when a version was withdrawn, or needs a consent that the
    lock does not record; with 7 when one falls short of the project's audit policy.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.installer.demands import check_demands
    from tank_cli.installer.standing import standings
    from tank_cli.project import check_registry, find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        found = standings(lock.skills, connection.index())
    rows = [(s.label, render.score(s.locked.audit_score), str(s.locked.verdict), s.remark) for s in found]
    if not context.console.as_json:
        context.console.show({}, render.table(rows))
    _refuse_withdrawn(found)
    check_demands(lock, project.manifest().audit, accept_flagged=False)
    context.console.show({"skills": [_document(standing) for standing in found]}, ())


def _refuse_withdrawn(found: tuple[Standing, ...]) -> None:
    problems = tuple(
        Problem(s.label, f"It {s.remark}.", f"tank update {s.name}") for s in found if s.is_withdrawn
    )
    if problems:
        raise WithdrawnInLockError(
            f"{problems[0].where} must not be used any more.",
            why="The registry took it down, or does not know it.",
            fix=problems[0].fix,
            problems=problems,
        )


def _document(standing: Standing) -> dict[str, object]:
    found = standing.found
    return {
        "name": str(standing.name),
        "version": str(standing.locked.version),
        "availability": str(found.availability) if found else "unknown",
        "reason": found.availability_reason if found else "",
        "deprecation": found.deprecation if found else "",
        "audit_score": standing.locked.audit_score,
        "verdict": str(standing.locked.verdict),
    }
