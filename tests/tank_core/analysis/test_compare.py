from __future__ import annotations

import json

import pytest

from tank_core.analysis.compare import declared_against_observed
from tank_core.analysis.report import ObservedCapability, UnknownCapability
from tank_core.findings import Severity
from tank_core.permissions import NONE, Access, PermissionSet

HOST = ObservedCapability(Access.NETWORK_OUTBOUND, "api.weather.example", "a.py", 3, "fetch")


def test_undeclared_access_is_a_note_with_the_line_to_add() -> None:
    (finding,) = declared_against_observed(NONE, [HOST])
    assert (finding.rule_id, finding.severity, finding.file, finding.line) == (
        "undeclared-network",
        Severity.MEDIUM,
        "a.py",
        3,
    )
    assert '"network": {"outbound": ["api.weather.example"]}' in finding.fix


def test_line_to_add_makes_the_finding_go_away() -> None:
    (finding,) = declared_against_observed(NONE, [HOST])
    line = finding.fix.split("skills.json: ")[1].split(", or remove")[0]
    declared = PermissionSet.from_json(json.loads("{" + line + "}"), "test")
    assert declared_against_observed(declared, [HOST]) == ()


def test_wider_declaration_covers_an_access() -> None:
    declared = PermissionSet(network_outbound=("*.weather.example",))
    assert declared_against_observed(declared, [HOST]) == ()


def test_declared_and_never_seen_is_information() -> None:
    (finding,) = declared_against_observed(PermissionSet(subprocess=("git",)), [])
    assert (finding.rule_id, finding.severity) == ("declared-and-unused", Severity.INFO)


def test_computed_access_may_be_what_the_declaration_is_for() -> None:
    unknown = [UnknownCapability(Access.SUBPROCESS, "a.py", 1, "run(x)")]
    assert declared_against_observed(PermissionSet(subprocess=("git",)), [], unknown) == ()


@pytest.mark.parametrize(
    ("access", "value", "severity"),
    [
        (Access.NETWORK_OUTBOUND, "a.example", Severity.MEDIUM),
        (Access.NETWORK_OUTBOUND, "192.0.2.1:4444", Severity.MEDIUM),
        (Access.NETWORK_OUTBOUND, "[2001:db8::1]:443", Severity.MEDIUM),
        (Access.NETWORK_OUTBOUND, "drop.invalid", Severity.MEDIUM),
        (Access.NETWORK_OUTBOUND, "api.vendor.invalid:443", Severity.LOW),
        (Access.NETWORK_OUTBOUND, "*.vendor.invalid", Severity.LOW),
        (Access.NETWORK_OUTBOUND, "localhost:3000", Severity.LOW),
        (Access.NETWORK_INBOUND, "0.0.0.0:80", Severity.MEDIUM),
        (Access.NETWORK_INBOUND, "*", Severity.MEDIUM),
        (Access.NETWORK_INBOUND, "127.0.0.1:80", Severity.LOW),
        (Access.SUBPROCESS, "git", Severity.LOW),
        (Access.SECRETS, "A_TOKEN", Severity.MEDIUM),
        (Access.FILESYSTEM_READ, "./notes.txt", Severity.LOW),
        (Access.FILESYSTEM_READ, "~/.ssh/id_x", Severity.MEDIUM),
        (Access.FILESYSTEM_WRITE, "~/.claude/settings.json", Severity.MEDIUM),
        (Access.FILESYSTEM_WRITE, "~/.claude/skills/x", Severity.LOW),
    ],
)
def test_severity_is_that_of_what_is_reached(access: Access, value: str, severity: Severity) -> None:
    (finding,) = declared_against_observed(NONE, [ObservedCapability(access, value, "a.py", 1, "x")])
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("declared", "noted"),
    [
        (PermissionSet(network_inbound=("127.0.0.1:8000",)), 1),
        (PermissionSet(filesystem_read=("~/.config/x",)), 1),
        (PermissionSet(filesystem_read=("./**",)), 0),
        (PermissionSet(network_outbound=("*.weather.example",)), 0),
    ],
)
def test_unused_is_noted_where_code_would_show_it(declared: PermissionSet, noted: int) -> None:
    found = declared_against_observed(declared, [HOST] if declared.network_outbound else [])
    assert sum(finding.rule_id == "declared-and-unused" for finding in found) == noted
