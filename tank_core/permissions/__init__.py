"""The permission algebra: one implementation for the registry, the CLI and the sandbox.

Source: FORMATS, "Permission shape: one algebra for six types".
"""

from tank_core.permissions.access import (
    Mode,
    allows_host,
    allows_listening,
    allows_path,
    allows_program,
    allows_secret,
)
from tank_core.permissions.algebra import (
    contains,
    difference,
    entry_contains,
    escalates,
    is_empty,
    missing,
    normalised,
    union,
)
from tank_core.permissions.names import ANY_PROGRAM, AnyProgram
from tank_core.permissions.permission_set import (
    NONE,
    Access,
    Entry,
    InvalidPermissionsError,
    PermissionSet,
    entries,
    from_entries,
)
from tank_core.permissions.texts import parse_texts, text_of

__all__ = [
    "ANY_PROGRAM",
    "NONE",
    "Access",
    "AnyProgram",
    "Entry",
    "InvalidPermissionsError",
    "Mode",
    "PermissionSet",
    "allows_host",
    "allows_listening",
    "allows_path",
    "allows_program",
    "allows_secret",
    "contains",
    "difference",
    "entries",
    "entry_contains",
    "escalates",
    "from_entries",
    "is_empty",
    "missing",
    "normalised",
    "parse_texts",
    "text_of",
    "union",
]
