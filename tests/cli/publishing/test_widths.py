"""What `tank publish` prints of a signed publish fits a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli.context import Context
from tests.support.columns import too_wide
from tests.support.identities import build_binding, person_binding

# The library shuts its redirect server down and does not close its socket (sigstore-python 4.5.1, oauth.py).
pytestmark = [
    pytest.mark.timeout(30),
    pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning"),
]
DIGEST = "sha256:" + "0" * 64
SUMMARIES = {
    "sign": f"{DIGEST[:19]}… signed by github.com/acme/skills-with-a-long-name",
    "analyze": "12 files, 3 findings, of which none is severe, and 2 reviewers agreed on them",
    "store": f"published as registry.example/tank/acme/notes@{DIGEST}",
}


@pytest.fixture
def stages(desk: Any) -> None:
    """Lets the stages tell as much as real ones do."""
    told = [
        {"stage": stage, "state": "passed", "started_at": 1, "ended_at": 2, "attempts": 1, "summary": summary}
        for stage, summary in SUMMARIES.items()
    ]
    status = {"publish_id": "01J", "name": "@acme/notes", "version": "1.0.0", "state": "published"}
    status |= {"created_at": 0, "expires_at": 9, "redrives": 0, "stages": told}
    desk.registry.answer_json("GET", "/v1/publishes/01J", status)


def narrow(result: Any) -> str:
    """Returns what a command printed, which fits."""
    assert result.exit_code == 0, result.err
    assert too_wide(result.out + result.err) == []
    return str(result.told)


def test_publish_of_a_build(tank: Any, desk: Any, skill: Path, github_job: str, stages: None) -> None:
    desk.bind(build_binding(environment=""))
    told = narrow(tank("publish", skill))
    assert told.count("https://github.com/acme/skills ") == 1
    for summary in SUMMARIES.values():
        assert summary in told


def test_publish_of_a_person_at_a_terminal(
    tank: Any,
    desk: Any,
    skill: Path,
    stages: None,
    login: Callable[[str], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Context, "interactive", property(lambda _: True))
    monkeypatch.setenv("TANK_TOKEN", "tank_stored-token")
    monkeypatch.setattr("click.confirm", lambda *_arguments, **_options: True)
    sigstore = desk.scene.sigstore
    desk.name_sigstore("public")
    desk.bind(person_binding(issuer=sigstore.tokens.person_issuer, subject=sigstore.address_of("alice")))
    login("x")
    narrow(tank("publish", skill))


def test_publish_without_a_signature_and_its_rehearsal(
    tank: Any, desk: Any, skill: Path, stages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_stored-token")
    narrow(tank("publish", skill))
    narrow(tank("publish", skill, "--dry-run"))
