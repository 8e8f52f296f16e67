"""Path patterns of the ``filesystem`` permissions, in canonical form.

A pattern hangs on one of four roots that never contain each other: the project
(``./``), the skill (``skill:/``), the home (``~/``) or the file system (``/``). What
a root is on a given machine is for the sandbox; so is following links.

Canonical: segments joined by one slash, without ``.``, in Unicode NFC; several
``**`` in a row are one, and ``**/*`` is written ``*/**``. A pattern matches by
character, case included. Refused, because readers would disagree about what they
mean: ``..``, backslashes, drive letters, ``?``, brackets and braces, ``**`` as a
part of a segment, and characters that do not show.

Source: FORMATS, "Permission shape".
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from tank_core.permissions import globs
from tank_core.permissions.globs import ANY_SEGMENTS, Inclusion, Segments
from tank_core.permissions.refusal import InvalidEntryError

PROJECT, SKILL, HOME, ABSOLUTE = "./", "skill:/", "~/", "/"
_ROOTS = (PROJECT, SKILL, HOME, ABSOLUTE)

MAX_WILDCARDS = 8  # containment multiplies by them, for each pair of entries; nobody needs eight
MAX_SEGMENTS = 32  # and by these; deeper than trees are
_GLOB_SYNTAX = frozenset("?[]{}")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path pattern: one of the four roots, and the segments below it."""

    root: str
    segments: Segments

    def __str__(self) -> str:
        return self.root + "/".join(self.segments)

    @classmethod
    def parse(cls, text: str) -> PathPattern:
        """Returns the pattern that a text means.

        Raises:
            InvalidEntryError: it means none, or none that everybody would read alike.
        """
        return _parsed(text)

    def contains(self, other: PathPattern) -> bool:
        """Returns whether every path of the other pattern is one of this pattern's."""
        return self.inclusion(other).holds

    def inclusion(self, other: PathPattern) -> Inclusion:
        """Returns what ``contains`` does, and the number of steps that it took."""
        if self.root != other.root:
            return Inclusion(holds=False, steps=1)
        return globs.inclusion(self.segments, other.segments)

    def matches(self, path: str) -> bool:
        """Returns whether a path, written from its root like a pattern, is this pattern's.

        A path with ``..`` or a backslash is nobody's: it must be resolved first.
        """
        literal = _split(unicodedata.normalize("NFC", path))
        if literal is None or ".." in literal[1] or "\\" in path or "\0" in path:
            return False
        root, segments = literal
        return self.root == root and globs.matches(self.segments, segments)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> PathPattern:
    _check_characters(text)
    split = _split(unicodedata.normalize("NFC", text))
    if split is None:
        raise InvalidEntryError(
            "does not say what it is relative to", "start it with ./ (project), skill:/, ~/ (home) or /"
        )
    root, segments = split
    for segment in segments:
        _check_segment(segment)
    if len(segments) > MAX_SEGMENTS:
        raise InvalidEntryError(f"has more than {MAX_SEGMENTS} segments", "end it earlier, with **")
    if sum(segment.count("*") if segment != ANY_SEGMENTS else 1 for segment in segments) > MAX_WILDCARDS:
        raise InvalidEntryError(f"has more than {MAX_WILDCARDS} wildcards", "use fewer wildcards")
    return PathPattern(root, _collapsed(segments))


def _check_characters(text: str) -> None:
    if "\\" in text:
        raise InvalidEntryError("has a backslash", "write / between segments, on every system")
    if _GLOB_SYNTAX & set(text):
        raise InvalidEntryError("uses one of ? [ ] { }, which Tank's patterns do not know", "use * or **")
    # Printable text has none of them, and is known to be printable in a fiftieth of the time.
    if not text.isprintable() and any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise InvalidEntryError("has a control character or one that does not show", "remove that character")


def _check_segment(segment: str) -> None:
    if segment == "..":
        raise InvalidEntryError("has a .. segment", "write the path it leads to, from its root")
    if ANY_SEGMENTS in segment and segment != ANY_SEGMENTS:
        raise InvalidEntryError(
            "has ** beside other characters of a segment", "write ** as a segment of its own"
        )


def _split(text: str) -> tuple[str, Segments] | None:
    """Returns the root and the segments, without empty ones and ``.``; None when no root is named."""
    if text in (".", "~"):
        text += "/"
    root = next((root for root in _ROOTS if text.startswith(root)), None)
    if root is None:
        return None
    segments = text[len(root) :].split("/")
    return root, tuple(segment for segment in segments if segment not in ("", "."))


def _collapsed(segments: Segments) -> Segments:
    """Returns the segments with each run of ``*`` and ``**`` in one form: all ``*``, then one ``**``."""
    result: list[str] = []
    pending = False  # a ``**`` that moves behind the lone ``*`` that follow it
    for segment in segments:
        if segment == ANY_SEGMENTS:
            pending = True
        else:
            if pending and segment != "*":
                result.append(ANY_SEGMENTS)
                pending = False
            result.append(segment)
    return (*result, ANY_SEGMENTS) if pending else tuple(result)
