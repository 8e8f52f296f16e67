"""The registry's attestation: what was verified, for exactly which bytes, under which policy.

A SLSA Verification Summary (VSA) in an in-toto Statement v1, signed as a DSSE
envelope. The subject is ``pkg:tank/org/name@version`` with both digests of the
archive, so a summary cannot be replayed for another name or other bytes. The
documents that were looked at (manifest, findings, SBOM, capabilities, the
publisher's bundle) are named by digest as input attestations. Where the publisher
signed, it repeats what the registry read from the bundle and which binding that
met, so that every client can decide the same again. It says what was checked,
never that a skill is safe.

Source: slsa.dev/verification_summary/v1; in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_core import canonical, integrity
from tank_core.dsse import key_id_of
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.provenance import PAYLOAD_TYPE, STATEMENT_TYPE, subject_of
from tank_core.registry_statement import UNREADABLE, other_subject, seconds_of, signed_value, time_text
from tank_core.semver import Version
from tank_core.shape import Reader
from tank_core.signature import Signature
from tank_core.signed import read_signature

__all__ = [
    "PAYLOAD_TYPE",
    "PREDICATE_TYPE",
    "STATEMENT_TYPE",
    "AttestationError",
    "VerificationSummary",
    "key_id_of",
    "statement_bytes",
    "verify_attestation",
]

PREDICATE_TYPE = "https://slsa.dev/verification_summary/v1"
SLSA_VERSION = "1.0"
PASSED, FAILED = "PASSED", "FAILED"  # FAILED is SLSA's word for the result, and for the level
_UNEVALUATED = "SLSA_BUILD_LEVEL_UNEVALUATED"
_INPUTS = ("bundle", "capabilities", "findings", "manifest", "sbom")  # names of input attestations, sorted


class AttestationError(TankError):
    """The registry's attestation does not vouch for this archive."""

    code = "attestation-refused"
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class VerificationSummary:
    """What the registry verified about one version.

    Digests are ``sha256:<hex>``, but for ``integrity``, which is ``sha512-<base64>``.

    Attributes:
        digest: of the archive; ``integrity`` is of the same bytes.
        verifier: the registry's base URL.
        time_verified: whole seconds since the Unix epoch, UTC.
        policy_uri: which rules were applied; ``policy_digest`` is of their text.
        publisher: the publisher's id at the registry.
        bundle_digest: of the publisher's Sigstore bundle; "" when there is none.
        score: 0 to 10, or None when nothing was scanned.
        signature: what the bundle says, and the binding that it met; None when there is no bundle.
    """

    name: SkillName
    version: Version
    digest: str
    integrity: str
    verifier: str
    time_verified: int
    policy_uri: str
    policy_digest: str
    publisher: str
    bundle_digest: str
    manifest_digest: str
    findings_digest: str
    sbom_digest: str
    capabilities_digest: str
    verdict: Verdict
    score: float | None
    signature: Signature | None = None


def statement_bytes(summary: VerificationSummary, *, is_rescan: bool = False) -> bytes:
    """Returns the in-toto statement of a summary, as canonical JSON: the payload to sign.

    Args:
        summary: what was verified.
        is_rescan: the version is published already, and its verdict may be ``fail`` by now:
            the result is then ``FAILED``, and no client installs on it.

    Raises:
        InvalidDigestError: ``invalid-digest``; a digest is malformed.
        ValueError: the verdict is ``fail``, or signature, bundle and publisher contradict
            each other; such a version is never published.
    """
    if summary.verdict is Verdict.FAIL and not is_rescan:
        raise ValueError("a version that failed its scan is not attested")
    if (summary.signature is None) == bool(summary.bundle_digest):
        raise ValueError("a signature is attested with its bundle, or neither is")
    if summary.signature and summary.signature.binding.publisher != summary.publisher:
        raise ValueError("a signature is attested with a binding of the publisher, or not at all")
    return canonical.compact(
        {
            "_type": STATEMENT_TYPE,
            "subject": [subject_of(summary.name, summary.version, summary.integrity, summary.digest)],
            "predicateType": PREDICATE_TYPE,
            "predicate": _predicate(summary),
        }
    )


def verify_attestation(
    envelope: bytes,
    keys: Mapping[str, str],
    *,
    name: SkillName,
    version: Version,
    digest: str,
    integrity: str,
    accepts_failed: bool = False,
) -> VerificationSummary:
    """Returns what the registry attests, if it attests exactly these bytes under this name.

    1. A trusted key signed the envelope, and its payload is an in-toto statement.
    2. The statement is strict JSON, of the expected statement and predicate types.
    3. Its only subject has this name, this version and both of these digests.
    4. The summary is about the same resource, and its result is ``PASSED``.
    5. Every field of the summary has its type; the verdict is not ``fail``; there is a
       signature exactly where there is a bundle, with a binding of this publisher.

    Args:
        envelope: the DSSE envelope, untrusted.
        keys: key id → PEM public key of the registry, pinned by the client.
        name: the skill that is installed.
        version: the version that is installed.
        digest: ``sha256:<hex>`` of the archive at hand.
        integrity: ``sha512-<base64>`` of the same bytes.
        accepts_failed: for the registry alone, which judges again what it attested as
            ``FAILED``; nothing may be installed on the answer.

    Raises:
        AttestationError: ``attestation-refused``; ``why`` has the step's reason.
        InvalidDigestError: ``invalid-digest``; the expected digests are malformed.
    """
    expected = subject_of(name, version, integrity, digest)
    try:
        value = signed_value(envelope, keys)  # 1, 2
    except UNREADABLE as exc:
        raise _refused(exc.why) from exc
    problems: list[Problem] = []
    statement = Reader.of(value, "statement", problems)
    _require(statement, "_type", STATEMENT_TYPE)
    _require(statement, "predicateType", PREDICATE_TYPE)
    _raise_for(problems)
    if why := other_subject(statement.values.get("subject"), expected):  # 3
        raise _refused(why)
    predicate = statement.object("predicate")
    _require(predicate, "resourceUri", str(expected["name"]))  # 4
    has_failed = accepts_failed and predicate.values.get("tank_verdict") == Verdict.FAIL
    _require(predicate, "verificationResult", FAILED if has_failed else PASSED)
    summary = _summary(predicate, name, version, digest, integrity, has_failed=has_failed)  # 5
    _raise_for(problems)
    return summary


