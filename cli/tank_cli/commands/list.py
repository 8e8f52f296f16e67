"""``tank list``: show the installed skills as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from tank_cli import overriding, render
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tank_core.lockfile import LockedSkill
    from tank_core.names import SkillName


@click.command("list", epilog=example("tank list", "tank list --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Show the skills in the lock as a tree: what the project names, and what each of those needs."""
    from tank_cli.project import find
    from tank_core.overrides import overridden

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    document = {
        str(name): {
            "version": str(skill.version),
            "verdict": str(skill.verdict),
            "audit_score": skill.audit_score,
            "publisher": skill.publisher,
            "dependencies": {str(n): str(r) for n, r in skill.dependencies.items()},
            "direct": name in project.manifest().skills,
        }
        for name, skill in lock.skills.items()
    }
    roots = sorted(name for name in project.manifest().skills if name in lock.skills)
    found = overridden(lock, project.manifest().overrides)
    document_of_all = {
        "registry": lock.registry,
        "skills": document,
        "overrides": [one.to_json() for one in found],
    }
    section = render.section("overridden", overriding.lines(found))
    context.console.show(document_of_all, chain(_tree(roots, lock.skills, "", ()), section))


def _tree(
    names: Iterable[SkillName],
    skills: Mapping[SkillName, LockedSkill],
    indent: str,
    above: tuple[SkillName, ...],
) -> Iterator[str]:
    """Yields a tree; a skill that needs itself through others ends its branch."""
    for name in names:
        skill = skills[name]
        yield f"{indent}{name} {skill.version}  {skill.verdict}, score {render.score(skill.audit_score)}"
        if name not in above:
            children = sorted(child for child in skill.dependencies if child in skills)
            yield from _tree(children, skills, indent + "  ", (*above, name))
