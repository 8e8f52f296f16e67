"""How each tool is told to do the same thing, on a machine and in a project of its own.

Everything that a tool keeps lies below its own folder: HOME, cache, temporary files. A
scenario names what is taken away before it; nothing of that is timed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import tank_registry
from benchmarks.client.corpus import Skill
from benchmarks.client.graph import Graph
from benchmarks.client.processes import Measured, run

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PEERS = PROJECT / "build" / "bench-client" / "peers" / "node_modules"
UV = PROJECT / "build" / "bench-client" / "uv" / "bin" / "uv"
Words = Sequence[str | Path]


@dataclass
class Tool:
    """One tool on one machine.

    Attributes:
        folder: holds ``home``, ``tmp`` and ``project``.
        commands: scenario → command line.
        trees: below the project: what is installed.
        kept: below ``folder``: what a cold machine has nevertheless, such as a pin.
        prepare: makes the project ready after its trees were taken away.
    """

    name: str
    folder: Path
    commands: Mapping[str, Words]
    trees: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] = lambda project: None

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def environment(self) -> dict[str, str]:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        home = self.folder / "home"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "CI": "true",
            **self.variables,
        }

    def keep_machine(self) -> None:
        """Notes what a cold machine has: what is in the home now, such as a registry's pinned root."""
        shutil.copytree(self.folder / "home", self.folder / "home.cold", symlinks=True)

    def forget_cache(self) -> None:
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        if (self.folder / "home.cold").exists():
            shutil.copytree(self.folder / "home.cold", self.folder / "home", symlinks=True)
        else:
            (self.folder / "home").mkdir(parents=True)

    def forget_trees(self) -> None:
        for tree in self.trees:
            path = self.project / tree
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.prepare(self.project)

    def run(self, scenario: str) -> Measured:
        """Does what a scenario is about, after taking away what it is without."""
        if scenario in ("cold", "cold far", "resolve"):
            self.forget_cache()
        if scenario in ("cold", "cold far", "warm", "resolve"):
            self.forget_trees()
        return run(self.commands[scenario], cwd=self.project, environment=self.environment)

    def set_up(self, *words: str | Path) -> None:
        run(words, cwd=self.project, environment=self.environment)


def tank(command: Path, folder: Path, url: str, fingerprint: str, manifest: bytes) -> Tool:
    """Returns a machine that trusts a registry, and a project with a manifest and no lock yet."""
    commands: dict[str, Words] = {
        "version": (command, "--version"),
        "help": (command, "--help"),
        "cold": (command, "ci"),
        "cold far": (command, "ci"),
        "warm": (command, "ci"),
        "no-op": (command, "install"),
        "verify": (command, "verify"),
        "verify files": (command, "verify", "--files"),
        "resolve": (command, "install", "--lock-only"),
    }
    tool = Tool("tank", folder, commands, (".tank", ".agents"), _link_mode())
    (folder / "home").mkdir(parents=True)
    tool.project.mkdir()
    (tool.project / "skills.json").write_bytes(manifest)
    tool.set_up(command, "trust", url, "--fingerprint", fingerprint)
    tool.keep_machine()
    return tool


def _link_mode() -> dict[str, str]:
    """Returns hard links for the superuser too, who gets copies otherwise: users are not the superuser."""
    return {"TANK_LINK_MODE": "hardlink"} if os.geteuid() == 0 else {}


def skills_manifest(skills: Sequence[Skill]) -> bytes:
    return tank_registry.manifest((skill.full_name, f"^{skill.version}") for skill in skills)


def graph_manifest(graph: Graph) -> bytes:
    return tank_registry.manifest(
        (f"@bench/{graph.name(number)}", f"^1.{least}.0") for number, least in graph.roots.items()
    )


def npm(folder: Path, registry: str, dependencies: Mapping[str, str]) -> Tool:
    program: Words = ("node", PEERS / "npm" / "bin" / "npm-cli.js")
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier")
    commands: dict[str, Words] = {
        "version": (*program, "--version"),
        "cold": (*program, "ci", *quiet),
        "cold far": (*program, "ci", *quiet),
        "warm": (*program, "ci", *quiet),
        "no-op": (*program, "install", *quiet),
        "resolve": (*program, "install", "--package-lock-only", *quiet),
        "lock": (*program, "install", *quiet),
    }
    tool = Tool("npm", folder, commands, ("node_modules",), {"npm_config_registry": registry})
    _package_json(tool, dependencies, registry)
    return tool


