"""Strict reading of JSON documents: every problem at once, each with its path and its fix.

A ``Reader`` takes one object apart by expected types and collects what is wrong.
It knows nothing about any document; those are in ``manifest``, ``lockfile`` and
``index``. Bytes become values in ``strict_json``, whose entry is offered here too.

Source: FORMATS, "skills.json" (strict, suggesting the nearest known key).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from tank_core.errors import Problem, TankError, quoted
from tank_core.strict_json import MalformedJsonError, parse_json

__all__ = ["JsonValue", "MalformedJsonError", "Reader", "kind", "parse_json"]

T = TypeVar("T")
JsonValue: TypeAlias = object  # inside Reader the name "object" is a method
# Bidirectional controls reorder what a person sees, tag characters hide words that a model reads. An escape
# such as \u202e keeps both out of the sight of whoever looks at the bytes, so the value is what is asked.
_UNSEEN = r"\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f"
_CONTROL = re.compile(rf"[\x00-\x1f\x7f-\x9f{_UNSEEN}]")
_CONTROL_BUT_BREAKS = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_UNSEEN}]")


@dataclass(frozen=True, slots=True)
class Reader:
    """One object of a document, read key by key; what is wrong lands in ``problems``.

    A wrong or missing value reads as an empty one, so that reading goes on and
    finds the next problem. Only a caller that finds ``problems`` empty at the end
    may use what it read.

    Attributes:
        values: the object.
        document: the document's name, such as ``skills.json``.
        path: the keys that lead to the object.
        problems: shared by all readers of one document.
    """

    values: Mapping[str, JsonValue]
    document: str
    problems: list[Problem]
    path: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, value: JsonValue, document: str, problems: list[Problem], path: tuple[str, ...] = ()
    ) -> Reader:
        """Returns a reader of a value, which is a problem when it is not an object."""
        if isinstance(value, dict):
            return cls(value, document, problems, path)
        empty = cls({}, document, problems, path)
        empty.problem(None, f"is {kind(value)}, not an object", "Write an object: { … }.")
        return empty

    def where(self, key: str | None = None) -> str:
        """Returns the address of a key, or of this object: ``skills.json: audit.min_score``."""
        keys = self.path if key is None else (*self.path, key)
        shown = ".".join(part if part.isprintable() and len(part) <= 214 else quoted(part) for part in keys)
        return f"{self.document}: {shown}" if shown else self.document

    def problem(self, key: str | None, what: str, fix: str) -> None:
        """Adds a problem at a key, or at this object."""
        self.problems.append(Problem(self.where(key), what, fix))

    def required_string(
        self, key: str, *, max_length: int = 4096, example: str = "", is_one_line: bool = True
    ) -> str:
        """Returns a non-empty text; "" after a problem."""
        if key not in self.values:
            self.problem(
                key, "is missing", f"Add {json.dumps(key)}: {json.dumps(example or '…', ensure_ascii=False)}."
            )
            return ""
        text = self.optional_string(key, max_length=max_length, is_one_line=is_one_line)
        if text == "":
            self.problem(key, "is empty", "Write something.")
        return text or ""

    def optional_string(self, key: str, *, max_length: int = 4096, is_one_line: bool = True) -> str | None:
        """Returns a text without control characters, or None when the key is absent or wrong.

        Args:
            max_length: in characters.
            is_one_line: whether tabs and line feeds are refused too.
        """
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, str):
            self.problem(key, f"is {kind(value)}, not a string", 'Write it in quotes: "…".')
            return None
        return value if self._is_text(key, value, max_length, is_one_line) else None

    def strings(self, key: str, *, max_items: int = 1000, max_length: int = 4096) -> tuple[str, ...]:
        """Returns a list of texts, in the order given; () when the key is absent or wrong."""
        items = self.values.get(key, [])
        if not isinstance(items, list):
            self.problem(key, f"is {kind(items)}, not a list", 'Write a list of strings: ["…"].')
            return ()
        if len(items) > max_items:
            self.problem(key, f"has {len(items)} items; the limit is {max_items}", "Leave some out.")
            return ()
        for position, item in enumerate(items):
            at = f"{key}[{position}]"
            if not isinstance(item, str):
                self.problem(at, f"is {kind(item)}, not a string", 'Write it in quotes: "…".')
            else:
                self._is_text(at, item, max_length, True)
        return tuple(item for item in items if isinstance(item, str))

    def object(self, key: str) -> Reader:
        """Returns a reader of an object below; an empty one when the key is absent or wrong."""
        return Reader.of(self.values.get(key, {}), self.document, self.problems, (*self.path, key))

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Returns true or false, the default when the key is absent or wrong."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.problem(key, f"is {kind(value)}, not true or false", "Write true or false, without quotes.")
            return default
        return value

    def integer(self, key: str, *, minimum: int = 0) -> int:
        """Returns a required whole number; the minimum after a problem."""
        value = self.values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            self.problem(
                key, f"is not a whole number of at least {minimum}", f"Write a number such as {minimum}."
            )
            return minimum
        return value

    def optional_number(
        self, key: str, *, minimum: float, maximum: float, is_nullable: bool = False
    ) -> float | None:
        """Returns a number within bounds; None when the key is absent or wrong, or null where that is allowed."""
        value = self.values.get(key)
        if key not in self.values or (value is None and is_nullable):
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not minimum <= value <= maximum:
            self.problem(
                key, f"is not a number from {minimum:g} to {maximum:g}", f"Write such as {maximum:g}."
            )
            return None
        return float(value)

    def parsed(self, key: str, parse: Callable[[str], T], *, example: str = "") -> T | None:
        """Returns what ``parse`` makes of a required text; None after a problem.

        Args:
            parse: raises a TankError for a text that it refuses; its words become the problem.
        """
        before = len(self.problems)
        text = self.required_string(key, example=example)
        return self.attempt(key, lambda: parse(text)) if len(self.problems) == before else None

    def parsed_key(self, key: str, parse: Callable[[str], T]) -> T | None:
        """Returns what ``parse`` makes of a key itself; None after a problem."""
        return self.attempt(key, lambda: parse(key))

    def attempt(self, key: str | None, make: Callable[[], T]) -> T | None:
        """Returns what ``make`` returns; None when it raised a TankError, whose problems are added."""
        try:
            return make()
        except TankError as error:
            if error.problems:
                self.problems.extend(error.problems)
            else:
                self.problem(key, f"{error.what}. {error.why}", error.fix)
            return None

    def reject_unknown(self, known: Iterable[str], elsewhere: Mapping[str, str] | None = None) -> None:
        """Adds a problem for each key that is not known, with the nearest known one as its fix.

        Args:
            elsewhere: keys that exist in another kind of document → what to do about them.
        """
        names = sorted(known)
        for key in sorted(set(self.values) - set(names)):
            fix = (elsewhere or {}).get(key) or _nearest_fix(key, names)
            self.problem(key, "is not a known key", fix)

    def _is_text(self, key: str, text: str, max_length: int, is_one_line: bool) -> bool:
        if len(text) > max_length:
            self.problem(key, f"has {len(text)} characters; the limit is {max_length}", "Shorten it.")
        elif text.isascii() and text.isprintable():  # as most are, and both searches together take longer
            return True
        elif is_one_line and _CONTROL.search(text):
            self.problem(
                key, "holds a control character or a line break", "Write it on one line, as plain text."
            )
        elif _CONTROL_BUT_BREAKS.search(text):
            self.problem(key, "holds a control character", "Write it as plain text.")
        else:
            return True
        return False


def kind(value: JsonValue) -> str:
    """Returns what a JSON value is, with its article, as people call it."""
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "a value of another type")


def _nearest_fix(key: str, known: list[str]) -> str:
    import difflib  # only for who misspelt something

    # difflib is quadratic; a key longer than this resembles none of ours.
    nearest = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6) if len(key) <= 64 else []
    if nearest:
        return f"Did you mean {quoted(nearest[0])}?"
    return f"Remove it. Known keys: {', '.join(known)}."
