"""What the process beside the install does: it says what good bundles prove (``bundle_process``).

Requests: the trusted root, then bundles, each behind its length (4 bytes, big-endian).
Answers: for each bundle, in order, a line of JSON that names its digest; null for one that it refuses.

The process is as large as what it loads, so this loads little beside the library.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from typing import IO

_LENGTH_BYTES = 4


def request_of(data: bytes) -> bytes:
    """Returns bytes as they are sent."""
    return len(data).to_bytes(_LENGTH_BYTES, "big") + data


def digest_of(bundle: bytes) -> str:
    """Returns the name of a bundle in an answer, hex."""
    return hashlib.sha256(bundle).hexdigest()


def _answer(bundle: bytes, trusted_root: bytes) -> bytes:
    from tank_core.bundle import BundleRefusedError, verify_bundle

    try:
        verified = verify_bundle(bundle, trusted_root=trusted_root)
    except BundleRefusedError:
        return b"null\n"
    value = {
        "bundle": digest_of(bundle),
        "claims": verified.claims.to_json(),
        "statement": base64.b64encode(verified.statement).decode(),
        "log": verified.log.to_json(),
    }
    return json.dumps(value).encode() + b"\n"


def main() -> None:
    """Answers until its input ends."""
    import gc

    gc.set_threshold(100_000, 50, 50)  # as ``main`` does for the command
    from tank_cli.left_out import leave_out_of_verifying
    from tank_core.bundle import load, prepare

    leave_out_of_verifying()
    load()  # while this one's parent finds out what there is to verify
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    trusted_root = _received(requests)
    prepare(trusted_root)
    while bundle := _received(requests):
        answers.write(_answer(bundle, trusted_root))
        answers.flush()


def _received(pipe: IO[bytes]) -> bytes:
    length = pipe.read(_LENGTH_BYTES)
    return pipe.read(int.from_bytes(length, "big")) if len(length) == _LENGTH_BYTES else b""
