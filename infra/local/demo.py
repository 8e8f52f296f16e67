"""`make demo`: Tank's main job in front of your eyes, on an embedded registry of its own.

Starts a registry on a free loopback port with a data folder that is thrown away,
then does with the installed ``tank`` command what a publisher, a consumer and an
attacker would do. Every step states the exit code it expects; the demo fails
when one differs. What it started, it stops, whatever happens.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from infra.local.demo_machine import (
    EXAMPLES,
    Build,
    DemoFailed,
    Registry,
    Shell,
    own_environment,
    say,
    start,
    stop,
    title,
)

RELEASE = Build(repository="demo/skills", repository_id="2002", owner_id="1001")
# The repository's name, given up by its owner and taken by somebody else: the numbers are others.
RESURRECTED = Build(repository="demo/skills", repository_id="6662", owner_id="6661")


def main() -> int:
    """Runs the demo and returns its exit code."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tank-demo-") as name:
        folder = Path(name)
        registry = start(folder)
        try:
            _walk(registry, folder)
        except (DemoFailed, subprocess.TimeoutExpired) as error:
            say(f"\nThe demo failed: {error}")
            return 1
        finally:
            stop(registry)
    say(f"\nDone in {time.monotonic() - began:.0f} s. The registry is stopped and its data is gone.")
    say("Keep one running with `make serve`.")
    return 0


def _walk(registry: Registry, folder: Path) -> None:
    project = folder / "project"
    shutil.copytree(EXAMPLES / "project", project)
    shell = Shell(project, own_environment(folder / "home"))
    runner = Shell(folder, own_environment(folder / "runner"))
    _owner(shell, registry)
    _publisher(shell, runner, registry)
    _attacker(runner, registry)
    _consumer(shell, project)
    _impostors(runner, registry, _bundle(registry, project))
    _tamper(shell, project)
    _store_owner(shell, registry)


def _owner(shell: Shell, registry: Registry) -> None:
    title("An owner: trust the registry's root, and bind the one build that may sign")
    shell.tank("trust", registry.url, "--fingerprint", registry.fingerprint)
    shell.tank("login", "--registry", registry.url, "--token-file", str(registry.data / "admin.token"))
    shell.tank("org", "create", "demo")
    identity = ("--github", RELEASE.repository, "--owner-id", RELEASE.owner_id)
    workflow = (
        "--repository-id",
        RELEASE.repository_id,
        "--workflow",
        "release.yml",
        "--ref",
        "refs/tags/v*",
    )
    shell.tank("binding", "add", "@demo", "--publisher", "admin", *identity, *workflow)


def _publisher(shell: Shell, runner: Shell, registry: Registry) -> None:
    title("A publisher: that build, without any token of the registry, signs and publishes two skills")
    runner.tank("trust", registry.url, "--fingerprint", registry.fingerprint)
    build = runner.in_build(registry, RELEASE)
    build.tank("publish", str(EXAMPLES / "text-tools"))
    build.tank("publish", str(EXAMPLES / "release-notes"))
    shell.tank("info", "@demo/text-tools")


def _attacker(runner: Shell, registry: Registry) -> None:
    title(
        "An attacker in that build: a weather skill that reads cloud credentials, and a good signature on it"
    )
    runner.in_build(registry, RELEASE).tank("publish", str(EXAMPLES / "malicious-weather"), expect=8)


def _consumer(shell: Shell, project: Path) -> None:
    title("A consumer: the project's budget does not allow what the skill needs")
    shell.tank("install", "@demo/release-notes", expect=7)
    say("\nWe read it, agree, and add the line to skills.json:")
    _allow(project / "skills.json")
    shell.tank("install", "@demo/release-notes")
    say("\nThe lock is the same bytes on every machine; of text-tools it says:")
    lock = json.loads((project / "skills.lock").read_text(encoding="utf-8"))
    say(json.dumps(lock["skills"]["@demo/text-tools"], indent=2))
    shell.tank("list")
    shell.tank("verify")


def _tamper(shell: Shell, project: Path) -> None:
    title("An attacker with a foot in the door: one byte of an installed file changes")
    victim = project / ".tank" / "skills" / "text-tools" / "SKILL.md"
    data = bytearray(victim.read_bytes())
    data[-2] ^= 1
    victim.write_bytes(data)
    shell.tank("verify", expect=6)


def _impostors(runner: Shell, registry: Registry, bundle: bytes) -> None:
    title("Impostors: the repository's name under other numbers; a bundle with one byte changed")
    skill = _next_version(runner.folder / "text-tools")
    runner.in_build(registry, RESURRECTED).tank("publish", str(skill), expect=4)
    tampered = runner.folder / "tampered.sigstore.json"
    tampered.write_bytes(_tampered(bundle))
    runner.in_build(registry, RELEASE).tank("publish", str(skill), "--bundle", str(tampered), expect=6)


def _store_owner(shell: Shell, registry: Registry) -> None:
    title("An attacker who owns the registry's object store: the signature's bundle changes there")
    stored = registry.blob(_bundle_digest(shell.folder))
    stored.chmod(0o600)
    stored.write_bytes(_tampered(stored.read_bytes()))
    say("A colleague, whose cache is empty, takes skills.json and skills.lock from version control:")
    clone = shell.folder.parent / "clone"
    clone.mkdir()
    for name in ("skills.json", "skills.lock"):
        shutil.copy(shell.folder / name, clone)
    other = Shell(clone, own_environment(shell.folder.parent / "other"))
    other.tank("trust", registry.url, "--fingerprint", registry.fingerprint)
    other.tank("ci", expect=6)


def _next_version(skill: Path) -> Path:
    """Copies text-tools with a version that is still free."""
    shutil.copytree(EXAMPLES / "text-tools", skill)
    manifest = skill / "skills.json"
    document = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**document, "version": "1.0.1"}, indent=2), encoding="utf-8")
    return skill


def _bundle(registry: Registry, project: Path) -> bytes:
    return registry.blob(_bundle_digest(project)).read_bytes()


def _bundle_digest(project: Path) -> str:
    lock = json.loads((project / "skills.lock").read_text(encoding="utf-8"))
    return str(lock["skills"]["@demo/text-tools"]["attestations"]["bundle"])


def _tampered(bundle: bytes) -> bytes:
    """Changes one character of the signature."""
    document = json.loads(bundle)
    signature = document["dsseEnvelope"]["signatures"][0]
    signature["sig"] = (
        signature["sig"][:20] + ("A" if signature["sig"][20] != "A" else "B") + signature["sig"][21:]
    )
    return json.dumps(document).encode()


def _allow(manifest: Path) -> None:
    """Adds to the budget what release-notes needs, as the refusal said."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    wanted = json.loads((EXAMPLES / "release-notes" / "skills.json").read_text(encoding="utf-8"))[
        "capabilities"
    ]
    document["permissions"] = {**document.get("permissions", {}), **wanted}
    manifest.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    say(json.dumps({"permissions": document["permissions"]}, indent=2))


if __name__ == "__main__":
    raise SystemExit(main())
