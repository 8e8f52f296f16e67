"""``tank doctor``: check this machine's set-up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tank_cli import __version__, render
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, TankError

if TYPE_CHECKING:
    from tank_cli.project import Project
    from tank_cli.repair import Ailment


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``state``: ``ok``, ``note`` (optional) or ``bad``."""

    name: str
    state: str
    text: str


@click.command("doctor", epilog=example("tank doctor", "tank doctor --fix", "tank doctor --json"))
@click.option(
    "--fix", "fixes", is_flag=True, help="Put right what Tank made in this project, and nothing else."
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Look at your home in place of this project.")
@common
def command(context: Context, fixes: bool, is_global: bool) -> int:
    """Check configuration, cache, credentials, the registry and its key, semgrep, and this project.

    Of the project: agents, links, installed skills, the state that Tank keeps, and what a
    killed process left. Ends with exit code 1 when something that installing needs does not
    work, or something is wrong in the project. With --fix, links that are missing are made,
    and dangling ones, leftovers and a damaged state are cleared; what Tank did not make stays.
    """
    from tank_cli.project import find

    project = find(context.cwd, context.config, is_global=is_global)
    fixed = _fix(context, project) if fixes else ()
    checks = [*_checks(context), *_project_checks(project)]
    lines = [f"{check.state:<5} {check.name:<12} {check.text}" for check in checks]
    is_good = all(check.state != "bad" for check in checks)
    document = {
        "ok": is_good,
        "checks": [{"name": c.name, "state": c.state, "text": c.text} for c in checks],
        "fixed": [{"where": one.where, "what": one.what} for one in fixed],
    }
    told = [f"fixed {one.topic:<12} {one.where}: {one.what}" for one in fixed]
    context.console.show(document, [*told, *lines])
    return int(ExitCode.DONE if is_good else ExitCode.FAILURE)


def _fix(context: Context, project: Project) -> tuple[Ailment, ...]:
    """Puts right what may be; returns what was."""
    from tank_cli.repair import examine, mend
    from tank_cli.transaction import exclusive

    with exclusive(project.root, context.config) as journal:
        found = examine(project)
        mended = tuple(ailment for ailment in found.ailments if ailment.is_mended)
        if mended:
            mend(project, found, journal)
    return mended


def _project_checks(project: Project) -> Iterator[Check]:
    """Yields what is wrong in the project, or that nothing is."""
    from tank_cli.repair import examine

    yield _tried("agents", "bad", lambda: ", ".join(f"{a.name} ({a.skills})" for a in project.agents()))
    yield _tried("linked", "note", lambda: _linked(project))
    try:
        if (
            project.manifest_path.exists() and not (project.root / "SKILL.md").exists()
        ):  # a skill's is not one
            project.manifest()
            yield from _lock_check(project)
        found = examine(project).ailments
    except TankError as error:
        yield Check("project", "bad", f"{error.what} Fix: {error.fix}")
        return
    for one in found:
        state = "note" if one.is_harmless else "bad"
        yield Check(one.topic, state, f"{one.where}: {one.what} Fix: {one.fix}")
    if not found:
        yield Check("project", "ok", str(project.root))


def _lock_check(project: Project) -> Iterator[Check]:
    """Yields that the lock does not fit skills.json, where it does not."""
    from tank_cli import fitting

    lock = project.lock()
    problems = fitting.misfits_of(project, lock) if lock else ()
    if problems:
        yield Check("lock", "bad", fitting.told(problems))


def _checks(context: Context) -> Iterator[Check]:
    yield Check("tank", "ok", f"{__version__} on Python {sys.version.split()[0]}")
    yield _tried("registry", "bad", lambda: context.config.registry)
    yield _tried("cache", "bad", lambda: _cache(context))
    yield _tried("semgrep", "note", lambda: _semgrep(context))
    if context.config.configured_registry:
        yield _tried("trust", "bad", lambda: _trust(context))
        yield _tried("token", "note", lambda: _token(context))
        yield _tried("network", "bad", lambda: _network(context))


def _tried(name: str, state: str, look: Callable[[], str]) -> Check:
    """Returns a check that is ok, or in the given state with the words of what went wrong."""
    try:
        return Check(name, "ok", look())
    except TankError as error:
        return Check(name, state, f"{error.what} Fix: {error.fix}")


def _cache(context: Context) -> str:
    from tank_cli.cache import Cache

    if not Cache(context.config.cache_dir).writable():
        raise CacheNotWritableError(
            f"{context.config.cache_dir} cannot be written to.",
            why="Downloads are kept there.",
            fix="Give yourself the right to write there, or set TANK_HOME.",
        )
    entries = list(Cache(context.config.cache_dir).entries())
    broken_off = sum(entry.kind == "partial" for entry in entries)
    remark = f"; {broken_off} downloads were broken off: tank cache clean" if broken_off else ""
    return f"{context.config.cache_dir}, {render.size(sum(e.size_bytes for e in entries))}{remark}"


def _linked(project: Project) -> str:
    from tank_cli.develop import linked_skills, refuse

    refuse(linked_skills(project))
    return "no skill is linked"


def _semgrep(context: Context) -> str:
    from tank_cli.scanning.semgrep import find

    return str(find(context.config))


def _trust(context: Context) -> str:
    from tank_cli.trust import RegistryTrust
    from tank_core.tuf_layout import root_fingerprint

    return f"root {root_fingerprint(RegistryTrust.of(context.config, context.config.registry).root())}"


def _token(context: Context) -> str:
    from tank_cli import credentials
    from tank_cli.client.connection import Connection
    from tank_core.wire.accounts import WhoAmIDocument

    token = credentials.require_token(context.config, context.config.registry)
    source = "from TANK_TOKEN" if context.config.token else "stored"
    with Connection(context.config) as connection:
        caller = connection.api_with(token).get("/whoami", WhoAmIDocument)
    return f"{source}, of {caller.publisher.publisher_id}"


def _network(context: Context) -> str:
    from tank_cli.client.connection import Connection
    from tank_core.wire.service import HealthDocument

    with Connection(context.config) as connection:
        health = connection.api_with("").get("/health", HealthDocument)
    return f"{health.registry} answers"


class CacheNotWritableError(TankError):
    """The cache directory cannot be written to."""

    code = "cache-not-writable"
