"""Which paths a package may contain: those that every file system keeps exactly as they are.

A path that one system changes, merges with another or treats as special would give
two readers two different trees from the same bytes. So names that Windows reserves,
case and Unicode variants, and invisible characters are refused everywhere.

Source: FORMATS, "Package archive"; Microsoft, "Naming Files, Paths, and Namespaces";
Unicode 16.0, section 3.13.5, definition D145 (canonical caseless matching).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from tank_core.archive.errors import ArchiveDuplicatePathError, ArchiveForbiddenEntryError
from tank_core.errors import Problem, quoted

# Windows allows 260 characters in all: this leaves 100 for the folders above a skill.
MAX_PATH_BYTES = 160
# Together with the limit above: however the names lie, ustar's 155 + 100 bytes can be split at a "/".
MAX_SEGMENT_BYTES = 96
MAX_DEPTH = 16
_DRIVE = re.compile(r"[A-Za-z]:")
_WINDOWS_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE
)
# What nearly every path is: nothing of it can break a rule but the names of devices. Tests compare it with the rules.
_USUAL = re.compile(r"(?:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*/){0,15}[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_DEVICE_INSIDE = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$)", re.IGNORECASE)
_WINDOWS_FORBIDDEN = frozenset('<>:"|?*')


def check_path(path: str) -> None:
    """Checks that one path may be in a package.

    Args:
        path: as it stands in the archive, ``/``-separated, relative.

    Raises:
        ArchiveForbiddenEntryError: ``archive-forbidden-entry``.
    """
    complaint = _complaint(path)
    if complaint:
        raise ArchiveForbiddenEntryError(
            f"The path {quoted(path)} may not be in a package: {complaint}.",
            why="Every file system must give every reader the same tree from the same bytes.",
            fix="Rename the file, or leave it out of the package.",
        )


def check_paths(paths: Iterable[str]) -> None:
    """Checks all paths of a package, alone and against each other.

    Raises:
        ArchiveForbiddenEntryError: ``archive-forbidden-entry``; ``problems`` has every bad path.
        ArchiveDuplicatePathError: ``archive-duplicate-path``; two paths meet on some
            file system, or a file is also used as a folder.
    """
    known = list(paths)
    problems = tuple(
        Problem(quoted(path), complaint, "Rename the file, or leave it out of the package.")
        for path in sorted(known)
        if (complaint := _complaint(path))
    )
    if problems:
        raise ArchiveForbiddenEntryError(
            f"{problems[0].where} may not be in a package: {problems[0].what}."
            if len(problems) == 1
            else f"{len(problems)} paths may not be in a package, the first is {problems[0].where}.",
            why="Every file system must give every reader the same tree from the same bytes.",
            fix="Rename the files, or leave them out of the package.",
            problems=problems,
        )
    check_distinct(known)


def check_distinct(paths: Iterable[str]) -> None:
    """Checks paths against each other: none that case-insensitive or normalising file systems would merge.

    Raises:
        ArchiveDuplicatePathError: ``archive-duplicate-path``.
    """
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        folded = _folded(path)
        if folded in files:
            raise _meeting(files[folded], path)
        files[folded] = path
        for parent in _parents(path):
            spelling = folders.setdefault(_folded(parent), parent)
            if spelling != parent:
                raise _meeting(spelling, parent)
    for folded in files.keys() & folders.keys():
        raise _meeting(files[folded], folders[folded] + "/")


def _meeting(first: str, second: str) -> ArchiveDuplicatePathError:
    return ArchiveDuplicatePathError(
        f"{quoted(first)} and {quoted(second)} are the same place on some file systems.",
        why="Case, Unicode form, or a file used as a folder would decide which one a reader gets.",
        fix="Rename or remove one of them.",
    )


def _parents(path: str) -> Iterable[str]:
    end = path.find("/")
    while end != -1:
        yield path[:end]
        end = path.find("/", end + 1)


def _folded(path: str) -> str:
    """Returns what is equal for all paths that some file system takes for the same."""
    if path.isascii():
        return path.lower()
    decomposed = unicodedata.normalize("NFD", path).casefold()
    return unicodedata.normalize("NFC", decomposed)


def _complaint(path: str) -> str:
    """Returns what is wrong with a path, or an empty string."""
    if len(path) <= MAX_SEGMENT_BYTES and _USUAL.fullmatch(path) and not _DEVICE_INSIDE.search(path):
        return ""
    return _complaint_of_rules(path)


def _complaint_of_rules(path: str) -> str:
    whole = next((words for is_bad, words in _PATH_RULES if is_bad(path)), "")
    if whole:
        return whole
    return next((complaint for segment in path.split("/") if (complaint := _segment_complaint(segment))), "")


def _segment_complaint(segment: str) -> str:
    """Returns what is wrong with one name of a path, or an empty string."""
    return next((words for is_bad, words in _SEGMENT_RULES if is_bad(segment)), "")


# In this order: the first rule keeps lone surrogates, which cannot be encoded, from the others.
_PATH_RULES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda path: not path.isprintable(), "it has control, invisible or unassigned characters"),
    (lambda path: "\\" in path, "it has a backslash"),
    (lambda path: path.startswith("/"), "it is absolute"),
    (lambda path: _DRIVE.match(path) is not None, "it names a drive"),
    (lambda path: len(path.encode()) > MAX_PATH_BYTES, f"it is longer than {MAX_PATH_BYTES} bytes"),
    (lambda path: unicodedata.normalize("NFC", path) != path, "it is not in Unicode normal form C"),
    (lambda path: path.count("/") >= MAX_DEPTH, f"it has more than {MAX_DEPTH} levels"),
)
_SEGMENT_RULES: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda name: name in ("", ".", ".."), 'an empty name, "." or ".." is in it'),
    (
        lambda name: len(name.encode()) > MAX_SEGMENT_BYTES,
        f"a name in it is longer than {MAX_SEGMENT_BYTES} bytes",
    ),
    (lambda name: not _WINDOWS_FORBIDDEN.isdisjoint(name), 'a name in it has one of < > : " | ? *'),
    (
        lambda name: name[0] == " " or name[-1] in " .",
        "a name in it has a space at an end, or a dot at the end",
    ),
    (lambda name: _WINDOWS_DEVICE.fullmatch(name) is not None, "a name in it is a device on Windows"),
)
