"""Files of `tank vendor` as tests use them: pinned from, and written anew with other contents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tank_cli.vendoring.vendor_file import VendorFile, write
from tests.support.registry_double import RegistryDouble


def pin(tank: Any, registry: RegistryDouble, file: Path, fingerprint: str) -> Any:
    return tank("trust", registry.url, "--fingerprint", fingerprint, "--from", file, "--json")


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Writes the file again with other contents."""
    opened = VendorFile.open(file)
    parts = [(name, change(name, opened.read(name, 1 << 26) or b"")) for name in sorted(opened.places)]
    write(file, [(name, data) for name, data in parts if data is not None])
    return file
