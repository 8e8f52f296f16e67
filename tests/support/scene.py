"""A small registry in memory with people in it: who owns what, and with which token they come."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys, publishers
from chalicelib.services.announcement import Announcement
from chalicelib.services.authentication import Caller, authenticate
from chalicelib.services.authorisation import Scope
from chalicelib.services.tokens import TokenOrder, issue
from chalicelib.settings import Settings
from tank_core.entities import Action, AuditEvent, Org, Publisher, Role, Skill, SkillVersion
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.sample_entities import a_publish, a_skill, a_version, running

EVERYDAY = (Scope.PUBLISH, Scope.MANAGE, Scope.ORG, Scope.TOKENS)
ATTESTATION = {"payloadType": "application/vnd.in-toto+json", "payload": "e30=", "signatures": []}


@dataclass(slots=True)
class Scene:
    """ada owns @acme, grace publishes there, mallory is a stranger, admin runs the registry."""

    world: MemoryWorld
    ports: RegistryPorts
    admin_secret: str = ""

    def secret(self, publisher_id: str, *scopes: str, skills: tuple[str, ...] = ()) -> str:
        order = TokenOrder(scopes or tuple(EVERYDAY), skills, "a test", 3600)
        return issue(self.ports, publisher_id, order, actor="test").secret

    def caller(self, publisher_id: str, *scopes: str, skills: tuple[str, ...] = ()) -> Caller:
        return authenticate(self.ports, f"Bearer {self.secret(publisher_id, *scopes, skills=skills)}")

    @property
    def ada(self) -> Caller:
        return self.caller("ada")

    @property
    def admin(self) -> Caller:
        return authenticate(self.ports, f"Bearer {self.admin_secret}")

    def publish(self, name: str = "@acme/tool", version: str = "1.0.0", **changes: Any) -> SkillVersion:
        """Publishes a version as Store would, with its blobs."""
        findings = self.blob({"value": 9.5, "verdict": "pass", "items": [_ITEM], "findings": [_FINDING]})
        attempt = running(a_publish(name, version, publisher_id="ada"))
        archive = f"archive of {name}@{version}".encode()
        attempt = replace(attempt, digest=f"sha256:{hashlib.sha256(archive).hexdigest()}")
        self.ports.blobs.put(keys.blob(attempt.digest), archive)
        stored = a_version(
            attempt, findings_digest=findings, attestation_digest=self.blob(ATTESTATION), **changes
        )
        self.ports.publishes.reserve(attempt, now=self.ports.clock.now())
        self.ports.catalog.record(stored, self._skill(stored), attempt, self._event(stored))
        return stored

    def blob(self, document: dict[str, Any]) -> str:
        data = json.dumps(document).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.ports.blobs.put(keys.blob(digest), data)
        return digest

    def actions(self, subject: str) -> list[str]:
        """Returns the actions recorded about a subject, oldest first."""
        page = self.ports.audit_trail.events(subject, cursor="", limit=100)
        return [str(event.action) for event in reversed(page.items)]

    def _skill(self, stored: SkillVersion) -> Skill:
        return a_skill(stored.name, latest=stored.version)

    def _event(self, stored: SkillVersion) -> AuditEvent:
        subject = f"skill:{stored.name}@{stored.version}"
        return AuditEvent(self.ports.ids.new_id(), self.ports.clock.now(), "ada", Action.PUBLISH, subject)


def announcement(
    data: bytes = b"an archive", name: str = "@acme/tool", version: str = "1.0.0", **changes: Any
) -> Announcement:
    """Returns what a publisher announces for these bytes."""
    made = Announcement(
        name=name,
        version=version,
        integrity="sha512-" + b64encode(hashlib.sha512(data).digest()).decode(),
        digest="sha256:" + hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        manifest={"name": name, "version": version},
    )
    return replace(made, **changes)


def scene(settings: Settings | None = None) -> Scene:
    """Returns a registry with @acme and its people."""
    world = memory_world(settings)
    made = Scene(world, world.ports())
    made.admin_secret = publishers.bootstrap_admin(made.ports)
    for publisher_id in ("ada", "grace", "mallory"):
        world.accounts.publishers[publisher_id] = Publisher(publisher_id, world.clock.now())
    members = {"ada": Role.OWNER, "grace": Role.PUBLISHER}
    world.accounts.orgs["acme"] = Org("acme", world.clock.now(), members)
    return made


_ITEM = {"points": -0.5, "reason": "one note"}
_FINDING = {
    "rule_id": "curl-pipe-shell",
    "category": "remote-code",
    "severity": "low",
    "confidence": "medium",
    "title": "A download runs at once",
    "file": "SKILL.md",
    "line": 7,
    "evidence": "curl … | sh",
    "why": "What runs is decided elsewhere.",
    "fix": "Ship the script.",
    "taxonomy": ["CWE-494"],
    "provenance": "",
}
