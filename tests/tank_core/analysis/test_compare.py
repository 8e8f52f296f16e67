from __future__ import annotations

import json

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
