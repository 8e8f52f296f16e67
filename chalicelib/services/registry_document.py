"""Publishes ``registry.json``: where the registry is, where its API is, and its attestation keys.

Clients never trust this file by itself: ``tank trust`` compares a key's fingerprint
with one that came another way.
"""

from __future__ import annotations

import json

from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.canonical import pretty
from tank_core.entities import JsonObject

_MAX_BYTES = 64 * 1024  # some hundred keys; more means that the file is not ours


def write_registry_document(ports: RegistryPorts) -> bool:
    """Writes the document if it would change; keeps keys that earlier deployments listed.

    Returns:
        Whether something was written. A concurrent writer's document counts as ours.
    """
    present = ports.blobs.head(keys.REGISTRY_DOCUMENT)
    before = None
    if present is not None:
        before = ports.blobs.get(keys.REGISTRY_DOCUMENT, max_bytes=_MAX_BYTES, version_id=present.version_id)
    document = pretty(_document(ports, _listed_keys(before)))
    if document == before:
        return False
    try:
        ports.blobs.put(
            keys.REGISTRY_DOCUMENT,
            document,
            content_type="application/json",
            cache_control=keys.REVALIDATE,
            if_match=None if present is None else present.etag,
            if_absent=present is None,
        )
    except ConditionFailed:
        return False
    return True


def _document(ports: RegistryPorts, listed: dict[str, str]) -> JsonObject:
    base = ports.settings.public_url
    every_key = {**listed, ports.signer.key_id(): ports.signer.public_key_pem()}
    return {
        "registry": base,
        "api": f"{base}/v1",
        "keys": [{"key_id": key_id, "public_key": pem} for key_id, pem in sorted(every_key.items())],
    }


def _listed_keys(document: bytes | None) -> dict[str, str]:
    """Returns the keys of an earlier document, so that attestations made before a roll still verify."""
    if document is None:
        return {}
    return {str(entry["key_id"]): str(entry["public_key"]) for entry in json.loads(document)["keys"]}
