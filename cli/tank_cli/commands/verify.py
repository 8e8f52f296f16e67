"""``tank verify``: compare every installed file with the lock."""

from __future__ import annotations

import click

from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, Problem, TankError


class InstalledDifferError(TankError):
    """What is installed is not what the lock names."""

    code = "installed-files-differ"
    exit_code = ExitCode.INTEGRITY


@click.command("verify", epilog=example("tank verify", "tank verify --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Hash every installed file, and name each that is modified, added or missing.

    Needs no network. Ends with exit code 6 when anything differs.
    """
    from tank_cli.project import find
    from tank_cli.verify import check_installed

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    checked = check_installed(project, lock, context.config)
    problems = tuple(
        Problem(f"{directory}/{item.path}".rstrip("/"), f"It is {item.kind}.", "tank install --overwrite")
        for directory, items in checked.differences.items()
        for item in items
    )
    if problems:
        raise InstalledDifferError(
            f"{len(problems)} installed files differ from the lock."
            if len(problems) > 1
            else f"{problems[0].where} differs from the lock.",
            why="Somebody, or some program, changed them after they were installed.",
            fix="Look at them; `tank install --overwrite` restores what the lock names.",
            problems=problems,
        )
    count = len(lock.skills)
    text = f"{checked.files} files of {count} skill{'s' * (count != 1)} are exactly as locked."
    context.console.show({"skills": count, "files": checked.files, "differences": []}, [text])