def pnpm(folder: Path, registry: str, dependencies: Mapping[str, str]) -> Tool:
    return _pnpm("pnpm", (PEERS / "pnpm" / "pnpm",), folder, registry, dependencies)


def pnpm_js(folder: Path, registry: str, dependencies: Mapping[str, str]) -> Tool:
    """Returns the last pnpm that is written in JavaScript; later ones are native programs."""
    program: Words = ("node", PEERS / "pnpm-js" / "bin" / "pnpm.cjs")
    return _pnpm("pnpm 10", program, folder, registry, dependencies)


def _pnpm(name: str, program: Words, folder: Path, registry: str, dependencies: Mapping[str, str]) -> Tool:
    frozen = ("install", "--frozen-lockfile", "--ignore-scripts", "--config.ci=false")
    commands: dict[str, Words] = {
        "version": (*program, "--version"),
        "cold": (*program, *frozen),
        "cold far": (*program, *frozen),
        "warm": (*program, *frozen),
        "no-op": (*program, *frozen),
        "resolve": (*program, "install", "--lockfile-only", "--no-frozen-lockfile", "--ignore-scripts"),
        "lock": (*program, "install", "--no-frozen-lockfile", "--ignore-scripts"),
    }
    tool = Tool(name, folder, commands, ("node_modules",), {"npm_config_registry": registry})
    _package_json(tool, dependencies, registry)
    return tool


def bun(folder: Path, registry: str, dependencies: Mapping[str, str]) -> Tool:
    program = PEERS / ".bin" / "bun"
    frozen: Words = (program, "install", "--frozen-lockfile", "--ignore-scripts")
    commands: dict[str, Words] = {
        "version": (program, "--version"),
        "cold": frozen,
        "cold far": frozen,
        "warm": frozen,
        "no-op": frozen,
        "resolve": (program, "install", "--lockfile-only", "--ignore-scripts", "--no-frozen-lockfile"),
        "lock": (program, "install", "--ignore-scripts", "--no-frozen-lockfile"),
    }
    tool = Tool("bun", folder, commands, ("node_modules",), {"npm_config_registry": registry})
    _package_json(tool, dependencies, registry)
    (tool.project / "bunfig.toml").write_text(f'[install]\nregistry = "{registry}"\n')
    return tool


def _package_json(tool: Tool, dependencies: Mapping[str, str], registry: str) -> None:
    (tool.folder / "home").mkdir(parents=True)
    tool.project.mkdir()
    described = {"name": "bench", "version": "1.0.0", "private": True, "dependencies": dict(dependencies)}
    (tool.project / "package.json").write_text(json.dumps(described, indent=2))
    (tool.project / ".npmrc").write_text(f"registry={registry}\n")


def uv(folder: Path, index: str, requirements: str) -> Tool:
    (folder / "home").mkdir(parents=True)
    common: Words = ("--index-url", f"{index}/simple/", "--no-config", "--quiet")
    sync: Words = (UV, "pip", "sync", "--require-hashes", *common, "requirements.txt")
    commands: dict[str, Words] = {
        "version": (UV, "--version"),
        "cold": sync,
        "cold far": sync,
        "warm": sync,
        "no-op": sync,
        "resolve": (UV, "pip", "compile", *common, "requirements.txt", "--output-file", "pinned.txt"),
    }

    def new_environment(project: Path) -> None:
        variables = {
            **os.environ,
            "HOME": str(folder / "home"),
            "UV_CACHE_DIR": str(folder / "tmp" / "venv-cache"),
        }
        run((UV, "venv", "--quiet", "--python", sys.executable, ".venv"), cwd=project, environment=variables)

    tool = Tool(
        "uv", folder, commands, (".venv", "pinned.txt"), {"UV_PYTHON_DOWNLOADS": "never"}, new_environment
    )
    tool.project.mkdir()
    (tool.project / "requirements.txt").write_text(requirements)
    return tool


def floor(python: Path, like: Tool) -> Tool:
    """Returns what must be done at the least to hash every installed file: nothing but that."""
    return Tool(
        "floor", like.folder, {"hash": (python, "-S", "-E", HERE / "hash_floor.py", ".tank/skills")}, ()
    )
