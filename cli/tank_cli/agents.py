"""Where agents look for skills, and the links that lead from there to what Tank installed.

``.agents/skills`` is always served, and the folder of an agent whose own folder shows that it
is used, or that is asked for by name. A folder in which Tank made links before stays served
while it is there. ``.github`` shows nothing: every project on GitHub has it.

The table says for each agent its folder in a project and in the home directory, and whether
it reads the shared one. A person adds others in ``agents.json`` of the configuration, as
``{"name": {"project": "folder/skills", "global": "folder/skills"}}``; a project cannot.

Source: the agents' documentation and public tables of tools that link skills, as of November 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from tank_cli.config import InvalidConfigError
from tank_core.errors import ExitCode, TankError, quoted

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FOLDER = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
_MAX_TABLE_BYTES = 64 * 1024
_SHOWS_NOTHING = frozenset({".github"})  # every project on GitHub has it, whoever works there


class UnknownAgentError(TankError):
    """``--agent`` names an agent that is not in the table."""

    code = "unknown-agent"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent in one scope: its folder, which shows that it is used, and where it looks for skills."""

    name: str
    marker: str
    skills: str
    reads_shared: bool = False


@dataclass(frozen=True, slots=True)
class KnownAgent:
    """One agent in the table.

    Attributes:
        project: where it looks in a project, relative to it.
        home: where it looks in the home directory, relative to it.
        reads_shared: whether it also reads ``.agents/skills``, in both.
    """

    name: str
    title: str
    project: str
    home: str
    reads_shared: bool = False

    def at(self, *, is_global: bool) -> Agent:
        """Returns the agent in one scope."""
        skills = self.home if is_global else self.project
        return Agent(self.name, skills.rpartition("/")[0], skills, self.reads_shared)


KNOWN: tuple[KnownAgent, ...] = (
    KnownAgent("agents", "the shared folder", ".agents/skills", ".agents/skills", reads_shared=True),
    KnownAgent("claude", "Claude Code", ".claude/skills", ".claude/skills"),
    KnownAgent("codex", "Codex", ".codex/skills", ".codex/skills", reads_shared=True),
    KnownAgent("cursor", "Cursor", ".cursor/skills", ".cursor/skills", reads_shared=True),
    KnownAgent("copilot", "GitHub Copilot", ".github/skills", ".copilot/skills", reads_shared=True),
    KnownAgent("gemini", "Gemini CLI", ".gemini/skills", ".gemini/skills", reads_shared=True),
    KnownAgent("opencode", "OpenCode", ".opencode/skills", ".config/opencode/skills", reads_shared=True),
    KnownAgent("windsurf", "Windsurf", ".windsurf/skills", ".codeium/windsurf/skills", reads_shared=True),
    KnownAgent("cline", "Cline", ".cline/skills", ".cline/skills"),
    KnownAgent("goose", "goose", ".goose/skills", ".config/goose/skills", reads_shared=True),
)
AGENTS: tuple[Agent, ...] = tuple(agent.at(is_global=False) for agent in KNOWN)
UNIVERSAL = AGENTS[0]


def read_table(path: Path) -> tuple[KnownAgent, ...]:
    """Returns the table with what a person added or replaced in a file; the table alone without one.

    Raises:
        InvalidConfigError: invalid-config.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_TABLE_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return KNOWN
    try:
        value = json.loads(data) if len(data) <= _MAX_TABLE_BYTES else None
    except (ValueError, RecursionError) as error:
        raise _invalid(path, f"It is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise _invalid(path, "It must be an object: name → its folders.")
    own = {name: _agent(path, name, about) for name, about in value.items()}
    return (*(own.pop(known.name, known) for known in KNOWN), *(own[name] for name in sorted(own)))


def _agent(path: Path, name: str, about: object) -> KnownAgent:
    if not _NAME.fullmatch(name) or name == UNIVERSAL.name:
        raise _invalid(path, f"{quoted(name)} is no name for an agent.")
    if not isinstance(about, dict) or set(about) != {"project", "global"}:
        raise _invalid(path, f"{name} needs exactly “project” and “global”.")
    for folder in about.values():
        if (
            not isinstance(folder, str)
            or not _FOLDER.fullmatch(folder)
            or {"..", "."} & set(folder.split("/"))
        ):
            raise _invalid(path, f"A folder of {name} is not like “.{name}/skills”.")
    return KnownAgent(name, name, about["project"], about["global"])


def _invalid(path: Path, why: str) -> InvalidConfigError:
    return InvalidConfigError(f"{path} cannot be used.", why=why, fix=f"Edit or remove {path}.")


def agents_for(
    base: Path,
    asked: Collection[str],
    *,
    table: Iterable[KnownAgent] = KNOWN,
    is_global: bool = False,
    linked: Collection[str] = (),
) -> tuple[Agent, ...]:
    """Returns the agents to serve below a directory, in the order of the table.

    Args:
        base: the project, or the home directory for a global install.
        asked: names given with ``--agent``.
        table: every agent that is known.
        is_global: whether ``base`` is the home directory.
        linked: folders in which Tank made links before.

    Raises:
        UnknownAgentError: unknown-agent.
    """
    every = [known.at(is_global=is_global) for known in table]
    names = [agent.name for agent in every]
    unknown = sorted(set(asked) - set(names))
    if unknown:
        raise UnknownAgentError(
            f"Tank knows no agent “{unknown[0]}”.",
            why="It has to know where an agent looks for skills.",
            fix=f"Use one of: {', '.join(names)}; or add it to agents.json in Tank's configuration.",
        )
    return tuple(a for a in every if a.name in asked or _is_used(base, a, linked))


def _is_used(base: Path, agent: Agent, linked: Collection[str]) -> bool:
    if agent.name == UNIVERSAL.name:
        return True
    if agent.skills in linked and (base / agent.skills).is_dir():
        return True
    return agent.marker not in _SHOWS_NOTHING and (base / agent.marker).is_dir()
