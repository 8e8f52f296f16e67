"""Checkpoints: a log's size and root, signed as a note.

The signature covers the note's text with its final newline. Each signature line
carries the first four bytes of the key's id, so that a reader finds the key.

Source: transparency-dev/formats, "log" and "signed note" (C2SP signed-note).
"""

from __future__ import annotations

import base64
from collections.abc import Callable

HINT_BYTES = 4


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """Returns the text that is signed.

    Args:
        origin: the log's name, one line.
        size: leaves in the tree.
        root: 32 bytes.
    """
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def signed_note(text: str, signer: str, key_id: bytes, sign: Callable[[bytes], bytes]) -> str:
    """Returns a note with one signature.

    Args:
        text: ends with a newline.
        signer: the name on the signature line; no white space.
        key_id: its first four bytes are the hint.
        sign: the signature over the text's UTF-8 bytes.
    """
    stamped = base64.b64encode(key_id[:HINT_BYTES] + sign(text.encode())).decode()
    return f"{text}\n\u2014 {signer} {stamped}\n"
