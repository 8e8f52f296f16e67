"""When a signature was made, from sources that a bundle cannot invent.

A timestamp authority signs a time over the signature. Rekor v1's promise holds a
time as well; it is believed here only because the log entry's verification, which
always follows, verifies the promise.

Source: Sigstore client specification, "Verification", step 1; RFC 3161.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tank_core.bundle.refusal import refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle
    from sigstore.verify import Verifier


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one signature, aware.

    Attributes:
        stamped: of every timestamp in the bundle; each was verified.
        promised: of the log's promise; none for Rekor v2. To be verified with the log entry.
    """

    stamped: tuple[datetime, ...]
    promised: tuple[datetime, ...]

    @property
    def all(self) -> tuple[datetime, ...]:
        """Returns every time, timestamps first."""
        return self.stamped + self.promised

    @property
    def signed_at(self) -> int:
        """Returns the signature's time, whole seconds since the Unix epoch: a timestamp where there is one."""
        return int(min(self.stamped or self.promised).timestamp())


def established_times(verifier: Verifier, bundle: Bundle, *, needs_timestamp: bool) -> Times:
    """Returns the times that the bundle holds.

    1. Every timestamp is one of a trusted authority over this very signature: the library
       passes over those that are not.
    2. There is one, or the log's promise where that is enough.
    3. The certificate was valid at each.

    Raises:
        BundleRefusedError: ``bundle-refused``; other exceptions of the library are for ``refusing``.
    """
    found = verifier._establish_time(bundle)
    stamped = tuple(result.time for result in found if result.source.name == "TIMESTAMP_AUTHORITY")
    times = Times(stamped, tuple(result.time for result in found[len(stamped) :]))
    if len(stamped) != _count(bundle):  # 1
        raise refused("timestamp: no trusted authority made it over this signature")
    if not times.stamped and (needs_timestamp or not times.promised):  # 2
        raise refused("timestamp: there is none that a trusted authority signed")
    for time in times.all:  # 3
        _check_validity(bundle.signing_certificate, time)
    return times


def _count(bundle: Bundle) -> int:
    data = bundle.verification_material.timestamp_verification_data
    return len(data.rfc3161_timestamps) if data else 0


def _check_validity(certificate: Certificate, time: datetime) -> None:
    if time < certificate.not_valid_before_utc:
        raise refused(f"certificate: it was not yet valid when it signed, at {time.isoformat()}")
    if time > certificate.not_valid_after_utc:
        raise refused(f"certificate: it had expired when it signed, at {time.isoformat()}")
