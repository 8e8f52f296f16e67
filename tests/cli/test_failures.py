"""How failures are shown. The rendering is pinned: scripts and people have learned it."""

from __future__ import annotations

import pytest

from tank_cli import failures
from tank_cli.config import NoRegistryError
from tank_core.errors import ExitCode, Problem, TankError


def registry_error(**changes: object) -> failures.RegistryError:
    values: dict[str, object] = {
        "why": "Because.",
        "fix": "Do.",
        "remote_code": "version-conflict",
        "http_status": 409,
        "request_id": "01J",
    }
    return failures.RegistryError("No.", **(values | changes))  # type: ignore[arg-type]


def test_error_without_problems_reads_top_down() -> None:
    error = NoRegistryError("What.", why="Why.", fix="Fix.")
    assert list(failures.lines(error)) == ["error[no-registry]: What.", "  why: Why.", "  fix: Fix."]


def test_problems_stand_aligned_between_what_and_why() -> None:
    problems = (Problem("a.json: x", "Wrong.", "Correct it."), Problem("a.json: y", "Also.", "This too."))
    error = NoRegistryError("Two problems.", why="Why.", fix="Fix.", problems=problems)
    assert list(failures.lines(error)) == [
        "error[no-registry]: Two problems.",
        "",
        "  a.json: x",
        "    what: Wrong.",
        "    fix:  Correct it.",
        "",
        "  a.json: y",
        "    what: Also.",
        "    fix:  This too.",
        "",
        "  why: Why.",
        "  fix: Fix.",
    ]


def test_long_text_wraps_at_80_columns_below_its_label() -> None:
    error = NoRegistryError("word " * 40, why="reason " * 40, fix="Fix.")
    lines = list(failures.lines(error))
    assert all(len(line) <= 80 for line in lines)
    assert lines[-2].startswith(" " * 7 + "reason")


def test_a_path_is_never_broken() -> None:
    path = "/a" * 60
    assert any(path in line for line in failures.lines(NoRegistryError("x", why=path, fix="y")))


def test_control_characters_of_a_registry_do_not_reach_the_terminal() -> None:
    error = registry_error(why="\x1b[2Jcleared\r")
    assert not any("\x1b" in line or "\r" in line for line in failures.lines(error))


def test_registry_error_keeps_the_registrys_code_and_request_id() -> None:
    document = failures.document(registry_error())["error"]
    assert isinstance(document, dict)
    assert document["code"] == "version-conflict"
    assert document["request_id"] == "01J"
    assert document["docs"] == "docs/errors.md#version-conflict"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("capability-escalation", 422, ExitCode.POLICY),
        ("not-authenticated", 401, ExitCode.FORBIDDEN),
        ("forbidden", 403, ExitCode.FORBIDDEN),
        ("skill-not-found", 404, ExitCode.NOT_FOUND),
        ("version-withdrawn", 410, ExitCode.VERDICT),
        ("rate-limited", 429, ExitCode.NETWORK),
        ("invalid-name", 422, ExitCode.USAGE),
        ("anything", 503, ExitCode.NETWORK),
        ("version-conflict", 409, ExitCode.FAILURE),
    ],
)
def test_exit_code_follows_code_then_status(code: str, status: int, expected: ExitCode) -> None:
    assert failures.exit_code_of(registry_error(remote_code=code, http_status=status)) == expected


def test_exit_code_of_an_own_error_is_its_classs() -> None:
    assert failures.exit_code_of(NoRegistryError("x", why="y", fix="z")) == ExitCode.USAGE
    assert issubclass(NoRegistryError, TankError)
