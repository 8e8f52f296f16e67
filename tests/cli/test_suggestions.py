"""Aliases, and what is said to somebody who typed another word than Tank's."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tank_cli.app import CommandTable
from tank_cli.app import tank as command_line
from tank_cli.option_habits import RENAMED
from tank_cli.suggestions import HABITS, fix_for_command, nearest
from tank_cli.table import ALIASES, COMMANDS
from tests.support.columns import too_wide


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("i", "install"),
        ("rm", "remove"),
        ("uninstall", "remove"),
        ("up", "update"),
        ("upgrade", "update"),
        ("ls", "list"),
    ],
)
def test_an_alias_is_the_command_and_stands_in_its_help_alone(tank: Any, alias: str, name: str) -> None:
    shown = tank(alias, "--help").out
    assert shown.startswith(f"Usage: tank {name} ")
    assert f"tank {alias}" in shown.partition("Also typed as: ")[2].partition("\n")[0]
    assert shown == tank(name, "--help").out
    assert f"\n  {alias} " not in tank("--help").out


def test_no_alias_hides_a_command_and_no_habit_an_alias() -> None:
    assert not ALIASES.keys() & COMMANDS.keys()
    assert not HABITS.keys() & (ALIASES.keys() | COMMANDS.keys())


def test_every_habit_leads_to_a_command_with_that_option() -> None:
    table = CommandTable("tank")
    for line in HABITS.values():
        name, *options = line.split()
        command = table.get_command(click.Context(table), name)
        if name.startswith("--"):
            continue
        assert command is not None, line
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(options) <= known, line


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("view", "info"),
        ("unpublish", "yank"),
        ("unistall", "uninstall"),
        ("upgrad", "upgrade"),
        ("un", "remove"),
        ("outd", "outdated"),
        ("lock", "install --lock-only"),
    ],
)
def test_words_of_others_and_misspelt_aliases_are_understood(tank: Any, typed: str, meant: str) -> None:
    result = tank(typed, "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")
    assert f"`tank {meant}`" in result.document["error"]["fix"]


def test_a_word_like_no_other_leads_to_the_list() -> None:
    assert fix_for_command("xyzzy", COMMANDS) == "Run `tank --help` for the list."
    assert nearest("xyzzy", COMMANDS) == ""


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (["org", "creat"], "Did you mean `tank org create`?"),
        (["org", "member", "sett"], "Did you mean `tank org member set`?"),
        (["permissions", "infr"], "Did you mean `tank permissions infer`?"),
        (["token", "xyzzy"], "Run `tank token --help`."),
        (["config", "delete", "registry"], "What others call “delete” is `tank config unset` here."),
        (["cache", "dir"], "What others call “dir” is `tank config get cache-dir` here."),
    ],
)
def test_a_misspelt_subcommand_gets_the_nearest_of_its_group(tank: Any, words: list[str], fix: str) -> None:
    result = tank(*words)
    assert result.exit_code == 2
    assert fix in result.told


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["install", "--dryrun"], "--dry-run"),
        (["org", "create", "x", "--jsn"], "--json"),
        (["add", "@acme/notes", "-E"], "--exact"),
        (["add", "@acme/notes", "--save-exact"], "--exact"),
        (["deprecate", "@acme/notes@1.0.0", "-m", "old"], "--message"),
        (["install", "--package-lock-only"], "--lock-only"),
    ],
)
def test_a_misspelt_option_gets_the_nearest(tank: Any, words: list[str], near: str) -> None:
    result = tank(*words)
    assert result.exit_code == 2
    assert f"Did you mean `{near}`?" in result.told


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("install --save-dev @acme/notes", "all of one kind"),
        ("install --save @acme/notes", "always stands in skills.json"),
        ("install --frozen-lockfile", "`tank ci` installs exactly the lock"),
        ("update --latest", "`tank add NAME` moves to the newest version"),
        ("audit --fix", "`tank update` moves to versions without what was found"),
        ("list --all", "the tree is whole"),
        ("init -y", "`tank init` asks nothing"),
        ("add @acme/notes --yes", "`--allow TYPE:VALUE`"),
        ("outdated --long", "Run `tank outdated --help`."),
    ],
)
def test_an_option_of_others_is_told_what_does_its_work_and_no_other_option(
    tank: Any, words: str, fix: str
) -> None:
    result = tank(*words.split())
    assert result.exit_code == 2
    assert fix in result.told
    assert "Did you mean" not in result.told


@pytest.mark.parametrize("word", ["run", "test", "exec"])
def test_a_word_of_others_that_has_no_counterpart_is_likened_to_no_command(tank: Any, word: str) -> None:
    assert "Tank runs nothing of a skill" in tank(word).told


def test_every_renamed_option_is_one_that_some_command_has() -> None:
    table = CommandTable("tank")
    commands = [table.get_command(click.Context(table), name) for name in COMMANDS]
    known = {option for one in commands if one for parameter in one.params for option in parameter.opts}
    assert set(RENAMED.values()) <= known


@pytest.mark.parametrize(
    "words",
    [["config", "list"], ["token", "ls"], ["cache", "list"], ["binding", "ls"], ["org", "member", "rm"]],
)
def test_a_subcommand_is_found_by_its_twin(tank: Any, words: list[str]) -> None:
    result = tank(*words, "--help")
    assert result.exit_code == 0
    twin = {"list": "ls", "ls": "list", "rm": "remove"}[words[-1]]
    assert result.out.startswith(f"Usage: tank {' '.join(words[:-1])} {twin} ")


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        (["--json", "list"], "If a command has it: `tank COMMAND --json`."),
        (["-g", "list"], "If a command has it: `tank COMMAND -g`."),
        (["--verson"], "Did you mean `tank --version`?"),
        (["-v"], "Did you mean `tank --version`?"),
    ],
)
def test_an_option_before_the_command_is_told_where_it_belongs(tank: Any, words: list[str], fix: str) -> None:
    result = tank(*words)
    assert result.exit_code == 2
    assert fix in result.told


def test_the_choices_for_a_missing_argument_stand_in_one_line(tank: Any) -> None:
    result = tank("completion", "--json")
    assert result.document["error"]["what"].endswith("Choose from: bash, zsh, fish, powershell")


@pytest.mark.parametrize("words", [("add", "@acme/notes@latest"), ("info", "@acme/notes@next")])
def test_somebody_who_writes_a_tag_learns_that_the_name_alone_is_the_newest(
    tank: Any, trusted: Any, words: tuple[str, str]
) -> None:
    result = tank(*words, "--json")
    assert (result.exit_code, result.error_code) == (2, "invalid-range")
    assert result.document["error"]["fix"].startswith("Write @acme/notes, or")


def every_help(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    """Yields the help of a command and of all that it has, as a terminal of 80 columns shows it."""
    context = click.Context(command, info_name=path, max_content_width=80, terminal_width=80)
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            assert one is not None
            yield from every_help(one, f"{path} {name}")


def test_every_help_has_an_example_fits_80_columns_and_breaks_off_nowhere() -> None:
    shown = dict(every_help(command_line, "tank"))
    assert "tank org member set" in shown
    for path, text in shown.items():
        assert too_wide(text) == [], path
        assert "Examples:" in text or path == "tank"
        assert not [line for line in text.splitlines()[1:] if line.endswith("...")], path


@pytest.mark.parametrize(
    ("typed", "fix"),
    [
        ("deprecate @acme/notes old", "tank deprecate @acme/notes@VERSION --message old"),
        ("deprecate @acme/notes@1.0.0 use 2.x", "tank deprecate @acme/notes@1.0.0 --message 'use 2.x'"),
        ("deprecate @acme/notes --message old", "tank deprecate @acme/notes@VERSION --message old"),
        ("deprecate @acme/notes --undo", "tank deprecate @acme/notes@VERSION --undo"),
        ("deprecate @acme/notes@1.0.0 ''", "tank deprecate @acme/notes@1.0.0 --undo"),
        ("ls @acme/notes", "tank why @acme/notes"),
        ("dist-tag add @acme/notes@1.0.0 next", "Skills have no tags: a name alone means the newest version"),
    ],
)
def test_habits_of_npm_are_told_the_command_that_was_meant(
    tank: Any, project: Path, typed: str, fix: str
) -> None:
    told = tank(*shlex.split(typed))
    assert told.exit_code == 2
    assert f"fix: {fix}" in told.told
