"""What the demo runs on: a registry on a free loopback port, and shells with homes of their own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

PROJECT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = PROJECT / "examples"
START_SECONDS = 30.0
COMMAND_SECONDS = 120.0


class DemoFailed(Exception):
    """A step did not end as it should have."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The registry that the demo started."""

    process: subprocess.Popen[bytes]
    data: Path
    url: str
    fingerprint: str

    def blob(self, digest: str) -> Path:
        """Returns the file that holds published bytes. ``digest``: ``sha256:<hex>``."""
        return next((self.data / "blobs" / "versions").rglob(digest.removeprefix("sha256:")))


@dataclass(frozen=True, slots=True)
class Build:
    """A build of a code host, as its identity tokens describe it."""

    repository: str
    repository_id: str
    owner_id: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs ``tank`` in one folder, with a home of its own, and shows what it prints."""

    folder: Path
    environment: dict[str, str]

    def tank(self, *words: str, expect: int = 0) -> None:
        """Runs one command and shows it; raises DemoFailed on another exit code than expected."""
        shown = shlex.join(word.replace(f"{PROJECT}/", "").replace(f"{gettempdir()}/", "") for word in words)
        say(f"\n\033[1m$ tank {shown}\033[0m" if sys.stdout.isatty() else f"\n$ tank {shown}")
        ended = subprocess.run(
            [str(PROJECT / ".venv-cli" / "bin" / "tank"), *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if ended.returncode != expect:
            raise DemoFailed(f"tank {words[0]} ended with {ended.returncode}, expected {expect}")
        if expect:
            say(f"(exit code {expect}, as it should be)")

    def in_build(self, registry: Registry, build: Build) -> Shell:
        """Returns the same shell as a job of a build on a tag, with the code host's token service at hand."""
        command = [sys.executable, "-m", "infra.local", "ci-identity", "--data", str(registry.data)]
        numbers = ["--repository-id", build.repository_id, "--owner-id", build.owner_id]
        workflow = ["--workflow", ".github/workflows/release.yml", "--ref", "refs/tags/v1.0.0"]
        printed = subprocess.run(
            [*command, "--repository", build.repository, *numbers, *workflow],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
        ).stdout
        variables = dict(word.split("=", 1) for word in shlex.split(printed) if "=" in word)
        say(
            f"\n# in a build of {build.repository}, repository {build.repository_id}, owner {build.owner_id}:"
        )
        return replace(self, environment={**self.environment, **variables})


def own_environment(home: Path) -> dict[str, str]:
    """Returns an environment in which ``tank`` touches nothing of the user's, with a new home."""
    kept = {
        key: os.environ[key]
        for key in ("PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "COLUMNS")
        if key in os.environ
    }
    home.mkdir()
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


def start(folder: Path) -> Registry:
    """Starts a registry and waits until it answers.

    Raises:
        SystemExit: it did not within ``START_SECONDS``.
    """
    data, ready = folder / "registry", folder / "ready.json"
    command = [sys.executable, "-m", "infra.local", "serve", "--data", str(data), "--port", "0"]
    say("Starting an embedded registry on a free loopback port ...")
    process = subprocess.Popen([*command, "--ready-file", str(ready)], cwd=PROJECT)
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise SystemExit("The embedded registry did not start; its own words are above.")
        time.sleep(0.05)
    said = json.loads(ready.read_text(encoding="utf-8"))
    return Registry(process, data, str(said["url"]), str(said["fingerprint"]))


def stop(registry: Registry) -> None:
    """Ends the registry."""
    registry.process.terminate()
    try:
        registry.process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        registry.process.kill()
        registry.process.wait()


def title(text: str) -> None:
    """Prints the heading of an act."""
    say(f"\n{'─' * min(78, len(text))}\n{text}\n{'─' * min(78, len(text))}")


def say(text: str) -> None:
    """Prints a line at once, before the next program prints its own."""
    print(text, flush=True)
