"""Single fields of a JSON document, as `npm view PACKAGE FIELD` has taught people to ask for them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping

from tank_core.errors import ExitCode, TankError, quoted

_LATEST = "latest_version"  # its fields count as the document's own where that has none of the name


class NoFieldError(TankError):
    """A document has no field of a name."""

    code = "no-field"
    exit_code = ExitCode.NOT_FOUND


def chosen(document: Mapping[str, object], names: Iterable[str]) -> dict[str, object]:
    """Returns the fields with these names, in their order; a dot leads into an object.

    Raises:
        NoFieldError: no-field.
    """
    return {name: _field(document, name) for name in names}


def lines_of(fields: Mapping[str, object]) -> Iterator[str]:
    """Yields one field alone as its value, several as `name = value`."""
    for name, value in fields.items():
        label = f"{name} = " if len(fields) > 1 else ""
        yield from (f"{label}{text}" for text in _texts(value))


def _field(document: Mapping[str, object], name: str) -> object:
    for within in (document, document.get(_LATEST)):
        value: object = within
        for part in name.split("."):
            value = value.get(part, _field) if isinstance(value, Mapping) else _field
        if value is not _field:
            return value
    known = sorted({*document, *_keys(document.get(_LATEST))})
    nearest = difflib.get_close_matches(name, known, n=1)
    raise NoFieldError(
        f"There is no field {quoted(name)}.",
        why=f"The fields are {', '.join(known)}.",
        fix=f"Did you mean {nearest[0]}?" if nearest else "Run it with --json to see everything.",
    )


def _keys(value: object) -> Iterable[str]:
    return map(str, value) if isinstance(value, Mapping) else ()


def _texts(value: object) -> Iterator[str]:
    """Yields a value as people read it: a list by its lines, a version in it by its number."""
    if isinstance(value, list):
        for item in value:
            is_version = isinstance(item, Mapping) and "version" in item
            yield from _texts(item["version"] if is_version else item)
    elif isinstance(value, str):
        yield value
    else:
        yield json.dumps(value, sort_keys=True, ensure_ascii=False)
