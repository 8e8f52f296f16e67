"""Publishing: what is refused here, what is sent, and how the end is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tank_cli.client.transport import Transport
from tank_cli.publishing.prepare import prepare
from tank_cli.publishing.upload import PublishSlowError, UnsafeUploadLinkError, Watch, follow, upload
from tank_core.integrity import sha256_digest
from tank_core.publish import PublishState
from tank_core.wire.publishes import PublishBegun, Upload
from tests.support.binding_documents import bindings_document
from tests.support.registry_double import RegistryDouble

STAGES = ("sign", "analyze", "validate", "score", "store")


def stage(name: str, state: str = "passed") -> dict[str, Any]:
    return {
        "stage": name,
        "state": state,
        "started_at": 1,
        "ended_at": 2,
        "attempts": 1,
        "summary": f"{name} done",
    }


def status(state: str, **more: Any) -> dict[str, Any]:
    base = {"publish_id": "01J", "name": "@acme/notes", "version": "1.0.0", "state": state, "created_at": 0}
    base |= {"expires_at": 9, "redrives": 0, "stages": [stage(name) for name in STAGES]}
    return base | more


def whoami(*, org: str = "acme", scope: str = "publish", skills: tuple[str, ...] = ()) -> dict[str, Any]:
    token = {"token_id": "01J", "publisher_id": "jo", "scopes": [scope], "skills": list(skills)}
    token |= {"description": "", "created_at": 0, "expires_at": 2_000_000_000, "revoked_at": None}
    who = {"publisher_id": "jo", "created_at": 0, "verified": True, "is_registry_admin": False}
    orgs = [{"org": org, "role": "publisher"}]
    return {"publisher": who, "token": token, "orgs": orgs}


@pytest.fixture
def skill(project: Path) -> Path:
    folder = project / "notes"
    folder.mkdir()
    manifest = {"name": "@acme/notes", "version": "1.0.0", "description": "Notes", "license": "MIT"}
    (folder / "skills.json").write_text(json.dumps(manifest))
    (folder / "SKILL.md").write_text("---\nname: notes\ndescription: Notes\n---\nWrite notes.\n")
    return folder


@pytest.fixture
def publisher(trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch) -> RegistryDouble:
    """A registry that accepts one publish, and a token; the stages end at once."""
    monkeypatch.setenv("TANK_TOKEN", "tank_abc")
    monkeypatch.setenv("TANK_SEMGREP", "/nonexistent/semgrep")

    def begin(body: bytes, _: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        trusted.objects["/announced"] = body
        link = {"url": f"{trusted.url}/upload", "method": "PUT", "headers": {"X-Bound": "1"}, "expires_at": 9}
        answer = {"state": "reserved", "publish_id": "01J", "upload": link, "status_url": "x"}
        return 201, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def store(body: bytes, _: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        trusted.objects["/uploaded"] = body
        return 200, {}, b""

    trusted.answer_json("GET", "/v1/whoami", whoami())
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document())
    trusted.routes[("POST", "/v1/publishes")] = begin
    trusted.routes[("PUT", "/upload")] = store
    return trusted


def test_publish_announces_and_uploads_the_same_bytes_and_shows_the_stages(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    publisher.answer_json("GET", "/v1/publishes/01J", status("published"))
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    announced = json.loads(publisher.objects["/announced"])
    assert announced["digest"] == sha256_digest(publisher.objects["/uploaded"])
    assert announced["size_bytes"] == len(publisher.objects["/uploaded"])
    assert [line.split()[0] for line in result.err.splitlines() if line.startswith("  ")] == list(STAGES)


def test_pack_writes_the_bytes_that_publish_uploads(
    tank: Any, publisher: RegistryDouble, skill: Path, project: Path
) -> None:
    (skill / "run.sh").write_text("#!/bin/sh\n")
    (skill / "run.sh").chmod(0o755)
    publisher.answer_json("GET", "/v1/publishes/01J", status("published"))
    assert tank("pack", skill).exit_code == 0
    assert tank("publish", skill).exit_code == 0
    assert (project / "acme-notes-1.0.0.tar.gz").read_bytes() == publisher.objects["/uploaded"]


def test_the_token_does_not_travel_with_the_upload(tank: Any, publisher: RegistryDouble, skill: Path) -> None:
    publisher.answer_json("GET", "/v1/publishes/01J", status("published"))
    tank("publish", skill)
    uploads = [h for r, h in zip(publisher.requests, publisher.headers, strict=True) if r == "PUT /upload"]
    assert len(uploads) == 1
    assert "Authorization" not in uploads[0]
    assert uploads[0]["X-Bound"] == "1"


@pytest.mark.parametrize(
    ("code", "at", "exit_code"),
    [
        ("malicious-package", "analyze", 8),
        ("capability-escalation", "validate", 7),
        ("bundle-refused", "sign", 6),
        ("manifest-mismatch", "validate", 1),
    ],
)
def test_a_refusal_keeps_code_words_and_places(
    tank: Any, publisher: RegistryDouble, skill: Path, code: str, at: str, exit_code: int
) -> None:
    problem = {"where": "scripts/run.py:7", "what": "reads a secret", "fix": "Remove it."}
    rejection = {
        "stage": at,
        "code": code,
        "what": "No.",
        "why": "Because.",
        "fix": "Do.",
        "problems": [problem],
    }
    publisher.answer_json("GET", "/v1/publishes/01J", status("rejected", rejection=rejection))
    result = tank("publish", skill)
    assert result.exit_code == exit_code
    for text in (f"error[{code}]: No.", "scripts/run.py:7", "reads a secret", "Because.", "Do."):
        assert text in result.err


def test_the_registrys_own_failure_is_told_as_that(tank: Any, publisher: RegistryDouble, skill: Path) -> None:
    publisher.answer_json("GET", "/v1/publishes/01J", status("failed", failure="the scanner timed out"))
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (5, "publish-failed")


def test_the_same_bytes_again_succeed(tank: Any, publisher: RegistryDouble, skill: Path) -> None:
    publisher.answer_json("POST", "/v1/publishes", {"state": "published", "already": True})
    result = tank("publish", skill, "--json")
    assert result.exit_code == 0
    assert result.document["already"] is True


def test_waiting_is_bounded() -> None:
    class Api:
        looks = 0

        def get(self, path: str, answer: Any) -> Any:
            self.looks += 1
            return answer.model_validate(status("running"))

    api = Api()
    with pytest.raises(PublishSlowError):
        follow(api, "01J", Watch(timeout_seconds=5, sleep=lambda _: None))  # type: ignore[arg-type]
    assert api.looks == 5


def test_publish_without_a_token_says_how_to_get_one(
    tank: Any, publisher: RegistryDouble, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TANK_TOKEN")
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "not-logged-in")


def test_dry_run_lists_the_package_and_uploads_nothing(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    result = tank("publish", skill, "--dry-run")
    assert result.exit_code == 0
    for text in ("SKILL.md", "skills.json", "sha512-", "sha256:", "permissions", "would be published"):
        assert text in result.out
    assert "not scanned" in result.err
    assert not any(request.startswith(("POST", "PUT")) for request in publisher.requests)
    document = tank("publish", skill, "--dry-run", "--json").document
    assert [file["path"] for file in document["files"]] == ["SKILL.md", "skills.json"]


def test_dry_run_fails_for_an_escalation(tank: Any, publisher: RegistryDouble, skill: Path) -> None:
    publisher.publish("@acme/notes", "0.9.0")
    publisher.publish("@acme/notes", "1.0.0")
    manifest = json.loads((skill / "skills.json").read_text())
    manifest |= {"version": "1.0.1", "capabilities": {"subprocess": ["git"]}}
    (skill / "skills.json").write_text(json.dumps(manifest))
    result = tank("publish", skill, "--dry-run", "--json")
    assert (result.exit_code, result.error_code) == (7, "capability-escalation")


def test_dry_run_fails_for_other_bytes_under_a_published_version(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    publisher.publish("@acme/notes", "1.0.0")
    assert tank("publish", skill, "--dry-run", "--json").error_code == "version-conflict"


def test_dry_run_fails_for_a_dependency_that_nobody_published(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    manifest = json.loads((skill / "skills.json").read_text()) | {"skills": {"@acme/nothing": "^1.0.0"}}
    (skill / "skills.json").write_text(json.dumps(manifest))
    assert tank("publish", skill, "--dry-run", "--json").error_code == "unknown-dependency"


def test_problems_of_both_files_come_together(tank: Any, publisher: RegistryDouble, skill: Path) -> None:
    (skill / "skills.json").write_text('{"name": "@acme/notes", "versoin": "1"}')
    (skill / "SKILL.md").write_text("---\nname: notes\n---\n")
    result = tank("publish", skill, "--json")
    assert result.error_code == "not-publishable"
    places = {problem["where"].partition(":")[0] for problem in result.document["error"]["problems"]}
    assert places == {"skills.json", "SKILL.md"}


def test_names_that_differ_are_refused_before_anything_is_sent(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    (skill / "SKILL.md").write_text("---\nname: other\ndescription: x\n---\n")
    assert tank("publish", skill, "--json").error_code == "not-publishable"
    assert not any(request.startswith("POST") for request in publisher.requests)


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        (whoami(org="other"), "no member of @acme"),
        (whoami(scope="manage"), "lacks the scope “publish”"),
        (whoami(skills=("@acme/text",)), "limited to @acme/text"),
    ],
    ids=["role", "scope", "limit"],
)
def test_dry_run_fails_where_the_registry_would_forbid_the_publish(
    tank: Any, publisher: RegistryDouble, skill: Path, caller: dict[str, Any], words: str
) -> None:
    publisher.answer_json("GET", "/v1/whoami", caller)
    result = tank("publish", skill, "--dry-run", "--json")
    assert (result.exit_code, result.error_code) == (4, "may-not-publish")
    assert words in result.out


def test_dry_run_accepts_a_token_limited_to_the_organisation(
    tank: Any, publisher: RegistryDouble, skill: Path
) -> None:
    publisher.answer_json("GET", "/v1/whoami", whoami(skills=("@acme/*",)))
    assert tank("publish", skill, "--dry-run").exit_code == 0


def test_dry_run_without_a_token_says_what_it_could_not_check(
    tank: Any, publisher: RegistryDouble, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TANK_TOKEN")
    result = tank("publish", skill, "--dry-run")
    assert result.exit_code == 0
    assert "not logged in" in result.err


@pytest.mark.parametrize(
    ("method", "used", "allowed"),
    [
        ("PUT", "http://127.0.0.1:1", True),
        ("DELETE", "http://127.0.0.1:1", False),
        ("PUT", "https://tank.example", False),
    ],
)
def test_a_link_acts_on_no_service_of_this_machine(
    trusted: RegistryDouble, skill: Path, method: str, used: str, allowed: bool
) -> None:
    trusted.routes[("PUT", "/upload")] = lambda _body, _headers: (200, {}, b"")
    link = Upload(url=f"{trusted.url}/upload", method=method, headers={}, expires_at=9)
    begun = PublishBegun(state=PublishState.RESERVED, publish_id="01J", bundle_upload=link)
    package = prepare(skill)
    trusted.requests.clear()
    with Transport() as transport, nullcontext() if allowed else pytest.raises(UnsafeUploadLinkError):
        upload(transport, begun, package, b"bundle", used)
    assert trusted.requests == (["PUT /upload"] if allowed else [])
