"""Ranges of versions: npm's grammar, with npm's behaviour.

``^ ~ ~> >= <= > < =``, x-ranges (``1.x``, ``*``, ``1``, the empty text), hyphen
ranges, ``||``, ``v`` prefixes and npm's rule for pre-releases. A range is
desugared once (see ``range_grammar``) into alternatives of comparators, which is
all that matching and resolving look at.

Not npm's: white space and everything else is ASCII; a range has at most 1024
characters; a numeric pre-release identifier ends at 2**53 - 1 (see ``semver``).

Source: npm documentation, "semver"; behaviour of npm's library, 7.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from tank_core.errors import ExitCode, TankError, quoted
from tank_core.range_grammar import LOWEST, Comparator, ComparatorSet, MalformedRangeError, desugared
from tank_core.semver import Version

__all__ = ["Comparator", "ComparatorSet", "InvalidRangeError", "Range", "caret"]

MAX_RANGE_LENGTH = 1024  # far beyond any that people write; bounds the time of the patterns

_SPACES = re.compile(r"[ \t\n\v\f\r]+")


class InvalidRangeError(TankError):
    """A text that is not a range of versions."""

    code = "invalid-range"
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions; equal when written equally.

    Attributes:
        text: the range as given.
        comparator_sets: alternatives, in the order given; a version matches one when it
            satisfies all its comparators. An empty set stands for any release.
        prerelease_sets: the same for ``include_prerelease``, where ``1.x`` begins at
            ``1.0.0-0`` and no release needs to ask for its pre-releases.
    """

    text: str
    comparator_sets: tuple[ComparatorSet, ...] = field(repr=False, compare=False)
    prerelease_sets: tuple[ComparatorSet, ...] = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Range:
        """Returns the range that a text spells; the empty text is any release.

        Raises:
            InvalidRangeError: ``invalid-range``.
        """
        return _parse(text)

    def contains(self, version: Version, *, include_prerelease: bool = False) -> bool:
        """Returns whether a version is in the range.

        A pre-release is in it only if a comparator of the same alternative names a
        pre-release of the same three numbers, unless ``include_prerelease``.
        """
        if include_prerelease:
            return any(_allows(bounds, version) for bounds in self.prerelease_sets)
        for bounds in self.comparator_sets:
            if _allows(bounds, version) and (
                not version.prerelease or _asks_for_prereleases(bounds, version)
            ):
                return True
        return False

    def highest(self, versions: Iterable[Version], *, include_prerelease: bool = False) -> Version | None:
        """Returns the highest of the versions that are in the range, or None."""
        inside = (v for v in versions if self.contains(v, include_prerelease=include_prerelease))
        return max(inside, default=None)


def caret(version: Version) -> str:
    """Returns the range that ``tank add`` writes: everything compatible with a version."""
    return f"^{Version(version.major, version.minor, version.patch, version.prerelease)}"


def _allows(bounds: ComparatorSet, version: Version) -> bool:
    return all(comparator.allows(version) for comparator in bounds)


def _asks_for_prereleases(bounds: ComparatorSet, version: Version) -> bool:
    numbers = version.precedence[:3]
    return any(c.version.prerelease and c.version.precedence[:3] == numbers for c in bounds)


# The same few ranges stand in many manifests; a range is immutable and may be shared.
@lru_cache(maxsize=8192)
def _parse(text: str) -> Range:
    if len(text) > MAX_RANGE_LENGTH:
        raise _invalid(text, f"A range has at most {MAX_RANGE_LENGTH} characters.")
    alternatives = [part.strip(" ") for part in _SPACES.sub(" ", text).strip(" ").split("||")]
    try:
        return Range(text, desugared(alternatives, lowest=()), desugared(alternatives, lowest=LOWEST))
    except MalformedRangeError as error:
        if text.isalpha():
            raise _invalid(
                text, "It looks like a tag, and skills have no tags; “*” is the newest version."
            ) from None
        raise _invalid(text, f"{quoted(error.part)} in it is not a bound that npm's grammar knows.") from None


def _invalid(text: str, why: str) -> InvalidRangeError:
    return InvalidRangeError(
        f"{quoted(text)} is not a range of versions",
        why=why,
        fix="Write a range as npm does, such as “^1.2.0”, “>=1.4 <3” or “1.x || 2.x”.",
    )
