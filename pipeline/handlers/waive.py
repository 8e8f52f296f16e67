"""The waiver function's Lambda entry: beside Store and a rescan's Record the only one that may use the attestation key.

``{"issue": {...}}`` comes from the API, after a reviewer granted an appeal. Whatever
comes, it signs statements of one predicate type about one version, which expire.
"""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.adapters.waiver_function import waiver_in
from chalicelib.adapters.waiver_issuer import SigningWaiverIssuer


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Signs the waiver that the event asks for and returns its envelope's digest.

    Raises:
        ValueError: the event asks for something else.
        WaiverRefusedError: waiver-refused; it is not one that a reader would accept.
    """
    ports = wiring.ports()
    return {"digest": SigningWaiverIssuer(ports.signer, ports.blobs).issue(waiver_in(event))}
