"""Whether a person agreed that their address and the package's name become public for ever.

A public transparency log keeps every entry, and cannot forget one. Asked once per
registry; kept beside the configuration, never in a project.
"""

from __future__ import annotations

import json

from tank_cli import atomic
from tank_cli.config import Config
from tank_cli.context import Context
from tank_core.errors import TankError

_FILE = "public-log.json"


class PublicLogDeclinedError(TankError):
    """The person does not want an entry in a public log."""

    code = "public-log-declined"


def obtain(context: Context, registry: str, label: str, *, assumed: bool) -> None:
    """Tells what becomes public, and passes when the person agrees or once agreed.

    Args:
        context: one with a terminal.
        registry: its base URL.
        label: the package, ``@org/name@version``.
        assumed: the person agreed on the command line.

    Raises:
        PublicLogDeclinedError: public-log-declined.
    """
    context.console.say(
        f"Signing puts the address you log in with, {label} and the time into a public log, for ever."
    )
    if assumed or registry in _agreed(context.config):
        return
    if not context.agrees("Sign?"):
        raise PublicLogDeclinedError(
            "Nothing was signed, and nothing was published.",
            why="You did not agree that your address becomes public.",
            fix="Agree with --yes, or publish from CI, where the workflow is logged: docs/publishing-from-ci.md",
        )
    _remember(context.config, registry)


def _agreed(config: Config) -> set[str]:
    """Returns the registries that the person agreed for; none when the file is not what we wrote."""
    try:
        value = json.loads((config.config_dir / _FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return set()  # asking again is the safe reading of a damaged file
    return {item for item in value if isinstance(item, str)} if isinstance(value, list) else set()


def _remember(config: Config, registry: str) -> None:
    agreed = sorted(_agreed(config) | {registry})
    atomic.write(config.config_dir / _FILE, json.dumps(agreed, indent=2).encode() + b"\n")
