"""Publishers' signatures verified beside the install, in a process of their own.

Loading the library that verifies bundles costs as much as all the rest of a cold
install, and so does verifying a hundred. A second process does both while this one
reads the index and downloads. It runs the same ``verify_bundle`` and answers with what
a good bundle proves; for every other bundle, and when anything is wrong with the
process itself, it answers nothing, and the bundle is verified here, with its reasons.

What it is asked and answers is in ``bundle_answers``, which is all that it loads of the command. A line
that names another bundle than the one whose turn it is, as after anything else that got between, is no answer.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import IO, TYPE_CHECKING

from tank_cli.installer.bundle_answers import digest_of, request_of

if TYPE_CHECKING:
    from tank_core.bundle import VerifiedBundle

_PATIENCE_SECONDS = 60.0  # for one answer; a hundred take a second
_MOST_LINE_BYTES = 1024 * 1024  # four times the largest bundle
_START = "import sys; sys.path[:] = sys.argv[1:]; from tank_cli.installer.bundle_answers import main; main()"


class BundleProcess:
    """A process that verifies bundles by one trusted root; use it as a context manager.

    Attributes:
        trusted_root: of Sigstore, pinned; None until ``trust`` was told.
    """

    def __init__(self) -> None:
        self.trusted_root: bytes | None = None
        self._asked: dict[str, Future[VerifiedBundle | None]] = {}
        self._order: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._sending: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._has_ended = False
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> BundleProcess:
        # Isolated: neither a variable nor the project, which is the working directory, says what is loaded.
        paths = [path for path in sys.path if os.path.isabs(path)]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START, *paths],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._has_ended = True
            return self
        for work in (self._send, self._receive):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sending.put(None)
        if self._process is None:
            return
        self._process.kill()  # whatever it still verifies, nobody waits for any more
        self._process.wait()
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def trust(self, trusted_root: bytes) -> None:
        """Has bundles verified by this root; the first root that is named counts, and no other is ever used."""
        if self.trusted_root is None:
            self.trusted_root = trusted_root
            self._sending.put(trusted_root)

    def submit(self, bundle: bytes) -> None:
        """Has a bundle verified; returns at once. Safe to use from several threads, once ``trust`` was told."""
        digest = digest_of(bundle)
        with self._lock:
            if digest not in self._asked and not self._has_ended:
                self._asked[digest] = Future()
                self._order.put(digest)
                self._sending.put(bundle)

    def result(self, bundle: bytes, trusted_root: bytes) -> VerifiedBundle | None:
        """Returns what a bundle proves; None when that is not known, and must be found out here."""
        with self._lock:
            asked = self._asked.get(digest_of(bundle))
        if asked is None or trusted_root != self.trusted_root:
            return None
        try:
            return asked.result(_PATIENCE_SECONDS)
        except TimeoutError:
            self._give_up()
            return None

    def _give_up(self) -> None:
        """Ends a process that hangs, so that nobody waits for it once more."""
        if self._process is not None:
            self._process.kill()

    def _send(self) -> None:
        pipe = self._process.stdin if self._process else None
        while pipe is not None and (data := self._sending.get()) is not None:
            try:
                pipe.write(request_of(data))
                pipe.flush()
            except (OSError, ValueError):  # it is gone; the reader notices as well
                return

    def _receive(self) -> None:
        pipe = self._process.stdout if self._process else None
        while pipe is not None and (line := _line(pipe)):
            try:
                digest = self._order.get_nowait()
            except queue.Empty:  # it says more than it was asked
                break
            self._asked[digest].set_result(_parsed(line, digest))
        with self._lock:
            self._has_ended = True
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_result(None)


def _line(pipe: IO[bytes]) -> bytes:
    try:
        return pipe.readline(_MOST_LINE_BYTES)
    except (OSError, ValueError):
        return b""


def _parsed(line: bytes, digest: str) -> VerifiedBundle | None:
    from tank_core.bundle import PAYLOAD_TYPE, VerifiedBundle
    from tank_core.signer import LogEntry, SignerClaims

    try:
        value = json.loads(line)
        if value is None or value["bundle"] != digest:
            return None
        statement = base64.b64decode(value["statement"], validate=True)
        claims, log = SignerClaims.from_json(value["claims"]), LogEntry.from_json(value["log"])
        return VerifiedBundle(claims, PAYLOAD_TYPE, statement, log)
    except (ValueError, KeyError, TypeError):
        return None
