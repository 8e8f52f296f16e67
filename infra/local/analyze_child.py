"""The process that Analyze runs in: ``python -m infra.local.analyze_child``, document on stdin, outcome on stdout.

It takes its limits before it reads anything, and cannot raise them again.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

_GIB = 1024**3
_CPU_SECONDS = 285
_OPEN_FILES = 256
_ADDRESS_SPACE = 6 * _GIB  # semgrep reserves far more than it uses
_FILE_BYTES = _GIB  # beyond the size of the database, which the child writes its progress to


def main() -> int:
    """Runs the stage for the document on stdin and writes its outcome to stdout."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--public-url", required=True)
    parser.add_argument("--semgrep", type=Path, required=True)
    parser.add_argument("--rules", default="")
    parser.add_argument("--step", choices=("analyze", "scan"), default="analyze")
    arguments = parser.parse_args()
    limit_this_process(arguments.data)

    # After the limits, so that they hold for everything that is loaded.
    from chalicelib import wiring
    from chalicelib.settings import Settings
    from infra.local.wiring import embedded_ports
    from pipeline.handlers import analyze, rescan_scan

    settings = Settings(public_url=arguments.public_url, rules_path=arguments.rules)
    registry = embedded_ports(arguments.data, settings=settings, semgrep=arguments.semgrep)
    wiring.provide(registry.ports)
    handler = analyze.handler if arguments.step == "analyze" else rescan_scan.handler
    outcome = handler(json.loads(sys.stdin.buffer.read()), None)
    registry.database.close()
    sys.stdout.write(json.dumps(outcome))
    return 0


def limit_this_process(data: Path) -> None:
    """Limits CPU time, address space, files and their sizes, for good, for this process and its children."""
    database_bytes = sum(path.stat().st_size for path in data.glob("registry.sqlite*"))
    for kind, limit in (
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_AS, _ADDRESS_SPACE),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, database_bytes + _FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
