"""The parts that manifests, locks and index documents share: what a version declares.

Each function reads one key of an object and leaves problems with the reader; see
``shape.Reader`` for what that means.

Source: FORMATS, "skills.json" and "skills.lock".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import TypeVar

from tank_core.integrity import parse_digest, parse_integrity
from tank_core.names import SkillName
from tank_core.permissions import NONE, PermissionSet
from tank_core.ranges import Range
from tank_core.shape import Reader

E = TypeVar("E", bound=StrEnum)

_MAX_DEPENDENCIES = 1000


def read_permissions(reader: Reader, key: str) -> PermissionSet:
    """Returns the permission shape under a key; none when it is absent or wrong."""
    if key not in reader.values:
        return NONE
    value = reader.values[key]
    return reader.attempt(key, lambda: PermissionSet.from_json(value, reader.where(key))) or NONE


def read_dependencies(reader: Reader, key: str) -> dict[SkillName, Range]:
    """Returns the map of names to ranges under a key, sorted by name."""
    inner = reader.object(key)
    if len(inner.values) > _MAX_DEPENDENCIES:
        reader.problem(
            key, f"has {len(inner.values)} entries; the limit is {_MAX_DEPENDENCIES}", "Remove some."
        )
        return {}
    found: dict[SkillName, Range] = {}
    for text in inner.values:
        name = inner.parsed_key(text, SkillName.parse)
        wanted = inner.optional_string(text)
        bounds = None if wanted is None else inner.attempt(text, partial(Range.parse, wanted))
        if name is not None and bounds is not None:
            found[name] = bounds
    return dict(sorted(found.items()))


def dependencies_json(skills: Mapping[SkillName, Range]) -> dict[str, str]:
    """Returns dependencies in their JSON form."""
    return {str(name): str(bounds) for name, bounds in skills.items()}


def read_integrity(reader: Reader, key: str) -> str:
    """Returns a required ``sha512-<base64>``, as written; "" after a problem."""
    return reader.parsed(key, _checked_integrity) or ""


def read_digest(reader: Reader, key: str, *, is_optional: bool = False) -> str:
    """Returns a ``sha256:<hex>``, as written; "" after a problem, or where "" is allowed and written."""
    if is_optional and reader.values.get(key) == "":
        return ""
    return reader.parsed(key, _checked_digest) or ""


def read_member(reader: Reader, key: str, members: type[E]) -> E | None:
    """Returns the member of an enumeration that a required text names; None after a problem."""
    text = reader.required_string(key)
    member = members._value2member_map_.get(text)
    if isinstance(member, members):
        return member
    if text:
        reader.problem(key, "is not a known word", f"Known words: {', '.join(members)}.")
    return None


def _checked_integrity(text: str) -> str:
    parse_integrity(text)
    return text


def _checked_digest(text: str) -> str:
    parse_digest(text)
    return text
