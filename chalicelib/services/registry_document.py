"""``registry.json``: where the registry is, where its API is, its attestation keys, whose Sigstore signs.

The document is signed twice over for two kinds of readers: as a TUF target by the
offline key, which is what clients believe, and unsigned at a fixed address, for
people and scripts that want to look.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.errors import Missing
from chalicelib.ports.signer import AttestationSigner
from chalicelib.services import keys
from tank_core.canonical import pretty

_MAX_BYTES = 64 * 1024  # some hundred keys; more means that the file is not ours


def registry_document(
    public_url: str, signer: AttestationSigner, *, listed: Mapping[str, str], sigstore: str = ""
) -> bytes:
    """Returns the document.

    Args:
        public_url: base URL of the registry, without a trailing slash.
        signer: holds the attestation key.
        listed: key id → PEM of the keys that were listed so far: what was attested before a
            roll must go on to verify.
        sigstore: ``local``, ``public``, or "" when publishers cannot sign.
    """
    every_key = {**listed, signer.key_id(): signer.public_key_pem()}
    return pretty(
        {
            "registry": public_url,
            "api": f"{public_url}/v1",
            "keys": [{"key_id": key_id, "public_key": pem} for key_id, pem in sorted(every_key.items())],
            "sigstore": sigstore,
        }
    )


def listed_keys(document: bytes | None) -> dict[str, str]:
    """Returns key id → PEM of a document that this module wrote; none for None."""
    if document is None:
        return {}
    return {str(entry["key_id"]): str(entry["public_key"]) for entry in json.loads(document)["keys"]}


def publish_registry_document(blobs: BlobStore, document: bytes) -> bool:
    """Writes the copy for people; returns whether that changed anything."""
    try:
        before: bytes | None = blobs.get(keys.REGISTRY_DOCUMENT, max_bytes=_MAX_BYTES)
    except Missing:
        before = None
    if document == before:
        return False
    blobs.put(
        keys.REGISTRY_DOCUMENT, document, content_type="application/json", cache_control=keys.REVALIDATE
    )
    return True
