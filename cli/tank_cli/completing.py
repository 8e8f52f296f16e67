"""What the shell offers at TAB for the names of skills and agents: from the project's files, never the network.

The shell runs ``tank`` for each TAB, so that a failure must show as nothing to offer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tank_cli.config import Config
    from tank_cli.project import Project

Offer = Callable[[click.Context, click.Parameter, str], list[str]]


def _offering(names: Callable[[Project], Iterable[object]]) -> Offer:
    """Returns a completion of names that a project has, and the person has not typed yet."""

    def offer(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            found = sorted(str(name) for name in names(_project(context)))
        except Exception:  # at TAB there is nobody to tell; the command itself will say it
            return []
        typed = context.params.get(parameter.name or "") or ()
        return [name for name in found if name.startswith(incomplete) and name not in typed]

    return offer


def _project(context: click.Context) -> Project:
    from tank_cli.project import find

    return find(Path.cwd(), _config(), is_global=bool(context.params.get("is_global")))


def _config() -> Config:
    from tank_cli.config import load

    return load(dict(os.environ))


def _named(project: Project) -> Iterable[object]:
    return project.manifest().skills


def _locked(project: Project) -> Iterable[object]:
    return project.require_lock().skills


def _linked(project: Project) -> Iterable[object]:
    from tank_cli.develop import linked_folders

    return linked_folders(project)


def _agents(project: Project) -> Iterable[object]:
    return [known.name for known in project.known_agents()]


def settable(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Returns the settings that a person can write which begin as what was typed."""
    from tank_cli.config import USER_KEYS

    return [key for key in USER_KEYS if key.startswith(incomplete)]


named_skills = _offering(_named)  # by skills.json
locked_skills = _offering(_locked)
linked_skills = _offering(_linked)
agents = _offering(_agents)
