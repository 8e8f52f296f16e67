"""`tank permissions infer`: the smallest declaration, with its evidence, and into skills.json without losing any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

CODE = (
    'import requests\nBASE = "https://api.weather.example"\nrequests.get(f"{BASE}/v1")\nrequests.get(url)\n'
)


@pytest.fixture
def skill(tank: Any, project: Path) -> Path:
    assert tank("init", "--skill", "@acme/notes").exit_code == 0
    (project / "notes/run.py").write_text(CODE)
    return project / "notes"


def declare(skill: Path, **capabilities: object) -> None:
    manifest = json.loads((skill / "skills.json").read_text())
    (skill / "skills.json").write_text(json.dumps({**manifest, "capabilities": capabilities}))


def capabilities(skill: Path) -> dict[str, object]:
    value = json.loads((skill / "skills.json").read_text()).get("capabilities", {})
    assert isinstance(value, dict)
    return value


def test_declaration_comes_with_the_place_that_needs_it(tank: Any, skill: Path) -> None:
    document = tank("permissions", "infer", skill, "--json").document
    assert document["capabilities"] == {"network": {"outbound": ["api.weather.example"]}}
    assert [(item["file"], item["line"]) for item in document["evidence"]] == [("run.py", 3)]
    assert [(item["type"], item["line"]) for item in document["unknown"]] == [("network.outbound", 4)]


def test_stdout_is_the_declaration_alone_and_the_rest_is_said(tank: Any, skill: Path) -> None:
    result = tank("permissions", "infer", skill)
    assert json.loads(result.out) == {"network": {"outbound": ["api.weather.example"]}}
    assert "run.py:3" in result.err
    assert "only a run can tell" in result.err


def test_without_write_nothing_is_written(tank: Any, skill: Path) -> None:
    before = (skill / "skills.json").read_bytes()
    tank("permissions", "infer", skill)
    assert (skill / "skills.json").read_bytes() == before


def test_write_adds_and_keeps_what_is_declared_and_every_other_key(tank: Any, skill: Path) -> None:
    declare(skill, subprocess=["git"])
    before = json.loads((skill / "skills.json").read_text())
    assert tank("permissions", "infer", skill, "--write").exit_code == 0
    after = json.loads((skill / "skills.json").read_text())
    assert after.pop("capabilities") == {
        "network": {"outbound": ["api.weather.example"]},
        "subprocess": ["git"],
    }
    before.pop("capabilities")
    assert after == before


def test_write_keeps_a_wider_entry_that_covers_what_is_seen(tank: Any, skill: Path) -> None:
    declare(skill, network={"outbound": ["*.weather.example"]})
    tank("permissions", "infer", skill, "--write")
    assert capabilities(skill) == {"network": {"outbound": ["*.weather.example"]}}


def test_prune_leaves_the_smallest(tank: Any, skill: Path) -> None:
    declare(skill, network={"outbound": ["*.weather.example"]}, subprocess=["git"])
    result = tank("permissions", "infer", skill, "--write", "--prune")
    assert capabilities(skill) == {"network": {"outbound": ["api.weather.example"]}}
    assert "subprocess git" in " ".join(result.err.split())


def test_written_declaration_leaves_nothing_undeclared(tank: Any, skill: Path) -> None:
    tank("permissions", "infer", skill, "--write")
    again = tank("permissions", "infer", skill, "--json").document
    assert again["declared"] == again["capabilities"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("permissions", "infer", "--prune", "--json"), 2, "usage"),
        (("permissions", "-g", "infer", "--json"), 2, "usage"),
        (("permissions", "infer", ".", "--json"), 3, "not-a-skill"),
    ],
)
def test_refusals(tank: Any, project: Path, arguments: tuple[str, ...], exit_code: int, code: str) -> None:
    result = tank(*arguments)
    assert (result.exit_code, result.error_code) == (exit_code, code)


def test_needs_no_semgrep(tank: Any, skill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANK_SEMGREP", "/nonexistent/semgrep")
    assert tank("permissions", "infer", skill).exit_code == 0
