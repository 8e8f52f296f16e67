"""The audit trail of a skill, and of an organisation, for everybody to read.

Attempts that were never published are not in it: they are their publisher's business.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import orgs
from chalicelib.services.audit_events import org_subject, skill_subject
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


def org_events(ports: RegistryPorts, org: str, *, cursor: str, limit: int) -> Page[AuditEvent]:
    """Returns the events of an organisation, announced changes of its bindings among them, newest first.

    Raises:
        OrgNotFoundError: org-not-found.
        InvalidCursor: the cursor is from elsewhere.
    """
    return ports.audit_trail.events(org_subject(orgs.show(ports, org).org), cursor=cursor, limit=limit)
