"""A pinned Sigstore trusted root: read from bytes, and as it was at a time.

The library verifies with every authority and key of the root, those included that
were retired before the signature was made. A retired key is one that others may
hold by now, so only the services that were in service at the time are kept.

Source: sigstore protobuf-specs, ``sigstore_trustroot.proto`` (a TimeRange is a
closed interval); Sigstore client specification, "Verification", step 1.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from tank_core.bundle.refusal import refused
from tank_core.strict_json import parse_json

if TYPE_CHECKING:
    from sigstore.models import TrustedRoot
    from sigstore_models.common.v1 import TimeRange

MAX_ROOT_BYTES = 256 * 1024  # the production root has 7 KiB


@lru_cache(maxsize=4)
def read(trusted_root: bytes) -> TrustedRoot:
    """Returns the trusted root.

    Raises:
        BundleRefusedError: ``bundle-refused``, when the bytes are none.
    """
    from sigstore.models import TrustedRoot
    from sigstore_models.trustroot.v1 import TrustedRoot as Message

    try:
        parse_json(trusted_root, what="the trusted root", max_bytes=MAX_ROOT_BYTES)
        return _with_closed_windows(TrustedRoot(Message.from_json(trusted_root)))
    except Exception as exc:  # Whatever is wrong with it, without it nothing can be verified.
        raise refused("trusted root: it cannot be read, so no bundle can be verified") from exc


def in_service(root: TrustedRoot, *, issued: datetime, signed: tuple[datetime, ...]) -> TrustedRoot:
    """Returns the root with those services that were valid when they took part.

    Args:
        issued: when the certificate was issued and therefore logged, aware.
        signed: every time that is claimed for the signature, aware.

    Raises:
        BundleRefusedError: ``bundle-refused``, when a kind of service has none left.
    """
    from sigstore.models import TrustedRoot

    message = root._inner
    kept = {
        "certificate_authorities": [
            a for a in message.certificate_authorities if _holds(a.valid_for, signed)
        ],
        "tlogs": [log for log in message.tlogs if _holds(log.public_key.valid_for, signed)],
        "ctlogs": [log for log in message.ctlogs if _holds(log.public_key.valid_for, (issued,))],
    }
    for name, services in kept.items():
        if not services:
            raise refused(f"trusted root: it has no {_NAMES[name]} for the time of this signature")
    return TrustedRoot(message.model_copy(update=kept))


_NAMES = {
    "certificate_authorities": "certificate authority",
    "tlogs": "transparency log",
    "ctlogs": "certificate transparency log",
}


def _with_closed_windows(root: TrustedRoot) -> TrustedRoot:
    """Moves each timestamp authority's end by the least there is.

    A window holds its end, and sigstore 4.5.1 leaves it out. Goes with the version that mends it.
    """
    from sigstore.models import TrustedRoot

    authorities = []
    for authority in root._inner.timestamp_authorities:
        window = authority.valid_for
        end = None if window.end is None else window.end + timedelta(microseconds=1)
        closed = window.model_copy(update={"end": end})
        authorities.append(authority.model_copy(update={"valid_for": closed}))
    return TrustedRoot(root._inner.model_copy(update={"timestamp_authorities": authorities}))


def log_ids(root: TrustedRoot) -> frozenset[bytes]:
    """Returns the ids of the root's transparency logs, raw bytes."""
    return frozenset(bytes(log.log_id.key_id) for log in root._inner.tlogs)


def _holds(window: TimeRange | None, times: tuple[datetime, ...]) -> bool:
    if window is None:
        return False
    return all(window.start <= time and (window.end is None or time <= window.end) for time in times)
