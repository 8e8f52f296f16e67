"""Every suite here runs once on each implementation of the ports."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import pytest

from tests.support.ports_under_test import PortsUnderTest

PROVIDERS = ("memory", "embedded", "aws")


@pytest.fixture(params=PROVIDERS)
def ports(request: pytest.FixtureRequest) -> Iterator[PortsUnderTest]:
    """One implementation of every port, over an empty store."""
    name = f"{request.param}_ports"
    provider = getattr(importlib.import_module(f"tests.support.{name}"), name)
    with provider() as ports_under_test:
        yield ports_under_test
