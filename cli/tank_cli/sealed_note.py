"""Notes of this user's own answers, kept in the cache and sealed with the key that no cache brings along.

A note says something as long as its facts are the same: what they are is for ``settled``
and ``hashing`` to say. Here is what both share: how a file of a project that anybody may
have made is read, where a note lies, and its seal.

Start-up imports this before anything else, so it imports next to nothing.
"""

from __future__ import annotations

import os
import stat

from tank_cli import __version__, places

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MANIFEST, LOCK, STATE, TREES = "skills.json", "skills.lock", ".tank/state.json", ".tank/skills"
_FORM = "3"  # of notes and of what they depend on
_MAX_BYTES = 64 * 1024 * 1024
_SEAL_BYTES = 32


class DoubtError(Exception):
    """Something is not as it was, or cannot be told."""


def project_of(directory: str) -> str:
    """Returns the nearest directory upwards that holds a manifest.

    Raises:
        DoubtError: there is none.
    """
    while True:
        if os.path.isfile(os.path.join(directory, MANIFEST)):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            raise DoubtError
        directory = parent


def facts_of(
    root: str,
    environment: Mapping[str, str],
    files: Iterable[str],
    paths: Iterable[str],
    more: Sequence[str] = (),
) -> str:
    """Returns one digest over the version, the environment that Tank reads, what lies at some paths, and more.

    Args:
        root: the project, resolved.
        environment: variable → value.
        files: of the project, which are there.
        paths: files are read, also behind links; links and directories are looked at, and what is not
            there must stay away.
        more: further facts.

    Raises:
        DoubtError: something is no file, no link and no directory.
        OSError: something cannot be read.
    """
    import hashlib

    digest = hashlib.sha256(f"{_FORM}\0{__version__}\0{root}".encode("utf-8", "surrogateescape"))
    for name in sorted(environment):
        if name == "HOME" or name.startswith(("TANK_", "XDG_")):
            digest.update(f"\0{name}={environment[name]}".encode("utf-8", "surrogateescape"))
    for name in files:
        digest.update(_content(os.path.join(root, name)))
    for path in paths:
        digest.update(_at(path))
    digest.update("\n".join(more).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def opened(
    kind: str, root: str, environment: Mapping[str, str], facts: Callable[[list[str]], str]
) -> list[str]:
    """Returns the parts of a note that this user wrote beside the facts as they are now.

    Args:
        kind: whose notes.
        root: the project, resolved.
        environment: variable → value.
        facts: returns all facts for the parts, which are not believed yet.

    Raises:
        DoubtError: it is another's, or the facts were others.
        OSError: there is no such note, or no key.
    """
    import hmac

    key, cache = _key(environment)
    data = read(_place(cache, key, kind, root))
    seal, *parts = data.decode("utf-8", "surrogateescape").split("\0")
    expected = _seal(key, kind, parts, facts(parts))
    if not hmac.compare_digest(seal.encode("utf-8", "surrogateescape"), expected.encode()):
        raise DoubtError
    return parts


def write(kind: str, root: str, environment: Mapping[str, str], parts: Sequence[str], facts: str) -> None:
    """Notes the parts, none of which holds a NUL; where that is not possible, nothing is noted."""
    from pathlib import Path

    from tank_cli import atomic

    try:
        key, cache = _key(environment)
        note = "\0".join([_seal(key, kind, parts, facts), *parts])
        path = Path(_place(cache, key, kind, root))
        atomic.write(path, note.encode("utf-8", "surrogateescape"), is_durable=False)
    except (OSError, ValueError, DoubtError):
        return


def read(path: str) -> bytes:
    """Returns the content of a regular file that a project may hold.

    Raises:
        DoubtError: it is something else, or too large.
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_BYTES:
            raise DoubtError
        parts = []
        while part := os.read(descriptor, status.st_size + 1):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def refuse_links(root: str) -> None:
    """Doubts a project whose own directories are none.

    Raises:
        DoubtError: one is a link, or a file.
        OSError: one is not there.
    """
    for folder in (".tank", TREES):
        if not stat.S_ISDIR(os.lstat(os.path.join(root, folder)).st_mode):
            raise DoubtError


def _at(path: str) -> bytes:
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return b"\0absent"
    if stat.S_ISLNK(mode):
        beyond = b"" if os.path.isdir(path) or not os.path.exists(path) else _content(path)
        return b"\0link " + os.fsencode(os.readlink(path)) + beyond
    return b"\0directory" if stat.S_ISDIR(mode) else _content(path)


def _content(path: str) -> bytes:
    import hashlib

    return b"\0file " + hashlib.sha256(read(path)).digest()


def _key(environment: Mapping[str, str]) -> tuple[bytes, str]:
    """Returns this user's key, and the cache."""
    config, cache, _ = places.directories(environment)
    key = read(os.path.join(config, "cache.key"))
    if len(key) != _SEAL_BYTES:
        raise DoubtError
    return key, cache


def _place(cache: str, key: bytes, kind: str, root: str) -> str:
    return os.path.join(cache, "settled", _hmac(key, os.fsencode(f"{_FORM}\0{kind}\0{root}")))


def _seal(key: bytes, kind: str, parts: Sequence[str], facts: str) -> str:
    return _hmac(key, "\0".join([_FORM, kind, facts, *parts]).encode("utf-8", "surrogateescape"))


def _hmac(key: bytes, data: bytes) -> str:
    import hmac

    return hmac.digest(key, data, "sha256").hex()
