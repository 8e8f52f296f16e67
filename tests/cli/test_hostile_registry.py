"""A registry, or somebody in between, that lies: nothing is installed, nothing leaks, nothing is read for ever."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tank_core.archive import DEFAULT_LIMITS
from tank_core.index import index_bytes
from tests.support.registry_double import RegistryDouble, blob_path, serving

BIG = 10 * 1024**3


@contextmanager
def another_host() -> Iterator[RegistryDouble]:
    with serving(RegistryDouble()) as double:
        yield double


@pytest.mark.parametrize("path", ["index", "blob"])
def test_a_redirect_is_not_followed_and_no_token_leaks(
    tank: Any, trusted: RegistryDouble, project: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_secret")
    published = trusted.publish("@acme/notes", "1.0.0")
    with another_host() as elsewhere:
        place = trusted.tuf.document_path("@acme/notes") if path == "index" else blob_path(published.digest)
        elsewhere.objects[place] = trusted.objects[place]

        def redirect(_: bytes, __: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
            return 302, {"Location": elsewhere.url + place}, b""

        trusted.routes[("GET", place)] = redirect
        assert tank("add", "@acme/notes").exit_code != 0
        assert not (project / "skills.lock").exists()
        assert elsewhere.requests == []


def test_a_redirect_of_the_api_is_not_followed(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_secret")
    with another_host() as elsewhere:

        def redirect(_: bytes, __: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
            return 307, {"Location": f"{elsewhere.url}/v1/whoami"}, b""

        trusted.routes[("GET", "/v1/whoami")] = redirect
        assert tank("whoami").exit_code != 0
        assert elsewhere.requests == []


def test_a_version_larger_than_any_package_is_refused_unread(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    trusted.change("@acme/notes", "1.0.0", size_bytes=BIG)
    trusted.objects[blob_path(published.digest)] = bytes(DEFAULT_LIMITS.archive_bytes + 1)
    assert tank("add", "@acme/notes", "--json").error_code == "archive-too-large"
    assert not any("/blobs/" in request for request in trusted.requests)


@pytest.mark.parametrize("size", [1, 100_000], ids=["a byte too many", "far too many"])
def test_more_bytes_than_the_lock_names_are_other_bytes(
    tank: Any, trusted: RegistryDouble, project: Path, size: int
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    trusted.objects[blob_path(published.digest)] += bytes(size)
    assert tank("add", "@acme/notes", "--json").error_code == "blob-mismatch"


def test_a_tiny_archive_that_is_gone_is_told_as_gone(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    """The registry's answer that it is not there is longer than the archive was."""
    published = trusted.publish("@acme/notes", "1.0.0")
    trusted.overrides[blob_path(published.digest)] = [(404, bytes(published.size_bytes + 1))]
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (8, "blob-unavailable")


def test_another_skills_attestation_is_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    other = trusted.publish("@acme/text", "1.0.0")
    trusted.publish("@acme/notes", "1.0.0")
    trusted.change("@acme/notes", "1.0.0", attestation_digest=other.attestation_digest)
    assert tank("add", "@acme/notes", "--json").error_code == "attestation-refused"


def test_another_versions_attestation_is_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    old = trusted.publish("@acme/notes", "1.0.0")
    trusted.publish("@acme/notes", "1.1.0")
    trusted.change("@acme/notes", "1.1.0", attestation_digest=old.attestation_digest)
    assert tank("add", "@acme/notes", "--json").error_code == "attestation-refused"


def test_old_bytes_under_a_new_version_are_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    old = trusted.publish("@acme/notes", "1.0.0")
    disguised = replace(old, version="9.0.0")
    trusted.tuf.put_document("@acme/notes", index_bytes("@acme/notes", [disguised]))
    assert tank("add", "@acme/notes", "--json").error_code == "attestation-refused"


def test_hidden_dependencies_are_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/text", "1.0.0")
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.change("@acme/notes", "1.0.0", dependencies={})
    assert tank("add", "@acme/notes", "--json").error_code == "lock-mismatch"


def test_hidden_capabilities_are_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["curl"]})
    trusted.change("@acme/notes", "1.0.0", capabilities={})
    assert tank("add", "@acme/notes", "--json").error_code == "lock-mismatch"


