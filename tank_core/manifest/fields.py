"""What both kinds of skills.json have in common: how they are read, and how they are refused.

Source: FORMATS, "skills.json".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.merge_markers import conflict_line
from tank_core.shape import Reader
from tank_core.strict_json import MalformedJsonError, parse_json

T = TypeVar("T")

DOCUMENT = "skills.json"
SKILL_KEYS = (
    "name",
    "version",
    "description",
    "license",
    "keywords",
    "repository",
    "homepage",
    "capabilities",
    "skills",
    "files",
)
MAX_MANIFEST_BYTES = 256 * 1024  # people write it by hand; a thousand dependencies fit


class InvalidManifestError(TankError):
    """A skills.json that is not valid; ``problems`` names everything that is wrong."""

    code = "invalid-manifest"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


def read_manifest(data: bytes, read: Callable[[Reader], T]) -> T:
    """Returns what ``read`` makes of a manifest, or raises all problems that it found.

    Args:
        data: at most 256 KiB of JSON.
        read: takes a reader of the top object; its result counts only without problems.

    Raises:
        InvalidManifestError: ``invalid-manifest``.
    """
    try:
        value = parse_json(data, what=DOCUMENT, max_bytes=MAX_MANIFEST_BYTES)
    except MalformedJsonError as error:
        raise _conflict(data[:MAX_MANIFEST_BYTES]) or InvalidManifestError(
            error.what, why=error.why, fix=error.fix
        ) from error
    problems: list[Problem] = []
    result = read(Reader.of(value, DOCUMENT, problems))
    if problems:
        raise invalid(problems)
    return result


def _conflict(data: bytes) -> InvalidManifestError | None:
    """Returns the error for a manifest that is not JSON because two branches changed it; None for another cause."""
    line = conflict_line(data)
    if not line:
        return None
    return InvalidManifestError(
        f"{DOCUMENT} holds a merge conflict (line {line})",
        why="Two branches changed it, and version control could not join them.",
        fix="Keep what both want, without the lines of <, = and >.",
    )


def invalid(problems: list[Problem]) -> InvalidManifestError:
    """Returns the error that carries all problems, sorted by place."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return InvalidManifestError(
        f"{DOCUMENT} has {count}",
        why="A manifest is read strictly, so that a slip is never taken for a wish.",
        fix=problems[0].fix if len(problems) == 1 else "Mend each of them.",
        problems=tuple(sorted(problems, key=lambda problem: (problem.where, problem.what))),
    )
