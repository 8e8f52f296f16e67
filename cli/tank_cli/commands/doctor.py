"""``tank doctor``: check this machine's set-up."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from tank_cli import __version__
from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, TankError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``state``: ``ok``, ``note`` (optional) or ``bad``."""

    name: str
    state: str
    text: str


@click.command("doctor", epilog=example("tank doctor", "tank doctor --json"))
@common
def command(context: Context) -> int:
    """Check configuration, cache, credentials, the registry and its key, and semgrep.

    Ends with exit code 1 when something that installing needs does not work.
    """
    checks = list(_checks(context))
    lines = [f"{check.state:<5} {check.name:<12} {check.text}" for check in checks]
    is_good = all(check.state != "bad" for check in checks)
    document = {
        "ok": is_good,
        "checks": [{"name": c.name, "state": c.state, "text": c.text} for c in checks],
    }
    context.console.show(document, lines)
    return int(ExitCode.DONE if is_good else ExitCode.FAILURE)


def _checks(context: Context) -> Iterator[Check]:
    yield Check("tank", "ok", f"{__version__} on Python {sys.version.split()[0]}")
    yield _tried("registry", "bad", lambda: context.config.registry)
    yield _tried("cache", "bad", lambda: _cache(context))
    yield _tried("semgrep", "note", lambda: _semgrep(context))
    yield _tried("linked", "note", lambda: _linked(context))
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
    return str(context.config.cache_dir)


def _linked(context: Context) -> str:
    from tank_cli.develop import linked_skills, refuse
    from tank_cli.project import find

    refuse(linked_skills(find(context.cwd, context.config)))
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
