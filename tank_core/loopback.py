"""This machine's own names, to which plain http may go: nobody else can listen in between."""

from __future__ import annotations

from typing import Final

LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "::1", "localhost"})
