"""One real semgrep run for many packages, so that every rule's samples are tested in seconds.

The matches of a file depend on that file and the rules alone. All files of all
packages are scanned together once; then each package gets its own files' matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from tank_core.analysis.engine import analyze
from tank_core.analysis.report import AnalysisReport
from tank_core.analysis.rules import RuleSet, load
from tank_core.analysis.scanner import PatternMatch, PatternScanner
from tank_core.archive import ArchiveEntry
from tank_core.permissions import PermissionSet

REPOSITORY = Path(__file__).parents[2]
RULES = REPOSITORY / "pipeline" / "rules"
SEMGREP = REPOSITORY / ".venv-semgrep" / "bin" / "semgrep"


class NoMatches:
    """A scanner for the tests of what detectors find."""

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        """Returns nothing."""
        return ()


class _Recorder:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        for path, data in files.items():
            self.files.setdefault(_key(path, data), data)
        return ()


class _Replay:
    def __init__(self, keys: Mapping[str, str], matches: Iterable[PatternMatch]) -> None:
        self._matches: dict[str, list[PatternMatch]] = {}
        names = {name: key for key, name in keys.items()}
        for match in matches:
            self._matches.setdefault(names[match.file], []).append(match)

    def scan(self, files: Mapping[str, bytes], rules: bytes) -> tuple[PatternMatch, ...]:
        return tuple(
            replace(match, file=path)
            for path, data in files.items()
            for match in self._matches.get(_key(path, data), [])
        )


def _key(path: str, data: bytes) -> str:
    return f"{PurePosixPath(path).suffix}:{data.hex()}"


def rule_set() -> RuleSet:
    """Returns the rules of the repository."""
    return load({p.relative_to(RULES).as_posix(): p.read_bytes() for p in RULES.rglob("rule.yaml")})


def reports(
    packages: Mapping[str, tuple[ArchiveEntry, ...]],
    rules: RuleSet,
    scanner: PatternScanner,
    *,
    declared: Mapping[str, PermissionSet | None] | None = None,
) -> dict[str, AnalysisReport]:
    """Returns the report of each package, made with one call of the scanner.

    ``declared``: what a package declares; one that is not named is compared with nothing.
    """
    recorder, declared = _Recorder(), declared or {}
    for name, entries in packages.items():
        analyze(entries, rules, recorder, declared=declared.get(name))
    names = {
        key: f"{number}{key.split(':')[0]}" for number, key in enumerate(sorted(recorder.files), start=1)
    }
    matches = scanner.scan(
        {names[key]: data for key, data in recorder.files.items()}, rules.semgrep_document()
    )
    replay = _Replay(names, matches)
    return {
        name: analyze(entries, rules, replay, declared=declared.get(name))
        for name, entries in packages.items()
    }
