"""Canonical JSON: one value, one sequence of bytes, on every machine.

Two forms: ``pretty`` for files that people read and version control compares,
``compact`` for documents that are hashed, signed or served. Both sort the keys of
every object by code point and write characters as themselves, in UTF-8. This is
not RFC 8785: that one sorts by UTF-16 units and prints numbers as JavaScript
does, which differs for keys beyond the basic plane and for some floats; our
documents hold neither.

Source: FORMATS, "skills.lock".
"""

from __future__ import annotations

import json

_SCALARS = (str, bool, int, type(None))


def pretty(value: object) -> bytes:
    """Returns the form for people: sorted keys, two spaces, a final newline, UTF-8.

    Raises:
        ValueError: the value has no canonical form, see ``compact``.
    """
    return _encoded(value, indent=2, separators=(",", ": ")) + b"\n"


def compact(value: object) -> bytes:
    """Returns the form for digests: sorted keys, no white space, UTF-8.

    Args:
        value: nested dicts with str keys, lists, tuples, str, int, finite float, bool and None.

    Raises:
        ValueError: a float is not finite, a key is not a str, a text holds half of a
            surrogate pair, or a value is of another type.
    """
    return _encoded(value, indent=None, separators=(",", ":"))


def _encoded(value: object, *, indent: int | None, separators: tuple[str, str]) -> bytes:
    _check_keys(value)
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=indent, separators=separators
        )
        return text.encode("utf-8")
    except (TypeError, UnicodeEncodeError, RecursionError) as error:
        raise ValueError(f"no canonical JSON form: {error}") from error


def _check_keys(value: object) -> None:
    # json.dumps writes the keys 1, None and True as strings, so that two values would share one form.
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            if any(not isinstance(key, str) for key in current):
                raise ValueError("no canonical JSON form: a key is not a string")
            pending.extend(item for item in current.values() if not isinstance(item, _SCALARS))
        elif isinstance(current, list | tuple):
            pending.extend(item for item in current if not isinstance(item, _SCALARS))
