"""Opaque page cursors: the key of the last item on a page, in base64."""

from __future__ import annotations

import base64
import binascii

from chalicelib.ports.errors import InvalidCursor

_LONGEST = 1024  # characters; longer than any key we give out


def cursor_after(key: str) -> str:
    """Returns the cursor of the page that follows the item with this key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """Returns the key in a cursor, "" for the empty cursor of the first page.

    Raises:
        InvalidCursor: ``cursor_after`` did not make it.
    """
    if len(cursor) > _LONGEST:
        raise InvalidCursor("too long")
    try:
        key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as exc:
        raise InvalidCursor("not base64 of text") from exc
    if cursor_after(key) != cursor:
        raise InvalidCursor("not canonical")
    return key
