"""Whether a plain ``tank install`` or ``tank ci`` would find exactly what it found the last time.

An install that ends with everything in place notes everything that its answer depended
on: the bytes of manifest, lock, state, configuration and the registry's pinned root; for
each installed file its inode, size, mode and times of change; where each link leads;
which agents there are. The next one compares them, and when all are the same the answer
is the same, without hashing a file. Any doubt, and the whole way is walked.

What this may not be used for: ``tank verify``, which hashes every byte; options, which
ask for something else; and another user's word, so the note lies in this user's cache
and is sealed with the key that no project and no cache brings along.

Size and time of modification can be restored by whoever unpacks an archive, and an inode
is given to the next file; the time at which the inode changed cannot. Of a file that the
store shares it says nothing, because it changes with every project that links the file:
there the store keeps the inode from being given away.

A file that changed within the same tick of the clock in which it was noted would look
the same afterwards, so nothing is noted while a file is as new as the state that was
written after it.

Start-up imports this before anything else, so it imports next to nothing.

Source: Git, Documentation/technical/racy-git.txt.
"""

from __future__ import annotations

import os
import stat

from tank_cli import sealed_note
from tank_cli.sealed_note import LOCK, MANIFEST, STATE, TREES, DoubtError

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KIND = "install"


def answer(environment: Mapping[str, str], directory: str) -> str | None:
    """Returns what a plain install says when nothing changed since the last; None where it must be walked.

    Args:
        environment: variable → value.
        directory: where ``tank`` was started.
    """
    try:
        root = sealed_note.project_of(os.path.realpath(directory))
        said, *_ = sealed_note.opened(
            _KIND, root, environment, lambda parts: _facts(root, environment, parts[1:])
        )
    except (OSError, ValueError, DoubtError):
        return None
    return said


def observed(root: str, environment: Mapping[str, str], outside: Iterable[str]) -> str | None:
    """Returns all that an answer depends on, as it is now; None where files are too new to tell.

    Args:
        root: the project, resolved.
        environment: variable → value.
        outside: paths that matter beside the project's own: files are read, links and directories
            are looked at, and what is not there must stay away.
    """
    try:
        return _facts(root, environment, list(outside))
    except (OSError, DoubtError):
        return None


def remember(
    root: str, environment: Mapping[str, str], outside: Iterable[str], facts: str, said: str
) -> None:
    """Notes that a plain install says ``said`` as long as ``facts`` are what ``observed`` returns."""
    sealed_note.write(_KIND, root, environment, [said, *outside], facts)


def _facts(root: str, environment: Mapping[str, str], outside: Sequence[str]) -> str:
    """Returns one digest over all facts."""
    newest = os.lstat(os.path.join(root, STATE)).st_mtime_ns
    sealed_note.refuse_links(root)
    trees: list[str] = []
    _add_tree(trees, os.path.join(root, TREES), "", newest)
    return sealed_note.facts_of(root, environment, (MANIFEST, LOCK, STATE), outside, trees)


def _add_tree(facts: list[str], folder: str, prefix: str, newest: int) -> None:
    """Adds a line for everything below a folder, in the order of names."""
    with os.scandir(folder) as listing:
        items = sorted(listing, key=_name)
    for item in items:
        path = prefix + item.name
        if item.is_dir(follow_symlinks=False):
            facts.append(path)
            _add_tree(facts, item.path, path + "/", newest)
            continue
        status = item.stat(follow_symlinks=False)
        if status.st_mtime_ns >= newest or not stat.S_ISREG(status.st_mode):
            raise DoubtError
        changed = status.st_ctime_ns if status.st_nlink == 1 else "shared"
        facts.append(
            f"{path}\0{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_mode} {changed}"
        )


def _name(item: os.DirEntry[str]) -> str:
    return item.name
