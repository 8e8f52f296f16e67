"""`tank remove`, and the last line of every install: what went, what stays and why, without asking anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.project_documents import lock_of
from tests.support.registry_double import RegistryDouble

NOTES, TEXT, OTHER = "@acme/notes", "@acme/text", "@acme/other"


@pytest.fixture
def three(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    """A project that names notes, which needs text, and text and other."""
    trusted.publish(NOTES, "1.0.0", skills={TEXT: "^1.0.0"})
    trusted.publish(TEXT, "1.0.0")
    trusted.publish(OTHER, "1.0.0")
    assert tank("add", NOTES, TEXT, OTHER).exit_code == 0
    return trusted


@pytest.mark.parametrize("options", [[], ["--offline"]])
def test_remove_asks_nobody_and_leaves_the_lines_of_the_others(
    tank: Any, three: RegistryDouble, project: Path, options: list[str]
) -> None:
    before = lock_of(project)["skills"]
    three.publish(TEXT, "1.1.0")
    three.requests.clear()
    three.routes.clear()
    three.objects.clear()
    result = tank("remove", OTHER, *options)
    assert (result.exit_code, three.requests) == (0, [])
    assert lock_of(project)["skills"] == {name: before[name] for name in (NOTES, TEXT)}
    assert not (project / ".tank/skills/other").exists()


def test_a_skill_that_goes_from_the_manifest_alone_is_said_to_stay(
    tank: Any, three: RegistryDouble, project: Path
) -> None:
    result = tank("remove", TEXT)
    assert result.out == "3 skills in place already.\n"
    assert result.err == "@acme/text stays: @acme/notes needs it.\n"
    assert tank("why", TEXT).out.count("→") == 2


def test_what_is_needed_anew_is_resolved_and_not_pruned(
    tank: Any, three: RegistryDouble, project: Path
) -> None:
    text = (project / "skills.json").read_text()
    (project / "skills.json").write_text(text.replace('"@acme/other": "^1.0.0"', '"@acme/other": "^2.0.0"'))
    assert tank("remove", NOTES).exit_code == 9
    assert NOTES in lock_of(project)["skills"]


def test_an_install_counts_apart_what_it_put_in_place(
    tank: Any, three: RegistryDouble, project: Path
) -> None:
    three.publish("@acme/more", "1.0.0")
    assert tank("add", "@acme/more").out.splitlines()[-1] == "1 skill installed, 3 in place already."
    (project / ".tank/skills/notes/SKILL.md").write_text("other")
    assert tank("install", "--overwrite").out == "1 skill installed, 3 in place already.\n"
    assert tank("install").out == "4 skills in place already.\n"
