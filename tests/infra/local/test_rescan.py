"""A registry of one machine that starts again with other rules: the whole way, nothing doubled."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_core.integrity import sha256_digest
from tests.support.consumer import Client, new_client
from tests.support.embedded_server import (
    PROJECT,
    RunningServer,
    begin,
    ended,
    make_org,
    running_server,
    small_package,
    upload,
)
from tests.support.rule_sets import HIDDEN, first_rules, later_rules

NAME = "@acme/greeter"
_POLLS, _POLL_SECONDS = 600, 0.1


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return first_rules(tmp_path / "first")


@pytest.fixture
def later(tmp_path: Path) -> Path:
    return later_rules(tmp_path / "later")


@pytest.fixture
def port() -> int:
    """A port for both starts: what a client pinned and locked is an address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def publish(server: RunningServer, version: str = "1.0.0", **files: str) -> None:
    package = small_package(version, **files)
    begun = begin(server.client, package)
    upload(begun, package)
    assert ended(server.client, begun["publish_id"])["state"] == "published"


def published(data: Path, rules: Path, port: int, folder: Path) -> Client:
    """Publishes a version that only the later rules see through, and one that is clean; returns who installed both."""
    with running_server(data, "none", "--rules", str(rules), "--port", str(port)) as server:
        make_org(server.client)
        publish(server, "0.9.0")
        publish(server, "1.0.0", hello=HIDDEN)
        root = server.client.get("/tuf/root.json").raise_for_status().content
        client = new_client(folder, str(server.client.base_url).rstrip("/"), sha256_digest(root))
        assert client.run("add", NAME).exit_code == 0
    return client


def restarted(data: Path, rules: Path, port: int, *options: str, point: str = "none") -> Any:
    return running_server(data, point, "--rules", str(rules), "--port", str(port), *options)


def events(server: RunningServer) -> list[dict[str, Any]]:
    """Returns the events of the hidden version, oldest first."""
    found = server.client.get("/v1/skills/acme/greeter/events").raise_for_status().json()["items"]
    return [event for event in reversed(found) if event["subject"].endswith("@1.0.0")]


def wait_for(holds: Callable[[], bool]) -> None:
    for _ in range(_POLLS):
        if holds():
            return
        threading.Event().wait(_POLL_SECONDS)
    raise AssertionError("the rescan does not end")


def actions(server: RunningServer) -> list[str]:
    return [event["action"] for event in events(server)]


def command(data: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "infra.local", "rescan", "--data", str(data), *map(str, options)]
    return subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=110)


def test_a_restart_with_new_rules_judges_what_is_published_and_audit_tells_who_installed_it(
    data: Path, first: Path, later: Path, port: int, tmp_path: Path
) -> None:
    client = published(data, first, port, tmp_path / "client")
    with restarted(data, later, port) as server:
        wait_for(lambda: client.run("audit").refusal == (8, "verdict-changed"))
        assert actions(server) == ["publish", "verdict_change"]
        event = events(server)[-1]
        assert (event["actor"], event["detail"]["verdict"]) == ("registry", "fail")
        assert event["detail"]["rules"] == ["zero-width-characters"]
        shown = server.client.get("/v1/skills/acme/greeter/versions/1.0.0").raise_for_status().json()
        assert (shown["verdict"], shown["availability"]) == ("fail", "available")
        assert server.client.get("/v1/skills/acme/greeter").json()["latest"] == "0.9.0"
        (problem,) = client.run("audit").document["error"]["problems"]
        assert problem["where"] == f"{NAME}@1.0.0"
        assert "fail" in problem["what"]
        assert "pass" in problem["what"]
        root = server.client.get("/tuf/root.json").content
        newcomer = new_client(tmp_path / "newcomer", client_url(server), sha256_digest(root))
        assert newcomer.run("add", f"{NAME}@1.0.0", "--accept-flagged").exit_code == 9
        assert newcomer.run("add", NAME).exit_code == 0
        assert newcomer.locked(NAME)["version"] == "0.9.0"


def client_url(server: RunningServer) -> str:
    return str(server.client.base_url).rstrip("/")


def test_where_the_operator_wants_it_what_fails_is_withdrawn_on_every_read_path(
    data: Path, first: Path, later: Path, port: int, tmp_path: Path
) -> None:
    client = published(data, first, port, tmp_path / "client")
    digest = client.locked(NAME)["digest"]
    with restarted(data, later, port, "--takedown-on", "fail") as server:
        wait_for(lambda: client.run("audit").refusal == (8, "withdrawn-in-lock"))
        wait_for(lambda: server.client.get(f"/blobs/{digest.replace(':', '/')}").status_code == 404)
        assert actions(server) == ["publish", "verdict_change", "takedown"]
        assert server.client.get("/v1/skills/acme/greeter/versions/1.0.0").status_code == 410
        layers = [path.read_bytes()[:2] for path in (data / "oci").rglob("blobs/sha256/*")]
        assert layers.count(b"\x1f\x8b") == 1  # the archive of 0.9.0 alone


