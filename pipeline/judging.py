"""How a package is judged, the same at its publish and at every rescan: rules, score, and the registry's word.

Source: DESIGN, "Publish, as a walk", step 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from chalicelib.ports.registry import RegistryPorts
from chalicelib.settings import Settings
from tank_core import canonical, dsse, integrity
from tank_core.analysis import rules
from tank_core.analysis.rules import RuleSet
from tank_core.attestation import PAYLOAD_TYPE, VerificationSummary, statement_bytes
from tank_core.entities import JsonObject
from tank_core.findings import Finding, Verdict
from tank_core.manifest import SkillManifest
from tank_core.scoring import score, verdict_of
from tank_core.waivers import Waiver, marked

RULES_FOLDER = Path(__file__).resolve().parent / "rules"
POLICY_NAME = "publish-policy-1"  # changes when the rules of the five stages change in kind
_POLICY = canonical.compact(
    {"name": POLICY_NAME, "stages": ["sign", "analyze", "validate", "score", "store"]}
)
POLICY_DIGEST = integrity.sha256_digest(_POLICY)


def rules_in_force(settings: Settings) -> RuleSet:
    """Returns the rules that this registry judges by, read once for the life of the process.

    Raises:
        RuleError: a rule is malformed, or there are none.
    """
    return _loaded(Path(settings.rules_path) if settings.rules_path else RULES_FOLDER)


@lru_cache(maxsize=2)
def _loaded(folder: Path) -> RuleSet:
    return rules.load(rule_files(folder))


def rule_files(folder: Path) -> Mapping[str, bytes]:
    """Returns the rule documents below a folder, path relative to it → content."""
    found = sorted(folder.glob("*/rule.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def score_document(
    findings: Sequence[Finding],
    manifest: SkillManifest,
    *,
    is_signed: bool,
    waivers: Mapping[str, Waiver],
    second_opinion: JsonObject,
) -> JsonObject:
    """Returns the public document of a version's findings: value, verdict, items and every finding.

    Where waivers cover findings, these are marked, ``waivers`` has the digests of what
    counted, and ``unwaived_verdict`` says what the verdict would be without.

    Args:
        findings: of all analyses and a second opinion together, sorted.
        manifest: the archive's own.
        is_signed: whether the publisher's Sigstore bundle was verified.
        waivers: of exactly these bytes, verified and in force, by the digest of their envelope.
        second_opinion: whether anybody was asked, and what came of it; empty where that is not known.
    """
    counting = {d: waiver for d, waiver in waivers.items() if any(waiver.covers(f) for f in findings)}
    result = score(
        findings,
        has_license=bool(manifest.license),
        has_repository=bool(manifest.repository),
        is_signed=is_signed,
        waivers=tuple(counting.values()),
    )
    document: JsonObject = result.to_json() | {"findings": marked(findings, counting.values())}
    if second_opinion:
        document |= {"second_opinion": second_opinion}
    if counting:
        document |= {"unwaived_verdict": str(verdict_of(findings)), "waivers": sorted(counting)}
    return document


def unwaived_verdict(document: JsonObject) -> Verdict | None:
    """Returns what the verdict would be without waivers, of a score document; None when none counted."""
    said = document.get("unwaived_verdict")
    return None if said is None else Verdict(said)


def policy_uri(ports: RegistryPorts) -> str:
    """Returns which rules an attestation says were applied."""
    return f"{ports.settings.public_url}/policies/{POLICY_NAME}"


def signed_statement(ports: RegistryPorts, summary: VerificationSummary, *, is_rescan: bool = False) -> bytes:
    """Returns the registry's attestation, a DSSE envelope; see ``attestation.statement_bytes``."""
    statement = statement_bytes(summary, is_rescan=is_rescan)
    signature = ports.signer.sign(dsse.pae(PAYLOAD_TYPE, statement))
    return dsse.envelope_bytes(PAYLOAD_TYPE, statement, ports.signer.key_id(), signature)
