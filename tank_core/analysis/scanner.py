"""The port between the analysis engine and semgrep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, order=True)
class PatternMatch:
    """One match of one semgrep rule. Lines are 1-based and inclusive."""

    file: str
    start_line: int
    end_line: int
    rule_id: str
    metavariables: tuple[tuple[str, str], ...] = ()


class ScannerError(Exception):
    """The scanner did not finish cleanly. The publish fails as ours; it is never a pass."""


class PatternScanner(Protocol):
    """Runs semgrep rules over files."""

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        """Returns every match, sorted; nothing in the files can suppress one.

        Args:
            files: path with the extension of its language → content.
            rules: one semgrep configuration document, YAML or JSON.

        Raises:
            ScannerError: a rule did not parse, a file was not scanned, time or memory ran
                out, or anything else that is not a complete result.
        """
        ...
