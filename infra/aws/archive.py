"""Deterministic zip files for Lambda, and what Lambda accepts of them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

MAX_ZIPPED_BYTES = 50 * 1024 * 1024  # Lambda's limit for a direct upload
MAX_UNZIPPED_BYTES = 250 * 1024 * 1024  # Lambda's limit for code with layers
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can say
_LEFT_OUT = frozenset({"__pycache__", "bin", "images", ".mypy_cache", ".ruff_cache"})


class PackageTooLargeError(Exception):
    """Lambda would refuse the package."""


def write_zip(target: Path, folders: dict[str, Path]) -> None:
    """Writes a zip whose bytes depend on the files' names and contents only.

    Args:
        target: the zip file.
        folders: prefix inside the zip ("" for its root) to the folder whose files go there.
    """
    files = {
        f"{prefix}/{path.relative_to(folder)}".lstrip("/"): path
        for prefix, folder in folders.items()
        for path in _files(folder)
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, files[name].read_bytes())


def check_size(package: Path) -> tuple[int, int]:
    """Returns the zipped and unzipped size in bytes.

    Raises:
        PackageTooLargeError: one of them is above Lambda's limit.
    """
    zipped = package.stat().st_size
    with zipfile.ZipFile(package) as opened:
        unzipped = sum(entry.file_size for entry in opened.infolist())
    if zipped > MAX_ZIPPED_BYTES or unzipped > MAX_UNZIPPED_BYTES:
        raise PackageTooLargeError(
            f"{package.name}: {zipped} bytes zipped and {unzipped} unzipped; "
            f"Lambda takes {MAX_ZIPPED_BYTES} and {MAX_UNZIPPED_BYTES}"
        )
    return zipped, unzipped


def _files(folder: Path) -> Iterator[Path]:
    """Yields what belongs into a package; of the detection rules no samples of malicious code."""
    if folder.name == "rules":
        yield from sorted(folder.glob("*/rule.yaml"))
        return
    for path in sorted(folder.iterdir()):
        if path.name in _LEFT_OUT or path.suffix == ".pyc":
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
