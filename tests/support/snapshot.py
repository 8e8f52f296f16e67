"""What is in a folder, to be compared with what is in it later."""

from __future__ import annotations

from pathlib import Path


def snapshot(root: Path) -> dict[str, bytes | str | None]:
    """Returns everything below a directory: content, link target, or None for a directory."""
    found: dict[str, bytes | str | None] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_symlink():
            found[name] = str(path.readlink())
        else:
            found[name] = None if path.is_dir() else path.read_bytes()
    return found
