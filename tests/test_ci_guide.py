"""The workflow files of docs/publishing-from-ci.md are YAML, and ask for what the command looks for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tank_cli.signing.ambient import SIGNING_AUDIENCE, UPLOAD_AUDIENCE, found

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "publishing-from-ci.md"


def files() -> list[dict[Any, Any]]:
    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def test_the_github_job_may_ask_for_tokens_and_for_nothing_else() -> None:
    github, _ = files()
    assert github["permissions"] == {}
    job = github["jobs"]["publish"]
    assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert job["environment"] == "release"
    assert any("tank publish" in step.get("run", "") for step in job["steps"])


def test_the_gitlab_job_has_both_tokens_under_the_names_that_are_looked_for() -> None:
    _, gitlab = files()
    tokens = gitlab["publish"]["id_tokens"]
    ambient = found({"GITLAB_CI": "true"} | {name: token["aud"] for name, token in tokens.items()})
    assert ambient is not None
    assert {ambient.token(a) for a in (SIGNING_AUDIENCE, UPLOAD_AUDIENCE)} == {"sigstore", "tank"}


def test_no_workflow_holds_a_token_of_the_registry() -> None:
    assert "TANK_TOKEN:" not in GUIDE.read_text(encoding="utf-8")
