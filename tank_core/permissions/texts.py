"""A permission as one word of a command line: its type and its value, such as ``network.outbound:api.example``.

Source: FORMATS, "Permission shape".
"""

from __future__ import annotations

from collections.abc import Iterable

from tank_core.errors import Problem
from tank_core.permissions.algebra import union
from tank_core.permissions.names import ANY_PROGRAM
from tank_core.permissions.permission_set import NONE, Access, Entry, InvalidPermissionsError, PermissionSet


def text_of(entry: Entry) -> str:
    """Returns an entry as one word; any program is ``subprocess:*``."""
    return f"{entry.type}:{entry.value}"


def parse_texts(texts: Iterable[str], where: str) -> PermissionSet:
    """Returns the set that words stand for.

    Args:
        texts: each as ``text_of`` writes it.
        where: where they were given, such as ``--allow``.

    Raises:
        InvalidPermissionsError: "invalid-permissions"; the first word that is none.
    """
    result = NONE
    for text in texts:
        kind, _, value = text.partition(":")
        if kind not in set(Access) or not value:
            types = ", ".join(Access)
            raise InvalidPermissionsError(
                f"{where} {text!a} is no permission.",
                why=f"It is a type, a colon and a value; the types are {types}.",
                fix=f"Write it as {where} network.outbound:api.example",
                problems=(Problem(where, f"{text!a} is no permission", f"{where} TYPE:VALUE"),),
            )
        result = union(result, PermissionSet.from_json(_json(Access(kind), value), f"{where} {text}"))
    return result


def _json(access: Access, value: str) -> dict[str, object]:
    """Returns one entry in the form of skills.json."""
    if access is Access.SUBPROCESS and value == ANY_PROGRAM.value:
        return {"subprocess": True}
    outer, _, inner = access.partition(".")
    return {outer: {inner: [value]}} if inner else {outer: [value]}
