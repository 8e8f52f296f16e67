"""Reads the JSON form of a permission set, and finds every problem in it at once.

Source: FORMATS, "Permission shape": strict, an unknown key is an error that
suggests the nearest known one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from tank_core.errors import Problem, quoted
from tank_core.permissions.hosts import HostPattern, ListenPattern
from tank_core.permissions.names import ANY_PROGRAM, AnyProgram, program, variable
from tank_core.permissions.paths import PathPattern
from tank_core.permissions.refusal import InvalidEntryError

MAX_ENTRIES = 128  # per list: a person must be able to read what is asked for
MAX_ENTRY_LENGTH = 512  # characters of one entry

Canonical = Callable[[str], str]
EntryLists = dict[str, tuple[str, ...] | AnyProgram]

_GROUPS: Mapping[str, Mapping[str, Canonical]] = {
    "network": {
        "outbound": lambda text: str(HostPattern.parse(text)),
        "inbound": lambda text: str(ListenPattern.parse(text)),
    },
    "filesystem": {
        "read": lambda text: str(PathPattern.parse(text)),
        "write": lambda text: str(PathPattern.parse(text)),
    },
}
_LISTS: Mapping[str, Canonical] = {"subprocess": program, "secrets": variable}


def read(value: object, where: str) -> tuple[EntryLists, tuple[Problem, ...]]:
    """Returns the entry lists by type (``network.outbound`` ...), and the problems.

    Args:
        value: a parsed JSON value.
        where: its place, for the problems.

    Returns:
        Canonical entries in the order they were written, for every type; and all
        problems, sorted as they stand in the document. With problems, lists miss entries.
    """
    problems: list[Problem] = []
    lists: EntryLists = {}
    top = _object(value, where, (*_GROUPS, *_LISTS), problems)
    for group, keys in _GROUPS.items():
        inner = _object(top.get(group, {}), f"{where}.{group}", tuple(keys), problems)
        for key, canonical in keys.items():
            place = f"{where}.{group}.{key}"
            lists[f"{group}.{key}"] = tuple(_entries(inner.get(key, []), place, canonical, problems))
    for key, canonical in _LISTS.items():
        if key == "subprocess" and top.get(key) is True:
            lists[key] = ANY_PROGRAM
        else:
            lists[key] = tuple(_entries(top.get(key, []), f"{where}.{key}", canonical, problems))
    return lists, tuple(problems)


def _object(
    value: object, where: str, known: tuple[str, ...], problems: list[Problem]
) -> Mapping[str, object]:
    if not isinstance(value, dict):
        problems.append(Problem(where, "is not an object", f"write an object with any of {', '.join(known)}"))
        return {}
    for key in value:
        if key not in known:
            import difflib  # only for who misspelt something

            nearest = difflib.get_close_matches(str(key), known, n=1)
            fix = f"did you mean {nearest[0]}?" if nearest else f"remove it; known are {', '.join(known)}"
            problems.append(Problem(where, f"has the unknown key {quoted(str(key))}", fix))
    return cast("Mapping[str, object]", value)


def _entries(value: object, where: str, canonical: Canonical, problems: list[Problem]) -> Iterator[str]:
    if not isinstance(value, list):
        problems.append(Problem(where, "is not a list of strings", _list_fix(where, value)))
        return
    if len(value) > MAX_ENTRIES:
        problems.append(
            Problem(where, f"has more than {MAX_ENTRIES} entries", "use patterns that cover several")
        )
        return
    for position, entry in enumerate(value):
        place = f"{where}[{position}]"
        if not isinstance(entry, str) or not 0 < len(entry) <= MAX_ENTRY_LENGTH:
            problems.append(
                Problem(
                    place, f"is not a string of 1 to {MAX_ENTRY_LENGTH} characters", "write such a string"
                )
            )
            continue
        try:
            yield canonical(entry)
        except InvalidEntryError as refused:
            problems.append(Problem(place, f"{quoted(entry)} {refused.what}", refused.fix))


def _list_fix(where: str, value: object) -> str:
    if where.endswith(".subprocess"):
        return "write a list of program names, true for any program, or leave it out for none"
    if isinstance(value, str):
        return f"write {json.dumps([value[:MAX_ENTRY_LENGTH]])}"
    return "write a list, or leave it out for none"
