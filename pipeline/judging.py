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
from tank_core.findings import Finding
from tank_core.manifest import SkillManifest
from tank_core.scoring import score

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


def score_document(findings: Sequence[Finding], manifest: SkillManifest, *, is_signed: bool) -> JsonObject:
    """Returns the public document of a version's findings: value, verdict, items and every finding.

    Args:
        findings: of all analyses together, sorted.
        manifest: the archive's own.
        is_signed: whether the publisher's Sigstore bundle was verified.
    """
    result = score(
        findings,
        has_license=bool(manifest.license),
        has_repository=bool(manifest.repository),
        is_signed=is_signed,
    )
    return result.to_json() | {"findings": [finding.to_json() for finding in findings]}


def policy_uri(ports: RegistryPorts) -> str:
    """Returns which rules an attestation says were applied."""
    return f"{ports.settings.public_url}/policies/{POLICY_NAME}"


def signed_statement(ports: RegistryPorts, summary: VerificationSummary, *, is_rescan: bool = False) -> bytes:
    """Returns the registry's attestation, a DSSE envelope; see ``attestation.statement_bytes``."""
    statement = statement_bytes(summary, is_rescan=is_rescan)
    signature = ports.signer.sign(dsse.pae(PAYLOAD_TYPE, statement))
    return dsse.envelope_bytes(PAYLOAD_TYPE, statement, ports.signer.key_id(), signature)
