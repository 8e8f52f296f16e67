"""Which established skills of other publishers a skill's name imitates.

The catalog gives the few names that share a key; ``tank_core`` says which are alike and
who was first. What belongs to an organisation that the publisher is a member of
is nobody else's.
"""

from __future__ import annotations

from chalicelib.ports.registry import RegistryPorts
from tank_core import imitated_skill
from tank_core.entities import Publish
from tank_core.findings import Finding
from tank_core.names import SkillName


def find(ports: RegistryPorts, publish: Publish) -> tuple[Finding, ...]:
    """Returns a finding for each skill that the published one imitates by its name, the worst first."""
    name, own = SkillName.parse(publish.name), ports.catalog.skill(publish.name)
    since = publish.created_at if own is None else own.created_at
    org = ports.accounts.org(name.org)
    found = imitated_skill.imitated(
        name,
        since,
        ports.catalog.alike(publish.name),
        org_since=publish.created_at if org is None else org.created_at,
    )
    return imitated_skill.findings(
        name, since, [one for one in found if not _is_own(ports, one.name, publish.publisher_id)]
    )


def _is_own(ports: RegistryPorts, name: str, publisher_id: str) -> bool:
    org = ports.accounts.org(SkillName.parse(name).org)
    return org is not None and publisher_id in org.members
