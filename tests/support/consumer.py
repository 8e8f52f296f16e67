"""One person's machine with one project, on which `tank` runs in this process."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tank_cli.main import main

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_UNSET = ("TANK_TOKEN", "TANK_REGISTRY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", *_PROXIES)


@dataclass(frozen=True)
class Ran:
    exit_code: int
    document: dict[str, Any]

    @property
    def refusal(self) -> tuple[int, str]:
        """The exit code, and the code of the error; "" when there is none."""
        error = self.document.get("error", {})
        return self.exit_code, str(error.get("code", ""))

    @property
    def places(self) -> set[str]:
        """What the error's problems are about."""
        return {problem["where"] for problem in self.document["error"]["problems"]}


@dataclass(frozen=True)
class Client:
    """One person's machine with one project."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def tank_home(self) -> Path:
        return self.folder / "tank"

    def run(self, *arguments: str) -> Ran:
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as machine, contextlib.redirect_stdout(said):
            for name in _UNSET:
                machine.delenv(name, raising=False)
            machine.setenv("HOME", str(self.folder))
            machine.setenv("TANK_HOME", str(self.tank_home))
            machine.chdir(self.project)
            exit_code = main([*arguments, "--json"])
        return Ran(exit_code, json.loads(said.getvalue()))

    def locked(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.project / "skills.lock").read_bytes())["skills"][name]
        return found

    def edit_lock(self, name: str, **changes: Any) -> None:
        lock = json.loads((self.project / "skills.lock").read_bytes())
        lock["skills"][name] |= changes
        (self.project / "skills.lock").write_text(json.dumps(lock))

    def installed(self) -> dict[str, bytes]:
        """Returns every file of the project."""
        found = sorted(path for path in self.project.rglob("*") if path.is_file())
        return {path.relative_to(self.project).as_posix(): path.read_bytes() for path in found}


def new_client(folder: Path, url: str, fingerprint: str) -> Client:
    """Returns a machine that has just pinned the registry's root, with an empty project."""
    client = Client(folder)
    client.project.mkdir(parents=True)
    (client.project / "skills.json").write_text('{"permissions": {}, "skills": {}}')
    assert client.run("trust", url, "--fingerprint", fingerprint).exit_code == 0
    return client
