"""The statement that a publisher signs, and the checks that bind it to one package.

An in-toto Statement v1 whose only subject is ``pkg:tank/<org>/<name>@<version>``
with both digests of the archive. Without the name in the subject a signature
could be replayed under another name; the library that verified the signature
knows nothing of our names, so the check is ours.

The predicate is in-toto's Release: this name and version are these bytes. That is all
a publisher can honestly state from here; where the build ran stands in the certificate,
and how it was built is not claimed, so it is no SLSA provenance. Unlike the Release
predicate's own examples the subject is named by the package URL and not by a file,
because a file's name would not hold the organisation.

Source: in-toto Attestation Framework, Statement v1, and predicate Release v0.1.
"""

from __future__ import annotations

import hmac

from tank_core import canonical, integrity
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.strict_json import MalformedJsonError, parse_json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/release/v0.1"
MAX_STATEMENT_BYTES = 16 * 1024  # ours stay below 1 KiB


class ProvenanceError(TankError):
    """The publisher's signed statement is about something else."""

    code = "provenance-mismatch"
    status = 422
    exit_code = ExitCode.INTEGRITY


def subject_of(
    name: SkillName, version: Version | str, archive_integrity: str, digest: str
) -> dict[str, object]:
    """Returns the in-toto subject of one archive under one name and version."""
    return {
        "name": name.purl(version),
        "digest": {
            "sha256": integrity.parse_digest(digest).hex(),
            "sha512": integrity.parse_integrity(archive_integrity).hex(),
        },
    }


def publisher_statement(
    name: SkillName, version: Version | str, archive_integrity: str, digest: str
) -> bytes:
    """Returns the statement that a publisher signs for one archive, as canonical JSON.

    Args:
        archive_integrity: ``sha512-<base64>`` of the archive.
        digest: ``sha256:<hex>`` of the same bytes.
    """
    return canonical.compact(
        {
            "_type": STATEMENT_TYPE,
            "subject": [subject_of(name, version, archive_integrity, digest)],
            "predicateType": PREDICATE_TYPE,
            "predicate": {"purl": name.purl(version)},
        }
    )


def check_publisher_statement(
    statement: bytes, *, name: SkillName, version: str, archive_integrity: str, digest: str
) -> None:
    """Checks that a verified statement is about exactly this archive.

    1. It is strict JSON, and an in-toto Statement v1.
    2. It has exactly one subject.
    3. The subject's name and both digests are the archive's.
    4. Its predicate is a Release of the same package URL.

    Raises:
        ProvenanceError: ``provenance-mismatch``; ``why`` names the step.
    """
    try:
        value = parse_json(statement, what="the statement", max_bytes=MAX_STATEMENT_BYTES)  # 1
    except MalformedJsonError as error:
        raise _refused(
            f"the statement is not JSON that every reader understands alike: {error.why}"
        ) from error
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise _refused(f"the statement is not a {STATEMENT_TYPE}")
    subjects = value.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:  # 2
        raise _refused("the statement does not have exactly one subject")
    expected = canonical.compact(subject_of(name, version, archive_integrity, digest))
    if not hmac.compare_digest(_canonical_or_empty(subjects[0]), expected):  # 3
        raise _refused(f"its subject is not {name.purl(version)} with the digests of this archive")
    _check_predicate(value, name.purl(version))  # 4


def _check_predicate(statement: dict[str, object], purl: str) -> None:
    if statement.get("predicateType") != PREDICATE_TYPE:
        raise _refused(f"its predicate type is not {PREDICATE_TYPE}")
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict) or predicate.get("purl") != purl:
        raise _refused(f"its predicate is not the release of {purl}")


def _canonical_or_empty(value: object) -> bytes:
    """Returns the canonical form, or nothing (equal to no subject) for a value that has none."""
    try:
        return canonical.compact(value)
    except (TankError, TypeError, ValueError):
        return b""


def _refused(reason: str) -> ProvenanceError:
    return ProvenanceError(
        "The signature bundle does not belong to this archive.",
        why=reason[0].upper() + reason[1:] + ".",
        fix="Sign the archive that you upload: run `tank publish` without a bundle made for another version.",
    )
