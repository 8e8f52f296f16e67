"""`tank diff`: what changed between two versions, verified as an install verifies."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tank_core.entities import Availability
from tank_core.findings import Confidence, Finding, Severity, Verdict
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble, blob_path

NAME, OLD, NEW = "@acme/notes", "@acme/notes@1.0.0", "@acme/notes@1.1.0"


def finding(rule_id: str, line: int, evidence: str = "curl") -> Finding:
    return Finding(
        "run.sh", line, rule_id, "egress", Severity.HIGH, Confidence.HIGH, "It sends", evidence, "w", "f"
    )


@pytest.fixture
def two(trusted: RegistryDouble) -> RegistryDouble:
    """A registry with two versions of a skill that differ in everything."""
    trusted.publish(
        NAME,
        "1.0.0",
        capabilities={"subprocess": ["git", "jq"]},
        files={"doc.md": b"one\ntwo\n", "gone.txt": b"old\n", "logo.png": b"\x89PNG\x00"},
        findings=[finding("kept-rule", 1), finding("gone-rule", 2)],
    )
    trusted.publish(
        NAME,
        "1.1.0",
        capabilities={"subprocess": ["git"], "network": {"outbound": ["api.example"]}},
        files={"doc.md": b"one\ntw\x1b[31mo\n", "new.txt": b"n\n", "logo.png": b"\x89PNG\x00\x00"},
        findings=[finding("kept-rule", 9), finding("new-rule", 3)],
        publisher="mallory",
        verdict=Verdict.PASS_WITH_NOTES,
        score=7.0,
    )
    return trusted


def test_it_tells_who_what_it_may_do_and_what_was_found_before_the_lines(tank: Any, two: Any) -> None:
    shown = tank("diff", OLD, NEW)
    assert shown.exit_code == 0
    head, _, lines = shown.out.partition("--- a/")
    for text in (
        "@acme/notes 1.0.0 → 1.1.0",
        "pass, score 9.5 → pass_with_notes, score 7.0",
        "jo → mallory",
        "It is published by “mallory”; 1.0.0 was published by “jo”.",
        "permissions gained:\n  network.outbound  api.example",
        "permissions lost:\n  subprocess  jq",
        "findings new:\n  high  new-rule  run.sh:3",
        "findings gone:\n  high  gone-rule  run.sh:2",
    ):
        assert text in head
    assert "kept-rule" not in head
    assert "-two\n+tw\\x1b[31mo\n" in lines
    assert too_wide(head) == []


def test_files_are_named_with_what_happened_to_them_and_binary_ones_with_their_sizes(
    tank: Any, two: Any
) -> None:
    document = tank("diff", OLD, NEW, "--json").document
    changes = {file["path"]: file["change"] for file in document["files"]}
    assert changes == {
        "SKILL.md": "modified",
        "doc.md": "modified",
        "gone.txt": "removed",
        "logo.png": "modified",
        "new.txt": "added",
        "skills.json": "modified",
    }
    by_path = {file["path"]: file for file in document["files"]}
    assert by_path["logo.png"]["binary"] is True
    assert "Binary file logo.png modified: 5 bytes → 6 bytes" in tank("diff", OLD, NEW).out
    assert by_path["new.txt"]["diff"] == "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+n\n"
    assert [finding["rule_id"] for finding in document["findings_new"]] == ["new-rule"]
    assert document["permissions_lost"] == {"subprocess": ["jq"]}
    assert "\x1b" not in tank("diff", OLD, NEW, "--json").out


def test_stat_and_name_only_show_no_lines(tank: Any, two: Any) -> None:
    stat = tank("diff", OLD, NEW, "--stat")
    assert "A  new.txt" in stat.out
    assert "@@" not in stat.out
    names = tank("diff", OLD, NEW, "--name-only")
    assert names.out.split() == ["SKILL.md", "doc.md", "gone.txt", "logo.png", "new.txt", "skills.json"]
    assert "diff" not in tank("diff", OLD, NEW, "--stat", "--json").document["files"][0]


def test_a_name_alone_compares_the_locked_version_with_the_latest(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish(NAME, "1.0.0")
    assert tank("diff", NAME, "--json").error_code == "no-lock"
    tank("add", NAME)
    trusted.publish(NAME, "1.1.0")
    trusted.publish(NAME, "2.0.0-rc.1")
    assert "@acme/notes 1.0.0 → 1.1.0" in tank("diff", NAME).out
    assert "@acme/notes 2.0.0-rc.1 → 1.1.0" in tank("diff", f"{NAME}@2.0.0-rc.1").out


def test_the_same_version_twice_differs_in_nothing(tank: Any, two: Any) -> None:
    shown = tank("diff", OLD, OLD)
    assert (shown.exit_code, "No file differs." in shown.out) == (0, True)


def test_other_bytes_than_the_attested_ones_are_shown_to_nobody(
    tank: Any, two: RegistryDouble, home: Path
) -> None:
    archive = two.versions[NAME][1].digest
    two.objects[blob_path(archive)] = b"something else"
    refused = tank("diff", OLD, NEW, "--json")
    assert (refused.exit_code, refused.error_code) == (6, "blob-mismatch")


def test_an_archive_that_nobody_attested_is_shown_to_nobody(tank: Any, trusted: RegistryDouble) -> None:
    from dataclasses import replace

    trusted.publish(NAME, "1.0.0")
    trusted.publish(NAME, "1.1.0", attested=lambda summary: replace(summary, publisher="jane"))
    refused = tank("diff", OLD, NEW, "--json")
    assert (refused.exit_code, refused.error_code) == (6, "lock-mismatch")


def test_a_withdrawn_version_is_not_shown(tank: Any, two: RegistryDouble) -> None:
    two.change(NAME, "1.1.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    refused = tank("diff", OLD, NEW, "--json")
    assert (refused.exit_code, refused.error_code) == (8, "version-withdrawn")


def test_findings_that_the_registry_does_not_give_out_are_not_none(
    tank: Any, trusted: RegistryDouble
) -> None:
    trusted.publish(NAME, "1.0.0", findings=[])
    trusted.publish(NAME, "1.1.0")
    assert "The registry does not give them out" in tank("diff", OLD, NEW).out
    assert tank("diff", OLD, NEW, "--json").document["findings_new"] is None


def test_findings_of_other_bytes_than_the_index_names_are_refused(tank: Any, two: RegistryDouble) -> None:
    two.objects[blob_path(two.versions[NAME][1].findings_digest)] = b'{"findings": []}'
    assert tank("diff", OLD, NEW, "--json").error_code == "blob-mismatch"


def test_offline_it_works_from_what_was_fetched_and_says_how_old_that_is(
    tank: Any, two: RegistryDouble, home: Path
) -> None:
    online = tank("diff", OLD, NEW)
    two.requests.clear()
    offline = tank("diff", OLD, NEW, "--offline")
    assert (offline.exit_code, offline.out, two.requests) == (0, online.out, [])
    assert "as the registry signed it, less than a minute old" in offline.told
    shutil.rmtree(home / ".cache")
    lost = tank("diff", OLD, NEW, "--offline", "--json")
    assert (lost.exit_code, lost.error_code, two.requests) == (5, "not-kept", [])


def test_two_skills_are_no_two_versions(tank: Any, two: Any) -> None:
    assert tank("diff", OLD, "@acme/other@1.0.0").exit_code == 2


def test_the_second_version_may_stand_alone(tank: Any, two: RegistryDouble) -> None:
    assert tank("diff", OLD, "1.1.0").out == tank("diff", OLD, NEW).out
    refused = tank("diff", OLD, "^1", "--json")
    assert (refused.exit_code, refused.error_code) == (2, "invalid-version")
