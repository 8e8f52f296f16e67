"""A signer across versions: what a lock pins. What one certificate or token says is in ``signer``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_MAX_CHARACTERS = 1024  # of one claim; real ones stay below 250


@dataclass(frozen=True, slots=True)
class Signer:
    """A signer across versions: what a lock pins, and what must not change unseen.

    A person is an issuer and a subject; a build is an issuer and two numeric ids.
    ``repository`` is there for the reader; it may be renamed.
    """

    issuer: str
    subject: str = ""
    owner_id: str = ""
    repository_id: str = ""
    repository: str = ""

    def is_same(self, other: Signer) -> bool:
        """Returns whether both are one signer, whatever its repository is called today."""
        return self._key() == other._key()

    def _key(self) -> tuple[str, str, str, str]:
        return (self.issuer, self.subject, self.owner_id, self.repository_id)

    def __str__(self) -> str:
        """Returns the signer for a person to read."""
        if self.subject:
            return f"{self.subject} ({self.issuer})"
        return f"{self.repository} (repository {self.repository_id}, owner {self.owner_id}, {self.issuer})"

    @property
    def short(self) -> str:
        """The signer in few words, where the whole stands elsewhere: nothing to compare with."""
        return self.subject or self.repository.removeprefix("https://") or f"repository {self.repository_id}"

    def to_json(self) -> dict[str, str]:
        """Returns the fields that are there."""
        return present(self)

    @classmethod
    def from_json(cls, value: object) -> Signer:
        """Returns what ``to_json`` wrote; ValueError for any other shape."""
        found = cls(**texts(value, cls, required=("issuer",)))
        is_build = bool(found.owner_id and found.repository_id)
        if bool(found.subject) == is_build:
            raise ValueError("a signer has a subject, or both ids")
        return found


def present(value: DataclassInstance) -> dict[str, str]:
    """Returns the fields of a value that are there, as texts."""
    found = {field.name: str(getattr(value, field.name)) for field in fields(value)}
    return {key: text for key, text in found.items() if text}


def texts(value: object, shape: type, *, required: tuple[str, ...]) -> dict[str, str]:
    """Returns the fields of a JSON object, each of which is one of a shape; ValueError for any other object."""
    if not isinstance(value, Mapping):
        raise ValueError("is not an object")
    unknown = sorted(set(value) - {field.name for field in fields(shape)})
    if unknown:
        raise ValueError(f"has the unknown field {unknown[0]!r}")
    found = {str(key): printable_text(str(key), text) for key, text in value.items()}
    missing = [key for key in required if not found.get(key)]
    if missing:
        raise ValueError(f"lacks {missing[0]}")
    return found


def printable_text(key: str, value: object) -> str:
    """Returns a value that is a short printable text; ValueError for any other. ``key``: what the error names."""
    if not isinstance(value, str) or len(value) > _MAX_CHARACTERS or not value.isprintable():
        raise ValueError(f"{key} is not a printable text of at most {_MAX_CHARACTERS} characters")
    return value
