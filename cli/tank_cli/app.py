"""The command line as click reads it: finds the command, and imports it alone."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from tank_cli import failures, overview
from tank_cli.context import Surroundings
from tank_cli.option_habits import fix_for_option
from tank_cli.suggestions import TWINS, fix_for_command, fix_for_subcommand, nearest
from tank_cli.table import ALIASES, COMMANDS, GROUPS, Entry
from tank_core.errors import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMPLETION = "_TANK_COMPLETE"


class CommandTable(click.Group):
    """A click group that imports a command's module when that command runs, and not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of a name or an alias, or None when there is none."""
        entry = COMMANDS.get(ALIASES.get(cmd_name, cmd_name))
        if entry is None:
            return None
        module = importlib.import_module(f"tank_cli.commands.{entry.module}")
        command = getattr(module, entry.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}.{entry.attribute} is not a command")
        return _with_aliases(command, entry)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command that the first argument names; of a group, looks at the next one too.

        Raises:
            UsageError: usage; there is none, and the nearest name is suggested.
        """
        if args and not args[0].startswith("-") and args[0] not in COMMANDS.keys() | ALIASES.keys():
            raise unknown_command(args[0])
        _, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            rest = _subcommand(command, rest, f"tank {command.name}")
        return command.name if command else None, command, rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Returns what the shell offers in place of a command: from the table alone."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(entry.name, help=entry.help)
            for entry in COMMANDS.values()
            if entry.name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the command list by topic, from the table alone."""
        for title, entries in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(entry.name, entry.help) for entry in entries])


def _with_aliases(command: click.Command, entry: Entry) -> click.Command:
    """Returns a command whose help names its aliases."""
    if not entry.aliases:
        return command
    named = copy.copy(command)
    typed = ", ".join(f"tank {alias}" for alias in entry.aliases)
    named.epilog = f"\b\nAlso typed as: {typed}\n\n{command.epilog}"
    return named


def _subcommand(command: click.Command, arguments: list[str], path: str) -> list[str]:
    """Returns the arguments of a group with the names that its commands have, where a twin of one was typed.

    Raises:
        UsageError: usage; the first word is none of its commands, and the nearest is named.
    """
    if not isinstance(command, click.Group) or not arguments or arguments[0].startswith("-"):
        return arguments
    word, *rest = arguments
    name = word if word in command.commands else TWINS.get(word, word)
    if name not in command.commands:
        raise failures.UsageError(
            f"`{path}` has no command `{word}`.",
            why=f"Its commands are: {', '.join(sorted(command.commands))}.",
            fix=fix_for_subcommand(path, word, command.commands),
        )
    return [name, *_subcommand(command.commands[name], rest, f"{path} {name}")]


def unknown_command(name: str) -> failures.UsageError:
    """Returns the error for a command that does not exist."""
    return failures.UsageError(
        f"There is no command `{name}`.",
        why="The first word after `tank` names a command.",
        fix=fix_for_command(name, COMMANDS.keys() | ALIASES.keys()),
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

    from tank_cli.completion_scripts import register

    register()
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
        raise usage_error(error, arguments) from error
    except click.Abort as error:
        raise KeyboardInterrupt from error


def usage_error(error: click.UsageError, arguments: Sequence[str]) -> failures.UsageError:
    """Returns click's complaint about a command line in Tank's form."""
    path = error.ctx.command_path if error.ctx else _path_of(arguments)
    if isinstance(error, click.NoSuchOption):
        return _unknown_option(error, path)
    said = " ".join(error.format_message().split())  # click lists choices with tabs and line breaks
    shown = _example(error.ctx.command) if isinstance(error, click.MissingParameter) and error.ctx else ""
    return failures.UsageError(
        said,
        why="The command line does not fit the command.",
        fix=f"Such as: {shown}   (`{path} --help` says more)" if shown else f"Run `{path} --help`.",
    )


def _example(command: click.Command) -> str:
    """Returns the first example of a command's help."""
    lines = (line.strip() for line in (command.epilog or "").splitlines())
    return next((line for line in lines if line.startswith("tank ")), "")


def _path_of(arguments: Sequence[str]) -> str:
    """Returns the command that a command line names; click does not say it of an option without its value."""
    path, command = "tank", tank.get_command(click.Context(tank), arguments[0]) if arguments else None
    for word, following in zip_longest(arguments, arguments[1:]):
        if command is None:
            break
        path += f" {command.name if path == 'tank' else word}"
        command = command.commands.get(following) if isinstance(command, click.Group) else None
    return path


def _unknown_option(error: click.NoSuchOption, path: str) -> failures.UsageError:
    """Returns the error for an option that a command does not have."""
    if path == "tank":
        return _option_before_command(error.option_name)
    parameters = error.ctx.command.params if error.ctx else []
    known = [option for one in parameters for option in (*one.opts, *one.secondary_opts)]
    return failures.UsageError(
        f"`{path}` has no option `{error.option_name}`.",
        why="The command line does not fit the command.",
        fix=fix_for_option(path, error.option_name, [name for name in known if name.startswith("--")]),
    )


def _option_before_command(option: str) -> failures.UsageError:
    """Returns the error for an option that stands where a command belongs, such as `tank --json list`."""
    near = "--version" if option == "-v" else nearest(option, ("--version", "--help"), likeness=0.8)
    return failures.UsageError(
        f"`tank` has no option `{option}`.",
        why="Before the command stand --version and --help alone; other options stand behind it.",
        fix=f"Did you mean `tank {near}`?" if near else f"If a command has it: `tank COMMAND {option}`.",
    )
