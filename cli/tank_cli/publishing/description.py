"""What a package holds, as `tank pack` and `tank publish --dry-run` show it."""

from __future__ import annotations

from collections.abc import Iterator

from tank_cli import render
from tank_cli.publishing.prepare import Prepared


def document(package: Prepared) -> dict[str, object]:
    """Returns the package as a JSON document."""
    manifest = package.manifest
    return {
        "name": str(manifest.name),
        "version": str(manifest.version),
        "files": [
            {"path": e.path, "size_bytes": len(e.data), "executable": e.executable} for e in package.entries
        ],
        "size_bytes": len(package.archive),
        "integrity": package.integrity,
        "digest": package.digest,
        "capabilities": manifest.capabilities.to_json(),
        "dependencies": {str(name): str(wanted) for name, wanted in manifest.skills.items()},
    }


def lines(package: Prepared) -> Iterator[str]:
    """Yields the package as text: files, permissions, dependencies, sizes and digests."""
    yield package.label
    files = [
        (render.size(len(e.data)).rjust(10), e.path, "run" if e.executable else "") for e in package.entries
    ]
    yield from render.section("files", render.table(files))
    yield from render.section("permissions", render.permissions(package.manifest.capabilities) or ["none"])
    yield from render.section("depends on", [f"{n} {r}" for n, r in package.manifest.skills.items()])
    yield ""
    unpacked = sum(len(entry.data) for entry in package.entries)
    yield from render.pairs(
        [
            ("size", f"{render.size(len(package.archive))}, {render.size(unpacked)} unpacked"),
            ("integrity", package.integrity),
            ("digest", package.digest),
        ]
    )
