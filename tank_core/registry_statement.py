"""What attestations and waivers have in common: an in-toto statement about one archive, signed by the registry.

Source: in-toto Attestation Framework v1.0, "Statement".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tank_core import canonical
from tank_core.dsse import MAX_ENVELOPE_BYTES, EnvelopeError, verify_envelope
from tank_core.errors import TankError
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.strict_json import MalformedJsonError, parse_json

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
# What ``signed_value`` raises; its callers give it their own names.
UNREADABLE: tuple[type[TankError], ...] = (EnvelopeError, MalformedJsonError)


def signed_value(envelope: bytes, keys: Mapping[str, str]) -> object:
    """Returns the JSON value of a statement that a trusted key signed; nothing of it is checked yet.

    Args:
        envelope: the DSSE envelope, untrusted.
        keys: key id → PEM public key of the registry, trusted.

    Raises:
        EnvelopeError: ``envelope-refused``.
        MalformedJsonError: ``malformed-json``.
    """
    payload = verify_envelope(envelope, keys, payload_type=PAYLOAD_TYPE)
    return parse_json(payload, what="the statement", max_bytes=MAX_ENVELOPE_BYTES)


def time_text(seconds: int) -> str:
    """Returns a time as statements spell it: ``2023-11-14T22:13:20Z``. ``seconds``: whole, since the Unix epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> int:
    """Returns what ``time_text`` was given.

    Raises:
        ValueError: spelt otherwise, or no time.
    """
    if not _TIME.fullmatch(text):
        raise ValueError("a time in a statement is spelt in one way")
    return int(datetime.fromisoformat(text).timestamp())


def other_subject(subjects: object, expected: Mapping[str, object]) -> str | None:
    """Returns why a statement is not about exactly one archive; None when it is.

    Args:
        subjects: ``subject`` of the statement, untrusted.
        expected: as ``provenance.subject_of``.
    """
    if not isinstance(subjects, list) or len(subjects) != 1:
        return "The statement does not have exactly one subject."
    if not hmac.compare_digest(canonical.compact(subjects[0]), canonical.compact(expected)):
        return f"Its subject is not {expected['name']} with the digests of this archive."
    return None
