"""When the process that verifies bundles beside an install is started: as soon as it will probably be needed.

What it loads takes longer than all that an install does before its first download. So it is
started where a lock names a bundle that is not in the cache, or where versions are chosen
anew, and is told whom to trust when that is known. Nothing depends on it: a process that nobody
needs is ended, and one that is missing verifies nothing that is not verified here.
"""

from __future__ import annotations

import os
import re
from types import TracebackType
from typing import TYPE_CHECKING

from tank_cli.cache import Cache
from tank_cli.project_files import UnsafeProjectError, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from tank_cli.installer.bundle_process import BundleProcess

_BUNDLE = re.compile(rb'"bundle": "(sha256:[0-9a-f]{64})"')


class Beside:
    """At most one process, which ends with the block; use it as a context manager."""

    def __init__(self) -> None:
        self._process: BundleProcess | None = None

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.__exit__(kind, error, trace)

    def start(self) -> None:
        """Starts the process, if there is none yet, and a processor to spare."""
        if self._process is None and (os.cpu_count() or 1) > 1:
            from tank_cli.installer.bundle_process import BundleProcess

            self._process = BundleProcess().__enter__()

    def start_for(self, lock: Path, cache: Cache) -> None:
        """Starts it where a lock, whatever else is in it, names a bundle that is not in the cache."""
        try:
            named = [digest.decode() for digest in _BUNDLE.findall(read_file(lock))]
        except (OSError, UnsafeProjectError):  # told by who needs the lock
            return
        if not all(cache.present([digest]) for digest in named):
            self.start()

    def verifying(self, trusted_root: bytes | None) -> BundleProcess | None:
        """Returns the process, which verifies by this root from now on; None where there is none, or no root."""
        if trusted_root is None:
            return None
        self.start()
        if self._process is not None:
            self._process.trust(trusted_root)
        return self._process