def test_a_swapped_key_in_the_registry_document_changes_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    other = RegistryDouble()
    document = json.loads(trusted.objects["/registry.json"])
    document["keys"] = [{"key_id": other.key_id, "public_key": other.pem}]
    trusted.objects["/registry.json"] = json.dumps(document).encode()
    trusted.key = other.key
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes", "--json").error_code == "attestation-refused"


def test_a_key_that_was_revoked_ends_with_the_run_that_hears_of_it(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    shutil.rmtree(home / ".cache")
    shutil.rmtree(project / ".tank")
    other = RegistryDouble()
    trusted.sign_registry(keys=[{"key_id": other.key_id, "public_key": other.pem}])
    assert tank("ci", "--json").error_code == "attestation-refused"


def test_an_altered_archive_in_the_cache_is_never_extracted(
    tank: Any,
    trusted: RegistryDouble,
    project: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    value = published.digest.removeprefix("sha256:")
    cached = home / ".cache/tank/blobs" / value[:2] / value
    cached.write_bytes(cached.read_bytes()[:-1] + b"x")
    second = tmp_path / "second"
    second.mkdir()
    monkeypatch.chdir(second)
    (second / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    assert tank("add", "@acme/notes").exit_code == 0
    assert tank("verify").exit_code == 0


def test_an_altered_index_document_in_the_cache_is_never_read(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0", capabilities={"subprocess": ["curl"]})
    assert tank("add", "@acme/notes", "--json").error_code == "permission-budget"
    value = trusted.tuf.document_path("@acme/notes").rpartition("/")[2].partition(".")[0]
    cached = home / ".cache/tank/blobs" / value[:2] / value
    cached.write_bytes(index_bytes("@acme/notes", [replace(published, capabilities={})]))
    assert tank("add", "@acme/notes", "--json").error_code == "permission-budget"


ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


@pytest.mark.parametrize(
    "command", [("search", "notes"), ("info", "@acme/notes"), ("token", "create", "--scope", "publish")]
)
def test_what_a_registry_says_moves_no_cursor(
    tank: Any, trusted: RegistryDouble, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TANK_TOKEN", "tank_secret")
    hit = {"name": f"@acme/{ESCAPES}", "latest": ESCAPES, "description": ESCAPES, "keywords": [ESCAPES]}
    hit |= {"audit_score": 1.0, "verdict": "pass", "updated_at": 1}
    trusted.answer_json("GET", "/v1/search", {"items": [hit], "cursor": ESCAPES})
    skill = {
        "name": ESCAPES,
        "description": ESCAPES,
        "keywords": [ESCAPES],
        "latest": "1.0.0",
        "versions": [],
    }
    trusted.answer_json("GET", "/v1/skills/acme/notes", {**skill, "created_at": 1, "updated_at": 1})
    token = {"token_id": ESCAPES, "publisher_id": "jo", "scopes": [], "skills": [], "description": ESCAPES}
    token |= {"created_at": 1, "expires_at": 2, "revoked_at": None}
    trusted.answer_json("POST", "/v1/tokens", {"token": token, "secret": ESCAPES}, 201)
    result = tank(*command)
    shown = result.out + result.err
    assert result.exit_code == 0, shown
    assert "\\x1b[2J" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


@pytest.mark.parametrize("said", [ESCAPES, "\ud800", "\U000e0041"])
def test_what_a_registry_says_moves_no_cursor_in_a_document_either(
    tank: Any, trusted: RegistryDouble, said: str
) -> None:
    problem = {"code": "gone", "detail": f"detail {said}", "why": said, "fix": said}
    trusted.answer_json("GET", "/v1/search", problem, 410)
    result = tank("search", "notes", "--json")
    assert all(character.isprintable() or character == "\n" for character in result.out)
    error = result.document["error"]
    assert isinstance(error, dict)
    assert (error["what"], error["why"]) == (f"detail {said}", said)


def test_an_index_older_than_the_lock_downgrades_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    old_index = trusted.objects[trusted.tuf.document_path("@acme/notes")]
    trusted.publish("@acme/notes", "1.1.0")
    assert tank("update").exit_code == 0
    lock = (project / "skills.lock").read_bytes()
    trusted.tuf.put_document("@acme/notes", old_index)  # signed: only the thief of the online key can
    result = tank("update", "--json")
    assert (result.exit_code, result.error_code) == (6, "index-rolled-back")
    assert (project / "skills.lock").read_bytes() == lock
