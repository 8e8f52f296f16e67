"""A finding, and the waiver that covers it."""

from __future__ import annotations

from typing import Any

from tank_core import waiver_statement
from tank_core.findings import Confidence, Finding, Severity
from tank_core.names import SkillName
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.semver import Version
from tank_core.waivers import DAY_SECONDS, Waiver
from tests.support.signing_keys import SigningKey

GRANTED_AT = 1_750_000_000
DIGEST = "sha256:" + "a" * 64
INTEGRITY = "sha512-" + "A" * 86 + "=="
ARCHIVE: dict[str, Any] = {
    "name": SkillName.parse("@acme/tool"),
    "version": Version.parse("1.0.0"),
    "digest": DIGEST,
    "integrity": INTEGRITY,
}


def a_finding() -> Finding:
    """Returns a finding that refuses a publish."""
    return Finding(
        "run.py",
        3,
        "some-rule",
        "category",
        Severity.CRITICAL,
        Confidence.HIGH,
        "title",
        "evidence",
        "why",
        "fix",
    )


def a_waiver() -> Waiver:
    """Returns the waiver of ``a_finding``, for 90 days."""
    return Waiver(
        **ARCHIVE,
        rule_id="some-rule",
        file="run.py",
        line=3,
        registry="https://registry.example",
        appellant="ada",
        granted_by="reviewer",
        reason="documents the attack",
        granted_at=GRANTED_AT,
        expires_at=GRANTED_AT + 90 * DAY_SECONDS,
    )


def enveloped(waiver: Waiver, key: SigningKey) -> bytes:
    """Returns a waiver as a key signs it."""
    return key.envelope(PAYLOAD_TYPE, waiver_statement.statement_bytes(waiver))
