"""A fix leads on: what a message tells to do is not what the next command refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble


@pytest.mark.parametrize("command", ["list", "ci", "outdated", "audit", "verify"])
def test_in_a_skills_own_folder_nobody_is_sent_to_install(
    tank: Any, trusted: RegistryDouble, project: Path, command: str
) -> None:
    (project / "skills.json").write_text(json.dumps({"name": "@acme/notes", "version": "1.0.0"}))
    result = tank(command, "--json")
    assert (result.exit_code, result.error_code) == (2, "invalid-manifest")
    assert "`tank link PATH` there tries out the skill" in result.document["error"]["fix"]


def test_where_no_registry_is_configured_a_machine_without_a_network_learns_of_the_file(
    tank: Any, vendored: Path, home: Path
) -> None:
    shutil.rmtree(home / ".config")
    fix = tank("install", "--from", vendored, "--json").document["error"]["fix"]
    assert fix.startswith("tank trust URL --fingerprint sha256:…, ")
    assert "add --from FILE" in fix


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["init", "--skill"], "init"),
        (["i", "--agent"], "install"),
        (["token", "create", "--days"], "token create"),
    ],
)
def test_an_option_without_its_value_leads_to_the_help_of_its_command(
    tank: Any, words: list[str], path: str
) -> None:
    assert f"Run `tank {path} --help`" in tank(*words).told


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (["yank"], "tank yank @acme/notes@1.2.0 --reason 'loses the last line'"),
        (["why"], "tank why @acme/text-tools"),
        (["config", "set", "registry"], "tank config set registry https://tank.example"),
    ],
)
def test_what_is_missing_is_shown_by_an_example(tank: Any, words: list[str], example: str) -> None:
    assert f"Such as: {example}" in tank(*words).told


def test_info_says_of_a_version_that_it_is_deprecated(tank: Any, trusted: RegistryDouble) -> None:
    line = {"availability": "available", "availability_reason": "", "published_at": 1}
    versions = [
        {**line, "version": "1.1.0", "availability": "yanked", "availability_reason": "slow"},
        {**line, "version": "1.0.0", "deprecation": "use 2.x"},
    ]
    skill = {"name": "@acme/notes", "description": "", "keywords": [], "latest": "", "versions": versions}
    trusted.answer_json("GET", "/v1/skills/acme/notes", skill | {"created_at": 1, "updated_at": 1})
    _, *told = (row.split() for row in tank("info", "@acme/notes").out.splitlines() if row.startswith("1."))
    assert told[0][-3:] == ["deprecated", "use", "2.x"]
