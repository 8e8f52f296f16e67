from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.services import keys
from chalicelib.services.registry_document import write_registry_document
from tests.support.memory_ports import MemorySigner
from tests.support.scene import Scene


def document(registry: Scene) -> dict[str, Any]:
    value = json.loads(registry.world.blobs.get(keys.REGISTRY_DOCUMENT, max_bytes=10**5))
    assert isinstance(value, dict)
    return value


def test_it_names_registry_api_and_key(registry: Scene) -> None:
    assert write_registry_document(registry.ports)
    signer = registry.world.signer
    assert document(registry) == {
        "registry": "https://registry.example",
        "api": "https://registry.example/v1",
        "keys": [{"key_id": signer.key_id(), "public_key": signer.public_key_pem()}],
    }


def test_it_is_written_only_when_it_changes(registry: Scene) -> None:
    assert write_registry_document(registry.ports)
    assert not write_registry_document(registry.ports)


def test_a_rolled_key_is_added_and_the_old_one_stays(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_registry_document(registry.ports)
    old, new = registry.world.signer.key_id(), MemorySigner()
    monkeypatch.setattr(registry.world.signer, "key", new.key)
    assert write_registry_document(registry.ports)
    assert sorted(entry["key_id"] for entry in document(registry)["keys"]) == sorted([old, new.key_id()])
