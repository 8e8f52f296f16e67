"""Scan: what the rules of today find in a published archive.

Runs semgrep on untrusted bytes, so it may do little: it reads the public blob whose
digest the execution names, and leaves a report. It knows no table and no key.
"""

from __future__ import annotations

import hmac
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from pipeline.execution import ExecutionError
from pipeline.judging import rules_in_force
from tank_core import canonical, integrity
from tank_core.analysis.engine import analyze
from tank_core.archive import read_archive
from tank_core.entities import JsonObject


def run(event: dict[str, Any], ports: RegistryPorts) -> JsonObject:
    """Returns which report was left, by digest.

    ``outcome``: ``scanned``, or ``rules-differ`` when Pick knows other rules than this
    function; scanning would then never come to an end.

    Raises:
        ExecutionError: the stored bytes are not those of the digest.
        ports.errors.Missing: the archive is gone.
        ArchiveError: the archive breaks the archive policy of today.
        ScannerError: the scan is not complete.
    """
    asked = event["pick"]
    digest, rules = str(asked["digest"]), rules_in_force(ports.settings)
    about = {"name": asked["name"], "version": asked["version"], "digest": digest, "rule_set": rules.digest}
    if rules.digest != asked["rule_set"]:
        return {"outcome": "rules-differ", **about}
    data = ports.blobs.get(keys.blob(digest), max_bytes=int(asked["size_bytes"]))
    if not hmac.compare_digest(integrity.sha256_digest(data), digest):
        raise ExecutionError(f"the blob of {asked['name']}@{asked['version']} has another digest")
    report = canonical.compact(analyze(read_archive(data), rules, ports.scanner).to_json())
    ports.blobs.put(keys.rescan_report(digest, rules.digest), report, content_type="application/json")
    return {"outcome": "scanned", **about, "report": integrity.sha256_digest(report)}
