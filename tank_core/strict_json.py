"""Bytes to JSON values, refusing whatever two readers could understand differently.

Duplicate keys, NaN, numbers that a float would round, half surrogate pairs and a
byte order mark are errors with a place. Input is hostile: size comes before
everything, and depth is bounded for all code that recurses later.

Source: RFC 8259; RFC 7493 (I-JSON), section 2.
"""

from __future__ import annotations

import json
import math
import re

from tank_core.errors import TankError, quoted

MAX_DEPTH = 64  # our deepest document has 6 levels; code that recurses stays far from Python's limit
MAX_INTEGER = 2**53 - 1  # I-JSON: what every reader keeps exactly
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_KEY_OR_BRACKET = re.compile(r'("[^"\\]*+(?:\\.[^"\\]*+)*+")(\s*:)?|([{}\[\]])', re.DOTALL)
_BRACKETS = str.maketrans("[]{}", "()()")
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")


class MalformedJsonError(TankError):
    """Bytes that are not one JSON value that every reader understands alike.

    Attributes:
        line: 1-based; 0 when the problem is the document as a whole.
        column: 1-based, in characters; 0 as above.
    """

    code = "malformed-json"

    def __init__(self, what: str, *, why: str, fix: str, line: int = 0, column: int = 0) -> None:
        super().__init__(what, why=why, fix=fix)
        self.line = line
        self.column = column


def parse_json(data: bytes, *, what: str, max_bytes: int) -> object:
    """Returns the value of a JSON document: dict, list, str, int, finite float, bool or None.

    1. Size. 2. UTF-8 without a byte order mark. 3. RFC 8259 syntax, without NaN, infinite or
    inexact numbers and without duplicate keys. 4. Depth of at most 64. 5. No half surrogate pairs.

    Args:
        what: the document's name in errors, such as ``skills.json``.
        max_bytes: checked before anything reads the bytes.

    Raises:
        MalformedJsonError: ``malformed-json``, with line and column where there is one.
    """
    if len(data) > max_bytes:
        raise _malformed(what, f"It has {len(data)} bytes; the limit is {max_bytes}.", "Make it smaller.")
    text = _decoded(data, what)
    value = _loaded(text, what)
    if _is_deeper_than(text, MAX_DEPTH):
        raise _malformed(what, f"Its values are nested more than {MAX_DEPTH} levels deep.", "Flatten it.")
    if _SURROGATE_ESCAPE.search(text):
        _refuse_half_surrogates(value, what)
    return value


def _decoded(data: bytes, what: str) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _malformed(what, "It starts with a byte order mark.", "Save it as UTF-8 without BOM.", (1, 1))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise _malformed(what, "It is not UTF-8.", "Save it as UTF-8.", (line, column)) from error


class _DuplicateKeyError(ValueError):
    """An object has a key twice."""


class _InexactNumberError(ValueError):
    """A number that readers would round or refuse."""


def _loaded(text: str, what: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_exact,
        )
    except json.JSONDecodeError as error:
        fix = f"Mend the syntax in line {error.lineno}; JSON has no comments and no trailing commas."
        raise _malformed(what, f"{error.msg}.", fix, (error.lineno, error.colno)) from error
    except _DuplicateKeyError as error:
        key, place = _first_duplicate(text)
        why = f"The key {quoted(key)} stands twice in one object."
        raise _malformed(what, why, "Remove one of the two.", place) from error
    except _InexactNumberError as error:
        why = f"{quoted(str(error))} is not a number that every JSON reader keeps exactly."
        raise _malformed(
            what, why, "Write an ordinary number, or a string.", _place_of(text, str(error))
        ) from error
    except RecursionError as error:
        raise _malformed(
            what, f"Its values are nested more than {MAX_DEPTH} levels deep.", "Flatten it."
        ) from error


def _object_without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _DuplicateKeyError
    return result


def _refuse_constant(text: str) -> object:
    raise _InexactNumberError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _InexactNumberError(text)
    return number


def _exact(text: str) -> int:
    # The length first: Python's int() is quadratic, and refuses 4300 digits with an error of its own.
    if len(text) > 17 or abs(number := int(text)) > MAX_INTEGER:
        raise _InexactNumberError(text)
    return number


def _is_deeper_than(text: str, limit: int) -> bool:
    # Only for text that parsed: brackets then balance, and each round removes one level of leaves.
    if text.count("{") + text.count("[") <= limit:
        return False
    brackets = _NOT_BRACKETS.sub("", _STRING.sub("", text)).translate(_BRACKETS)
    for _ in range(limit):
        brackets = brackets.replace("()", "")
    return bool(brackets)


def _refuse_half_surrogates(value: object, what: str) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise _malformed(
            what, "A text holds half of a surrogate pair.", "Write the character itself."
        ) from error


def _first_duplicate(text: str) -> tuple[str, tuple[int, int]]:
    """Returns the first key that repeats one of its own object, with line and column."""
    objects: list[set[str]] = []
    for match in _KEY_OR_BRACKET.finditer(text):
        string, colon, bracket = match.groups()
        if bracket in ("{", "["):
            objects.append(set())
        elif bracket is not None:
            objects.pop()
        elif colon is not None:
            key: str = json.loads(string)
            if key in objects[-1]:
                return key, _line_and_column(text, match.start())
            objects[-1].add(key)
    raise AssertionError("the parser saw a duplicate key, and there is none")


def _place_of(text: str, token: str) -> tuple[int, int]:
    outside_strings = _STRING.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    return _line_and_column(text, outside_strings.index(token))


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _malformed(what: str, why: str, fix: str, place: tuple[int, int] = (0, 0)) -> MalformedJsonError:
    line, column = place
    where = f" (line {line}, column {column})" if line else ""
    return MalformedJsonError(
        f"{what} is not well-formed JSON{where}", why=why, fix=fix, line=line, column=column
    )


def key_lines(text: str) -> dict[str, int]:
    """Returns the 1-based line of every key, by its dotted path, such as ``audit.min_score``.

    Args:
        text: a well-formed document. Keys inside lists have no path of their own.
    """
    lines: dict[str, int] = {}
    open_keys: list[str | None] = []  # per open bracket: the key that it is the value of
    last_key: str | None = None
    line, seen = 1, 0
    for match in _KEY_OR_BRACKET.finditer(text):
        string, colon, bracket = match.groups()
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        if bracket in ("{", "["):
            open_keys.append(last_key if bracket == "{" else None)
            last_key = None
        elif bracket is not None:
            open_keys.pop()
            last_key = None
        elif colon is not None:
            last_key = str(json.loads(string))
            outer = open_keys[1:]
            if None not in outer:
                lines[".".join([*(key for key in outer if key is not None), last_key])] = line
    return lines
