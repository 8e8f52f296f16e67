"""``tank list``: show the installed skills as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tank_core.lockfile import Lockfile
    from tank_core.names import SkillName


@click.command("list", epilog=example("tank list", "tank list --depth 0", "tank list --json"))
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N", help="Only N levels; 0: what skills.json names."
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, depth: int | None, is_global: bool) -> None:
    """Show the skills in the lock as a tree: what the project names, and what each of those needs.

    With each stand its version, the registry's verdict on it, and its score. What is needed
    from several places is opened once; elsewhere it is marked (*).
    """
    from tank_cli.listing import REPEATED, drawn, strokes_for, tree
    from tank_cli.project import find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    roots = project.manifest().skills.keys()
    lines = list(tree(roots, lock.skills, depth=depth))
    strokes = strokes_for(context.console.stdout.encoding)
    text = ["skills.json", *drawn(lines, lock.skills, strokes)] if lines else []
    context.console.show(_document(lock, roots, {line.name for line in lines}), text)
    if not lines:
        context.console.say("No skills.")
    elif not context.console.as_json and any(line.is_repeated for line in lines):
        context.console.say(f"{REPEATED} What it needs is shown above.")


def _document(lock: Lockfile, roots: Collection[SkillName], shown: Iterable[SkillName]) -> dict[str, object]:
    skills = {
        str(name): {
            "version": str(lock.skills[name].version),
            "verdict": str(lock.skills[name].verdict),
            "audit_score": lock.skills[name].audit_score,
            "publisher": lock.skills[name].publisher,
            "dependencies": {str(n): str(r) for n, r in lock.skills[name].dependencies.items()},
            "direct": name in roots,
        }
        for name in sorted(shown)
    }
    return {"registry": lock.registry, "skills": skills}
