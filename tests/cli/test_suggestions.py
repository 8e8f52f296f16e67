"""Aliases, and what is said to somebody who typed another word than Tank's."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tank_cli.app import CommandTable
from tank_cli.suggestions import HABITS, fix_for_command, nearest
from tank_cli.table import ALIASES, COMMANDS


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
    [("view", "info"), ("unpublish", "yank"), ("unistall", "uninstall"), ("upgrad", "upgrade")],
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
    ],
)
def test_a_misspelt_subcommand_gets_the_nearest_of_its_group(tank: Any, words: list[str], fix: str) -> None:
    result = tank(*words)
    assert result.exit_code == 2
    assert fix in result.told


@pytest.mark.parametrize(
    ("words", "near"), [(["install", "--dryrun"], "--dry-run"), (["org", "create", "x", "--jsn"], "--json")]
)
def test_a_misspelt_option_gets_the_nearest(tank: Any, words: list[str], near: str) -> None:
    result = tank(*words)
    assert result.exit_code == 2
    assert f"Did you mean `{near}`?" in result.told
