"""Puts published versions straight into the catalog in memory, for tests of what comes after them."""

from __future__ import annotations

from typing import Any

from tank_core.entities import Action, AuditEvent, Publish, Skill, SkillVersion
from tank_core.findings import Verdict
from tests.support.memory_ports import MemoryWorld

_DIGEST = "sha256:" + "a" * 64


def skill_version(name: str, version: str, **changed: Any) -> SkillVersion:
    """Returns a plausible published version."""
    stated: dict[str, Any] = {
        "name": name,
        "version": version,
        "published_at": 1,
        "publish_id": f"publish-{name}-{version}",
        "publisher_id": "alice",
        "size_bytes": 1,
        "integrity": "sha512-" + "A" * 86 + "==",
        "digest": _DIGEST,
        "tree_hash": _DIGEST,
        "description": "A skill.",
        "license": "Apache-2.0",
        "keywords": (),
        "capabilities": {},
        "dependencies": {},
        "audit_score": 10.0,
        "verdict": Verdict.PASS,
        "manifest_digest": _DIGEST,
        "findings_digest": _DIGEST,
        "sbom_digest": _DIGEST,
        "attestation_digest": _DIGEST,
        "bundle_digest": "",
        "package_ref": f"{name.removeprefix('@')}@{_DIGEST}",
    }
    return SkillVersion(**(stated | changed))


def publish_version(world: MemoryWorld, name: str, version: str, **changed: Any) -> SkillVersion:
    """Records a version as Store would."""
    made = skill_version(name, version, **changed)
    publish = Publish(
        publish_id=made.publish_id,
        name=name,
        version=version,
        publisher_id=made.publisher_id,
        integrity=made.integrity,
        digest=made.digest,
        size_bytes=made.size_bytes,
        client_manifest={},
        created_at=1,
        expires_at=world.clock.now() + 10,
    )
    world.publishes.reserve(publish, now=world.clock.now())
    stored = world.publishes.get(made.publish_id)
    assert stored is not None
    event = AuditEvent(world.ids.new_id(), 1, "alice", Action.PUBLISH, f"skill:{name}@{version}")
    before = world.catalog.skill(name)
    skill = Skill(name, 1, 1, made.description, (), version) if before is None else before
    world.catalog.record(made, skill, stored, event)
    return made
