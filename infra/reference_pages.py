"""Writes docs/errors.md: one entry per error code, read from the source.

Every ``TankError`` subclass states its code, HTTP status and exit code as literals
and says in its docstring what it means; this page repeats them, so that the
``docs`` link of every error leads somewhere. Run ``python -m infra.reference_pages``;
a test compares the page with the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "errors.md"
SOURCES = ("tank_core", "chalicelib", "pipeline", "cli/tank_cli", "infra")

_HEAD = """# Errors

Every error has a code that never changes its meaning. `tank` prints code, what, why and fix; the API
answers `application/problem+json` with the same. Generated from the source by
`python -m infra.reference_pages`.

"""


@dataclass(frozen=True, slots=True, order=True)
class ErrorEntry:
    """One error code, as its class states it."""

    code: str
    meaning: str
    status: str
    exit_code: str


def entries() -> list[ErrorEntry]:
    """Returns every error code in the source, sorted by code."""
    classes = {node.name: node for path in _python_files() for node in _classes_in(path)}
    stated = {name: dict(_literals(node)) for name, node in classes.items()}
    return sorted(
        ErrorEntry(
            literals["code"],
            (ast.get_docstring(classes[name]) or "").strip(),
            _inherited(name, "status", classes, stated),
            _inherited(name, "exit_code", classes, stated),
        )
        for name, literals in stated.items()
        if "code" in literals and name.endswith("Error")
    )


def page() -> str:
    """Returns the text of docs/errors.md."""
    return _HEAD + "\n".join(
        f"## {entry.code}\n{entry.meaning}\n\nHTTP {entry.status} · exit code {entry.exit_code}\n"
        for entry in entries()
    )


def _python_files() -> Iterator[Path]:
    for source in SOURCES:
        for path in sorted((PROJECT / source).rglob("*.py")):
            if "rules" not in path.relative_to(PROJECT).parts:
                yield path


def _classes_in(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield node


def _inherited(
    name: str, attribute: str, classes: dict[str, ast.ClassDef], stated: dict[str, dict[str, str]]
) -> str:
    """Returns a class attribute's literal, looked up along the first bases as Python would."""
    while attribute not in stated[name]:
        name = ast.unparse(classes[name].bases[0])
    return stated[name][attribute]


def _literals(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yields the class attributes that are literals or members of ``ExitCode``."""
    for statement in node.body:
        target = getattr(statement, "target", None) or next(iter(getattr(statement, "targets", [])), None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            yield target.id, str(value.value)
        elif isinstance(target, ast.Name) and isinstance(value, ast.Attribute):
            yield target.id, value.attr


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