def _predicate(summary: VerificationSummary) -> dict[str, object]:
    """Returns the VSA; fields that SLSA does not know carry the vendor prefix ``tank_``."""
    digests = {name: str(getattr(summary, f"{name}_digest")) for name in _INPUTS}
    has_failed = summary.verdict is Verdict.FAIL
    signature = {"tank_signature": summary.signature.to_json()} if summary.signature else {}
    return {
        **signature,
        "verifier": {"id": summary.verifier},
        "timeVerified": time_text(summary.time_verified),
        "resourceUri": summary.name.purl(summary.version),
        "policy": {"uri": summary.policy_uri, "digest": _digest_set(summary.policy_digest)},
        "inputAttestations": [
            {"name": name, "digest": _digest_set(digest)} for name, digest in digests.items() if digest
        ],
        "verificationResult": FAILED if has_failed else PASSED,
        "verifiedLevels": [FAILED] if has_failed else [_UNEVALUATED, f"TANK_{summary.verdict.upper()}"],
        "slsaVersion": SLSA_VERSION,
        "tank_publisher": summary.publisher,
        "tank_score": summary.score,
        "tank_verdict": str(summary.verdict),
    }


def _digest_set(digest: str) -> dict[str, str]:
    return {"sha256": integrity.parse_digest(digest).hex()}


def _summary(
    predicate: Reader,
    name: SkillName,
    version: Version,
    digest: str,
    archive_integrity: str,
    *,
    has_failed: bool,
) -> VerificationSummary:
    policy = predicate.object("policy")
    inputs = _inputs(predicate)
    publisher = predicate.required_string("tank_publisher")
    bundle_digest = inputs.get("bundle", "")
    return VerificationSummary(
        name=name,
        version=version,
        digest=digest,
        integrity=archive_integrity,
        verifier=predicate.object("verifier").required_string("id"),
        time_verified=predicate.parsed("timeVerified", _time) or 0,
        policy_uri=policy.required_string("uri"),
        policy_digest=_sha256_of(policy),
        publisher=publisher,
        bundle_digest=bundle_digest,
        manifest_digest=inputs.get("manifest", ""),
        findings_digest=inputs.get("findings", ""),
        sbom_digest=inputs.get("sbom", ""),
        capabilities_digest=inputs.get("capabilities", ""),
        verdict=Verdict.FAIL if has_failed else predicate.parsed("tank_verdict", _verdict) or Verdict.FAIL,
        score=predicate.optional_number("tank_score", minimum=0, maximum=10, is_nullable=True),
        signature=read_signature(
            predicate, "tank_signature", publisher=publisher, bundle_digest=bundle_digest
        ),
    )


def _inputs(predicate: Reader) -> dict[str, str]:
    """Returns the digests of the input attestations by name; all but the bundle must be there."""
    items = predicate.values.get("inputAttestations")
    found: dict[str, str] = {}
    for item in items if isinstance(items, list) else []:
        entry = Reader.of(item, predicate.document, predicate.problems, ("inputAttestations",))
        name = entry.required_string("name")
        if name in found:
            entry.problem("name", f"has {quoted(name)} twice", "Name each once.")
        found[name] = _sha256_of(entry)
    missing = sorted(set(_INPUTS) - {"bundle"} - found.keys())
    if missing:
        predicate.problem("inputAttestations", f"lacks {', '.join(missing)}", "Attest every document.")
    return found


def _sha256_of(descriptor: Reader) -> str:
    digest = f"sha256:{descriptor.object('digest').required_string('sha256')}"
    descriptor.attempt("digest", lambda: integrity.parse_digest(digest))
    return digest


def _time(text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError as exc:
        raise _refused(f"{quoted(text)} is not a time in UTC.") from exc


def _verdict(text: str) -> Verdict:
    if text not in set(Verdict) - {Verdict.FAIL}:
        raise _refused(f"{quoted(text)} is not the verdict of a published version.")
    return Verdict(text)


def _require(reader: Reader, key: str, value: str) -> None:
    found = reader.required_string(key)
    if found and found != value:
        reader.problem(key, f"is {quoted(found)}, not {value}", "Use the attestation of this version.")


def _raise_for(problems: list[Problem]) -> None:
    if problems:
        raise _refused(f"{problems[0].where} {problems[0].what}.", tuple(problems))


def _refused(why: str, problems: tuple[Problem, ...] = ()) -> AttestationError:
    return AttestationError(
        "The registry's attestation does not vouch for this archive.",
        why=why,
        fix="Do not install it. If skills.lock was edited, restore it; if not, tell the registry's security contact.",
        problems=problems,
    )
