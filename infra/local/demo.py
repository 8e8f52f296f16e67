"""`make demo`: Tank's main job in front of your eyes, on an embedded registry of its own.

Starts a registry on a free loopback port with a data folder that is thrown away,
then does with the installed ``tank`` command what a publisher, a consumer and an
attacker would do. Every step states the exit code it expects; the demo fails
when one differs. What it started, it stops, whatever happens.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs ``tank`` in one folder, with a home of its own, and shows what it prints."""

    folder: Path
    environment: dict[str, str]

    def tank(self, *words: str, expect: int = 0) -> None:
        """Runs one command and shows it; raises DemoFailed on another exit code than expected."""
        shown = " ".join(word.replace(str(PROJECT) + "/", "") for word in words)
        _say(f"\n\033[1m$ tank {shown}\033[0m" if sys.stdout.isatty() else f"\n$ tank {shown}")
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
            _say(f"(exit code {expect}, as it should be)")


def main() -> int:
    """Runs the demo and returns its exit code."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tank-demo-") as name:
        folder = Path(name)
        registry = _start(folder)
        try:
            _walk(registry, folder)
        except (DemoFailed, subprocess.TimeoutExpired) as error:
            _say(f"\nThe demo failed: {error}")
            return 1
        finally:
            _stop(registry)
    _say(f"\nDone in {time.monotonic() - began:.0f} s. The registry is stopped and its data is gone.")
    _say("Keep one running with `make serve`.")
    return 0


def _walk(registry: Registry, folder: Path) -> None:
    project = folder / "project"
    shutil.copytree(EXAMPLES / "project", project)
    shell = Shell(project, _environment(folder))
    _publisher(shell, registry)
    _attacker(shell)
    _consumer(shell, project)
    _tamper(shell, project)


def _publisher(shell: Shell, registry: Registry) -> None:
    _title("A publisher: trust the registry's key, log in, publish two skills")
    shell.tank("trust", registry.url, "--fingerprint", registry.fingerprint)
    shell.tank("login", "--registry", registry.url, "--token-file", str(registry.data / "admin.token"))
    shell.tank("org", "create", "demo")
    shell.tank("publish", str(EXAMPLES / "text-tools"))
    shell.tank("publish", str(EXAMPLES / "release-notes"))


def _attacker(shell: Shell) -> None:
    _title("An attacker: a weather skill that reads cloud credentials and sends them away")
    shell.tank("publish", str(EXAMPLES / "malicious-weather"), expect=8)


def _consumer(shell: Shell, project: Path) -> None:
    _title("A consumer: the project's budget does not allow what the skill needs")
    shell.tank("install", "@demo/release-notes", expect=7)
    _say("\nWe read it, agree, and add the line to skills.json:")
    _allow(project / "skills.json")
    shell.tank("install", "@demo/release-notes")
    _say("\nThe lock, the same bytes on every machine:")
    _say((project / "skills.lock").read_text(encoding="utf-8"))
    shell.tank("list")
    shell.tank("verify")


def _tamper(shell: Shell, project: Path) -> None:
    _title("An attacker with a foot in the door: one byte of an installed file changes")
    victim = project / ".tank" / "skills" / "text-tools" / "SKILL.md"
    data = bytearray(victim.read_bytes())
    data[-2] ^= 1
    victim.write_bytes(data)
    shell.tank("verify", expect=6)


def _allow(manifest: Path) -> None:
    """Adds to the budget what release-notes needs, as the refusal said."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    wanted = json.loads((EXAMPLES / "release-notes" / "skills.json").read_text(encoding="utf-8"))[
        "capabilities"
    ]
    document["permissions"] = {**document.get("permissions", {}), **wanted}
    manifest.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    _say(json.dumps({"permissions": document["permissions"]}, indent=2))


def _environment(folder: Path) -> dict[str, str]:
    """Returns an environment in which ``tank`` touches nothing of the user's."""
    kept = {
        key: os.environ[key]
        for key in ("PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "COLUMNS")
        if key in os.environ
    }
    home = folder / "home"
    home.mkdir()
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }


def _start(folder: Path) -> Registry:
    data, ready = folder / "registry", folder / "ready.json"
    command = [sys.executable, "-m", "infra.local", "serve", "--data", str(data), "--port", "0"]
    _say("Starting an embedded registry on a free loopback port ...")
    process = subprocess.Popen([*command, "--ready-file", str(ready)], cwd=PROJECT)
    deadline = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise SystemExit("The embedded registry did not start; its own words are above.")
        time.sleep(0.05)
    said = json.loads(ready.read_text(encoding="utf-8"))
    return Registry(process, data, str(said["url"]), str(said["fingerprint"]))


def _stop(registry: Registry) -> None:
    registry.process.terminate()
    try:
        registry.process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        registry.process.kill()
        registry.process.wait()


def _title(text: str) -> None:
    _say(f"\n{'─' * min(78, len(text))}\n{text}\n{'─' * min(78, len(text))}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
