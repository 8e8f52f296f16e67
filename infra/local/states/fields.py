"""Strict reading of one JSON object of a state machine definition: each field once, none left over."""

from __future__ import annotations

from typing import Any


class DefinitionError(Exception):
    """The definition is not in the language that this interpreter knows; says where and why."""


class Fields:
    """The fields of one object. ``where``: its place, for messages."""

    def __init__(self, where: str, value: object) -> None:
        if not isinstance(value, dict):
            raise DefinitionError(f"{where}: not an object")
        self.where = where
        self._left: dict[str, Any] = dict(value)

    def text(self, key: str) -> str:
        """Returns a string that must be there and say something."""
        value = self._left.pop(key, None)
        if not isinstance(value, str) or not value:
            raise DefinitionError(f"{self.where}: {key} must be a string")
        return value

    def optional_text(self, key: str) -> str:
        """Returns a string, or "" when the key is absent."""
        return self.text(key) if key in self._left else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Returns a list of strings that must not be empty."""
        value = self._left.pop(key, None)
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise DefinitionError(f"{self.where}: {key} must be a list of strings")
        return tuple(value)

    def number(self, key: str, *, at_least: int, default: int | None = None) -> int:
        """Returns a whole number of at least that much."""
        value = self._left.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
            raise DefinitionError(f"{self.where}: {key} must be a whole number, at least {at_least}")
        return value

    def decimal(self, key: str, *, at_least: float, default: float) -> float:
        """Returns a number of at least that much."""
        value = self._left.pop(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < at_least:
            raise DefinitionError(f"{self.where}: {key} must be a number, at least {at_least}")
        return float(value)

    def flag(self, key: str) -> bool:
        """Returns whether the key is there as ``true``; ``false`` and absent are the same."""
        value = self._left.pop(key, False)
        if not isinstance(value, bool):
            raise DefinitionError(f"{self.where}: {key} must be true or false")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        """Returns an object that must not be empty."""
        value = self._left.pop(key, None)
        if not isinstance(value, dict) or not value:
            raise DefinitionError(f"{self.where}: {key} must be an object")
        return value

    def items(self, key: str) -> tuple[Fields, ...]:
        """Returns the objects of a list that must not be empty."""
        value = self._left.pop(key, None)
        if not isinstance(value, list) or not value:
            raise DefinitionError(f"{self.where}: {key} must be a list")
        return tuple(Fields(f"{self.where}, {key} {n}", each) for n, each in enumerate(value, start=1))

    def optional_items(self, key: str) -> tuple[Fields, ...]:
        """Returns the objects of a list, none when the key is absent."""
        return self.items(key) if key in self._left else ()

    def finish(self) -> None:
        """Refuses the fields that nobody read."""
        if self._left:
            raise DefinitionError(f"{self.where}: unsupported fields {', '.join(sorted(self._left))}")
