"""A waiver as a signed record: an in-toto Statement v1 in a DSSE envelope, signed by the registry.

The subject is the one of the registry's attestation, ``pkg:tank/org/name@version``
with both digests of the archive, so a waiver cannot be moved to other bytes, to
another version or to another skill. Its predicate is Tank's own. The key is the
registry's attestation key, which clients have pinned, so a waiver is verified
offline. Whether it is still in force is asked of the result, with a clock.

Source: in-toto Attestation Framework, Statement v1; DSSE v1.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from tank_core import canonical
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.names import SkillName
from tank_core.provenance import STATEMENT_TYPE, subject_of
from tank_core.registry_statement import UNREADABLE, other_subject, seconds_of, signed_value, time_text
from tank_core.semver import Version
from tank_core.shape import Reader
from tank_core.waivers import DAY_SECONDS, MAX_DAYS, MAX_FILE, MAX_REASON, MAX_RULE_ID, Waiver

PREDICATE_TYPE = "urn:tank:waiver:1"
MAX_WAIVER_BYTES = 16 * 1024  # an envelope; ours stay below 8 KiB, whatever the reason is written in
_TELL = "Do not use it; tell the registry's security contact."
_RULE_ID = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
_FIELDS = (
    "resourceUri",
    "registry",
    "ruleId",
    "file",
    "line",
    "appellant",
    "grantedBy",
    "reason",
    "grantedAt",
    "expiresAt",
)
_Archive: TypeAlias = tuple[SkillName, Version, str, str]  # name, version, digest, integrity


class WaiverRefusedError(TankError):
    """The signed waiver does not count for this archive."""

    code = "waiver-refused"
    exit_code = ExitCode.INTEGRITY


def statement_bytes(waiver: Waiver) -> bytes:
    """Returns the in-toto statement of a waiver, as canonical JSON: the payload to sign.

    Raises:
        InvalidDigestError: ``invalid-digest``; a digest is malformed.
        WaiverRefusedError: ``waiver-refused``; nobody could read it back, such as one that never expires.
    """
    problems: list[Problem] = []
    predicate = _predicate(waiver)
    read = _read(Reader.of(predicate, "waiver", problems), _archive_of(waiver))
    if problems or read != waiver:
        raise _refused(
            f"{problems[0].where} {problems[0].what}." if problems else "It is ambiguous.", problems
        )
    return canonical.compact(
        {
            "_type": STATEMENT_TYPE,
            "subject": [subject_of(waiver.name, waiver.version, waiver.integrity, waiver.digest)],
            "predicateType": PREDICATE_TYPE,
            "predicate": predicate,
        }
    )


def verify_waiver(
    envelope: bytes,
    keys: Mapping[str, str],
    *,
    name: SkillName,
    version: Version,
    digest: str,
    integrity: str,
) -> Waiver:
    """Returns the waiver, if the registry signed it for exactly these bytes under this name.

    1. A trusted key signed the envelope, and its payload is an in-toto statement.
    2. The statement is strict JSON, of the expected statement and predicate types.
    3. Its only subject has this name, this version and both of these digests.
    4. Every field has its type and its bounds; it expires, at most a year after it was granted.

    Args:
        envelope: the DSSE envelope, untrusted.
        keys: key id → PEM public key of the registry, pinned by the client.
        name: the skill.
        version: its version.
        digest: ``sha256:<hex>`` of the archive at hand.
        integrity: ``sha512-<base64>`` of the same bytes.

    Raises:
        WaiverRefusedError: ``waiver-refused``; ``why`` has the step's reason.
        InvalidDigestError: ``invalid-digest``; the expected digests are malformed.
    """
    expected = subject_of(name, version, integrity, digest)
    try:
        value = signed_value(envelope, keys)  # 1, 2
    except UNREADABLE as exc:
        raise _refused(exc.why) from exc
    problems: list[Problem] = []
    statement = Reader.of(value, "statement", problems)
    statement.reject_unknown(("_type", "subject", "predicateType", "predicate"))
    for key, wanted in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
        if statement.values.get(key) != wanted:
            raise _refused(f"Its {key} is not {wanted}.")
    if why := other_subject(statement.values.get("subject"), expected):  # 3
        raise _refused(why)
    waiver = _read(statement.object("predicate"), (name, version, digest, integrity))  # 4
    if problems:
        raise _refused(f"{problems[0].where} {problems[0].what}.", problems)
    return waiver


def check_rule_id(rule_id: str) -> str:
    """Returns a rule's id that could be one.

    Raises:
        WaiverRefusedError: ``waiver-refused``.
    """
    if not _RULE_ID.fullmatch(rule_id) or len(rule_id) > MAX_RULE_ID:
        raise _refused(f"{quoted(rule_id)} is not the id of a rule.")
    return rule_id


def _archive_of(waiver: Waiver) -> _Archive:
    return waiver.name, waiver.version, waiver.digest, waiver.integrity


def _predicate(waiver: Waiver) -> dict[str, object]:
    return {
        "resourceUri": waiver.name.purl(waiver.version),
        "registry": waiver.registry,
        "ruleId": waiver.rule_id,
        "file": waiver.file,
        "line": waiver.line,
        "appellant": waiver.appellant,
        "grantedBy": waiver.granted_by,
        "reason": waiver.reason,
        "grantedAt": time_text(waiver.granted_at),
        "expiresAt": time_text(waiver.expires_at),
    }


def _read(predicate: Reader, archive: _Archive) -> Waiver:
    """Returns the waiver in a predicate; what is wrong lands in the reader's problems."""
    name, version, digest, integrity = archive
    predicate.reject_unknown(_FIELDS)
    if predicate.values.get("resourceUri") != name.purl(version):
        predicate.problem("resourceUri", f"is not {name.purl(version)}", _TELL)
    waiver = Waiver(
        name=name,
        version=version,
        digest=digest,
        integrity=integrity,
        rule_id=predicate.parsed("ruleId", check_rule_id) or "",
        file=predicate.required_string("file", max_length=MAX_FILE),
        line=predicate.integer("line"),
        registry=predicate.required_string("registry"),
        appellant=predicate.required_string("appellant", max_length=MAX_FILE),
        granted_by=predicate.required_string("grantedBy", max_length=MAX_FILE),
        reason=predicate.required_string("reason", max_length=MAX_REASON),
        granted_at=predicate.parsed("grantedAt", _time) or 0,
        expires_at=predicate.parsed("expiresAt", _time) or 0,
    )
    if not 0 < waiver.expires_at - waiver.granted_at <= MAX_DAYS * DAY_SECONDS:
        predicate.problem(
            "expiresAt", f"is not within {MAX_DAYS} days after it was granted", "Let it expire."
        )
    return waiver


def _time(text: str) -> int:
    try:
        return seconds_of(text)
    except ValueError as exc:
        raise _refused(f"{quoted(text)} is not a time in UTC.") from exc


def _refused(why: str, problems: Sequence[Problem] = ()) -> WaiverRefusedError:
    return WaiverRefusedError(
        "The waiver does not count.",
        why=why,
        fix="Go by the verdict without it; if the registry goes on naming it, tell its security contact.",
        problems=tuple(problems),
    )
