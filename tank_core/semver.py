"""Versions: Semantic Versioning 2.0.0, strictly.

No ``v`` prefix, no missing parts, no leading zeros: those are what ranges may
hold, see ``ranges``. Stricter than npm in one point: a numeric identifier of a
pre-release beyond 2**53 - 1 is refused, because npm compares it as a rounded
float, and two registries would then disagree about which version is newer.

Source: semver.org 2.0.0, sections 2 and 9 to 11.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

from tank_core.errors import ExitCode, TankError, quoted

MAX_VERSION_LENGTH = 256  # npm's limit
MAX_NUMBER = 2**53 - 1  # the largest integer that every JSON reader keeps exactly

NUMBER = r"(?:0|[1-9][0-9]*)"
PRERELEASE = r"(?:[0-9]*[A-Za-z-][0-9A-Za-z-]*|0|[1-9][0-9]*)"
BUILD = r"[0-9A-Za-z-]+"
_VERSION = re.compile(
    rf"({NUMBER})\.({NUMBER})\.({NUMBER})"
    rf"(?:-({PRERELEASE}(?:\.{PRERELEASE})*))?"
    rf"(?:\+({BUILD}(?:\.{BUILD})*))?"
)

# (major, minor, patch, (1,) for a release or (0, identifiers...)): compares as section 11 says.
PrecedenceKey = tuple[int, int, int, tuple[object, ...]]
_RELEASE: tuple[object, ...] = (1,)


class InvalidVersionError(TankError):
    """A text that is not a version."""

    code = "invalid-version"
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A version, totally ordered by precedence and then by its build text.

    Build metadata takes no part in precedence; it takes part in ``==`` and in the
    order, so that sorting is the same everywhere. ``same_precedence`` ignores it.

    Attributes:
        prerelease: identifiers, numeric ones as int; empty for a release.
        build: identifiers, all as text.
        precedence: compares as the specification says, and ignores build metadata.
    """

    _order: tuple[PrecedenceKey, tuple[str, ...]] = field(init=False, repr=False)
    precedence: PrecedenceKey = field(init=False, repr=False, compare=False)
    major: int = field(compare=False)
    minor: int = field(compare=False)
    patch: int = field(compare=False)
    prerelease: tuple[int | str, ...] = field(default=(), compare=False)
    build: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        precedence = (self.major, self.minor, self.patch, _prerelease_key(self.prerelease))
        object.__setattr__(self, "precedence", precedence)
        object.__setattr__(self, "_order", (precedence, self.build))

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += "-" + ".".join(map(str, self.prerelease))
        if self.build:
            text += "+" + ".".join(self.build)
        return text

    @property
    def is_prerelease(self) -> bool:
        """Whether the version comes before the release of the same numbers."""
        return bool(self.prerelease)

    @classmethod
    def parse(cls, text: str) -> Version:
        """Returns the version that a text spells.

        Args:
            text: ``MAJOR.MINOR.PATCH[-PRERELEASE][+BUILD]``, at most 256 characters.

        Raises:
            InvalidVersionError: ``invalid-version``.
        """
        return _parse(text)


def same_precedence(one: Version, other: Version) -> bool:
    """Returns whether two versions differ in build metadata at most."""
    return one.precedence == other.precedence


# Resolving reads the same texts from many documents; versions are immutable and may be shared.
@lru_cache(maxsize=8192)
def _parse(text: str) -> Version:
    if len(text) > MAX_VERSION_LENGTH:
        raise _invalid(text, f"A version has at most {MAX_VERSION_LENGTH} characters.")
    match = _VERSION.fullmatch(text)
    if match is None:
        raise _invalid(text, "It is not of the form MAJOR.MINOR.PATCH of Semantic Versioning 2.0.0.")
    major, minor, patch, prerelease, build = match.groups()
    numbers = (int(major), int(minor), int(patch))
    identifiers = prerelease_identifiers(prerelease) if prerelease else ()
    if any(isinstance(part, int) and part > MAX_NUMBER for part in (*numbers, *identifiers)):
        raise _invalid(
            text, f"Its numbers go up to {MAX_NUMBER} (2**53 - 1), which every reader keeps exactly."
        )
    return Version(*numbers, identifiers, tuple(build.split(".")) if build else ())


def prerelease_identifiers(text: str) -> tuple[int | str, ...]:
    """Returns the identifiers of a well-formed pre-release text, numeric ones as int."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def _prerelease_key(identifiers: tuple[int | str, ...]) -> tuple[object, ...]:
    """Section 11: numbers before words, a shorter list before a longer one that starts with it."""
    if not identifiers:
        return _RELEASE
    return (0, *((0, part, "") if isinstance(part, int) else (1, 0, part) for part in identifiers))


def _invalid(text: str, why: str) -> InvalidVersionError:
    return InvalidVersionError(
        f"{quoted(text)} is not a version",
        why=why,
        fix="Write three numbers, such as “1.4.0” or “2.0.0-beta.1”.",
    )
