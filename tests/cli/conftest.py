"""A machine of its own for every test: home, working directory, environment, and `tank` in process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tank_cli import edge
from tank_cli.cache import Cache
from tank_cli.client.transport import Transport
from tank_cli.config import load
from tank_cli.main import main
from tank_cli.trust import RegistryTrust
from tests.support.client_machine import NOTES, Machine
from tests.support.local_sigstore import SigstoreScene, targets_of
from tests.support.registry_double import RegistryDouble, serving
from tests.support.signing_publisher import Sign, signing


@dataclass(frozen=True)
class Result:
    exit_code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, object]:
        """The one JSON document on stdout."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value

    @property
    def told(self) -> str:
        """What was printed on both streams as one line, whatever folded where."""
        return " ".join(f"{self.out} {self.err}".split())

    @property
    def error_code(self) -> str:
        """The code of the error document."""
        error = self.document["error"]
        assert isinstance(error, dict)
        return str(error["code"])


Tank = Callable[..., Result]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory that nobody used yet; the variables that change Tank's mind are unset."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("TANK_HOME", "TANK_TOKEN", "TANK_REGISTRY", "TANK_SEMGREP", "NO_COLOR", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    # Some tests edit installed files in place, which is for copies; what links do is in test_store.
    monkeypatch.setenv("TANK_LINK_MODE", "copy")
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "SIGSTORE_ID_TOKEN", "TANK_ID_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working directory."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def tank(home: Path, capsys: pytest.CaptureFixture[str]) -> Tank:
    """Runs `tank` in this process, as a person without a terminal would."""

    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        exit_code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(exit_code, captured.out, captured.err)

    return run


@pytest.fixture
def registry() -> Iterator[RegistryDouble]:
    """A registry on loopback."""
    with serving(RegistryDouble()) as double:
        yield double


@pytest.fixture
def trusted(registry: RegistryDouble, tank: Tank, project: Path) -> RegistryDouble:
    """A registry whose root is pinned, and a project whose budget allows git, and one host."""
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    permissions = {"subprocess": ["git"], "network": {"outbound": ["api.example"]}}
    (project / "skills.json").write_text(json.dumps({"permissions": permissions, "skills": {}}))
    return registry


@pytest.fixture
def transport(home: Path) -> Iterator[Transport]:
    """How the command talks, below any command; ``home`` has unset the proxies."""
    with Transport() as transport:
        yield transport


@pytest.fixture
def machine(registry: RegistryDouble, home: Path, transport: Transport) -> Machine:
    """A machine that has just pinned the registry's root."""
    settings = load({"HOME": str(home)})
    trust = RegistryTrust.of(settings, registry.url)
    trust.pin(registry.objects["/tuf/root.json"])
    return Machine(trust, Cache(settings.cache_dir), transport)


@pytest.fixture
def used(registry: RegistryDouble, machine: Machine) -> RegistryDouble:
    """A registry of which this machine has seen notes 1.0.0."""
    registry.publish(NOTES, "1.0.0")
    assert machine.versions() == ["1.0.0"]
    return registry


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that were not answered at once."""
    walked: list[list[str]] = []
    run = edge.run

    def recorded(arguments: Any) -> int:
        walked.append(list(arguments))
        return run(arguments)

    monkeypatch.setattr(edge, "run", recorded)
    return walked


@pytest.fixture
def vendored(tank: Any, trusted: RegistryDouble, project: Path) -> Path:
    """A project with two skills, and its vendor file."""
    trusted.publish(NOTES, "1.0.0", capabilities={"subprocess": ["git"]}, skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.1.0")
    assert tank("add", NOTES).exit_code == 0
    assert tank("vendor").exit_code == 0
    return project / "skills.vendor.tar"


@pytest.fixture
def far(
    trusted: RegistryDouble, home: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """Moves the project to a machine that knows nothing, and where the registry answers nothing."""

    def move() -> None:
        for path in (
            home / ".cache",
            home / ".config",
            home / ".local",
            project / ".tank",
            project / ".agents",
        ):
            shutil.rmtree(path, ignore_errors=True)
        monkeypatch.setenv("TANK_REGISTRY", trusted.url)
        trusted.requests.clear()
        trusted.routes.clear()
        trusted.objects.clear()

    return move


@pytest.fixture(scope="module")
def sigstore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    scene = SigstoreScene(tmp_path_factory.mktemp("sigstore"))
    yield scene
    scene.close()


@pytest.fixture
def signed(registry: RegistryDouble, sigstore: SigstoreScene, tank: Any, project: Path) -> RegistryDouble:
    """A registry whose publishers can sign, and a project that believes its root."""
    registry.sign_registry(targets_of(sigstore))
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    (project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    return registry


@pytest.fixture
def sign(sigstore: SigstoreScene) -> Sign:
    return signing(sigstore, "jo")
