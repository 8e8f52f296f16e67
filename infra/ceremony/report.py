"""Says in words what a ceremony's files say, and what is still missing: for the people who sign."""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.adapters.tuf.authority import CeremonyRefusedError
from infra.ceremony.folder import Ceremony
from infra.ceremony.roles import RoleKeys, plan_of
from tank_core import tuf_layout


def report(ceremony: Ceremony) -> list[str]:
    """Returns lines about the newest root and targets, and whether clients would accept them."""
    lines: list[str] = []
    root, targets = ceremony.root(), ceremony.targets()
    if root is not None:
        plan = plan_of(root)
        lines += [
            f"Root version {root.version}, until {_day(root.expires)}",
            f"  root keys      {_keys(plan.root)}",
            f"  targets keys   {_keys(plan.targets)}",
            f"  index key      {plan.online.keyid}",
        ]
    if targets is not None:
        listed = ", ".join(sorted(targets.targets))
        lines.append(f"Targets version {targets.version}, until {_day(targets.expires)}: {listed}")
    return [*lines, _standing(ceremony)]


def _standing(ceremony: Ceremony) -> str:
    try:
        authority = ceremony.authority()
    except CeremonyRefusedError as error:
        return f"Not to be published yet: {error.why}"
    fingerprint = tuf_layout.root_fingerprint(authority.root_bytes)
    return f"Clients accept it from root version 1 on. Fingerprint: {fingerprint}"


def _keys(role: RoleKeys) -> str:
    return f"{role.threshold} of {', '.join(sorted(key.keyid for key in role.keys))}"


def _day(when: datetime) -> str:
    return when.astimezone(UTC).date().isoformat()
