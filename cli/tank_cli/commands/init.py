"""``tank init``: start a project, or a new skill."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tank_cli import atomic
from tank_cli.context import Context, common, example
from tank_cli.project import EMPTY_MANIFEST, MANIFEST
from tank_core.errors import TankError

_SKILL_MD = """---
name: {name}
description: What it does, and when an agent should use it.
---

# {title}

Say step by step what the agent has to do.
"""


class AlreadyThereError(TankError):
    """A file that would be made is there already."""

    code = "already-there"


@click.command("init", epilog=example("tank init", "tank init --skill @acme/release-notes"))
@click.option("--skill", metavar="@org/name", help="Make a skill of this name in a folder of its own.")
@common
def command(context: Context, skill: str | None) -> None:
    """Start a project here, or a new skill in a folder that has its name.

    A new project allows its skills nothing; you add permissions as you agree to them.
    """
    files = _project(context.cwd) if skill is None else _skill(context.cwd, skill)
    present = [path for path in files if path.exists()]
    if present:
        raise AlreadyThereError(
            f"{present[0]} is there already.",
            why="Nothing is overwritten.",
            fix="Edit it, or start in another directory.",
        )
    for path, data in files.items():
        atomic.write(path, data)
    made = [str(path.relative_to(context.cwd)) for path in files]
    context.console.show({"created": made}, [f"Created {path}" for path in made])


def _project(folder: Path) -> dict[Path, bytes]:
    return {folder / MANIFEST: EMPTY_MANIFEST}


def _skill(folder: Path, text: str) -> dict[Path, bytes]:
    from tank_core.names import SkillName

    name = SkillName.parse(text)
    manifest = {
        "name": str(name),
        "version": "0.1.0",
        "description": "What it does, in one sentence.",
        "license": "Apache-2.0",
        "capabilities": {},
    }
    title = name.name.replace("-", " ").capitalize()
    return {
        folder / name.name / MANIFEST: json.dumps(manifest, indent=2).encode() + b"\n",
        folder / name.name / "SKILL.md": _SKILL_MD.format(name=name.name, title=title).encode(),
    }
