"""The contract of ``Catalog.alike``: every name that may be taken for another is found, and few others are read."""

from __future__ import annotations

import dataclasses

import pytest

from chalicelib.ports.catalog import ALIKE_PER_KEY
from tank_core.entities import Availability
from tank_core.names import SkillName
from tests.support.ports_under_test import PortsUnderTest
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running


def published(ports: PortsUnderTest, name: str, version: str = "1.0.0", created_at: int = NOW) -> None:
    attempt = a_publish(name, version)
    ports.publishes.reserve(attempt, now=NOW)
    attempt = ports.publishes.advance(running(attempt))
    skill = a_skill(name, created_at=created_at)
    ports.catalog.record(a_version(attempt), skill, attempt, an_event(f"skill:{name}@{version}"))


def alike(ports: PortsUnderTest, name: str) -> list[str]:
    return [skill.name for skill in ports.catalog.alike(name)]


@pytest.mark.parametrize(
    "name",
    ["@acrne/pdf-tools", "@acmee/pdf-tools", "@acme-p/df-tools", "@tools-acme/pdf", "@the-acme/pdf-tools"],
)
def test_names_that_are_alike_are_found(ports: PortsUnderTest, name: str) -> None:
    published(ports, "@acme/pdf-tools")
    published(ports, "@globex/spreadsheets")
    assert alike(ports, name) == ["@acme/pdf-tools"]


def test_a_skill_is_not_like_itself(ports: PortsUnderTest) -> None:
    published(ports, "@acme/pdf-tools")
    assert alike(ports, "@acme/pdf-tools") == []


def test_an_empty_registry_has_no_names_alike(ports: PortsUnderTest) -> None:
    assert alike(ports, "@acme/pdf-tools") == []


def test_a_name_is_found_once_however_many_versions_it_has(ports: PortsUnderTest) -> None:
    published(ports, "@acme/pdf-tools")
    published(ports, "@acme/pdf-tools", "1.1.0")
    assert alike(ports, "@acrne/pdf-tools") == ["@acme/pdf-tools"]


def test_what_is_found_says_its_age_and_what_can_be_installed(ports: PortsUnderTest) -> None:
    published(ports, "@acme/pdf-tools", created_at=NOW - 5)
    ports.catalog.set_availability(
        "@acme/pdf-tools", "1.0.0", Availability.WITHDRAWN, "harmful", latest="", event=an_event()
    )
    (found,) = ports.catalog.alike("@acrne/pdf-tools")
    assert (found.created_at, found.latest) == (NOW - 5, "")


def test_a_rescan_leaves_a_name_findable_once(ports: PortsUnderTest) -> None:
    published(ports, "@acme/pdf-tools")
    version = ports.catalog.version("@acme/pdf-tools", "1.0.0")
    assert version is not None
    judged = dataclasses.replace(version, rule_set="sha256:new")
    ports.catalog.record_scan(judged, before=version, event=None)
    assert alike(ports, "@acrne/pdf-tools") == ["@acme/pdf-tools"]


def test_of_a_crowded_key_the_oldest_are_found(ports: PortsUnderTest) -> None:
    crowd = [f"@org{chr(97 + n)}{'x' * 9}/invoice-reader" for n in range(ALIKE_PER_KEY + 1)]
    for age, name in enumerate(crowd):
        published(ports, str(SkillName.parse(name)), created_at=NOW - age)
    found = alike(ports, "@zz-zz-zz-zz-zz/invoice-reader")
    assert found == sorted(crowd[1:])
