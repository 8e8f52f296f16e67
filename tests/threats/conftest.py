"""An honest registry and a client of it, made once; every test attacks copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.adapters.system import SystemClock
from tests.support.attacked_registry import (
    PLAIN,
    SIGNED,
    AttackedRegistry,
    Served,
    copied,
    open_registry,
    populate,
    serving,
)
from tests.support.consumer import Client, new_client
from tests.support.local_sigstore import SigstoreScene


@dataclass(frozen=True)
class Template:
    """What every test copies."""

    data: Path
    client: Path


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"), SystemClock())
    yield scene
    scene.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, served: Served, sigstore: SigstoreScene) -> Template:
    """A registry with an unsigned and a signed skill, and a client that has both installed."""
    folder = tmp_path_factory.mktemp("template")
    registry = open_registry(folder / "data", served, sigstore)
    populate(registry)
    client = new_client(folder / "client", registry.url, registry.fingerprint)
    added = client.run("add", PLAIN, SIGNED)
    assert added.exit_code == 0, added.document
    registry.close()
    return Template(folder / "data", folder / "client")


@pytest.fixture
def registry(
    template: Template, served: Served, sigstore: SigstoreScene, tmp_path: Path
) -> Iterator[AttackedRegistry]:
    made = open_registry(copied(template.data, tmp_path / "data"), served, sigstore)
    yield made
    made.close()


@pytest.fixture
def client(template: Template, registry: AttackedRegistry, tmp_path: Path) -> Client:
    """Somebody who has both skills installed."""
    return Client(Path(shutil.copytree(template.client, tmp_path / "client", symlinks=True)))


@pytest.fixture
def newcomer(registry: AttackedRegistry, tmp_path: Path) -> Client:
    """Somebody who pinned the root, and has seen nothing yet."""
    return new_client(tmp_path / "newcomer", registry.url, registry.fingerprint)
