"""Tank's analysis, warm: rules are read once, semgrep is called for each skill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.scan.own import judged, rule_set, scanner
from benchmarks.scan.samples import folder_files
from benchmarks.scan.serving import serve
from tank_core.archive import ArchiveEntry


def main() -> None:
    rules, semgrep = rule_set(), scanner()

    def scan(folder: Path) -> Mapping[str, object]:
        entries = tuple(ArchiveEntry(path, data) for path, data in sorted(folder_files(folder).items()))
        outcome = judged(entries, rules, semgrep)
        return {
            "blocked": outcome.is_blocked,
            "flagged": outcome.is_flagged,
            "medium": outcome.is_medium,
            "error": outcome.error,
        }

    serve(scan)


if __name__ == "__main__":
    main()
