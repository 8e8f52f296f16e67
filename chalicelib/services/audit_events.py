"""Audit events: how one is made, and how a subject is written.

Every change writes its event in the change's own transaction; this module only
builds the value. Reading is ``services.history``.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from tank_core.entities import Action, AuditEvent, JsonObject

REGISTRY = "registry"  # the actor when no publisher asked


def audit_event(
    ports: RegistryPorts, actor: str, action: Action, subject: str, detail: JsonObject | None = None
) -> AuditEvent:
    """Returns a new event of now. ``detail`` must hold no secret: it is shown to readers."""
    return AuditEvent(ports.ids.new_id(), ports.clock.now(), actor, action, subject, detail or {})


def skill_subject(name: str) -> str:
    """Returns the subject of a skill and of all its versions."""
    return f"skill:{name}"


def version_subject(name: str, version: str) -> str:
    """Returns the subject of one version."""
    return f"skill:{name}@{version}"


def publish_subject(publish_id: str) -> str:
    """Returns the subject of one publish attempt."""
    return f"publish:{publish_id}"


def org_subject(org: str) -> str:
    """Returns the subject of an organisation."""
    return f"org:{org}"


def token_subject(token_id: str) -> str:
    """Returns the subject of a token."""
    return f"token:{token_id}"


def publisher_subject(publisher_id: str) -> str:
    """Returns the subject of a publisher."""
    return f"publisher:{publisher_id}"
