"""A skill that an older release recorded in DynamoDB gets its name keys with the next rescan."""

from __future__ import annotations

import dataclasses

from chalicelib.adapters.dynamo.catalog import DynamoCatalog
from chalicelib.adapters.dynamo.publishes import DynamoPublishes
from tests.support.aws_ports import emulated_aws, made_tables
from tests.support.sample_entities import NOW, a_publish, a_skill, a_version, an_event, running


def test_a_rescan_makes_a_name_findable() -> None:
    with emulated_aws():
        tables = made_tables()
        catalog, publishes = DynamoCatalog(tables), DynamoPublishes(tables)
        attempt = a_publish("@acme/pdf-tools")
        publishes.reserve(attempt, now=NOW)
        attempt = publishes.advance(running(attempt))
        version = a_version(attempt)
        catalog.record(version, a_skill(version.name), attempt, an_event())
        for row in list(tables.name_keys.scan()):
            row.delete()
        assert catalog.alike("@acrne/pdf-tools") == ()
        catalog.record_scan(dataclasses.replace(version, rule_set="sha256:new"), before=version, event=None)
        assert [skill.name for skill in catalog.alike("@acrne/pdf-tools")] == ["@acme/pdf-tools"]
