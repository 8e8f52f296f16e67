"""Entities as JSON documents, and back, for stores that keep text.

The stored form is checked when it is read: a document that does not have the
entity's shape is an error, never a half-filled value.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from chalicelib.ports.errors import PortError
from chalicelib.ports.index_state import IndexStanding
from tank_core.entities import (
    Appeal,
    AuditEvent,
    Org,
    Publish,
    Publisher,
    Skill,
    SkillVersion,
    Token,
    WaiverReference,
)

T = TypeVar("T")


class Codec(Generic[T]):
    """Turns one kind of entity into JSON text and back."""

    def __init__(self, kind: type[T]) -> None:
        self._kind = kind
        self._adapter = TypeAdapter(kind)

    def text(self, entity: T) -> str:
        """Returns the entity's document."""
        return self._adapter.dump_json(entity).decode()

    def entity(self, text: str) -> T:
        """Returns the entity that ``text`` wrote.

        Raises:
            PortError: it is not one; the store was changed by other hands.
        """
        try:
            return self._adapter.validate_json(text)
        except ValidationError as exc:
            raise PortError(f"a stored {self._kind.__name__} is damaged: {exc.error_count()} errors") from exc


APPEALS = Codec(Appeal)
AUDIT_EVENTS = Codec(AuditEvent)
ORGS = Codec(Org)
PUBLISHERS = Codec(Publisher)
PUBLISHES = Codec(Publish)
SKILLS = Codec(Skill)
STANDINGS = Codec(IndexStanding)
TOKENS = Codec(Token)
VERSIONS = Codec(SkillVersion)
WAIVERS = Codec(tuple[WaiverReference, ...])
