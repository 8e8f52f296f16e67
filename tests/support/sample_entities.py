"""Entities for tests: valid, small, and different where a test says so."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from typing import Any

from tank_core.entities import Action, AuditEvent, Org, Publish, Publisher, Role, Skill, SkillVersion, Token
from tank_core.findings import Verdict
from tank_core.publish import PublishState

NOW = 1_750_000_000
_numbers = itertools.count(1)


def fresh_id() -> str:
    """Returns 26 characters that sort by the order made."""
    return f"{next(_numbers):026d}"


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def an_event(subject: str = "skill:@acme/tool", **changes: Any) -> AuditEvent:
    event = AuditEvent(fresh_id(), NOW, "ada", Action.PUBLISH, subject, {"note": "Grüße", "count": 3})
    return dataclasses.replace(event, **changes)


def a_publish(name: str = "@acme/tool", version: str = "1.0.0", **changes: Any) -> Publish:
    publish = Publish(
        publish_id=fresh_id(),
        name=name,
        version=version,
        publisher_id="ada",
        integrity="sha512-" + "A" * 86 + "==",
        digest="sha256:" + sha256_hex(name + version),
        size_bytes=1234,
        client_manifest={"name": name, "version": version, "capabilities": {"subprocess": ["git"]}},
        created_at=NOW,
        expires_at=NOW + 3600,
    )
    return dataclasses.replace(publish, **changes)


def a_version(publish: Publish, **changes: Any) -> SkillVersion:
    """Returns the version that a publish leads to."""
    version = SkillVersion(
        name=publish.name,
        version=publish.version,
        published_at=NOW,
        publish_id=publish.publish_id,
        publisher_id=publish.publisher_id,
        size_bytes=publish.size_bytes,
        integrity=publish.integrity,
        digest=publish.digest,
        tree_hash="sha256:" + sha256_hex("tree"),
        description="Does one thing well",
        license="Apache-2.0",
        keywords=("cli", "text"),
        capabilities={"network": {"outbound": ["api.example.com:443"]}, "subprocess": True},
        dependencies={"@acme/base": "^1.0.0"},
        audit_score=9.5,
        verdict=Verdict.PASS_WITH_NOTES,
        manifest_digest="sha256:" + sha256_hex("manifest"),
        findings_digest="sha256:" + sha256_hex("findings"),
        sbom_digest="sha256:" + sha256_hex("sbom"),
        attestation_digest="sha256:" + sha256_hex("attestation"),
        bundle_digest="",
        package_ref="acme/tool@sha256:" + sha256_hex("oci"),
    )
    return dataclasses.replace(version, **changes)


def a_skill(name: str = "@acme/tool", **changes: Any) -> Skill:
    skill = Skill(name, NOW, NOW, "Does one thing well", ("cli", "text"), "1.0.0")
    return dataclasses.replace(skill, **changes)


def a_publisher(publisher_id: str = "ada", **changes: Any) -> Publisher:
    return dataclasses.replace(Publisher(publisher_id, NOW), **changes)


def a_token(publisher_id: str = "ada", **changes: Any) -> Token:
    token_id = fresh_id()
    token = Token(
        token_id=token_id,
        secret_sha256=sha256_hex(token_id),
        publisher_id=publisher_id,
        scopes=("manage", "publish"),
        skills=("@acme/*",),
        description="a laptop",
        created_at=NOW,
        expires_at=NOW + 3600,
    )
    return dataclasses.replace(token, **changes)


def an_org(org: str = "acme", **changes: Any) -> Org:
    return dataclasses.replace(Org(org, NOW, {"ada": Role.OWNER}), **changes)


def running(publish: Publish) -> Publish:
    return dataclasses.replace(publish, state=PublishState.RUNNING, object_version="v1")
