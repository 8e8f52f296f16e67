"""``tank why``: every path by which the project needs a skill."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click

from tank_cli import completing, fitting
from tank_cli.context import Context, common, example

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tank_core.names import SkillName
    from tank_core.ranges import Range

    Step = tuple[SkillName, Range]
    Needs = Mapping[SkillName, Mapping[SkillName, Range]]

_MOST_PATHS = 100  # a lock can hold more paths than anybody reads: they multiply at every diamond


@click.command("why", epilog=example("tank why @acme/text-tools", "tank why @acme/text-tools --json"))
@click.argument("skill", shell_complete=completing.locked_skills)
@click.option("-g", "--global", "is_global", is_flag=True, help="In your home's project.")
@common
def command(context: Context, skill: str, is_global: bool) -> None:
    """Show every path from skills.json to a skill, with the range that each step asks for.

    Where the project overrides what a step asks for, its range stands beside.
    """
    from tank_cli.named import among
    from tank_cli.project import find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    fitting.warn(context, project, lock)
    name = among(lock.skills, skill, where="skills.lock", why="What is locked does not need it.")
    needs = {one: locked.dependencies for one, locked in lock.skills.items()}
    found = _paths(project.manifest().skills, name, needs, _above(name, needs), ())
    paths = list(islice(found, _MOST_PATHS))
    overrides = project.manifest().overrides
    document = {
        "name": str(name),
        "version": str(lock.skills[name].version),
        "paths": [[_step(step, number, overrides) for number, step in enumerate(path)] for path in paths],
    }
    lines = (
        " → ".join(["skills.json", *(_told(step, number, overrides) for number, step in enumerate(path))])
        for path in paths
    )
    context.console.show(document, lines)
    if not paths:
        context.console.say(f"{name} is locked, and nothing needs it any more.")
    if len(paths) == _MOST_PATHS:
        context.console.say(f"These are the first {_MOST_PATHS} paths.")


def _override(step: Step, number: int, overrides: Mapping[SkillName, Range]) -> str | None:
    """Returns the project's range in place of a step's own; what skills.json itself asks for is its own range."""
    return str(overrides[step[0]]) if number and step[0] in overrides else None


def _step(step: Step, number: int, overrides: Mapping[SkillName, Range]) -> dict[str, str | None]:
    override = _override(step, number, overrides)
    return {"name": str(step[0]), "range": str(step[1]), "override": override}


def _told(step: Step, number: int, overrides: Mapping[SkillName, Range]) -> str:
    override = _override(step, number, overrides)
    return f"{step[0]} {step[1]}" + (f" (overridden: {override})" if override is not None else "")


def _above(name: SkillName, needs: Needs) -> frozenset[SkillName]:
    """Returns a skill and all that need it, so that no path is followed in vain."""
    users: dict[SkillName, list[SkillName]] = {}
    for one, wanted in needs.items():
        for other in wanted:
            users.setdefault(other, []).append(one)
    found, waiting = {name}, [name]
    while waiting:
        new = [one for one in users.get(waiting.pop(), ()) if one not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def _paths(
    wanted: Mapping[SkillName, Range],
    name: SkillName,
    needs: Needs,
    above: frozenset[SkillName],
    path: tuple[Step, ...],
) -> Iterator[tuple[Step, ...]]:
    """Yields the paths to a skill, sorted; a circle is not walked twice."""
    levels = [(path, iter(_next(wanted, above, path)))]  # a chain in a lock may be deeper than Python calls
    while levels:
        before, following = levels[-1]
        step = next(following, None)
        if step is None:
            levels.pop()
        elif step[0] == name:
            yield (*before, step)
        else:
            longer = (*before, step)
            levels.append((longer, iter(_next(needs[step[0]], above, longer))))


def _next(
    wanted: Mapping[SkillName, Range], above: frozenset[SkillName], path: tuple[Step, ...]
) -> list[Step]:
    taken = {one for one, _ in path}
    return [(one, wanted[one]) for one in sorted((wanted.keys() & above) - taken)]
