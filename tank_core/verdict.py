"""The verdict vocabulary: alone, because every command reads a lock, and few read findings.

Source: FORMATS, "Findings".
"""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What the registry concluded about a version."""

    PASS = "pass"  # noqa: S105  # a verdict, no secret
    PASS_WITH_NOTES = "pass_with_notes"  # noqa: S105
    FLAGGED = "flagged"
    FAIL = "fail"
