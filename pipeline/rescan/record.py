"""Record: what a scan means for a published version, made visible all at once.

1. The registry attested these bytes under this name before. What Sign and Validate
   established is taken from that attestation and never from the catalog: whoever can write
   there, and nowhere else, gets nothing signed that no pipeline saw.
2. The report is the one that Scan left for these bytes and these rules.
3. Declared against observed, whose name it imitates and what a second opinion said at the
   publish, the waivers that count now, and the score, as at the publish. Nobody is asked for an opinion again.
4. Nothing new: the version is settled, and nothing else is written.
5. Otherwise the new findings and a new attestation become public blobs. The old ones
   stay, so that a lock that names the old attestation still verifies.
6. One transaction: the new judgement, with which waivers it rests on and its audit event. The
   commit point.
7. ``latest``, the version's waivers, the index document and the OCI mirror, derived from
   what was recorded.
8. The version is settled, or handed to Withdraw, which settles it.

A crash anywhere leaves the version due: 1 to 5 are harmless to repeat, after 6 the next
run finds the judgement recorded and goes on with 7. A waiver that is granted or revoked
meanwhile makes the version due again, and 6 or 8 then fail: the retry judges with it.
"""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys, waivers
from chalicelib.services.audit_events import REGISTRY, audit_event, version_subject
from chalicelib.services.availability import settle_latest
from pipeline.execution import MAX_WORK_BYTES, ExecutionError
from pipeline.judging import POLICY_DIGEST, policy_uri, score_document, signed_statement, unwaived_verdict
from tank_core import attestation, canonical, imitated_skill, integrity, oci, second_opinion
from tank_core.analysis.compare import declared_against_observed
from tank_core.analysis.report import AnalysisReport
from tank_core.attestation import VerificationSummary, verify_attestation
from tank_core.dsse import MAX_ENVELOPE_BYTES
from tank_core.entities import Action, AuditEvent, Availability, JsonObject, SkillVersion
from tank_core.findings import Finding, Severity, Verdict
from tank_core.manifest import MAX_MANIFEST_BYTES, parse_skill_manifest
from tank_core.names import SkillName
from tank_core.semver import Version

_RULES_NAMED = 20  # in an audit event; all are in the findings document


def run(event: dict[str, Any], ports: RegistryPorts) -> JsonObject:
    """Returns ``outcome``: ``settled``, or ``withdraw`` when the version has to be taken down now.

    For operators, it also tells the verdict, and whether anything new was made visible.

    Raises:
        ExecutionError: Scan spoke of something else, or a document is not the one that was written.
        ports.errors.ConditionFailed: somebody else judged or withdrew it meanwhile; the retry sees that.
    """
    asked = event["pick"]
    name, version, rule_set = str(asked["name"]), str(asked["version"]), str(asked["rule_set"])
    stored = ports.catalog.version(name, version)
    if stored is None:
        raise ExecutionError(f"{name}@{version} is not published")
    if stored.availability is Availability.WITHDRAWN:
        return {"outcome": "withdraw"}
    if stored.rule_set != rule_set:
        stored = _judged(event["scan"], ports, stored, rule_set)
    said = {"verdict": str(stored.verdict), "score": stored.audit_score}
    if stored.settled_rule_set == rule_set:
        return {"outcome": "settled", "is_new": False, **said}
    _publish(ports, stored)
    if stored.verdict is Verdict.FAIL and ports.settings.takes_down_failed:
        return {"outcome": "withdraw", "is_new": True, **said}
    ports.catalog.settle_scan(name, version, rule_set)
    return {"outcome": "settled", "is_new": True, **said}


def _judged(scan: JsonObject, ports: RegistryPorts, stored: SkillVersion, rule_set: str) -> SkillVersion:
    """Records how the version is judged now, and returns it so."""
    before = _attested_before(ports, stored)
    named = waivers.named(ports, stored)
    document = _score_document(scan, ports, before, rule_set)
    data = canonical.compact(document)
    judged = replace(
        stored,
        verdict=Verdict(document["verdict"]),
        audit_score=document["value"],
        findings_digest=integrity.sha256_digest(data),
        unwaived_verdict=unwaived_verdict(document),
        waivers=waivers.counting(named, document.get("waivers", ())),
        rule_set=rule_set,
        failed_rule_set="",
        failed_scans=0,
    )
    says_the_same = (judged.findings_digest, judged.waivers) == (stored.findings_digest, stored.waivers)
    if says_the_same and stored.rule_set == stored.settled_rule_set:
        settled = replace(judged, settled_rule_set=rule_set)
        ports.catalog.record_scan(settled, before=stored, event=None)
        return settled
    _put_blob(ports, data)
    judged = replace(judged, attestation_digest=_put_blob(ports, _attested(ports, before, judged)))
    ports.catalog.record_scan(judged, before=stored, event=_event(ports, stored, judged, document))
    return judged


