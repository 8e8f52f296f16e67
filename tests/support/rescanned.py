"""One version with something hidden in it, and what can be seen of it after a rescan."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.ports.errors import PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import availability, keys
from tank_core.absence import WithdrawnError
from tank_core.entities import AuditEvent, Availability, SkillVersion
from tank_core.index import IndexVersion, parse_index
from tank_core.semver import Version
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import package
from tests.support.rule_sets import HIDDEN

NAME, NUMBER = "@acme/greeter", "1.0.0"
SUBJECT = f"skill:{NAME}@{NUMBER}"


def hidden(number: str = NUMBER) -> tuple[Any, ...]:
    return package({"version": number}, scripts__hello_dot_py=HIDDEN.encode())


def stored(ports: RegistryPorts, number: str = NUMBER) -> SkillVersion:
    found = ports.catalog.version(NAME, number)
    assert found is not None
    return found


def indexed(world: MemoryWorld, number: str = NUMBER) -> IndexVersion:
    found = parse_index(world.index.documents[NAME]).version(Version.parse(number))
    assert found is not None
    return found


def events(ports: RegistryPorts, subject: str = SUBJECT) -> tuple[AuditEvent, ...]:
    """Returns the events of the version, oldest first."""
    return ports.audit_trail.events(subject, cursor="", limit=100).items[::-1]


def actions(ports: RegistryPorts) -> list[str]:
    return [str(event.action) for event in events(ports)]


def assert_withdrawn(world: MemoryWorld, ports: RegistryPorts, version: SkillVersion) -> None:
    assert indexed(world).availability is Availability.WITHDRAWN
    assert indexed(world).digest == ""
    assert ports.blobs.head(keys.blob(version.digest)) is None
    assert ports.blobs.head(keys.quarantine(version.digest)) is not None
    assert world.artifacts.pushed == {}
    with pytest.raises(WithdrawnError):
        availability.readable_version(ports, NAME, NUMBER)


class Silent:
    """An index that cannot be written."""

    def write(self, names: Any) -> None:
        raise PortError("the index function was busy for too long")
