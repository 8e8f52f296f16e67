"""Builds small packages and publish attempts for the tests of the pipeline."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from chalicelib.services import keys
from pipeline.execution import StageInput, StageOutput, write_document
from tank_core import integrity
from tank_core.archive import ArchiveEntry, pack
from tank_core.entities import Action, AuditEvent, Org, Publish, Publisher, Role, Token
from tank_core.manifest import parse_skill_manifest
from tank_core.publish import PublishState, Stage
from tests.support.memory_ports import MemoryWorld

MANIFEST: dict[str, Any] = {
    "name": "@acme/greeter",
    "version": "1.0.0",
    "description": "Greets.",
    "license": "Apache-2.0",
}


def skill_md(name: str) -> bytes:
    return (
        f"---\nname: {name}\ndescription: Greets people by name.\n---\n\n# Greeter\n\nSay hello.\n".encode()
    )


def package(manifest: dict[str, Any] | None = None, **files: bytes) -> tuple[ArchiveEntry, ...]:
    """Returns the entries of a small skill; ``files`` replaces or adds (``__`` is ``/``)."""
    stated = MANIFEST | (manifest or {})
    content = {
        "skills.json": json.dumps(stated).encode(),
        "SKILL.md": skill_md(str(stated["name"]).rpartition("/")[2]),
    }
    content |= {name.replace("__", "/").replace("_dot_", "."): data for name, data in files.items()}
    return tuple(ArchiveEntry(path, data, executable=False) for path, data in sorted(content.items()) if data)


def join_org(world: MemoryWorld, org: str = "acme", publisher: Publisher | None = None) -> Publisher:
    """Makes a publisher who may publish under the organisation."""
    publisher = publisher or Publisher("alice", created_at=1)
    if world.accounts.publisher(publisher.publisher_id) is None:
        world.accounts.put_publisher(
            publisher, _event(world, Action.PUBLISHER_CREATE, publisher.publisher_id)
        )
    if world.accounts.org(org) is None:
        members = {publisher.publisher_id: Role.OWNER}
        world.accounts.create_org(
            Org(org, 1, members), _event(world, Action.ORG_CREATE, publisher.publisher_id)
        )
    return publisher


def uploaded(
    world: MemoryWorld,
    entries: tuple[ArchiveEntry, ...],
    *,
    archive: bytes | None = None,
    announced: dict[str, Any] | None = None,
    bundle: bytes = b"",
    **changed: Any,
) -> StageInput:
    """Returns a running publish whose archive has arrived.

    Args:
        archive: the bytes that arrive, where they differ from the announced ones.
        announced: the manifest that the client posted, where it differs from the archive's.
        changed: fields of the ``Publish`` to replace.
    """
    packed = pack(entries)
    manifest = next((e.data for e in entries if e.path == "skills.json"), b"{}")
    stated = json.loads(manifest)
    publish = Publish(
        publish_id=world.ids.new_id(),
        name=str(stated.get("name", "@acme/greeter")),
        version=str(stated.get("version", "1.0.0")),
        publisher_id="alice",
        integrity=integrity.sha512_integrity(packed),
        digest=integrity.sha256_digest(packed),
        size_bytes=len(packed),
        client_manifest=announced if announced is not None else _manifest_json(manifest),
        created_at=world.clock.now(),
        expires_at=world.clock.now() + 3600,
        bundle_digest=integrity.sha256_digest(bundle) if bundle else "",
        bundle_size_bytes=len(bundle),
    )
    publish = replace(publish, token_id=_token(world, publish.publish_id), **changed)
    world.publishes.reserve(publish, now=world.clock.now())
    if bundle:
        world.blobs.put(keys.incoming_bundle(publish.publish_id), bundle)
    key = keys.incoming_archive(publish.publish_id)
    stored = world.blobs.put(key, packed if archive is None else archive)
    running = replace(publish, state=PublishState.RUNNING, object_version=stored.version_id)
    return StageInput(world.publishes.advance(running), key, stored.version_id)


def _token(world: MemoryWorld, token_id: str) -> str:
    token = Token(
        token_id, token_id, "alice", ("publish",), (), "", world.clock.now(), world.clock.now() + 3600
    )
    world.accounts.put_token(token, _event(world, Action.TOKEN_CREATE, "alice"))
    return token_id


def _manifest_json(data: bytes) -> dict[str, Any]:
    try:
        return parse_skill_manifest(data).to_json()
    except Exception:
        return {}


def _event(world: MemoryWorld, action: Action, who: str) -> AuditEvent:
    return AuditEvent(world.ids.new_id(), world.clock.now(), who, action, f"publisher:{who}")


def leave_document(
    world: MemoryWorld, given: StageInput, stage: Stage, name: str, value: dict[str, Any]
) -> StageInput:
    """Returns the input of the stages after one that left a working document."""
    before = given.earlier.get(stage, {})
    written = write_document(world.ports(), given.publish.publish_id, name, value)
    facts = {**before, "documents": {**before.get("documents", {}), **written}}
    return replace(given, earlier={**given.earlier, stage: facts})


def after(given: StageInput, stage: Stage, output: StageOutput) -> StageInput:
    """Returns the input of the stages after one that passed with this output."""
    return replace(given, earlier={**given.earlier, stage: output.to_json()})
