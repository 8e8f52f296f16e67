"""The registry's own index writer, read by the command's own reader: the two agree on every name and format."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.adapters.tuf.writer import TufIndexWriter
from chalicelib.services.keys import PUBLIC
from tank_core import canonical
from tank_core.absence import SkillNotFoundError
from tests.support.client_machine import Machine
from tests.support.memory_index import OfflineKeys, index_writer_over, signed_ceremony
from tests.support.registry_double import RegistryDouble
from tests.support.scene import Scene, scene

TOOL = "@acme/tool"


@dataclass(frozen=True)
class Writing:
    """A registry in memory, and the loopback server that gives out what its writer wrote."""

    scene: Scene
    writer: TufIndexWriter
    served: RegistryDouble

    def publish(self, version: str) -> None:
        self.scene.publish(version=version, name=TOOL)
        self.writer.write([TOOL])
        self.serve()

    def serve(self) -> None:
        objects: Mapping[str, bytes] = {
            f"/{key.removeprefix(PUBLIC)}": stored.data
            for key, stored in self.scene.world.blobs.current.items()
            if key.startswith(PUBLIC)
        }
        self.served.objects.clear()
        self.served.objects.update(objects)


@pytest.fixture
def writing(registry: RegistryDouble, tmp_path: Path) -> Writing:
    made = scene()
    made.world.clock.at = int(time.time())
    signer = made.world.signer
    document = {
        "registry": registry.url,
        "api": f"{registry.url}/v1",
        "keys": [{"key_id": signer.key_id(), "public_key": signer.public_key_pem()}],
        "sigstore": "local",
    }
    contents = {
        "registry.json": canonical.pretty(document),
        "sigstore/trusted_root.json": b'{"a": 1}',
        "sigstore/signing_config.json": b'{"b": 2}',
    }
    ceremony = signed_ceremony(
        tmp_path / "ceremony", OfflineKeys(), signer, now=made.world.clock.now(), contents=contents
    )
    writer = index_writer_over(made.world)
    writer.adopt(ceremony.files())
    writing = Writing(made, writer, registry)
    writing.serve()
    return writing


def test_what_the_ceremony_signed_arrives(writing: Writing, machine: Machine) -> None:
    known = machine.refresh()
    assert list(known.keys) == [writing.scene.world.signer.key_id()]
    assert known.sigstore is not None
    assert (known.sigstore.trusted_root, known.sigstore.signing_config) == (b'{"a": 1}', b'{"b": 2}')


def test_every_round_arrives_and_costs_what_is_promised(writing: Writing, machine: Machine) -> None:
    with pytest.raises(SkillNotFoundError):
        machine.versions(TOOL)
    writing.publish("1.0.0")
    assert machine.versions(TOOL) == ["1.0.0"]
    writing.publish("1.1.0")
    writing.served.requests.clear()
    assert machine.versions(TOOL) == ["1.0.0", "1.1.0"]
    # Timestamp, snapshot; the bin and the document that changed.
    assert len(writing.served.requests) == 4
    writing.served.requests.clear()
    assert machine.versions(TOOL) == ["1.0.0", "1.1.0"]
    assert len(writing.served.requests) == 1


def test_an_older_round_of_the_writer_is_refused(writing: Writing, machine: Machine) -> None:
    writing.publish("1.0.0")
    old = dict(writing.served.objects)
    writing.publish("1.1.0")
    machine.versions(TOOL)
    writing.served.objects.update(old)
    assert machine.refused().code == "index-rolled-back"
