"""The one question that Tank asks a person: yes means yes, and everything else no."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import click
import pytest

from tank_cli.app import CommandTable
from tank_cli.config import load
from tank_cli.console import Console
from tank_cli.context import Context, Surroundings
from tank_cli.table import COMMANDS


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def context_of(stdin: io.StringIO, stderr: io.StringIO, home: Path, *, as_json: bool = False) -> Context:
    environment = {"HOME": str(home)}
    console = Console.of(io.StringIO(), stderr, environment, as_json=as_json)
    return Context(Surroundings(console, environment, home, stdin), load(environment))


@pytest.mark.parametrize(("answer", "yes"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False)])
def test_only_a_yes_is_one(home: Path, monkeypatch: pytest.MonkeyPatch, answer: str, yes: bool) -> None:
    stdin = Terminal(answer)
    monkeypatch.setattr("sys.stdin", stdin)
    assert context_of(stdin, Terminal(), home).agrees("Go on?") is yes


def test_the_end_of_the_input_is_a_no_and_ctrl_c_ends_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: object) -> str:
        raise EOFError

    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    context = context_of(Terminal(), Terminal(), home)
    monkeypatch.setattr("click.termui.visible_prompt_func", ended)
    assert context.agrees("Go on?") is False
    monkeypatch.setattr("click.termui.visible_prompt_func", interrupted)
    with pytest.raises(click.Abort):
        context.agrees("Go on?")


@pytest.mark.parametrize(
    ("stdin", "stderr", "as_json"),
    [
        (io.StringIO("y\n"), Terminal(), False),
        (Terminal("y\n"), io.StringIO(), False),
        (Terminal("y\n"), Terminal(), True),
    ],
    ids=["no terminal", "stderr goes to a file", "--json"],
)
def test_nobody_is_asked_where_no_answer_can_be_meant(
    home: Path, stdin: io.StringIO, stderr: io.StringIO, as_json: bool
) -> None:
    context = context_of(stdin, stderr, home, as_json=as_json)
    assert context.agrees("Go on?") is False
    assert stderr.getvalue() == ""


def test_offline_is_one_option_with_one_wording() -> None:
    table = CommandTable("tank")
    found: dict[str, list[str]] = {}
    for name in COMMANDS:
        command: Any = table.get_command(click.Context(table), name)
        for option in command.params:
            if "--offline" in option.opts:
                found.setdefault(option.help, []).append(name)
    assert len(found) == 1, found
    assert {"audit", "diff", "install", "ci"} <= {name for names in found.values() for name in names}
