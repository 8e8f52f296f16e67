"""Install, as a walk: what ends up where, and what keeps it from happening."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tank_cli.client.transport import NetworkError
from tank_cli.client.trusted_metadata import TrustedMetadata
from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.project_documents import lock_of, manifest
from tests.support.registry_double import RegistryDouble, blob_path
from tests.support.signatures import a_signature
from tests.support.snapshot import snapshot

GIT = {"subprocess": ["git"]}


def test_add_writes_manifest_lock_files_and_links(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.2.0", capabilities=GIT, skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.0.0")
    trusted.publish("@acme/text", "1.1.0")
    result = tank("add", "@acme/notes")
    assert result.exit_code == 0, result.err
    assert json.loads((project / "skills.json").read_text())["skills"] == {"@acme/notes": "^1.2.0"}
    assert lock_of(project)["skills"]["@acme/text"]["version"] == "1.1.0"
    assert (project / ".agents/skills/notes/scripts/run.sh").stat().st_mode & 0o111
    assert (project / ".tank/skills/text/SKILL.md").read_text().endswith("1.1.0\n")
    assert (project / ".tank/.gitignore").read_text() == "*\n"
    assert tank("verify").exit_code == 0
    assert tank("ci").exit_code == 0


def test_second_install_needs_no_network(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    trusted.requests.clear()
    assert tank("install").exit_code == 0
    assert trusted.requests == []


def test_install_from_cache_and_lock_needs_no_network_either(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    (project / ".tank/skills/notes/SKILL.md").unlink()
    trusted.requests.clear()
    assert tank("ci", "--overwrite").exit_code == 0
    assert trusted.requests == []
    assert tank("verify").exit_code == 0


def test_same_inputs_give_the_same_lock_and_state(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0", capabilities=GIT)
    tank("add", "@acme/notes")
    first = snapshot(project)
    (project / "skills.lock").unlink()
    assert tank("install").exit_code == 0
    assert snapshot(project) == first


def test_without_a_pinned_key_nothing_is_installed(
    tank: Any, registry: RegistryDouble, project: Path
) -> None:
    registry.publish("@acme/notes", "1.0.0")
    manifest(project, skills={"@acme/notes": "^1.0.0"})
    result = tank("install", "--registry", registry.url, "--json")
    assert (result.exit_code, result.error_code) == (6, "untrusted-registry")


def test_ci_without_a_fitting_lock_exits_9_and_writes_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("ci").exit_code == 9
    tank("add", "@acme/notes")
    manifest(project, skills={"@acme/notes": "^2.0.0"})
    before = snapshot(project)
    result = tank("ci", "--json")
    assert (result.exit_code, result.error_code) == (9, "lock-out-of-date")
    assert snapshot(project) == before


def test_dry_run_prints_the_plan_and_touches_nothing(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    before = snapshot(project)
    result = tank("add", "@acme/notes", "--dry-run")
    assert result.exit_code == 0
    assert "download @acme/notes@1.0.0" in result.out
    assert "link .agents/skills/notes" in result.out
    assert snapshot(project) == before
    assert not any("/blobs/" in request for request in trusted.requests)


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ({"publisher": "mallory"}, "lock-mismatch"),
        ({"verdict": Verdict.PASS_WITH_NOTES}, "lock-mismatch"),
        ({"score": 3.0}, "lock-mismatch"),
        ({"bundle_digest": "sha256:" + "1" * 64, "signature": a_signature("jo")}, "lock-mismatch"),
        ({"capabilities_digest": "sha256:" + "1" * 64}, "lock-mismatch"),
        ({"manifest_digest": "sha256:" + "1" * 64}, "lock-mismatch"),
        ({"digest": "sha256:" + "1" * 64}, "attestation-refused"),
    ],
)
def test_index_that_says_other_than_the_attestation_is_refused(
    tank: Any, trusted: RegistryDouble, project: Path, lie: dict[str, Any], code: str
) -> None:
    trusted.publish("@acme/notes", "1.0.0", attested=lambda summary: replace(summary, **lie))
    before = snapshot(project)
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (6, code)
    assert snapshot(project) == before


def test_attestation_of_another_key_is_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.key = RegistryDouble().key
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes", "--json").error_code == "attestation-refused"


def test_other_bytes_under_a_digest_are_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    trusted.objects[blob_path(published.digest)] = b"x" * published.size_bytes
    before = snapshot(project)
    assert tank("add", "@acme/notes", "--json").error_code == "blob-mismatch"
    assert snapshot(project) == before


def test_lock_that_was_tampered_with_is_refused_even_when_files_match_it(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    evil = project / ".tank/skills/notes/SKILL.md"
    evil.write_text("evil")
    from tank_cli.tree import hash_of, read_tree

    text = (project / "skills.lock").read_text()
    before = lock_of(project)["skills"]["@acme/notes"]["tree_hash"]
    (project / "skills.lock").write_text(text.replace(before, hash_of(read_tree(evil.parent))))
    assert tank("install", "--json").error_code == "lock-mismatch"


def test_withdrawn_version_in_a_lock_is_refused_with_8(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    trusted.change("@acme/notes", "1.0.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    del trusted.objects[blob_path(published.digest)]
    forget_cache_and_files(home, project)
    result = tank("ci", "--json")
    assert (result.exit_code, result.error_code) == (8, "version-withdrawn")
    audit = tank("audit", "--json")
    assert (audit.exit_code, audit.error_code) == (8, "withdrawn-in-lock")


def test_blob_that_is_gone_is_said_to_be_gone(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    published = trusted.publish("@acme/notes", "1.0.0")
    del trusted.objects[blob_path(published.digest)]
    result = tank("add", "@acme/notes", "--json")
    assert (result.exit_code, result.error_code) == (8, "blob-unavailable")


def test_yanked_version_installs_from_the_lock_with_a_warning_and_is_never_newly_chosen(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    trusted.change("@acme/notes", "1.0.0", availability=Availability.YANKED, availability_reason="slow")
    forget_cache_and_files(home, project)
    result = tank("ci")
    assert result.exit_code == 0
    assert "@acme/notes@1.0.0 was yanked: slow" in result.err
    (project / "skills.lock").unlink()
    assert tank("install").exit_code == 9


def forget_cache_and_files(home: Path, project: Path) -> None:
    import shutil

    shutil.rmtree(home / ".cache")
    shutil.rmtree(project / ".tank")
    shutil.rmtree(project / ".agents")


def test_local_edits_survive_an_update_until_overwrite(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    trusted.publish("@acme/notes", "1.1.0")
    edited = project / ".tank/skills/notes/SKILL.md"
    edited.write_text("mine")
    assert tank("update", "--json").error_code == "local-changes"
    assert edited.read_text() == "mine"
    assert lock_of(project)["skills"]["@acme/notes"]["version"] == "1.0.0"
    result = tank("update", "--overwrite")
    assert result.exit_code == 0
    assert "~ @acme/notes 1.0.0 → 1.1.0" in result.out


def test_an_install_that_cannot_ask_for_takedowns_says_so(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert "It is not known" not in tank("ci").err
    shutil.rmtree(home / ".cache")
    shutil.rmtree(project / ".tank")

    def broken(*_: object) -> None:
        raise NetworkError("GET timestamp.json failed.", why="It broke.", fix="Try again.")

    monkeypatch.setattr(TrustedMetadata, "refresh", broken)  # while archives are given out
    result = tank("ci")
    assert result.exit_code == 0
    assert "not known whether anything was withdrawn, or a key taken back" in " ".join(result.err.split())


def test_remove_takes_what_nothing_needs_any_more(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.0.0")
    trusted.publish("@acme/other", "1.0.0")
    assert tank("add", "@acme/notes", "@acme/other").exit_code == 0
    removed = tank("remove", "@acme/notes")
    assert removed.exit_code == 0
    assert removed.out.splitlines()[-1] == "2 skills removed, 1 left."
    assert [path.name for path in (project / ".agents/skills").iterdir()] == ["other"]
    assert [path.name for path in (project / ".tank/skills").iterdir()] == ["other"]
    assert tank("remove", "@acme/notes").exit_code == 3


def test_lock_of_another_registry_is_refused(tank: Any, trusted: RegistryDouble, project: Path) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    text = (project / "skills.lock").read_text().replace(trusted.url, "https://evil.example")
    (project / "skills.lock").write_text(text)
    result = tank("install", "--json")
    assert (result.exit_code, result.error_code) == (7, "registry-mismatch")


def test_damaged_lock_is_an_error_and_not_an_absent_one(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    (project / "skills.lock").write_text("<<<<<<< ours\n{}\n")
    result = tank("install", "--json")
    assert (result.exit_code, result.error_code) == (9, "invalid-lockfile")


def test_unknown_skill_exits_3(tank: Any, trusted: RegistryDouble) -> None:
    result = tank("add", "@acme/nothing", "--json")
    assert (result.exit_code, result.error_code) == (3, "skill-not-found")


def test_a_verification_is_not_remembered_for_another_key(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    trusted.key = RegistryDouble().key
    trusted.sign_registry()
    assert tank("trust", trusted.url, "--fingerprint", trusted.fingerprint, "--replace").exit_code == 0
    result = tank("install", "--json")
    assert (result.exit_code, result.error_code) == (6, "attestation-refused")


def test_verify_files_names_what_differs_and_asks_for_no_signature(
    tank: Any, trusted: RegistryDouble, project: Path, home: Path
) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    tank("add", "@acme/notes")
    shutil.rmtree(home / ".cache/tank/blobs")
    trusted.requests.clear()
    assert tank("verify", "--files", "--json").document["files"] == 3
    (project / ".tank/skills/notes/SKILL.md").write_text("other")
    assert tank("verify", "--files", "--json").error_code == "installed-files-differ"
    assert trusted.requests == []


def test_a_range_that_was_typed_and_fits_nothing_is_told_as_typed(tank: Any, trusted: RegistryDouble) -> None:
    trusted.publish("@acme/notes", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    error = tank("add", "@acme/notes@^9", "--json").document["error"]
    assert error["why"].startswith("the command line asks for @acme/notes ^9; ")
    assert error["fix"] == "Ask for '@acme/notes@^1.0.0' instead."
