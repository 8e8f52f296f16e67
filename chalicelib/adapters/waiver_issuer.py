"""Issues waivers with a signer that is at hand: on one machine, and in the one function that may in AWS."""

from __future__ import annotations

from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.signer import AttestationSigner
from chalicelib.services import keys
from tank_core import dsse
from tank_core.integrity import sha256_digest
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.waiver_statement import statement_bytes
from tank_core.waivers import Waiver


class SigningWaiverIssuer:
    """The ``WaiverIssuer`` port over the registry's signer; whatever it is asked, it signs waivers only."""

    def __init__(self, signer: AttestationSigner, blobs: BlobStore) -> None:
        self._signer = signer
        self._blobs = blobs

    def issue(self, waiver: Waiver) -> str:
        """See ``WaiverIssuer.issue``."""
        statement = statement_bytes(waiver)
        signature = self._signer.sign(dsse.pae(PAYLOAD_TYPE, statement))
        envelope = dsse.envelope_bytes(PAYLOAD_TYPE, statement, self._signer.key_id(), signature)
        digest = sha256_digest(envelope)
        self._blobs.put(
            keys.blob(digest), envelope, content_type="application/json", cache_control=keys.IMMUTABLE
        )
        return digest
