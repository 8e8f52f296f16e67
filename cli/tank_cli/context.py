"""What every command gets: the console, the configuration, and the options that all share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from tank_cli import config as configuration
from tank_cli.config import Config
from tank_cli.console import Console


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the process was given: streams, environment, working directory."""

    console: Console
    environment: Mapping[str, str]
    cwd: Path
    stdin: TextIO


@dataclass(frozen=True, slots=True)
class Context:
    """One command's surroundings, with the configuration worked out."""

    surroundings: Surroundings
    config: Config

    @property
    def console(self) -> Console:
        """The two output streams."""
        return self.surroundings.console

    @property
    def cwd(self) -> Path:
        """The directory that ``tank`` was started in."""
        return self.surroundings.cwd

    @property
    def interactive(self) -> bool:
        """Whether there is a person to ask."""
        return self.surroundings.stdin.isatty() and self.console.stderr.isatty()

    @property
    def can_ask(self) -> bool:
        """Whether a question has a place: there is a person, and stdout is not for a program."""
        return self.interactive and not self.console.as_json

    def agrees(self, question: str) -> bool:
        """Returns whether a person says yes; Enter means no, and so do Ctrl-D and that nobody can be asked.

        What it is about has to be said before.
        """
        if not self.can_ask:
            return False
        import click

        try:
            return click.confirm(question, default=False, err=True)
        except click.Abort as stop:
            if isinstance(stop.__context__, EOFError):  # Ctrl-D: nothing more will be said
                self.console.say("")
                return False
            raise


def common(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Gives a command the options that all have, and calls it with a Context first."""
    import click  # what is not parsed needs the Context alone

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @click.option("--registry", metavar="URL", help="The registry to talk to.")
    @click.option("--debug", is_flag=True, help="Show where an unexpected error came from.")
    @click.pass_obj
    @functools.wraps(function)
    def with_context(
        surroundings: Surroundings,
        /,
        *args: Any,
        as_json: bool,
        registry: str | None,
        debug: bool,
        **options: Any,
    ) -> int | None:
        del debug  # read by app.run, which must know it even when parsing fails
        at = replace(surroundings, console=replace(surroundings.console, as_json=as_json))
        config = configuration.load(surroundings.environment, registry_option=registry)
        return function(Context(at, config), *args, **options)

    return with_context


def offline_option(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Gives a command the option to ask nobody, as the argument ``offline``: one wording for all that have it."""
    import click

    return click.option("--offline", is_flag=True, help="Ask nobody: only what was fetched before.")(function)


def example(*command_lines: str) -> str:
    """Returns the epilog of a command's help: examples that can be typed as they stand."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in command_lines)
