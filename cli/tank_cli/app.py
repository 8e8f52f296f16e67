"""The command line as click reads it: finds the command, and imports it alone."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Sequence

import click

from tank_cli import failures, overview
from tank_cli.context import Surroundings
from tank_cli.table import COMMANDS, GROUPS
from tank_core.errors import ExitCode

_COMPLETION = "_TANK_COMPLETE"


class CommandTable(click.Group):
    """A click group that imports a command's module when that command runs, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns one command, or None when there is none of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"tank_cli.commands.{entry.module}")
        command = getattr(module, entry.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.{entry.attribute} is not a command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that the first argument names.

        Raises:
            UsageError: usage; there is none, and the nearest name is suggested.
        """
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise unknown_command(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the command list by topic, from the table alone."""
        for title, entries in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.help) for entry in entries])


def unknown_command(name: str) -> failures.UsageError:
    """Returns the error for a command that does not exist."""
    nearest = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    fix = f"Did you mean `tank {nearest[0]}`?" if nearest else "Run `tank --help` for the list."
    return failures.UsageError(
        f"There is no command `{name}`.", why="The first word after `tank` names a command.", fix=fix
    )


@click.group(
    cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]}, epilog=overview.EPILOG
)
@click.version_option(package_name="tank-skills", prog_name="tank", message="%(prog)s %(version)s")
def tank() -> None:
    """The package manager for AI agent skills."""


def complete(instruction: str) -> int:
    """Answers the shell, which runs ``tank`` with this variable set for each TAB."""
    from click.shell_completion import shell_complete

    return shell_complete(tank, {}, "tank", _COMPLETION, instruction)


def invoke(arguments: Sequence[str], surroundings: Surroundings) -> int:
    """Runs the command and returns its exit code; click's own exceptions leave as TankError."""
    try:
        with tank.make_context("tank", list(arguments), obj=surroundings) as context:
            result = tank.invoke(context)
            return int(result) if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        surroundings.console.say(error.format_message())
        return int(ExitCode.USAGE)
    except click.UsageError as error:
        raise usage_error(error) from error
    except click.Abort as error:
        raise KeyboardInterrupt from error


def usage_error(error: click.UsageError) -> failures.UsageError:
    """Returns click's complaint in Tank's form."""
    path = error.ctx.command_path if error.ctx else "tank"
    return failures.UsageError(
        error.format_message(), why="The command line does not fit the command.", fix=f"Run `{path} --help`."
    )
