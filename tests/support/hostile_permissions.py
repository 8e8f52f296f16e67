"""Permission sets that pass the reader and cost as much as possible to compare."""

from __future__ import annotations

from tank_core.permissions import PermissionSet
from tank_core.permissions.reading import MAX_ENTRIES

# Each inner pattern is followed to its last segment in each outer one before it is told apart.
_OUTER = "./**/" + "a*/" * 7 + "a/" * 18
_INNER = "./**/*a/**/a/**/*a/**/a*a/**/aa/" + "a/" * 18


def hostile_budget(mark: int = 0) -> PermissionSet:
    """Returns a full set of patterns that nearly cover each of ``hostile_wish``, and none of them."""
    return _filled(_OUTER, f"z{mark}")


def hostile_wish(mark: int = 0) -> PermissionSet:
    """Returns a full set of patterns to compare with ``hostile_budget``."""
    return _filled(_INNER, f"y{mark}")


def _filled(pattern: str, mark: str) -> PermissionSet:
    paths = [f"{pattern}{mark}x{number}" for number in range(MAX_ENTRIES)]
    value = {
        "network": {"outbound": [f"*.{mark}x{number}.example" for number in range(MAX_ENTRIES)]},
        "filesystem": {"read": paths, "write": paths},
    }
    return PermissionSet.from_json(value, "capabilities")
