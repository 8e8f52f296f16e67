"""Whether a plain ``tank install`` or ``tank ci`` would find exactly what it found the last time.

An install that ends with everything in place notes everything that its answer depended
on: the bytes of manifest, lock, state, configuration and the registry's pinned root; for
each installed file its inode, size, mode and time of change; where each link leads;
which agents there are. The next one compares them, and when all are the same the answer
is the same, without hashing a file. Any doubt, and the whole way is walked.

What this may not be used for: ``tank verify``, which hashes every byte; options, which
ask for something else; and another user's word, so the note lies in this user's cache
and is sealed with the key that no project and no cache brings along.

A file that changed within the same tick of the clock in which it was noted would look
the same afterwards, so nothing is noted while a file is as new as the state that was
written after it.

Start-up imports this before anything else, so it imports next to nothing.

Source: Git, Documentation/technical/racy-git.txt.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence

from tank_cli import __version__, places

_FORM = "1"  # of notes and of what they depend on
_MANIFEST, _LOCK, _STATE, _TREES = "skills.json", "skills.lock", ".tank/state.json", ".tank/skills"
_MAX_BYTES = 64 * 1024 * 1024
_SEAL_BYTES = 32


class _DoubtError(Exception):
    """Something is not as it was, or cannot be told."""


def answer(environment: Mapping[str, str], directory: str) -> str | None:
    """Returns what a plain install says when nothing changed since the last; None where it must be walked.

    Args:
        environment: variable → value.
        directory: where ``tank`` was started.
    """
    try:
        config, cache, _ = places.directories(environment)
        key = _read(os.path.join(config, "cache.key"))
        root = _project(os.path.realpath(directory))
        seal, said, *outside = _read(_place(cache, key, root)).decode("utf-8", "surrogateescape").split("\0")
        facts = _facts(root, environment, outside)
        if not _is_same(seal, _seal(key, said, outside, facts)):
            return None
    except (OSError, ValueError, _DoubtError):
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
    except (OSError, _DoubtError):
        return None


def remember(
    root: str, environment: Mapping[str, str], outside: Iterable[str], facts: str, said: str
) -> None:
    """Notes that a plain install says ``said`` as long as ``facts`` are what ``observed`` returns."""
    from tank_cli import atomic

    config, cache, _ = places.directories(environment)
    try:
        key = _read(os.path.join(config, "cache.key"))
        place = _place(cache, key, root)
        paths = list(outside)
        note = "\0".join([_seal(key, said, paths, facts), said, *paths])
        from pathlib import Path

        atomic.write(Path(place), note.encode("utf-8", "surrogateescape"))
    except (OSError, ValueError, _DoubtError):
        return  # the next install walks the whole way again


def _project(directory: str) -> str:
    """Returns the nearest directory upwards that holds a manifest."""
    while True:
        if os.path.isfile(os.path.join(directory, _MANIFEST)):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            raise _DoubtError
        directory = parent


def _place(cache: str, key: bytes, root: str) -> str:
    return os.path.join(cache, "settled", _hmac(key, os.fsencode(f"{_FORM}\0{root}")))


def _seal(key: bytes, said: str, outside: Sequence[str], facts: str) -> str:
    return _hmac(key, "\0".join([_FORM, facts, said, *outside]).encode("utf-8", "surrogateescape"))


def _hmac(key: bytes, data: bytes) -> str:
    import hmac

    if len(key) != _SEAL_BYTES:
        raise _DoubtError
    return hmac.digest(key, data, "sha256").hex()


def _is_same(one: str, other: str) -> bool:
    import hmac

    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())


def _facts(root: str, environment: Mapping[str, str], outside: Sequence[str]) -> str:
    """Returns one digest over all facts."""
    import hashlib

    digest = hashlib.sha256(f"{_FORM}\0{__version__}\0{root}".encode("utf-8", "surrogateescape"))
    for name in sorted(environment):
        if name == "HOME" or name.startswith(("TANK_", "XDG_")):
            digest.update(f"\0{name}={environment[name]}".encode("utf-8", "surrogateescape"))
    for name in (_MANIFEST, _LOCK, _STATE):
        digest.update(_content(os.path.join(root, name)))
    for path in outside:
        digest.update(_outside(path))
    newest = os.lstat(os.path.join(root, _STATE)).st_mtime_ns
    for folder in (".tank", _TREES):
        if not stat.S_ISDIR(os.lstat(os.path.join(root, folder)).st_mode):
            raise _DoubtError
    facts: list[str] = []
    _add_tree(facts, os.path.join(root, _TREES), "", newest)
    digest.update("\n".join(facts).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _outside(path: str) -> bytes:
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return b"\0absent"
    if stat.S_ISLNK(mode):
        return b"\0link " + os.fsencode(os.readlink(path))
    return b"\0directory" if stat.S_ISDIR(mode) else _content(path)


def _content(path: str) -> bytes:
    import hashlib

    return b"\0file " + hashlib.sha256(_read(path)).digest()


def _read(path: str) -> bytes:
    """Returns the content of a regular file that a project may hold."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            raise _DoubtError
        parts = []
        while part := os.read(descriptor, status.st_size + 1):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


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
            raise _DoubtError
        facts.append(f"{path}\0{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_mode}")


def _name(item: os.DirEntry[str]) -> str:
    return item.name
