"""The statement that a publisher signs, and the checks that bind it to one package.

An in-toto Statement v1 whose only subject is ``pkg:tank/<org>/<name>@<version>``
with both digests of the archive. Without the name in the subject a signature
could be replayed under another name; the library that verified the signature
knows nothing of our names, so the check is ours.

Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

import hmac
import json

from tank_core import canonical, integrity
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName
from tank_core.semver import Version

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"


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


def check_publisher_statement(
    statement: bytes, *, name: SkillName, version: str, archive_integrity: str, digest: str
) -> None:
    """Checks that a verified statement is about exactly this archive.

    1. It is an in-toto Statement v1.
    2. It has exactly one subject.
    3. The subject's name and both digests are the archive's.

    Raises:
        ProvenanceError: ``provenance-mismatch``; ``why`` names the step.
    """
    try:
        value = json.loads(statement)
    except (ValueError, RecursionError) as error:
        raise _refused("the statement is not JSON") from error
    if not isinstance(value, dict) or value.get("_type") != STATEMENT_TYPE:
        raise _refused(f"the statement is not a {STATEMENT_TYPE}")
    subjects = value.get("subject")
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise _refused("the statement does not have exactly one subject")
    expected = canonical.compact(subject_of(name, version, archive_integrity, digest))
    if not hmac.compare_digest(_canonical_or_empty(subjects[0]), expected):
        raise _refused(f"its subject is not {name.purl(version)} with the digests of this archive")


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
