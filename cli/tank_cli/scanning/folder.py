"""What a folder on this machine holds, for a scan: every file, whatever its name says.

Nothing in the folder takes a file out: no ignore file, no ``files`` in skills.json, no
name that packing leaves out. The one thing that is not read is version control's own
``.git`` folder, at the top of what is scanned and of a skill in it; it is listed as left
out, so that a report can say so. Links are not followed. What cannot be read is a finding.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tank_core.archive import DEFAULT_LIMITS, ArchiveEntry
from tank_core.errors import TankError
from tank_core.findings import Finding, Severity
from tank_core.unread import link, unread

_MAX_LISTED = 200_000  # names; a listing of more takes longer than anybody waits


class TooMuchToScanError(TankError):
    """A folder holds more than one package may, so it is not analysed at all."""

    code = "too-much-to-scan"

    @classmethod
    def of(cls, what: str) -> TooMuchToScanError:
        """Returns the error with the one way out."""
        return cls(
            what,
            why="The limits are those of a package: every file is read as a whole and passes every rule.",
            fix="Scan the skill's folder alone, without what was installed or built in it.",
        )


@dataclass(frozen=True, slots=True)
class Item:
    """Something in a folder that is not a folder.

    Attributes:
        path: from the listed folder on, ``/``-separated; bytes that are no UTF-8 are escaped.
        absolute: where to read it.
        mode: as ``lstat`` says it; 0 for a folder that could not be listed.
        size_bytes: likewise.
    """

    path: str
    absolute: Path
    mode: int
    size_bytes: int

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """The path of its folder, "" for the listed one."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Listing:
    """All of a folder. ``repositories``: paths of the ``.git`` folders that were left out."""

    items: tuple[Item, ...]
    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read: the regular files, and a finding for everything else."""

    entries: tuple[ArchiveEntry, ...]
    findings: tuple[Finding, ...]


def is_skill_md(name: str) -> bool:
    """Returns whether agents on some system find a skill by this file name."""
    return name.lower() == "skill.md"


def listing(folder: Path) -> Listing:
    """Returns everything below a folder, sorted by path.

    Raises:
        TooMuchToScanError: too-much-to-scan; there are more names than anybody would wait for.
    """
    items: list[Item] = []
    repositories: list[str] = []
    waiting = [("", folder, False)]
    while waiting:
        prefix, place, in_skill = waiting.pop()
        children = list(_children(prefix, place))
        is_skill = any(is_skill_md(item.name) for item, _ in children)
        is_top = not prefix or (is_skill and not in_skill)  # inside of a skill there is no clone of it
        for item, is_folder in children:
            if not is_folder:
                items.append(item)
            elif item.name == ".git" and is_top:
                repositories.append(item.path)
            else:
                waiting.append((item.path + "/", item.absolute, in_skill or is_skill))
        if len(items) + len(waiting) > _MAX_LISTED:
            raise TooMuchToScanError.of(f"{folder} holds more than {_MAX_LISTED} files and folders.")
    return Listing(tuple(sorted(items, key=lambda item: item.path)), tuple(sorted(repositories)))


def read(items: Sequence[Item], root: str = "") -> Contents:
    """Returns the contents of listed files as one package's entries.

    Args:
        items: of one package.
        root: the path of the package's folder within the listed one; "" or ends with "/".

    Raises:
        TooMuchToScanError: too-much-to-scan; too many files, or too many bytes together.
    """
    if len(items) > DEFAULT_LIMITS.files:
        raise TooMuchToScanError.of(
            f"There are {len(items)} files; one package may have {DEFAULT_LIMITS.files}."
        )
    readable = [item for item in items if stat.S_ISREG(item.mode)]
    total = sum(item.size_bytes for item in readable if item.size_bytes <= DEFAULT_LIMITS.file_bytes)
    if total > DEFAULT_LIMITS.total_bytes:
        raise TooMuchToScanError.of(
            f"The files have {total} bytes together; one package may have {DEFAULT_LIMITS.total_bytes}."
        )
    entries: list[ArchiveEntry] = []
    findings: list[Finding] = []
    for item in items:
        found = _read_one(item, item.path.removeprefix(root))
        if isinstance(found, Finding):
            findings.append(found)
        else:
            entries.append(found)
    return Contents(tuple(entries), tuple(findings))


def _children(prefix: str, place: Path) -> Iterator[tuple[Item, bool]]:
    try:
        with os.scandir(place) as children:
            for child in children:
                state = child.stat(follow_symlinks=False)
                path = prefix + _text(child.name)
                yield Item(path, Path(child.path), state.st_mode, state.st_size), stat.S_ISDIR(state.st_mode)
    except OSError:
        yield Item(prefix.rstrip("/") or ".", place, 0, 0), False


def _text(name: str) -> str:
    return os.fsencode(name).decode("utf-8", errors="backslashreplace")


def _read_one(item: Item, path: str) -> ArchiveEntry | Finding:
    if stat.S_ISLNK(item.mode):
        return _link(item, path)
    if not item.mode:
        return unread(path, "it is a folder that cannot be listed")
    if not stat.S_ISREG(item.mode):
        return unread(path, "it is a device, a pipe or a socket")
    if item.size_bytes > DEFAULT_LIMITS.file_bytes:
        return unread(path, f"it has {item.size_bytes} bytes; a file may have {DEFAULT_LIMITS.file_bytes}")
    try:
        data = item.absolute.read_bytes()
    except OSError as error:
        return unread(path, f"the system says: {error.strerror}")
    return ArchiveEntry(path, data, bool(item.mode & stat.S_IXUSR))


def _link(item: Item, path: str) -> Finding:
    try:
        target = _text(os.readlink(item.absolute))
    except OSError as error:
        return unread(path, f"it is a link, and the system says: {error.strerror}")
    return link(path, target, severity=_severity_of_link(path, target))


def _severity_of_link(path: str, target: str) -> Severity:
    """Returns how bad a link is: harmless inside the folder, grave to a fixed place of the machine."""
    if posixpath.isabs(target) or os.path.isabs(target):
        return Severity.HIGH
    reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), target.replace("\\", "/")))
    leaves = reached.split("/")[0] in ("..", ".git")
    return Severity.MEDIUM if leaves else Severity.INFO
