"""Every suite here runs once on each implementation of the ports."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from botocore.loaders import JSONFileLoader

from tests.support.ports_under_test import PortsUnderTest

PROVIDERS = ("memory", "embedded", "aws")


@pytest.fixture(scope="session", autouse=True)
def _service_models_are_read_once() -> Iterator[None]:
    """Keeps botocore's parsed service models, which are most of what a fresh set of clients costs."""
    read = JSONFileLoader().load_file
    with patch.object(JSONFileLoader, "load_file", staticmethod(functools.cache(read))):
        yield


@pytest.fixture(params=PROVIDERS)
def ports(request: pytest.FixtureRequest) -> Iterator[PortsUnderTest]:
    """One implementation of every port, over an empty store."""
    name = f"{request.param}_ports"
    provider = getattr(importlib.import_module(f"tests.support.{name}"), name)
    with provider() as ports_under_test:
        yield ports_under_test
