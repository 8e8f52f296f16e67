"""Which files of a skill's folder go into the package.

Everything, but version control, installed dependencies and private files; with
``files`` in skills.json only what it names. There is no ignore file: what ships
is what the manifest says, and everything that ships is scanned.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tank_core.archive import DEFAULT_LIMITS, ArchiveEntry, check_paths
from tank_core.errors import ExitCode, Problem, TankError

_EXCLUDED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".tank", ".venv", "venv", "node_modules", "__pycache__", ".idea", ".vscode"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache"}
)
_EXCLUDED_FILES = re.compile(
    r"\.DS_Store|Thumbs\.db|skills\.lock|\.env(\..*)?|\.npmrc|\.pypirc|\.netrc|.*\.pyc"
)
_ALWAYS = re.compile(r"skills\.json|SKILL\.md|(LICENSE|LICENCE|NOTICE)(\.[a-z]+)?", re.IGNORECASE)


class NotPackableError(TankError):
    """A folder holds something that cannot be part of a package."""

    code = "not-packable"
    exit_code = ExitCode.USAGE


class NotASkillError(TankError):
    """A folder is not a skill."""

    code = "not-a-skill"
    exit_code = ExitCode.NOT_FOUND


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    absolute: Path
    mode: int
    size_bytes: int


def manifest_bytes(folder: Path) -> bytes:
    """Returns the bytes of a skill's skills.json.

    Raises:
        NotASkillError: not-a-skill; the folder has no skills.json or no SKILL.md.
    """
    missing = [name for name in ("skills.json", "SKILL.md") if not (folder / name).is_file()]
    if missing:
        raise NotASkillError(
            f"{folder} is not a skill: it has no {' and no '.join(missing)}.",
            why="A skill's folder has both: SKILL.md for agents, skills.json for Tank.",
            fix=f"tank init --skill @org/{folder.name}",
        )
    return (folder / "skills.json").read_bytes()


def collect(folder: Path, files: Sequence[str] | None) -> tuple[ArchiveEntry, ...]:
    """Returns the files that the package holds, sorted by path.

    Args:
        folder: the skill's folder.
        files: patterns of ``files`` in skills.json; None for everything.

    Raises:
        NotPackableError: not-packable; links, devices, or patterns that name nothing, all at once.
        ArchiveError: archive-…; too many or too large files, or paths that not every system keeps.
    """
    found = sorted(_walk(folder, ""), key=lambda item: item.path)
    patterns = None if files is None else {text: _pattern(text) for text in files}
    chosen = [item for item in found if patterns is None or _is_named(item.path, list(patterns.values()))]
    problems = _irregular(chosen) + _unused(patterns or {}, found)
    if problems:
        raise NotPackableError(
            f"{folder} cannot be packed.",
            why="A package holds regular files only, and `files` must name files that exist.",
            fix=problems[0].fix,
            problems=tuple(problems),
        )
    check_paths(item.path for item in chosen)
    DEFAULT_LIMITS.check_file_count(len(chosen))
    for item in chosen:  # before anything is read
        DEFAULT_LIMITS.check_file_size(item.path, item.size_bytes)
    DEFAULT_LIMITS.check_total_size(sum(item.size_bytes for item in chosen))
    return tuple(ArchiveEntry(i.path, i.absolute.read_bytes(), _is_executable(i)) for i in chosen)


def _walk(folder: Path, prefix: str) -> Iterator[_Found]:
    with os.scandir(folder) as listing:
        for item in listing:
            state = item.stat(follow_symlinks=False)
            if item.is_dir(follow_symlinks=False):
                if item.name not in _EXCLUDED_FOLDERS:
                    yield from _walk(Path(item.path), f"{prefix}{item.name}/")
            elif not _EXCLUDED_FILES.fullmatch(item.name):
                yield _Found(prefix + item.name, Path(item.path), state.st_mode, state.st_size)


def _is_named(path: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    return bool(_ALWAYS.fullmatch(path)) or any(pattern.fullmatch(path) for pattern in patterns)


def _pattern(text: str) -> re.Pattern[str]:
    """Returns what a ``files`` entry matches: ``*`` in one segment, ``**`` across, a folder with all below."""
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(
        pieces.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*\*|\*|\?)", text.removeprefix("./"))
    )
    return re.compile(body.rstrip("/") + r"(?:/.*)?", re.DOTALL)


def _irregular(found: Sequence[_Found]) -> list[Problem]:
    return [
        Problem(
            item.path,
            "It is a link." if stat.S_ISLNK(item.mode) else "It is not a regular file.",
            "Replace it by the file itself, or leave it out with `files` in skills.json.",
        )
        for item in found
        if not stat.S_ISREG(item.mode)
    ]


def _unused(patterns: dict[str, re.Pattern[str]], found: Sequence[_Found]) -> list[Problem]:
    return [
        Problem(f"skills.json: files: {text}", "It names no file.", "Correct it, or remove it.")
        for text, pattern in patterns.items()
        if not any(pattern.fullmatch(item.path) for item in found)
    ]


def _is_executable(item: _Found) -> bool:
    if os.name == "posix":
        return bool(item.mode & stat.S_IXUSR)
    with item.absolute.open("rb") as file:  # Windows keeps no such bit: a shebang says the same
        return file.read(2) == b"#!"
