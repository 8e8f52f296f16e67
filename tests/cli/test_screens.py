"""The screens of the main situations, word for word: what a person sees is changed on purpose or not at all.

``TANK_WRITE_SCREENS=1`` writes them anew; the change is then reviewed as any other.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli import context as contexts
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble

SCREENS = Path(__file__).parent / "screens"
NOTES, TOOLS = "@acme/notes", "@acme/text-tools"
_VARYING = (
    (re.compile(r"127\.0\.0\.1:\d{5}"), "127.0.0.1:00000"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "sha256:" + "0" * 64),
    (re.compile(r"/[^ \n]*/project\b"), "/project"),
)

Scene = Callable[[Any, RegistryDouble, Path, pytest.MonkeyPatch], Any]


def answers(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(contexts.Context, "interactive", property(lambda self: True))
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def manifest(project: Path, **content: Any) -> None:
    (project / "skills.json").write_text(json.dumps(content))


def tree(tank: Any, registry: RegistryDouble) -> None:
    registry.publish(TOOLS, "1.2.0")
    registry.publish(NOTES, "1.0.0", skills={TOOLS: "^1.0.0"}, capabilities={"subprocess": ["git"]})
    assert tank("add", NOTES).exit_code == 0


def add(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.publish(TOOLS, "1.2.0")
    registry.publish(NOTES, "1.0.0", skills={TOOLS: "^1.0.0"}, capabilities={"subprocess": ["git"]})
    return tank("add", NOTES)


def permissions_question(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    manifest(project)
    wanted = {
        "network": {"outbound": ["api.example"]},
        "filesystem": {"write": ["./out/**"]},
        "subprocess": ["jq"],
    }
    registry.publish(NOTES, "1.0.0", capabilities=wanted)
    answers(monkeypatch, "y")
    return tank("add", NOTES)


def permissions_refused(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    manifest(project)
    registry.publish(NOTES, "1.0.0", capabilities={"secrets": ["A_TOKEN"], "subprocess": ["jq"]})
    return tank("add", NOTES)


def flagged(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.publish(NOTES, "1.0.0", verdict=Verdict.FLAGGED, score=4.0)
    return tank("add", NOTES)


def publisher_changed(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    registry.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    registry.publish(NOTES, "1.1.0", publisher="mallory")
    return tank("update")


def update(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.publish(NOTES, "1.0.0")
    assert tank("add", NOTES).exit_code == 0
    registry.publish(NOTES, "1.1.0", capabilities={"network": {"outbound": ["api.example"]}})
    return tank("update")


def conflict(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.publish(TOOLS, "1.2.0")
    registry.publish(TOOLS, "2.0.0")
    registry.publish(NOTES, "1.0.0", skills={TOOLS: "^1.0.0"})
    manifest(project, permissions={}, skills={NOTES: "^1.0.0", TOOLS: "^2.0.0"})
    return tank("install")


def list_tree(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    tree(tank, registry)
    return tank("list")


def outdated(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    tree(tank, registry)
    registry.publish(TOOLS, "1.3.0", capabilities={"network": {"outbound": ["api.example"]}})
    registry.publish(NOTES, "2.0.0")
    return tank("outdated")


def verify_differs(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    tree(tank, registry)
    skill = project / ".tank/skills/notes/SKILL.md"
    skill.chmod(0o644)
    skill.write_text("changed")
    (project / ".tank/skills/notes/extra.sh").write_text("added")
    return tank("verify")


def audit_withdrawn(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    tree(tank, registry)
    registry.change(TOOLS, "1.2.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    return tank("audit")


def diff(tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    registry.publish(NOTES, "1.0.0", files={"scripts/run.sh": b"#!/bin/sh\necho one\n"})
    wanted = {"subprocess": ["git"]}
    registry.publish(NOTES, "1.1.0", files={"scripts/run.sh": b"#!/bin/sh\ngit log\n"}, capabilities=wanted)
    return tank("diff", f"{NOTES}@1.0.0", f"{NOTES}@1.1.0", "--stat")


def lock_out_of_date(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    tree(tank, registry)
    manifest(project, permissions={"subprocess": ["git"]}, skills={NOTES: "^2.0.0"})
    return tank("ci")


def unknown_command(
    tank: Any, registry: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    return tank("instal")


SCENES: tuple[Scene, ...] = (
    add,
    permissions_question,
    permissions_refused,
    flagged,
    publisher_changed,
    update,
    conflict,
    list_tree,
    outdated,
    verify_differs,
    audit_withdrawn,
    diff,
    lock_out_of_date,
    unknown_command,
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_screen_is_as_it_was_agreed(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch, scene: Scene
) -> None:
    result = scene(tank, trusted, project, monkeypatch)
    assert too_wide(result.out + result.err) == []
    shown = f"{result.out}--- stderr, exit code {result.exit_code}\n{result.err}"
    for varying, fixed in _VARYING:
        shown = varying.sub(fixed, shown)
    path = SCREENS / f"{scene.__name__}.txt"
    if os.environ.get("TANK_WRITE_SCREENS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_every_screen_has_its_scene() -> None:
    assert {path.stem for path in SCREENS.iterdir()} == {scene.__name__ for scene in SCENES}
