"""The table of agents: who is served where, and who may add to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tank_cli.agents import KNOWN, UNIVERSAL, agents_for, read_table
from tank_cli.config import InvalidConfigError
from tests.support.registry_double import RegistryDouble


def names(base: Path, *asked: str, is_global: bool = False, linked: tuple[str, ...] = ()) -> list[str]:
    return [a.name for a in agents_for(base, asked, is_global=is_global, linked=linked)]


def test_the_table_holds_every_common_agent_once() -> None:
    known = [agent.name for agent in KNOWN]
    assert known == [
        "agents",
        "claude",
        "codex",
        "cursor",
        "copilot",
        "gemini",
        "opencode",
        "windsurf",
        "cline",
        "goose",
    ]
    for folders in ([agent.project for agent in KNOWN], [agent.home for agent in KNOWN]):
        assert len(set(folders)) == len(folders)
        assert all(folder.endswith("/skills") for folder in folders)


@pytest.mark.parametrize(
    ("marker", "served"),
    [
        (".claude", ["agents", "claude"]),
        (".cline", ["agents", "cline"]),
        (".cursor", ["agents", "cursor"]),
        (".github", ["agents"]),
    ],
)
def test_a_folder_of_an_agent_shows_that_it_is_used(tmp_path: Path, marker: str, served: list[str]) -> None:
    (tmp_path / marker).mkdir()
    assert names(tmp_path) == served


def test_whoever_is_asked_for_is_served_in_its_own_folder(tmp_path: Path) -> None:
    project = agents_for(tmp_path, ["copilot", "windsurf"])
    assert [a.skills for a in project] == [".agents/skills", ".github/skills", ".windsurf/skills"]
    home = agents_for(tmp_path, ["copilot", "windsurf", "goose"], is_global=True)
    assert [a.skills for a in home] == [
        ".agents/skills",
        ".copilot/skills",
        ".codeium/windsurf/skills",
        ".config/goose/skills",
    ]


def test_a_folder_with_links_of_tank_stays_served_while_it_is_there(tmp_path: Path) -> None:
    assert names(tmp_path, linked=(".cursor/skills",)) == ["agents"]
    (tmp_path / ".cursor/skills").mkdir(parents=True)
    assert names(tmp_path, linked=(".cursor/skills",)) == ["agents", "cursor"]


def test_an_agent_that_was_asked_for_once_is_served_by_every_later_install(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/notes", "--agent", "cursor").exit_code == 0
    assert tank("add", "@acme/text").exit_code == 0
    assert {path.name for path in (project / ".cursor/skills").iterdir()} == {"notes", "text"}


def test_a_person_adds_and_replaces_agents(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    own = {
        "my-agent": {"project": ".mine/skills", "global": ".config/mine/skills"},
        "claude": {"project": "tools/claude/skills", "global": ".claude/skills"},
    }
    (home / ".config/tank/agents.json").write_text(json.dumps(own))
    trusted.publish("@acme/notes", "1.0.0")
    (project / ".mine").mkdir()
    assert tank("add", "@acme/notes", "--agent", "claude").exit_code == 0
    for folder in (".agents", ".mine", "tools/claude"):
        assert (project / folder / "skills/notes/SKILL.md").is_file()
    assert tank("verify").exit_code == 0
    assert tank("remove", "@acme/notes").exit_code == 0
    assert not list(project.rglob("skills/notes"))


def test_a_project_adds_none(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    (project / "agents.json").write_text('{"evil": {"project": "src/skills", "global": "src/skills"}}')
    (project / "src").mkdir()
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert list((project / "src").iterdir()) == []
    assert tank("install", "--agent", "evil", "--json").error_code == "unknown-agent"


@pytest.mark.parametrize(
    "table",
    [
        "[]",
        "{",
        '{"A": {"project": "a/b", "global": "a/b"}}',
        '{"agents": {"project": "a/b", "global": "a/b"}}',
        '{"a": {"project": "a/b"}}',
        '{"a": {"project": "/a/b", "global": "a/b"}}',
        '{"a": {"project": "../a/b", "global": "a/b"}}',
        '{"a": {"project": "a/./b", "global": "a/b"}}',
        '{"a": {"project": "skills", "global": "a/b"}}',
        '{"a": {"project": "a\\\\b", "global": "a/b"}}',
        '{"a": {"project": 1, "global": "a/b"}}',
        json.dumps({"a" * 70_000: {}}),
    ],
)
def test_a_table_that_is_none_is_an_error(tmp_path: Path, table: str) -> None:
    (tmp_path / "agents.json").write_text(table)
    with pytest.raises(InvalidConfigError):
        read_table(tmp_path / "agents.json")


def test_without_a_file_the_table_stands(tmp_path: Path) -> None:
    assert read_table(tmp_path / "agents.json") == KNOWN
    assert UNIVERSAL.skills == ".agents/skills"


def test_the_page_has_the_table_that_the_code_has() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    rows = {
        f"| `{a.name}` | {a.title} | `{a.project}` | `{a.home}` | {'yes' if a.reads_shared else 'no'} |"
        for a in KNOWN[1:]
    }
    assert rows <= set(page.splitlines())
