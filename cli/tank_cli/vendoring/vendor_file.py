"""The file that ``tank vendor`` writes: a tar in canonical form, so that the same lock gives the same bytes.

Layout, sorted by path:

- ``blobs/sha256/<hex>``: archives, attestations and publishers' bundles;
- ``skills.lock``;
- ``targets/…``: what the registry's operator signed about the registry;
- ``tuf/<n>.root.json``, ``tuf/targets.json``: the chain that vouches for it;
- ``vendor.json``: the version of this layout, and the registry.

It is not packed: what is large in it is packed already. Nothing in it is believed
because it is there; whoever installs from it verifies each part as if it had come
over the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tank_cli import atomic
from tank_core import canonical
from tank_core.archive.errors import ArchiveError
from tank_core.archive.header import BLOCK_BYTES, END_OF_ARCHIVE, read_header, render_header
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.lockfile import MAX_LOCK_BYTES, Lockfile, parse_lockfile
from tank_core.shape import Reader
from tank_core.strict_json import MalformedJsonError, parse_json

FORMAT = 1
LOCK = "skills.lock"
ABOUT = "vendor.json"
TUF_TARGETS = "tuf/targets.json"
TARGETS = "targets/"
_ROOT = re.compile(r"tuf/([1-9][0-9]{0,5})\.root\.json")
_PATH = re.compile(
    r"blobs/sha256/[0-9a-f]{64}|skills\.lock|targets/[a-z_]+(?:/[a-z_]+)?\.json"
    r"|tuf/(?:[1-9][0-9]{0,5}\.root|targets)\.json|vendor\.json"
)
_MAX_ENTRIES = 100_000  # three for each of thirty thousand skills
_MAX_ABOUT_BYTES = 4096


class InvalidVendorFileError(TankError):
    """A file is none that ``tank vendor`` wrote, or it is damaged."""

    code = "invalid-vendor-file"
    exit_code = ExitCode.INTEGRITY

    @classmethod
    def of(cls, path: Path, why: str) -> InvalidVendorFileError:
        """Returns the error for a file."""
        return cls(
            f"{path} is not a file that Tank can install from.",
            why=why,
            fix="Make it again with `tank vendor` on a machine with a network, and copy it whole.",
        )


@dataclass(frozen=True, slots=True)
class VendorFile:
    """A vendor file whose layout is sound; what is in it is not verified.

    Attributes:
        places: path in it → offset and size in bytes.
    """

    path: Path
    places: Mapping[str, tuple[int, int]]
    registry: str

    @classmethod
    def open(cls, path: Path) -> VendorFile:
        """Reads the layout of a file, and none of what it carries.

        Raises:
            InvalidVendorFileError: invalid-vendor-file.
        """
        try:
            places = _places(path)
        except (OSError, ArchiveError) as error:
            raise InvalidVendorFileError.of(path, f"It cannot be read: {error}.") from error
        missing = [name for name in (LOCK, ABOUT, TUF_TARGETS) if name not in places]
        if missing:
            raise InvalidVendorFileError.of(path, f"It holds no {missing[0]}.")
        found = cls(path, places, "")
        return replace(found, registry=_registry(found))

    def read(self, name: str, max_bytes: int) -> bytes | None:
        """Returns what lies at a path; None when nothing does.

        Raises:
            InvalidVendorFileError: invalid-vendor-file; it is larger than it may be, or was cut off meanwhile.
        """
        if name not in self.places:
            return None
        offset, size = self.places[name]
        if size > max_bytes:
            raise InvalidVendorFileError.of(self.path, f"{name} in it has {size} bytes; {max_bytes} may be.")
        with self.path.open("rb") as file:
            file.seek(offset)
            data = file.read(size)
        if len(data) != size:
            raise InvalidVendorFileError.of(self.path, f"{name} in it is cut off.")
        return data

    def roots(self) -> tuple[int, ...]:
        """Returns the versions of the roots in it, ascending."""
        return tuple(sorted(int(match.group(1)) for name in self.places if (match := _ROOT.fullmatch(name))))

    def lock(self) -> Lockfile:
        """Returns the lock in it. Consent to flagged versions does not travel with a file.

        Raises:
            InvalidLockfileError: invalid-lockfile.
        """
        lock = parse_lockfile(self.read(LOCK, MAX_LOCK_BYTES) or b"")
        return Lockfile(
            lock.registry, {n: replace(skill, flagged_accepted=False) for n, skill in lock.skills.items()}
        )


def root_name(version: int) -> str:
    """Returns where a version of the root lies in the file."""
    return f"tuf/{version}.root.json"


def blob_name(digest: str) -> str:
    """Returns where a blob lies in the file. ``digest``: ``sha256:<hex>``."""
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def about_bytes(registry: str) -> bytes:
    """Returns ``vendor.json``."""
    return canonical.pretty({"format": FORMAT, "registry": registry})


def write(path: Path, contents: Iterable[tuple[str, bytes]]) -> int:
    """Writes a vendor file, whole or not at all; returns its size in bytes.

    A device or a pipe, such as /dev/stdout, is written to and not replaced.

    Args:
        path: the file; an older one is replaced.
        contents: path and bytes of each entry, sorted by path.

    Raises:
        OSError: it cannot be written.
    """
    is_special = path.exists() and not path.is_file()
    with path.open("wb") if is_special else atomic.replacing(path, mode=0o666) as file:
        size = sum(file.write(part) for part in _parts(contents))
    return size


def _parts(contents: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yields the bytes of a vendor file, part after part."""
    for name, data in contents:
        yield render_header(name, len(data), executable=False)
        yield data + bytes(-len(data) % BLOCK_BYTES)
    yield END_OF_ARCHIVE


def _places(path: Path) -> dict[str, tuple[int, int]]:
    """Returns where each entry lies, after the same strictness that packages meet."""
    found: dict[str, tuple[int, int]] = {}
    before = ""
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while (block := file.read(BLOCK_BYTES)) != bytes(BLOCK_BYTES):
            if len(block) != BLOCK_BYTES or len(found) == _MAX_ENTRIES:
                raise InvalidVendorFileError.of(path, "It is cut off, or has too many parts.")
            name, size, is_executable = read_header(block)
            if is_executable or not _PATH.fullmatch(name) or name <= before:
                raise InvalidVendorFileError.of(path, f"{quoted(name)} does not belong where it is.")
            found[name] = (file.tell(), size)
            before = name
            if file.seek(size + -size % BLOCK_BYTES, os.SEEK_CUR) > end:
                raise InvalidVendorFileError.of(path, f"{name} in it is cut off.")
        if file.read(BLOCK_BYTES + 1) != bytes(BLOCK_BYTES):  # what follows may have no end
            raise InvalidVendorFileError.of(path, "It does not end as it should.")
    return found


def _registry(file: VendorFile) -> str:
    try:
        value = parse_json(file.read(ABOUT, _MAX_ABOUT_BYTES) or b"", what=ABOUT, max_bytes=_MAX_ABOUT_BYTES)
    except MalformedJsonError as error:
        raise InvalidVendorFileError.of(file.path, error.what) from error
    reader = Reader.of(value, ABOUT, [])
    if reader.values.get("format") != FORMAT:
        raise InvalidVendorFileError.of(file.path, f"Its format is not {FORMAT}; another tank wrote it.")
    return reader.required_string("registry")
