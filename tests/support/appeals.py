"""Files and decides appeals for tests of what follows from them."""

from __future__ import annotations

from typing import Any

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.waivers import Archive, waiver_of
from tank_core.entities import Action, Appeal, AppealState, AuditEvent


def granted(ports: RegistryPorts, archive: Archive, *, days: int = 90, **changes: Any) -> Appeal:
    """Returns an appeal about an archive that was filed and granted, past every right."""
    now = ports.clock.now()
    appeal = Appeal(
        **{
            "appeal_id": ports.ids.new_id(),
            "name": archive.name,
            "version": archive.version,
            "digest": archive.digest,
            "integrity": archive.integrity,
            "rule_id": "some-rule",
            "file": "run.py",
            "line": 0,
            "appellant": "ada",
            "reason": "It is documentation.",
            "filed_at": now,
            "state": AppealState.GRANTED,
            "decided_by": "reviewer",
            "decided_at": now,
            "decision": "It documents the attack.",
            "expires_at": now + days * 24 * 3600,
        }
        | changes
    )
    if not appeal.waiver_digest:
        digest = ports.waivers.issue(waiver_of(ports.settings.public_url, appeal))
        appeal = Appeal(**{f: getattr(appeal, f) for f in Appeal.__slots__} | {"waiver_digest": digest})
    subject = f"skill:{appeal.name}@{appeal.version}"
    event = AuditEvent(ports.ids.new_id(), now, "reviewer", Action.WAIVER_GRANT, subject)
    ports.appeals.file(appeal, event)
    return appeal
