"""The contract of ``chalicelib.ports.executions``."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.ports.executions import Executions
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners

DOCUMENT = {"publish_id": "01jz", "key": "incoming/01jz/archive.tgz", "version_id": "v1"}


@pytest.fixture
def executions(ports: PortsUnderTest) -> Executions:
    assert ports.executions is not None
    return ports.executions


@pytest.fixture
def started(ports: PortsUnderTest) -> Callable[[], tuple[str, ...]]:
    assert ports.started_executions is not None
    return ports.started_executions


def test_a_name_is_started_once(executions: Executions, started: Callable[[], tuple[str, ...]]) -> None:
    assert started() == ()
    for _ in range(2):
        executions.start("01jz", DOCUMENT)
    assert started() == ("01jz",)


def test_a_redrive_has_a_name_of_its_own(
    executions: Executions, started: Callable[[], tuple[str, ...]]
) -> None:
    executions.start("01jz", DOCUMENT)
    executions.start("01jz-1", DOCUMENT)
    assert started() == ("01jz", "01jz-1")


def test_many_starts_at_once_all_succeed_and_start_one(
    executions: Executions, started: Callable[[], tuple[str, ...]]
) -> None:
    assert winners([lambda: executions.start("01jz", DOCUMENT)] * 4) == [0, 1, 2, 3]
    assert started() == ("01jz",)
