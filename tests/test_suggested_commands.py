"""Every command that an error or a docstring suggests exists, with the options that it names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from tank_cli.app import CommandTable
from tank_cli.table import ALIASES, COMMANDS

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = ("tank_core", "chalicelib", "pipeline", "cli/tank_cli", "infra")
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/ARCHITECTURE.md",
    "docs/appeals.md",
    "docs/cli.md",
    "docs/deploy-aws.md",
    "docs/publishing-from-ci.md",
)
SUGGESTED = re.compile(r"`tank ([a-z][^`\n]*)`")
TABLE = CommandTable("tank")


def texts_of(path: Path) -> Iterator[str]:
    """Yields the strings of a module; what an f-string fills in stands as ``X``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def suggestions() -> set[str]:
    found: set[str] = set()
    for source in SOURCES:
        for path in sorted((PROJECT / source).rglob("*.py")):
            if "rules" not in path.relative_to(PROJECT).parts[:-1]:
                found |= {match for text in texts_of(path) for match in SUGGESTED.findall(text)}
    for page in PAGES:
        found |= set(SUGGESTED.findall((PROJECT / page).read_text(encoding="utf-8")))
    return found


def problem_with(suggestion: str) -> str:
    """Returns what is wrong with a suggested command line, or ""."""
    name, *words = suggestion.split()
    if name not in COMMANDS | ALIASES:
        return "no such command"
    command: click.Command | None = TABLE.get_command(click.Context(TABLE), name)
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"no option {', '.join(unknown)}" if unknown else ""


def test_every_suggested_command_exists() -> None:
    wrong = {suggestion: problem_with(suggestion) for suggestion in suggestions()}
    assert len(wrong) > 20  # the scan itself works
    assert {suggestion: problem for suggestion, problem in wrong.items() if problem} == {}
