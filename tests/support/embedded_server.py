"""Drives an embedded registry that runs in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tank_core.archive import ArchiveEntry, pack
from tank_core.integrity import sha256_digest, sha512_integrity

PROJECT = Path(__file__).resolve().parent.parent.parent
ENDED = ("published", "rejected", "failed", "expired")
_POLLS, _POLL_SECONDS = 600, 0.1


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers, and a client that is logged in as admin."""

    process: subprocess.Popen[str]
    client: httpx.Client

    def wait_until_stalled(self) -> None:
        """Returns when the server reached its point."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said == "stalled\n", f"the server said {said!r}"

    def kill(self) -> None:
        """Kills the server as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_server(data: Path, point: str = "none", *options: str) -> Iterator[RunningServer]:
    """Runs a server on a free loopback port; see ``stalling_server`` for the points and options."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.stalling_server", point, str(data), *options],
        cwd=PROJECT,
        env={**os.environ, "TANK_LOG_LEVEL": "CRITICAL"},  # its log is on stdout, which we read
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        # A start that goes on with an interrupted publish may reach its point before it announces itself.
        url = process.stdout.readline().strip() if first == "stalled" else first
        assert url.startswith("http://127.0.0.1:"), f"the server said {first!r}"
        token = (data / "admin.token").read_text().strip()
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            yield RunningServer(process, client)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@dataclass(frozen=True, slots=True)
class Package:
    """A packed skill and what a client announces of it."""

    archive: bytes
    manifest: dict[str, Any]

    @property
    def announcement(self) -> dict[str, Any]:
        return {
            "name": self.manifest["name"],
            "version": self.manifest["version"],
            "integrity": sha512_integrity(self.archive),
            "digest": sha256_digest(self.archive),
            "size_bytes": len(self.archive),
            "manifest": self.manifest,
        }


def small_package(version: str = "1.0.0", **files: str) -> Package:
    """Returns an honest little skill ``@acme/greeter``; ``files``: stem of a script → its text."""
    manifest = {
        "name": "@acme/greeter",
        "version": version,
        "description": "Greets people by name.",
        "license": "Apache-2.0",
    }
    content = {
        "SKILL.md": "---\nname: greeter\ndescription: Greets people by name.\n---\n\n# Greeter\n\nSay hello.\n",
        "skills.json": json.dumps(manifest, indent=2) + "\n",
        **{f"scripts/{stem}.py": text for stem, text in files.items()},
    }
    entries = [ArchiveEntry(path, text.encode(), executable=False) for path, text in content.items()]
    return Package(pack(entries), manifest)


def make_org(client: httpx.Client, org: str = "acme") -> None:
    client.post("/v1/orgs", json={"org": org}).raise_for_status()


def begin(client: httpx.Client, package: Package) -> dict[str, Any]:
    answer = client.post("/v1/publishes", json=package.announcement)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def upload(begun: dict[str, Any], package: Package) -> int:
    """Sends the archive; returns the status, or 0 when the server died before it answered."""
    link = begun["upload"]
    with contextlib.suppress(httpx.TransportError):
        return httpx.put(link["url"], headers=link["headers"], content=package.archive).status_code
    return 0


def ended(client: httpx.Client, publish_id: str) -> dict[str, Any]:
    """Returns the publish's status once it has ended."""
    for _ in range(_POLLS):
        status = dict(client.get(f"/v1/publishes/{publish_id}").raise_for_status().json())
        if status["state"] in ENDED:
            return status
        threading.Event().wait(_POLL_SECONDS)
    raise AssertionError(f"the publish does not end: {status}")