def _attested_before(ports: RegistryPorts, stored: SkillVersion) -> VerificationSummary:
    """Returns what this registry attested of the version last, whatever the catalog says.

    Raises:
        AttestationError: attestation-refused; no key of ours attests this version with these bytes.
    """
    digest = stored.attestation_digest
    return verify_attestation(
        _read(ports, keys.blob(digest), digest, max_bytes=MAX_ENVELOPE_BYTES),
        waivers.trusted_keys(ports),
        name=SkillName.parse(stored.name),
        version=Version.parse(stored.version),
        digest=stored.digest,
        integrity=stored.integrity,
        accepts_failed=True,
    )


def _score_document(
    scan: JsonObject, ports: RegistryPorts, before: VerificationSummary, rule_set: str
) -> JsonObject:
    label = f"{before.name}@{before.version}"
    expected = {
        "name": str(before.name),
        "version": str(before.version),
        "digest": before.digest,
        "rule_set": rule_set,
    }
    if {key: scan.get(key) for key in expected} != expected:
        raise ExecutionError(f"Scan spoke of something else than {label}")
    key = keys.rescan_report(before.digest, rule_set)
    report = _read(ports, key, str(scan["report"]), max_bytes=MAX_WORK_BYTES)
    analysis = AnalysisReport.from_json(json.loads(report))
    if analysis.rule_set_digest != rule_set:
        raise ExecutionError(f"the report on {label} is of other rules")
    digest = before.manifest_digest
    manifest = parse_skill_manifest(_read(ports, keys.blob(digest), digest, max_bytes=MAX_MANIFEST_BYTES))
    compared = declared_against_observed(manifest.capabilities, analysis.observed)
    digest = before.findings_digest
    earlier = json.loads(_read(ports, keys.blob(digest), digest, max_bytes=MAX_WORK_BYTES))
    said = [Finding.from_json(item) for item in earlier["findings"]]
    archive = waivers.Archive(str(before.name), str(before.version), before.digest, before.integrity)
    return score_document(
        second_opinion.carried((*analysis.findings, *compared, *imitated_skill.carried(said)), said),
        manifest,
        is_signed=bool(before.bundle_digest),
        waivers=waivers.verified(ports, archive),
        second_opinion=earlier.get("second_opinion", {}),
    )


def _attested(ports: RegistryPorts, before: VerificationSummary, judged: SkillVersion) -> bytes:
    """Returns the registry's new word on a version: what it said before, but for the judgement."""
    summary = replace(
        before,
        verifier=ports.settings.public_url,
        time_verified=ports.clock.now(),
        policy_uri=policy_uri(ports),
        policy_digest=POLICY_DIGEST,
        findings_digest=judged.findings_digest,
        verdict=judged.verdict,
        score=judged.audit_score,
    )
    return signed_statement(ports, summary, is_rescan=True)


def _event(
    ports: RegistryPorts, stored: SkillVersion, judged: SkillVersion, document: JsonObject
) -> AuditEvent:
    """Returns the event of a new judgement; a change of findings alone is a review."""
    action = Action.REVIEW
    if judged.audit_score != stored.audit_score:
        action = Action.SCORE_CHANGE
    if judged.verdict is not stored.verdict:
        action = Action.VERDICT_CHANGE
    noted = {item["rule_id"] for item in document["findings"] if item["severity"] != Severity.INFO.label}
    detail = {
        "by": "rescan",
        "verdict": str(judged.verdict),
        "verdict_before": str(stored.verdict),
        "score": judged.audit_score,
        "score_before": stored.audit_score,
        "rules": sorted(noted)[:_RULES_NAMED],
        "rule_set": judged.rule_set,
        "rule_set_before": stored.rule_set,
        "findings_digest": judged.findings_digest,
        "waivers": list(document.get("waivers", ())),
    }
    return audit_event(ports, REGISTRY, action, version_subject(stored.name, stored.version), detail)


def _publish(ports: RegistryPorts, judged: SkillVersion) -> None:
    """Brings what is derived from the catalog in line with it; safe to repeat."""
    settle_latest(ports, judged.name)
    waivers.settle(ports, judged.name, judged.version)
    ports.index.write([judged.name])
    digest = judged.attestation_digest
    envelope = _read(ports, keys.blob(digest), digest, max_bytes=MAX_ENVELOPE_BYTES)
    referrer = oci.attestation_referrer(envelope, predicate_type=attestation.PREDICATE_TYPE)
    ports.artifacts.attach(judged.package_ref, referrer)


def _read(ports: RegistryPorts, key: str, digest: str, *, max_bytes: int) -> bytes:
    data = ports.blobs.get(key, max_bytes=max_bytes)
    if not hmac.compare_digest(integrity.sha256_digest(data), digest):
        raise ExecutionError(f"{key} is not what was written there")
    return data


def _put_blob(ports: RegistryPorts, data: bytes) -> str:
    """Stores public immutable bytes and returns their digest."""
    digest = integrity.sha256_digest(data)
    ports.blobs.put(
        keys.blob(digest), data, content_type="application/octet-stream", cache_control=keys.IMMUTABLE
    )
    return digest
