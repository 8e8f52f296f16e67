"""cisco-ai-skill-scanner, warm, in its own environment; run with that environment's Python.

Its defaults: static, bytecode and pipeline analysis, the balanced policy. No language
model, no VirusTotal, no OSV; connections are refused here, so that nothing can differ
between a machine with a network and one without.

How its result is read: blocked is ``not is_safe``, which is a finding of high or critical
and what its own ``--fail-on-findings`` refuses; medium is a finding of medium or above. It
has no verdict between the two, so flagged is medium.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.scan.serving import serve


def _refused(*_: Any, **__: Any) -> NoReturn:
    raise OSError("the benchmark runs without a network")


def main() -> None:
    os.environ.update({"HF_HUB_OFFLINE": "1", "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    logging.disable(logging.CRITICAL)
    socket.socket.connect = _refused  # type: ignore[method-assign]
    from skill_scanner.core.scanner import SkillScanner

    scanner = SkillScanner()

    def scan(folder: Path) -> Mapping[str, object]:
        result = scanner.scan_skill(folder)
        is_medium = any(
            finding.severity.value in ("MEDIUM", "HIGH", "CRITICAL") for finding in result.findings
        )
        return {"blocked": not result.is_safe, "flagged": is_medium, "medium": is_medium}

    serve(scan)


if __name__ == "__main__":
    main()
