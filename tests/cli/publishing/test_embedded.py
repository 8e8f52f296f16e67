"""The whole way, with nothing doubled: command, local Sigstore, tickets, Sign stage, installation."""

from __future__ import annotations

import itertools
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tank_cli.context import Context
from tank_core.integrity import sha256_digest
from tests.support.embedded_server import PROJECT, RunningServer, running_server
from tests.support.publishing_documents import write_skill

# The library shuts its redirect server down and does not close its socket (sigstore-python 4.5.1, oauth.py).
pytestmark = pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning")


_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[RunningServer]:
    with running_server(data) as running:
        yield running


@pytest.fixture
def url(server: RunningServer) -> str:
    return str(server.client.base_url).rstrip("/")


@pytest.fixture
def org(server: RunningServer, url: str, data: Path, tank: Any, project: Path) -> str:
    """A new organisation of a registry that is trusted, and logged in to by its owner."""
    root = server.client.get("/tuf/root.json").raise_for_status().content
    name = f"acme-{next(_numbers)}"
    assert tank("trust", url, "--fingerprint", sha256_digest(root)).exit_code == 0
    assert tank("login", "--token-file", data / "admin.token").exit_code == 0
    assert tank("org", "create", name).exit_code == 0
    return name


def bind(tank: Any, org: str) -> None:
    """Binds the release workflow of acme/skills."""
    ids = ("--owner-id", "1001", "--repository-id", "2002")
    which = ("--github", "acme/skills", *ids, "--workflow", "release.yml", "--ref", "refs/tags/v*")
    assert tank("binding", "add", f"@{org}", "--publisher", "admin", *which).exit_code == 0


def become_job(data: Path, monkeypatch: pytest.MonkeyPatch, *, ref: str = "refs/tags/v1.0.0") -> None:
    """Makes this process the release job of acme/skills, as an operator would for a shell."""
    command = [sys.executable, "-m", "infra.local", "ci-identity", "--data", str(data)]
    command += ["--repository", "acme/skills", "--repository-id", "2002", "--owner-id", "1001"]
    command += ["--workflow", ".github/workflows/release.yml", "--ref", ref, "--event", "push"]
    printed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=30)
    for word in shlex.split(printed.stdout):
        name, equals, value = word.partition("=")
        if equals:
            monkeypatch.setenv(name, value)


def test_a_first_version_comes_from_ci_without_a_token_and_installs(
    tank: Any, org: str, data: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind(tank, org)
    assert tank("logout").exit_code == 0
    become_job(data, monkeypatch)
    skill = write_skill(project / "notes", org)
    published = tank("publish", skill)
    assert published.exit_code == 0, published.err
    assert "Signed by https://github.com/acme/skills (repository 2002, owner 1001" in published.err
    assert tank("publish", skill, "--json").document["already"] is True
    (project / "skills.json").write_text(json.dumps({"permissions": {}, "skills": {}}))
    added = tank("add", f"@{org}/notes")
    assert added.exit_code == 0, added.err
    lock = json.loads((project / "skills.lock").read_text())
    assert lock["skills"][f"@{org}/notes"]["signer"]["repository_id"] == "2002"


def test_a_job_on_another_ref_gets_no_ticket_and_signs_nothing(
    tank: Any, org: str, data: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind(tank, org)
    become_job(data, monkeypatch, ref="refs/heads/main")
    result = tank("publish", write_skill(project / "notes", org), "--json")
    assert (result.exit_code, result.error_code) == (4, "no-binding")
    assert "refs/heads/main" in result.out
    assert "Signing" not in result.err


def test_a_member_without_a_signature_cannot_publish_what_is_bound(
    tank: Any, org: str, project: Path
) -> None:
    bind(tank, org)
    result = tank("publish", write_skill(project / "notes", org), "--no-sign", "--json")
    assert (result.exit_code, result.error_code) == (6, "missing-signature")


def test_where_tokens_are_forbidden_a_token_does_not_publish(tank: Any, org: str, project: Path) -> None:
    assert tank("org", "tokens", org, "--forbid", "--json").error_code == "nobody-could-publish"
    bind(tank, f"{org}/built")
    assert tank("org", "tokens", org, "--forbid").exit_code == 0
    result = tank("publish", write_skill(project / "notes", org), "--json")
    assert (result.exit_code, result.error_code) == (4, "tokens-forbidden")


def test_a_person_logs_in_signs_and_publishes(
    tank: Any, org: str, url: str, data: Path, project: Path, monkeypatch: pytest.MonkeyPatch, login: Any
) -> None:
    issuer = f"{url}/sigstore/oidc"
    person = ("--publisher", "admin", "--issuer", issuer, "--subject", "admin@127.0.0.1")
    bound = tank("binding", "add", f"@{org}/notes", *person)
    assert bound.exit_code == 0, bound.err
    monkeypatch.setattr(Context, "interactive", property(lambda _: True))
    login((data / "admin.token").read_text().strip())
    result = tank("publish", write_skill(project / "notes", org))
    assert result.exit_code == 0, result.err
    assert f"Signed by admin@127.0.0.1 ({issuer})" in result.err