@pytest.mark.parametrize("point", ["RescanScan:after", "RescanRecord:before", "RescanRecord:after"])
def test_a_rescan_that_a_kill_interrupts_goes_on_after_the_next_start(
    data: Path, first: Path, later: Path, port: int, tmp_path: Path, point: str
) -> None:
    client = published(data, first, port, tmp_path / "client")
    with restarted(data, later, port, point=point) as server:
        server.wait_until_stalled()
        server.kill()
    with restarted(data, later, port) as server:
        wait_for(lambda: client.run("audit").refusal == (8, "verdict-changed"))
        assert actions(server) == ["publish", "verdict_change"]


def test_the_command_rescans_a_stopped_registry_and_tells_what_is_due(
    data: Path, first: Path, later: Path, port: int, tmp_path: Path
) -> None:
    published(data, first, port, tmp_path / "client")
    due = command(data, "--rules", later, "--status")
    assert (due.returncode, "2 due, 0 given up" in due.stdout) == (0, True)
    done = command(data, "--rules", later)
    assert done.returncode == 0, done.stderr
    assert f"{NAME}@1.0.0: fail, score 0.5" in done.stdout
    assert "0 due, 0 given up" in done.stdout
    assert f"{NAME}@0.9.0" not in done.stdout
    again = command(data, "--rules", later)
    assert (again.returncode, again.stdout.count("\n")) == (0, 1)


def test_a_waiver_of_a_published_version_is_attested_by_the_next_rescan(
    data: Path, port: int, tmp_path: Path
) -> None:
    rules = later_rules(tmp_path / "flags", severity="high", confidence="medium")
    with restarted(data, rules, port) as server:
        make_org(server.client)
        publish(server, "1.0.0", hello=HIDDEN)
        shown = server.client.get("/v1/skills/acme/greeter/versions/1.0.0").json()
        objection = {
            **{key: shown[key] for key in ("name", "version", "digest", "integrity")},
            **{"rule_id": "zero-width-characters", "file": "scripts/hello.py", "reason": "It is a sample."},
        }
        filed = server.client.post("/v1/appeals", json=objection).raise_for_status().json()
        granted = {"granted": True, "reason": "Nobody is harmed.", "days": 90}
        decision = f"/v1/appeals/{filed['appeal_id']}/decision"
        server.client.put(decision, json=granted).raise_for_status()
    done = command(data, "--rules", rules)
    assert done.returncode == 0, done.stderr
    assert (shown["verdict"], f"{NAME}@1.0.0: pass_with_notes" in done.stdout) == ("flagged", True)
    with restarted(data, rules, port) as server:
        assert actions(server) == ["publish", "appeal_file", "waiver_grant", "verdict_change"]
        root = server.client.get("/tuf/root.json").content
        newcomer = new_client(tmp_path / "newcomer", client_url(server), sha256_digest(root))
        assert newcomer.run("add", NAME).exit_code == 0
        (skill,) = newcomer.run("audit").document["skills"]
        assert (skill["verdict"], skill["verdict_now"]) == ("pass_with_notes", "pass_with_notes")
        assert [(w["state"], w["counted"]) for w in skill["waivers"]] == [("in_force", True)]


def test_the_command_refuses_a_folder_that_a_server_holds_and_one_that_never_served(
    data: Path, first: Path, tmp_path: Path
) -> None:
    with running_server(data, "none", "--rules", str(first)):
        held = command(data, "--rules", first)
        assert (held.returncode, "stop it first" in held.stderr) == (1, True)
        assert command(data, "--rules", first, "--status").returncode == 0
    never = command(tmp_path / "nothing")
    assert (never.returncode, "start it once with serve" in never.stderr) == (1, True)
    assert not (tmp_path / "nothing").exists()


def test_rules_that_are_not_usable_keep_a_registry_from_starting(data: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    words = [sys.executable, "-m", "infra.local", "serve", "--data", str(data), "--port", "0"]
    words += ["--rules", str(tmp_path / "none")]
    started = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60)
    assert (started.returncode, "there are no rules" in started.stderr) == (1, True)


def test_what_a_publish_is_judged_by_is_what_the_server_was_started_with(data: Path, later: Path) -> None:
    with running_server(data, "none", "--rules", str(later)) as server:
        make_org(server.client)
        package = small_package("1.0.0", hello=HIDDEN)
        begun = begin(server.client, package)
        upload(begun, package)
        status = ended(server.client, begun["publish_id"])
        assert (status["state"], status["rejection"]["code"]) == ("rejected", "malicious-package")
        assert json.dumps(status).count("zero-width-characters")
