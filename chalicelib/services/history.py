"""The audit trail of a skill, for everybody to read.

Attempts that were never published are not in it: they are their publisher's business.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import skill_subject
from tank_core.absence import SkillNotFoundError
from tank_core.entities import AuditEvent, Page


def events(ports: RegistryPorts, name: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
    """Returns the events of a skill and of its versions, newest first.

    Raises:
        SkillNotFoundError: skill-not-found.
        InvalidCursor: the cursor is from elsewhere.
    """
    if ports.catalog.skill(name) is None:
        raise SkillNotFoundError.named(name)
    return ports.audit_trail.events(skill_subject(name), cursor=cursor, limit=limit)
