"""The options that all installing commands share, and how they report."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tank_cli import config as configuration
from tank_cli import overriding
from tank_cli.cache import Cache
from tank_cli.context import Context, Surroundings, offline_option
from tank_core.consent import Acceptance, Consent, Risk
from tank_core.install_plan import Extract
from tank_core.overrides import overridden, unused
from tank_core.permissions import entries, text_of

if TYPE_CHECKING:
    from tank_cli.client.connection import Reach
    from tank_cli.installer.flow import Outcome
    from tank_cli.installer.options import Options
    from tank_cli.project import Project

Command = Callable[..., int | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """The shared options, as given."""

    dry_run: bool = False
    is_global: bool = False
    agents: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    accept_flagged: bool = False
    overwrite: bool = False
    offline: bool = False
    prefer_offline: bool = False
    accept_publisher: bool = False
    allow: tuple[str, ...] = ()
    lock_only: bool = False

    def project(self, context: Context) -> Project:
        """Returns the project that is meant."""
        from tank_cli.project import find

        return find(context.cwd, context.config, is_global=self.is_global, agents=self.agents)

    def options(self) -> Options:
        """Returns the options of an install."""
        from tank_cli.installer.options import Options
        from tank_core.permissions import parse_texts

        return Options(
            is_dry_run=self.dry_run,
            overwrite=self.overwrite,
            is_lock_only=self.lock_only,
            consent=self._consent(),
            allow=parse_texts(self.allow, "--allow"),
            reach=self._reach(),
        )

    def _reach(self) -> Reach:
        from tank_cli.client.connection import Reach

        if self.offline:
            return Reach.OFFLINE
        return Reach.PREFER_OFFLINE if self.prefer_offline else Reach.ONLINE

    def _consent(self) -> Consent:
        wholesale = {Risk.FLAGGED: self.accept_flagged, Risk.PUBLISHER: self.accept_publisher}
        return Consent(
            frozenset(Acceptance.parse(text) for text in self.accept),
            frozenset(risk for risk, is_accepted in wholesale.items() if is_accepted),
        )


def installs(function: Command) -> Command:
    """Gives a command the options of an install, as one argument ``asked``."""
    names = [field.name for field in fields(Asked)]

    @functools.wraps(function)
    def packed(context: Context, **given: Any) -> int | None:
        asked = Asked(**{name: given.pop(name) for name in names if name in given})
        return function(context, asked=asked, **given)

    return _with(packed, _shared())


def resolves(function: Command) -> Command:
    """Gives a command the options of an install that may choose versions."""
    return _with(installs(function), _resolving())


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def _shared() -> tuple[Callable[[Command], Command], ...]:
    import click  # a command line without options is not parsed

    from tank_cli import completing

    return (
        click.option("--dry-run", is_flag=True, help="Show what would change, and stop before any download."),
        click.option(
            "-g", "--global", "is_global", is_flag=True, help="For all your projects, in your home."
        ),
        click.option(
            "--agent",
            "agents",
            multiple=True,
            shell_complete=completing.agents,
            help="Link for this agent although its folder is missing.",
        ),
        click.option(
            "--accept",
            multiple=True,
            metavar="RISK:NAME@VERSION",
            help="Accept one risk of one version: flagged, young or publisher.",
        ),
        click.option(
            "--accept-flagged", is_flag=True, help="Accept every version that the registry flagged."
        ),
        offline_option,
        click.option("--prefer-offline", is_flag=True, help="Ask only for what was not fetched before."),
        click.option("--overwrite", is_flag=True, help="Lose changes that you made to installed files."),
    )


def takes_file(function: Command) -> Command:
    """Gives a command the option to install from a file, as the argument ``source``."""
    import click

    return click.option(
        "--from",
        "source",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="Install from a file of `tank vendor`, and ask no network.",
    )(function)


def _resolving() -> tuple[Callable[[Command], Command], ...]:
    import click

    return (
        click.option(
            "--accept-publisher", is_flag=True, help="Accept every new publisher or signer, or none."
        ),
        click.option(
            "--allow",
            multiple=True,
            metavar="TYPE:VALUE",
            help="Add a permission to the budget in skills.json.",
        ),
        click.option(
            "--lock-only", is_flag=True, help="Resolve, check and write skills.lock; install nothing."
        ),
    )


def from_file(context: Context, options: Options, source: Path | None) -> Options:
    """Returns the options of an install from a vendor file; the same ones where there is none.

    Raises:
        InvalidVendorFileError: invalid-vendor-file.
    """
    if source is None:
        return options
    from tank_cli.vendoring.vendor_file import VendorFile

    return replace(options, vendored=VendorFile.open(context.cwd / source))


def run(context: Context, project: Project, options: Options) -> Outcome:
    """Installs and reports."""
    from tank_cli.installer.beside import Beside

    with Beside() as beside:
        if not options.is_dry_run and not options.is_lock_only:
            beside.start_for(project.lock_path, Cache(context.config.cache_dir))
        from tank_cli.installer.flow import install

        outcome = install(context, project, options, beside)
    context.console.show(document(outcome), lines(outcome))
    return outcome


def run_frozen(context: Context, asked: Asked, source: Path | None = None) -> None:
    """Installs exactly the lock, and reports: ``tank ci``."""
    project = asked.project(context)
    project.require_lock()
    run(context, project, from_file(context, replace(asked.options(), is_frozen=True), source))


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
            {
                "name": str(name),
                "before": before and str(before),
                "after": after and str(after),
                "new_permissions": outcome.gained(name).to_json() if after else {},
            }
            for name, before, after in outcome.changes
        ],
        "allowed": outcome.allowed.to_json(),
        "actions": list(outcome.plan.describe()),
        "links": {"make": sorted(outcome.links.make), "remove": list(outcome.links.remove)},
        "skills": {str(name): str(skill.version) for name, skill in outcome.lock.skills.items()},
        "overrides": [one.to_json() for one in overridden(outcome.lock, outcome.overrides)],
    }


def lines(outcome: Outcome) -> Iterator[str]:
    """Yields an outcome as text: what changed in the lock; for a dry run the whole plan."""
    for name, before, after in outcome.changes:
        if before is None:
            yield f"+ {name} {after}"
        elif after is None:
            yield f"- {name} {before}"
            continue
        else:
            yield f"~ {name} {before} → {after}"
        gained = entries(outcome.gained(name))
        if gained:
            yield f"    may now: {', '.join(map(text_of, gained))}"
    added = entries(outcome.allowed)
    if added:
        yield f"skills.json {'would allow' if outcome.is_dry_run else 'allows'} now: {', '.join(map(text_of, added))}"
    yield from (
        f"overridden: {line}" for line in overriding.lines(overridden(outcome.lock, outcome.overrides))
    )
    yield from (
        f"override without effect: nothing asks for {name}"
        for name in unused(outcome.lock, outcome.overrides)
    )
    if outcome.is_dry_run:
        yield from outcome.plan.describe()
        yield from (f"link {path}" for path in sorted(outcome.links.make))
        yield from (f"unlink {path}" for path in outcome.links.remove)
        return
    count = len(outcome.lock.skills)
    if outcome.is_lock_only:
        yield f"{count} skill{'s' * (count != 1)} locked."
        return
    yield _summary(outcome)
    folders = sorted({path.rpartition("/")[0] for path in outcome.links.make})
    if folders and not any(isinstance(action, Extract) for action in outcome.plan.actions):
        yield f"Linked in {', '.join(folders)}."


def _summary(outcome: Outcome) -> str:
    """Returns how many skills were put in place, how many left, and how many are as they were."""
    placed = sum(isinstance(action, Extract) for action in outcome.plan.actions)
    removed = sum(after is None for _, _, after in outcome.changes)
    kept = len(outcome.lock.skills) - placed
    if removed and not placed:
        return f"{removed} skill{'s' * (removed != 1)} removed, {kept} left."
    if not placed:
        return f"{kept} skill{'s' * (kept != 1)} in place already."
    more = f", {removed} removed" * bool(removed) + f", {kept} in place already" * bool(kept)
    return f"{placed} skill{'s' * (placed != 1)} installed{more}."
