"""Where agents look for skills, and the links that lead from there to what Tank installed.

``.agents/skills`` is always served; the folder of a particular agent only where
that agent's own folder exists, or when it is asked for by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tank_core.errors import ExitCode, TankError


class UnknownAgentError(TankError):
    """``--agent`` names an agent that is not in the table."""

    code = "unknown-agent"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent: its folder, which shows that it is used, and where it looks for skills."""

    name: str
    marker: str
    skills: str


UNIVERSAL = Agent("agents", ".agents", ".agents/skills")
AGENTS: tuple[Agent, ...] = (
    UNIVERSAL,
    Agent("claude", ".claude", ".claude/skills"),
    Agent("codex", ".codex", ".codex/skills"),
    Agent("cursor", ".cursor", ".cursor/skills"),
    Agent("gemini", ".gemini", ".gemini/skills"),
    Agent("opencode", ".opencode", ".opencode/skills"),
    Agent("windsurf", ".windsurf", ".windsurf/skills"),
)


def agents_for(base: Path, asked: Collection[str]) -> tuple[Agent, ...]:
    """Returns the agents to serve below a directory, in the order of the table.

    Args:
        base: the project, or the home directory for a global install.
        asked: names given with ``--agent``.

    Raises:
        UnknownAgentError: unknown-agent.
    """
    unknown = sorted(set(asked) - {agent.name for agent in AGENTS})
    if unknown:
        raise UnknownAgentError(
            f"Tank knows no agent “{unknown[0]}”.",
            why="It has to know where an agent looks for skills.",
            fix=f"Use one of: {', '.join(agent.name for agent in AGENTS)}.",
        )
    return tuple(a for a in AGENTS if a is UNIVERSAL or a.name in asked or (base / a.marker).is_dir())
