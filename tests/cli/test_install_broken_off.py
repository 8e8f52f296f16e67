"""An install that fails, is interrupted or killed in the middle leaves a project that is as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble
from tests.support.snapshot import snapshot

STEPS = ["stage", "put", "drop_tree", "link", "write:state.json", "write:skills.json", "write:skills.lock"]


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
@pytest.mark.parametrize("step", STEPS)
def test_a_failure_at_any_step_leaves_the_project_as_it_was(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    failure: BaseException,
) -> None:
    from tank_cli.transaction import Transaction

    trusted.publish("@acme/old", "1.0.0")
    tank("add", "@acme/old")
    trusted.publish("@acme/old", "1.1.0", skills={"@acme/new": "*"})
    trusted.publish("@acme/new", "1.0.0")
    before = snapshot(project)
    method, _, only = step.partition(":")
    original = getattr(Transaction, method)

    def fail(self: Transaction, first: Any, *rest: Any) -> None:
        original(self, first, *rest)
        if not only or Path(first).name == only:
            raise failure

    monkeypatch.setattr(Transaction, method, fail)
    arguments = ["remove", "@acme/old"] if method == "drop_tree" else ["add", "@acme/old@^1.1"]
    result = tank(*arguments)
    assert result.exit_code == (130 if isinstance(failure, KeyboardInterrupt) else 1), result.err
    assert snapshot(project) == before


def test_what_a_killed_process_left_is_put_right_without_asking(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    from tank_cli import state as states
    from tank_cli.tree import hash_of, read_tree

    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    place = project / ".tank/skills/notes"
    (place / "SKILL.md").write_text("the next version, put there just before the end")
    state = replace(states.read(project), pending={"notes": hash_of(read_tree(place))})
    states.path_in(project).write_bytes(states.state_bytes(state))
    assert tank("install").exit_code == 0
    assert tank("verify").exit_code == 0
