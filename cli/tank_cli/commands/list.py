"""``tank list``: show the installed skills as a tree."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click

from tank_cli import fitting, overriding, render
from tank_cli.context import Context, common, example
from tank_cli.failures import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tank_cli.develop import Linked
    from tank_core.lockfile import Lockfile
    from tank_core.names import SkillName


@click.command("list", epilog=example("tank list", "tank list --depth 0", "tank list --json"))
@click.option(
    "--depth", type=click.IntRange(min=0), metavar="N", help="Only N levels; 0: what skills.json names."
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@click.argument("names", nargs=-1, metavar="")
@common
def command(context: Context, depth: int | None, is_global: bool, names: tuple[str, ...]) -> None:
    """Show the skills in the lock as a tree: what the project names, and what each of those needs.

    With each stand its version, the registry's verdict on it, and its score. What is needed
    from several places is opened once; elsewhere it is marked (*). Linked skills, which do
    not come from the registry, stand below.
    """
    from tank_cli.develop import linked_skills
    from tank_cli.listing import REPEATED, drawn, strokes_for, tree
    from tank_cli.project import find
    from tank_core.overrides import overridden

    if names:
        raise UsageError(
            "The tree is shown whole.",
            why="Other programs take names here, and show the paths that lead to them.",
            fix=f"tank why {shlex.quote(names[0])}",
        )
    project = find(context.cwd, context.config, is_global=is_global)
    linked = linked_skills(project)
    lock = project.lock() if linked else project.require_lock()
    skills = lock.skills if lock else {}
    misfits = fitting.misfits_of(project, lock) if lock else ()
    roots = project.manifest().skills.keys()
    lines = list(tree(roots, skills, depth=depth))
    text = drawn(lines, skills, strokes_for(context.console.stdout.encoding))
    document = _document(lock, roots, {line.name for line in lines})
    found = overridden(lock, project.manifest().overrides) if lock else ()
    context.console.show(
        {
            **document,
            "linked": [one.to_json() for one in linked],
            "overrides": [one.to_json() for one in found],
            "misfits": [{"name": one.where, "what": one.what} for one in misfits],
        },
        [
            *(["skills.json"] if text else []),
            *text,
            *render.section("overridden", overriding.lines(found)),
            *_links(linked),
        ],
    )
    if misfits:
        context.console.warn(fitting.told(misfits))
    if not lines and not linked:
        context.console.say("No skills.")
    elif not context.console.as_json and any(line.is_repeated for line in lines):
        context.console.say(f"{REPEATED} What it needs is shown above.")


def _links(linked: tuple[Linked, ...]) -> Iterable[str]:
    rows = [
        (str(one.name), str(one.manifest.version) if one.manifest else "gone", str(one.path))
        for one in linked
    ]
    return render.section("linked, not from the registry", render.table(rows))


def _document(
    lock: Lockfile | None, roots: Collection[SkillName], shown: Iterable[SkillName]
) -> dict[str, object]:
    found = lock.skills if lock else {}
    skills = {
        str(name): {
            "version": str(found[name].version),
            "verdict": str(found[name].verdict),
            "audit_score": found[name].audit_score,
            "publisher": found[name].publisher,
            "dependencies": {str(n): str(r) for n, r in found[name].dependencies.items()},
            "direct": name in roots,
        }
        for name in sorted(shown)
    }
    return {"registry": lock.registry if lock else None, "skills": skills}
