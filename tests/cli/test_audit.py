"""`tank audit`: what it finds, what decides the exit code, its forms, and what it says offline."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tank_core.entities import Availability
from tank_core.findings import Verdict
from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble
from tests.support.sarif_schema import complaints

NOTES, TEXT = "@acme/notes", "@acme/text"


@pytest.fixture
def locked(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    """A project that holds two skills of which nothing is wrong."""
    trusted.publish(TEXT, "1.0.0")
    trusted.publish(NOTES, "1.0.0", skills={TEXT: "^1.0.0"})
    assert tank("add", NOTES).exit_code == 0
    return trusted


def found(document: Any) -> list[tuple[str, str, str]]:
    return [(f["severity"], f["rule_id"], f["where"]) for f in document["findings"]]


def test_nothing_is_found_in_what_is_well(tank: Any, locked: RegistryDouble) -> None:
    shown = tank("audit")
    assert (shown.exit_code, shown.out.splitlines()[-1]) == (0, "2 skills audited: nothing found.")
    assert tank("audit", "--level", "info", "--json").document["findings"] == []


def test_everything_is_told_at_once_and_the_worst_decides(tank: Any, locked: RegistryDouble) -> None:
    locked.change(TEXT, "1.0.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    locked.rescan(NOTES, "1.0.0", Verdict.FLAGGED, 4.0, deprecation="use text")
    told = tank("audit", "--json")
    assert (told.exit_code, told.error_code) == (8, "withdrawn-in-lock")
    assert found(told.document) == [
        ("critical", "withdrawn-in-lock", "@acme/text@1.0.0"),
        ("high", "verdict-changed", "@acme/notes@1.0.0"),
        ("low", "deprecated", "@acme/notes@1.0.0"),
    ]
    assert [skill["name"] for skill in told.document["skills"]] == [NOTES, TEXT]
    assert "2 skills audited: 1 critical, 1 high, 1 low." in tank("audit").out


@pytest.mark.parametrize(
    ("change", "severity", "level_below"),
    [
        ({"availability": Availability.YANKED}, "medium", "high"),
        ({"deprecation": "old"}, "low", "medium"),
    ],
)
def test_the_level_decides_the_exit_code_and_nothing_else(
    tank: Any, locked: RegistryDouble, change: dict[str, Any], severity: str, level_below: str
) -> None:
    locked.change(TEXT, "1.0.0", **change)
    for arguments, exit_code in (([], 0), (["--level", level_below], 0), (["--level", severity], 8)):
        told = tank("audit", *arguments, "--json")
        assert told.exit_code == exit_code
        assert [finding[0] for finding in found(told.document)] == [severity]
    assert told.error_code == "audit-findings"
    assert f"It counts {severity}" in told.document["error"]["why"]


def test_a_level_above_what_was_found_passes_a_flagged_version(tank: Any, locked: RegistryDouble) -> None:
    locked.rescan(TEXT, "1.0.0", Verdict.FLAGGED, 4.0)
    assert tank("audit", "--level", "critical").exit_code == 0
    assert tank("audit").exit_code == 8
    locked.rescan(TEXT, "1.0.0", Verdict.FAIL, 1.0)
    failed = tank("audit", "--level", "critical", "--json")
    assert (failed.exit_code, found(failed.document)[0][:2]) == (8, ("critical", "verdict-changed"))


def test_a_policy_that_the_lock_falls_short_of_is_high_beside_a_flagged_version(
    tank: Any, locked: RegistryDouble, project: Path
) -> None:
    manifest = json.loads((project / "skills.json").read_bytes()) | {"audit": {"min_score": 9.9}}
    (project / "skills.json").write_text(json.dumps(manifest))
    locked.rescan(TEXT, "1.0.0", Verdict.FLAGGED, 4.0)
    told = tank("audit", "--json")
    assert (told.exit_code, told.error_code) == (8, "verdict-changed")
    assert found(told.document) == [
        ("high", "audit-policy", "@acme/notes@1.0.0"),
        ("high", "audit-policy", "@acme/text@1.0.0"),
        ("high", "verdict-changed", "@acme/text@1.0.0"),
    ]


def test_sarif_points_at_the_line_of_the_lock(tank: Any, locked: RegistryDouble, project: Path) -> None:
    locked.change(TEXT, "1.0.0", availability=Availability.YANKED, availability_reason="{0} [x](y)")
    told = tank("audit", "--format", "sarif", "--level", "medium")
    assert told.exit_code == 8
    log = json.loads(told.out)
    assert complaints(log) == []
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["level"], place["artifactLocation"]["uri"]) == (
        "yanked",
        "warning",
        "skills.lock",
    )
    lines = (project / "skills.lock").read_text().splitlines()
    assert TEXT in lines[place["region"]["startLine"] - 1]
    assert '"version"' not in lines[place["region"]["startLine"] - 1]


def test_sarif_of_a_clean_lock_is_a_log_with_no_result(tank: Any, locked: RegistryDouble) -> None:
    log = json.loads(tank("audit", "--format", "sarif").out)
    assert (complaints(log), log["runs"][0]["results"]) == ([], [])


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_a_report_goes_to_a_file(tank: Any, locked: RegistryDouble, project: Path, form: str) -> None:
    locked.change(TEXT, "1.0.0", deprecation="old")
    told = tank("audit", "--format", form, "--output", "report", "--level", "low")
    assert (told.exit_code, "skills" in told.out.split('"')) == (8, False)
    report = (project / "report").read_text()
    assert "deprecated" in report
    if form != "text":
        json.loads(report)


def test_two_forms_are_a_usage_error(tank: Any, locked: RegistryDouble) -> None:
    assert tank("audit", "--json", "--format", "sarif").exit_code == 2


def test_offline_it_tells_what_was_kept_and_how_old_that_is(
    tank: Any, locked: RegistryDouble, project: Path
) -> None:
    locked.change(TEXT, "1.0.0", availability=Availability.YANKED)
    tank("audit")
    locked.requests.clear()
    told = tank("audit", "--offline", "--json")
    assert (told.exit_code, locked.requests) == (0, [])
    assert found(told.document) == [("medium", "yanked", "@acme/text@1.0.0")]
    index = told.document["index"]
    assert (index["offline"], index["expired"]) == (True, False)
    assert index["age_seconds"] >= 0
    assert "as the registry signed it, less than a minute old" in told.told
    assert too_wide(tank("audit", "--offline").err) == []


def test_a_registry_that_cannot_be_reached_is_said_and_what_was_kept_is_told(
    tank: Any, locked: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked.change(TEXT, "1.0.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    tank("audit")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setattr("tank_cli.client.transport._ATTEMPTS", 1)
    told = tank("audit", "--json")
    assert (told.exit_code, told.error_code) == (8, "withdrawn-in-lock")
    assert told.document["index"]["offline"] is True
    assert "as the registry signed it" in told.told


def test_an_index_that_expired_is_high_when_nobody_can_be_asked(
    tank: Any, locked: RegistryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    tank("audit")
    later = time.time() + 40 * 24 * 3600
    monkeypatch.setattr("tank_cli.client.connection.time.time", lambda: later)
    told = tank("audit", "--offline", "--json")
    assert (told.exit_code, told.error_code) == (8, "audit-findings")
    assert found(told.document)[0] == ("high", "index-expired", "the index")
    assert complaints(json.loads(tank("audit", "--offline", "--format", "sarif").out)) == []


def test_offline_without_anything_kept_nothing_is_taken_for_good(
    tank: Any, locked: RegistryDouble, home: Path
) -> None:
    shutil.rmtree(home / ".cache")
    told = tank("audit", "--offline", "--json")
    assert (told.exit_code, told.error_code) == (5, "not-kept")


def test_an_empty_project_is_audited_in_one_line(tank: Any, trusted: RegistryDouble) -> None:
    assert tank("install").exit_code == 0
    assert tank("audit").out == "0 skills audited: nothing found.\n"
