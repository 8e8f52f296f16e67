"""The options that all installing commands share, and how they report."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tank_cli import config as configuration
from tank_cli.context import Context, Surroundings

if TYPE_CHECKING:
    from tank_cli.installer.flow import Options, Outcome
    from tank_cli.project import Project

Command = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The shared options, as given."""

    dry_run: bool = False
    is_global: bool = False
    agents: tuple[str, ...] = ()
    accept_flagged: bool = False
    overwrite: bool = False
    accept_publisher: bool = False
    lock_only: bool = False

    def project(self, context: Context) -> Project:
        """Returns the project that is meant."""
        from tank_cli.project import find

        return find(context.cwd, context.config, is_global=self.is_global, agents=self.agents)

    def options(self) -> Options:
        """Returns the options of an install."""
        from tank_cli.installer.flow import Options

        return Options(
            is_dry_run=self.dry_run,
            accept_flagged=self.accept_flagged,
            accept_publisher=self.accept_publisher,
            overwrite=self.overwrite,
            is_lock_only=self.lock_only,
        )


def installs(function: Command) -> Command:
    """Gives a command the options of an install, as one argument ``asked``."""
    names = [field.name for field in fields(Asked)]

    @functools.wraps(function)
    def packed(context: Context, **given: Any) -> int | None:
        asked = Asked(**{name: given.pop(name) for name in names if name in given})
        return function(context, asked=asked, **given)

    result: Command = packed
    for option in reversed(_shared()):
        result = option(result)
    return result


def resolves(function: Command) -> Command:
    """Gives a command the options of an install that may choose versions."""
    import click

    accepts = click.option(
        "--accept-publisher", is_flag=True, help="Accept a new publisher or signer, or none."
    )
    locks = click.option(
        "--lock-only", is_flag=True, help="Resolve, check and write skills.lock; install nothing."
    )
    return accepts(locks(installs(function)))


def _shared() -> tuple[Callable[[Command], Command], ...]:
    import click

    return (
        click.option("--dry-run", is_flag=True, help="Show what would change, and stop before any download."),
        click.option(
            "-g", "--global", "is_global", is_flag=True, help="For all your projects, in your home."
        ),
        click.option(
            "--agent", "agents", multiple=True, help="Link for this agent although its folder is missing."
        ),
        click.option("--accept-flagged", is_flag=True, help="Accept versions that the registry flagged."),
        click.option("--overwrite", is_flag=True, help="Lose changes that you made to installed files."),
    )


def run(context: Context, project: Project, options: Options) -> Outcome:
    """Installs and reports."""
    from tank_cli.installer.flow import install

    outcome = install(context, project, options)
    context.console.show(document(outcome), lines(outcome))
    return outcome


def run_frozen(context: Context, asked: Asked) -> None:
    """Installs exactly the lock, and reports: ``tank ci``."""
    project = asked.project(context)
    project.require_lock()
    run(context, project, replace(asked.options(), is_frozen=True))


def run_plainly(surroundings: Surroundings, *, is_frozen: bool) -> int:
    """Runs ``tank install`` or ``tank ci`` without any option; returns the exit code."""
    context = Context(surroundings, configuration.load(surroundings.environment))
    asked = Asked()
    if is_frozen:
        run_frozen(context, asked)
    else:
        run(context, asked.project(context), asked.options())
    return 0


def document(outcome: Outcome) -> dict[str, object]:
    """Returns an outcome as a JSON document."""
    return {
        "dry_run": outcome.is_dry_run,
        "changes": [
            {"name": str(name), "before": before and str(before), "after": after and str(after)}
            for name, before, after in outcome.changes
        ],
        "actions": list(outcome.plan.describe()),
        "links": {"make": sorted(outcome.links.make), "remove": list(outcome.links.remove)},
        "skills": {str(name): str(skill.version) for name, skill in outcome.lock.skills.items()},
    }


def lines(outcome: Outcome) -> Iterator[str]:
    """Yields an outcome as text: what changed in the lock; for a dry run the whole plan."""
    for name, before, after in outcome.changes:
        if before is None:
            yield f"+ {name} {after}"
        elif after is None:
            yield f"- {name} {before}"
        else:
            yield f"~ {name} {before} → {after}"
    if outcome.is_dry_run:
        yield from outcome.plan.describe()
        yield from (f"link {path}" for path in sorted(outcome.links.make))
        yield from (f"unlink {path}" for path in outcome.links.remove)
        return
    count = len(outcome.lock.skills)
    if outcome.is_lock_only:
        yield f"{count} skill{'s' * (count != 1)} locked."
        return
    is_idle = not outcome.changes and not outcome.plan.has_changes
    yield f"{count} skill{'s' * (count != 1)} {'in place already' if is_idle else 'installed'}."
