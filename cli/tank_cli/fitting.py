"""What commands that tell something of a lock say where it does not fit skills.json any more.

Somebody edited skills.json, or took one of the two files from another branch. Installing
makes the lock anew; until then each of these commands tells of the lock as it is.
"""

from __future__ import annotations

from tank_cli.context import Context
from tank_cli.project import Project
from tank_core.errors import Problem
from tank_core.lockfile import Lockfile


def misfits_of(project: Project, lock: Lockfile) -> tuple[Problem, ...]:
    """Returns every way in which a lock does not fit its project's manifest; none where there is no manifest.

    Raises:
        InvalidManifestError: invalid-manifest.
    """
    from tank_cli.installer.locking import misfits

    if not project.is_global and not project.manifest_path.exists():
        return ()
    manifest = project.manifest()
    return misfits(lock, manifest.skills, manifest.overrides)


def told(problems: tuple[Problem, ...]) -> str:
    """Returns problems, of which there is at least one, and what mends them, on one line."""
    first, *more = problems
    rest = f" And {len(more)} more." if more else ""
    return f"skills.lock does not fit skills.json: {first.where}: {first.what}{rest} Fix: tank install"


def warn(context: Context, project: Project, lock: Lockfile) -> None:
    """Warns that what is told is told of a lock that an install would change."""
    problems = misfits_of(project, lock)
    if problems:
        context.console.warn(told(problems))
