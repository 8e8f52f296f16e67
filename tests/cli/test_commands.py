"""Commands that talk to the registry's API, and those that need no registry."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pytest

from tank_cli import app, edge
from tank_cli.main import main
from tank_cli.table import COMMANDS
from tests.support.binding_documents import bindings_document
from tests.support.registry_double import RegistryDouble

TOKEN = {
    "token_id": "01J",
    "publisher_id": "jo",
    "scopes": ["publish"],
    "skills": [],
    "description": "",
    "created_at": 0,
    "expires_at": 2_000_000_000,
    "revoked_at": None,
}
PUBLISHER = {
    "publisher_id": "jo",
    "created_at": 0,
    "verified": True,
    "is_registry_admin": False,
}
WHOAMI = {"publisher": PUBLISHER, "token": TOKEN, "orgs": [{"org": "acme", "role": "owner"}]}
STANDING = {
    "name": "@acme/notes",
    "version": "1.0.0",
    "availability": "yanked",
    "availability_reason": "slow",
    "deprecation": "",
}


@pytest.fixture
def logged_in(tank: Any, trusted: RegistryDouble, tmp_path: Path) -> RegistryDouble:
    trusted.answer_json("GET", "/v1/whoami", WHOAMI)
    (tmp_path / "token").write_text("tank_abc\n")
    assert tank("login", "--token-file", tmp_path / "token").exit_code == 0
    return trusted


def all_commands() -> list[click.Command]:
    found: list[click.Command] = []
    context = click.Context(app.tank)
    waiting = [app.tank.get_command(context, name) for name in COMMANDS]
    while waiting:
        command = waiting.pop()
        assert command is not None
        found.append(command)
        if isinstance(command, click.Group):
            waiting += list(command.commands.values())
    return found


@pytest.mark.parametrize("command", all_commands(), ids=lambda command: str(command.name))
def test_every_help_has_an_example_and_every_leaf_speaks_json(command: click.Command) -> None:
    assert command.epilog is not None
    assert "  tank " in command.epilog or '"$(tank' in command.epilog
    options = {option for parameter in command.params for option in parameter.opts}
    assert isinstance(command, click.Group) or "--json" in options


@pytest.mark.parametrize(
    ("typed", "meant"), [("instal", "install"), ("publsh", "publish"), ("serach", "search")]
)
def test_unknown_command_suggests_the_nearest(tank: Any, typed: str, meant: str) -> None:
    result = tank(typed)
    assert result.exit_code == 2
    assert f"Did you mean `tank {meant}`?" in result.err


def test_usage_error_speaks_json_when_asked_to(tank: Any) -> None:
    result = tank("list", "--json", "--nonsense")
    assert (result.exit_code, result.error_code) == (2, "usage")


def test_unexpected_failure_hides_its_traceback_until_debug(
    tank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("tank_cli.context.configuration.load", fail)
    result = tank("list")
    assert result.exit_code == 1
    assert "error[unexpected-error]" in result.err
    assert "Traceback" not in result.err
    assert "Traceback" in tank("list", "--debug").err


def test_login_checks_the_token_before_it_keeps_it(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    problem = {"detail": "No.", "code": "not-authenticated", "why": "w", "fix": "f", "request_id": "r1"}
    trusted.answer_json("GET", "/v1/whoami", problem, status=401)
    monkeypatch.setattr(sys, "stdin", io.StringIO("tank_abc\n"))
    result = tank("login", "--json")
    assert (result.exit_code, result.error_code) == (4, "not-authenticated")
    assert not (home / ".config/tank/credentials.json").exists()


def test_nobody_is_asked_for_a_token_that_no_registry_would_get(
    tank: Any, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # an empty token is refused, if it is read
    assert tank("login", "--json").error_code == "no-registry"
    assert tank("login", "--registry", "https://tank.example", "--json").error_code == "untrusted-registry"


def test_no_token_on_stdin_is_not_a_wrong_one(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n"))
    assert "There is no token on standard input." in tank("login").told


def test_login_whoami_logout(tank: Any, logged_in: RegistryDouble) -> None:
    assert "publisher:" in tank("whoami").out
    assert logged_in.headers[-1]["Authorization"] == "Bearer tank_abc"
    assert tank("logout").exit_code == 0
    result = tank("whoami", "--json")
    assert (result.exit_code, result.error_code) == (4, "not-logged-in")


def test_token_is_not_sent_for_index_and_blobs(tank: Any, logged_in: RegistryDouble) -> None:
    logged_in.publish("@acme/notes", "1.0.0")
    logged_in.headers.clear()
    assert tank("add", "@acme/notes").exit_code == 0
    assert logged_in.headers
    assert not any("Authorization" in headers for headers in logged_in.headers)


def test_token_secret_is_alone_on_stdout(tank: Any, logged_in: RegistryDouble) -> None:
    logged_in.answer_json("POST", "/v1/tokens", {"token": TOKEN, "secret": "tank_new"}, status=201)
    assert tank("token", "create", "--scope", "publish").out == "tank_new\n"
    assert tank("token", "create", "--scope", "publsh", "--json").error_code == "usage"


@pytest.mark.parametrize(
    ("arguments", "method", "path"),
    [
        (["yank", "@acme/notes@1.0.0", "--reason", "slow"], "PUT", "yank"),
        (["unyank", "@acme/notes@1.0.0"], "DELETE", "yank"),
        (["deprecate", "@acme/notes@1.0.0", "--message", "old"], "PUT", "deprecation"),
        (["deprecate", "@acme/notes@1.0.0", "--undo"], "DELETE", "deprecation"),
    ],
)
def test_availability_commands_ask_for_what_they_say(
    tank: Any, logged_in: RegistryDouble, arguments: list[str], method: str, path: str
) -> None:
    logged_in.answer_json(method, f"/v1/skills/acme/notes/versions/1.0.0/{path}", STANDING)
    assert tank(*arguments).exit_code == 0


def test_org_members_are_set_and_removed(tank: Any, logged_in: RegistryDouble) -> None:
    org = {"org": "acme", "created_at": 0, "members": {"jo": "owner"}}
    logged_in.answer_json("POST", "/v1/orgs", org, status=201)
    logged_in.answer_json("GET", "/v1/orgs/acme", org)
    logged_in.answer_json("GET", "/v1/orgs/acme/bindings", bindings_document())
    logged_in.answer_json("PUT", "/v1/orgs/acme/members/al", org)
    logged_in.answer_json("DELETE", "/v1/orgs/acme/members/al", org)
    assert tank("org", "create", "@acme").exit_code == 0
    assert "jo  owner" in tank("org", "show", "acme").out
    assert tank("org", "member", "set", "acme", "al", "publisher").exit_code == 0
    assert tank("org", "member", "remove", "acme", "al").exit_code == 0


def test_info_shows_what_the_latest_version_may_do_before_anything_is_installed(
    tank: Any, trusted: RegistryDouble
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["git"]})
    line = {"version": "1.0.0", "availability": "available", "availability_reason": "", "published_at": 1}
    skill = {"name": "@acme/notes", "description": "d", "keywords": [], "latest": "1.0.0", "versions": [line]}
    trusted.answer_json("GET", "/v1/skills/acme/notes", {**skill, "created_at": 1, "updated_at": 1})
    document = {key: value for key, value in asdict(published).items() if key != "publish_id"}
    trusted.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", document)
    shown = tank("info", "@acme/notes").out
    assert f"1.0.0 is from {published.publisher_id} (not signed)" in shown
    assert "git" in shown.partition("permissions:")[2]


def test_search_shows_hits_on_stdout_and_nothing_found_on_stderr(tank: Any, trusted: RegistryDouble) -> None:
    hit = {
        "name": "@acme/notes",
        "description": "x\x1b[2Jy",
        "keywords": [],
        "latest": "1.0.0",
        "updated_at": 0,
    }
    hit |= {"audit_score": None, "verdict": "pass"}
    trusted.answer_json("GET", "/v1/search", {"items": [hit], "cursor": ""})
    result = tank("search", "notes")
    assert "@acme/notes 1.0.0 unscanned pass" in result.told
    assert "\x1b" not in result.out
    trusted.answer_json("GET", "/v1/search", {"items": [], "cursor": ""})
    empty = tank("search", "notes")
    assert (empty.out, empty.err.partition(".")[0]) == ("", "Nothing found")


def test_an_answer_of_the_wrong_shape_is_said_to_be_one(tank: Any, trusted: RegistryDouble) -> None:
    trusted.answer_json("GET", "/v1/search", {"items": 1})
    result = tank("search", "notes", "--json")
    assert (result.exit_code, result.error_code) == (5, "unexpected-answer")


def test_verify_names_modified_added_and_missing_files(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0", files={"a.md": b"a", "b.md": b"b"})
    tank("add", "@acme/notes")
    place = project / ".tank/skills/notes"
    (place / "a.md").write_text("other")
    (place / "b.md").unlink()
    (place / "c.md").write_text("new")
    (place / "scripts/run.sh").chmod(0o644)
    (place / "link.md").symlink_to("/etc/hostname")
    result = tank("verify", "--json")
    assert (result.exit_code, result.error_code) == (6, "installed-files-differ")
    found = {(p["where"], p["what"]) for p in result.document["error"]["problems"]}
    assert found == {
        ("notes/a.md", "It is modified."),
        ("notes/b.md", "It is missing."),
        ("notes/c.md", "It is added."),
        ("notes/link.md", "It is added."),
        ("notes/scripts/run.sh", "It is modified."),
    }


def test_verify_believes_the_lock_and_not_the_state(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    place = project / ".tank/skills/notes/SKILL.md"
    place.write_text("evil")
    state = project / ".tank/state.json"
    import hashlib

    honest = json.loads(state.read_text())
    honest["trees"]["notes"]["SKILL.md"][0] = hashlib.sha256(b"evil").hexdigest()
    state.write_text(json.dumps(honest))
    assert tank("verify").exit_code == 6


def test_list_permissions_and_audit_of_a_good_project(tank: Any, trusted: RegistryDouble) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["git"]}, skills={"@acme/text": "*"})
    trusted.publish("@acme/text", "1.0.0")
    tank("add", "@acme/notes")
    assert [line.split()[-4] for line in tank("list").out.splitlines()[1:]] == ["@acme/notes", "@acme/text"]
    shown = tank("permissions").out
    assert "subprocess  git" in shown
    assert "api.example" in shown.partition("used by no skill")[2]
    trusted.change("@acme/text", "1.0.0", deprecation="use notes")
    audit = tank("audit")
    assert audit.exit_code == 0
    assert "is deprecated: use notes" in audit.out
    assert {s["availability"] for s in tank("audit", "--json").document["skills"]} == {"available"}


def test_init_overwrites_nothing(tank: Any, project: Path) -> None:
    assert tank("init").exit_code == 0
    assert tank("init", "--json").error_code == "already-there"
    assert tank("init", "--skill", "@acme/notes").exit_code == 0
    assert tank("publish", "notes", "--dry-run").exit_code in (0, 8)


def test_doctor_says_what_is_missing(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted.answer_json("GET", "/v1/health", {"status": "ok", "registry": trusted.url})
    monkeypatch.setenv("TANK_SEMGREP", "/nonexistent/semgrep")
    result = tank("doctor", "--json")
    states = {check["name"]: check["state"] for check in result.document["checks"]}
    assert result.exit_code == 0
    assert states == {"tank": "ok", "registry": "ok", "cache": "ok", "semgrep": "note", "trust": "ok"} | {
        "token": "note",
        "network": "ok",
        "agents": "ok",
        "linked": "ok",
        "project": "ok",
    }


def test_doctor_tells_a_bad_token_from_a_bad_network(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = {"code": "not-authenticated", "title": "The token is not valid.", "why": "w", "fix": "f"}
    trusted.answer_json("GET", "/v1/whoami", problem, status=401)
    trusted.answer_json("GET", "/v1/health", {"status": "ok", "registry": trusted.url})
    monkeypatch.setenv("TANK_TOKEN", "tank_old")
    states = {check["name"]: check["state"] for check in tank("doctor", "--json").document["checks"]}
    assert (states["token"], states["network"]) == ("note", "ok")


def test_doctor_names_the_publisher_of_a_good_token(tank: Any, logged_in: RegistryDouble) -> None:
    checks = {check["name"]: check["text"] for check in tank("doctor", "--json").document["checks"]}
    assert checks["token"] == "stored, of jo"


def test_whoami_calls_a_token_without_limit_good_for_all_skills(tank: Any, logged_in: RegistryDouble) -> None:
    assert "skills:         all\n" in tank("whoami").out


def test_the_end_of_line_in_a_token_variable_does_not_break_a_search(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted.answer_json("GET", "/v1/search", {"items": [], "cursor": ""})
    monkeypatch.setenv("TANK_TOKEN", "tank_abc\n")
    assert tank("search", "notes").exit_code == 0
    assert trusted.headers[-1]["Authorization"] == "Bearer tank_abc"
    monkeypatch.setenv("TANK_TOKEN", "not a token")
    assert tank("search", "notes", "--json").error_code == "invalid-token"


def test_an_admin_creates_a_publisher_and_the_secret_stands_alone_on_stdout(
    tank: Any, logged_in: RegistryDouble
) -> None:
    made = {"publisher": PUBLISHER, "token": TOKEN, "secret": "tank_first"}
    logged_in.answer_json("POST", "/v1/publishers", made, status=201)
    result = tank("publisher", "create", "jo")
    assert (result.exit_code, result.out) == (0, "tank_first\n")
    assert "Created the publisher jo." in result.err
    assert tank("publisher", "create", "jo", "--json").document == made


def test_ctrl_c_before_the_command_began_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(edge, "run", interrupted)
    assert main(["list"]) == 130


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_code_for_the_shell(tank: Any, shell: str) -> None:
    assert "_TANK_COMPLETE" in tank("completion", shell).out


def test_completion_answers_the_shell() -> None:
    root = Path(__file__).resolve().parents[2]
    environment = {"PYTHONPATH": f"{root / 'cli'}:{root}", "HOME": "/nonexistent", "PATH": ""}
    environment |= {"_TANK_COMPLETE": "bash_complete", "COMP_WORDS": "tank ins", "COMP_CWORD": "1"}
    result = subprocess.run(
        [sys.executable, "-m", "tank_cli"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.stdout == "plain,install\n"


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.EACCES, "Give yourself the right"), (errno.EROFS, "TANK_HOME"), (errno.ENOSPC, "Make room")],
)
def test_what_the_machine_refuses_is_no_defect_of_tank(
    tank: Any, project: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), "/somewhere/skills.json")

    monkeypatch.setattr("tank_cli.atomic.os.open", refuse)
    result = tank("init")
    assert (result.exit_code, "error[system-refused]" in result.err) == (1, True)
    assert words in result.told
    assert "/somewhere/skills.json" in result.told
