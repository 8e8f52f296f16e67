from __future__ import annotations

import json

from chalicelib.services import keys
from chalicelib.services.registry_document import (
    listed_keys,
    publish_registry_document,
    registry_document,
)
from tests.support.memory_ports import MemorySigner
from tests.support.scene import Scene

URL = "https://registry.example"


def test_the_document_says_where_the_api_is_and_what_key_attests() -> None:
    signer = MemorySigner()
    said = json.loads(registry_document(URL, signer, listed={}, sigstore="public"))
    assert said == {
        "registry": URL,
        "api": f"{URL}/v1",
        "keys": [{"key_id": signer.key_id(), "public_key": signer.public_key_pem()}],
        "sigstore": "public",
    }


def test_a_rolled_key_is_listed_beside_those_before_it() -> None:
    old, new = MemorySigner(), MemorySigner()
    first = registry_document(URL, old, listed={})
    second = registry_document(URL, new, listed=listed_keys(first))
    assert listed_keys(second) == {one.key_id(): one.public_key_pem() for one in (old, new)}
    assert listed_keys(None) == {}


def test_the_copy_for_people_is_written_when_it_changes(registry: Scene) -> None:
    blobs, document = registry.world.blobs, registry_document(URL, registry.world.signer, listed={})
    assert publish_registry_document(blobs, document)
    assert not publish_registry_document(blobs, document)
    assert publish_registry_document(blobs, registry_document(URL, MemorySigner(), listed={}))
    assert blobs.current[keys.REGISTRY_DOCUMENT].cache_control == keys.REVALIDATE
