"""Which versions a rescan looks at."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.services.rescans import MAX_FAILED_SCANS, RescanStatus, has_due, is_due, status
from tank_core.entities import Availability
from tests.support.sample_entities import a_publish, a_version
from tests.support.scene import Scene

OLD, NOW = "sha256:" + "0" * 64, "sha256:" + "1" * 64
GIVEN_UP = {"failed_rule_set": NOW, "failed_scans": MAX_FAILED_SCANS}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rule_set": NOW, "settled_rule_set": NOW}, False),
        ({"rule_set": OLD, "settled_rule_set": OLD}, True),
        ({}, True),  # of a release that did not keep it
        ({"rule_set": NOW, "settled_rule_set": OLD}, True),  # recorded, and perhaps not yet seen
        ({"rule_set": OLD, "availability": Availability.YANKED}, True),
        ({"rule_set": OLD, "settled_rule_set": OLD, "availability": Availability.WITHDRAWN}, False),
        ({"rule_set": NOW, "settled_rule_set": OLD, "availability": Availability.WITHDRAWN}, True),
        ({"rule_set": OLD, "settled_rule_set": OLD, **GIVEN_UP}, False),
        ({"rule_set": OLD, "settled_rule_set": OLD, **GIVEN_UP, "failed_scans": MAX_FAILED_SCANS - 1}, True),
        ({"rule_set": OLD, "settled_rule_set": OLD, **GIVEN_UP, "failed_rule_set": OLD}, True),
        ({"rule_set": NOW, "settled_rule_set": OLD, **GIVEN_UP}, True),  # only what readers see is left to do
    ],
)
def test_what_is_due(fields: dict[str, Any], expected: bool) -> None:
    assert is_due(a_version(a_publish(), **fields), NOW) is expected


def test_what_was_given_up_is_tried_again_when_asked_for() -> None:
    assert is_due(a_version(a_publish(), **GIVEN_UP), NOW, retries=True)


def test_the_status_counts_what_is_due_over_all_pages_and_names_what_was_given_up(registry: Scene) -> None:
    for minor in range(102):
        registry.publish(version=f"1.{minor}.0", rule_set=OLD, settled_rule_set=OLD)
    registry.publish("@acme/other", rule_set=NOW, settled_rule_set=NOW)
    broken = registry.publish("@acme/broken", rule_set=OLD, settled_rule_set=OLD, **GIVEN_UP)
    assert status(registry.ports.catalog, NOW) == RescanStatus(102, (broken,))
    assert has_due(registry.ports.catalog, NOW)


def test_a_registry_without_other_versions_has_nothing_due(registry: Scene) -> None:
    registry.publish(rule_set=NOW, settled_rule_set=NOW)
    assert status(registry.ports.catalog, NOW) == RescanStatus(0, ())
    assert not has_due(registry.ports.catalog, NOW)
