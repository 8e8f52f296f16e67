"""npm's grammar of ranges, desugared into alternatives of comparators.

``^1.2`` becomes ``>=1.2.0 <2.0.0-0``, and so on for every form. The oddities are
npm's own, kept on purpose: a range must mean the same in both worlds. What a
range is and whether a version is in it stands in ``ranges``.

Source: npm documentation, "semver"; behaviour of npm's library, 7.8.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tank_core.semver import (
    BUILD,
    MAX_NUMBER,
    MAX_VERSION_LENGTH,
    NUMBER,
    PRERELEASE,
    PrecedenceKey,
    Version,
    prerelease_identifiers,
)

Identifiers = tuple[int | str, ...]

_PART = rf"(?:{NUMBER}|[xX*])"
_PARTIAL = (
    rf"({_PART})(?:\.({_PART})(?:\.({_PART})"  # major, minor, patch: a number, a wildcard or left out
    rf"(?:-({PRERELEASE}(?:\.{PRERELEASE})*))?)?)?"
)
_COMPARATOR = re.compile(rf"(\^|~>?|[<>]=?|=|)([v=]*){_PARTIAL}")
_HYPHEN = re.compile(rf" ?([v= ]*){_PARTIAL} - ([v= ]*){_PARTIAL} ?")
_BUILD_METADATA = re.compile(rf"\+{BUILD}(?:\.{BUILD})*")
_SPACE_AFTER_OPERATOR = re.compile(r"( ?)((?:[<>]=?|=)?) ?([v= ]*+)(?=[0-9xX*])")
_SPACE_AFTER_TILDE = re.compile(r"~>? ")
_STAR = re.compile(r"[<>]?=?\*")

_TESTS: dict[str, Callable[[PrecedenceKey, PrecedenceKey], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LOWEST: Identifiers = (0,)  # "-0", the pre-release before all others


@dataclass(frozen=True, slots=True)
class Comparator:
    """One bound: an operator of ``= < <= > >=`` and the version it compares with."""

    op: str
    version: Version
    _test: Callable[[PrecedenceKey, PrecedenceKey], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_test", _TESTS[self.op])

    def __str__(self) -> str:
        return f"{'' if self.op == '=' else self.op}{self.version}"

    def allows(self, version: Version) -> bool:
        """Returns whether a version lies on the allowed side, by precedence alone."""
        return self._test(version.precedence, self.version.precedence)


ComparatorSet = tuple[Comparator, ...]
_ANY: ComparatorSet = ()
_NOTHING: ComparatorSet = (Comparator("<", Version(0, 0, 0, LOWEST)),)


class MalformedRangeError(Exception):
    """A part of a range is not in the grammar."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def desugared(alternatives: list[str], *, lowest: Identifiers) -> tuple[ComparatorSet, ...]:
    """Returns the alternatives desugared; ``lowest`` is the pre-release where an open part begins."""
    sets = [_alternative(text, lowest) for text in alternatives]
    sets = [bounds for bounds in sets if bounds != _NOTHING] or [_NOTHING]
    # "* || 1.0.0-beta" is "*" to npm: the pre-release that the second part asks for is lost.
    return (_ANY,) if _ANY in sets else tuple(sets)


def _alternative(text: str, lowest: Identifiers) -> ComparatorSet:
    bare = _BUILD_METADATA.sub("", text)
    hyphen = _HYPHEN.fullmatch(bare)
    if hyphen is not None:
        bounds = _hyphen_bounds(hyphen, lowest)
    else:
        bare = _SPACE_AFTER_OPERATOR.sub(r"\1\2\3", bare)
        bare = _SPACE_AFTER_TILDE.sub("~", bare).replace("^ ", "^")
        bounds = [bound for token in bare.split(" ") for bound in _token_bounds(token, lowest)]
    if _NOTHING[0] in bounds:
        return _NOTHING
    everything = Comparator(">=", Version(0, 0, 0, lowest))
    return tuple(dict.fromkeys(bound for bound in bounds if bound != everything))


@dataclass(frozen=True, slots=True)
class _Partial:
    """A version whose later parts may be open: left out, ``x``, ``X`` or ``*``."""

    source: str
    parts: tuple[str | None, ...]
    prerelease: Identifiers

    @classmethod
    def of(cls, match: re.Match[str], first: int) -> _Partial:
        major, minor, patch, prerelease = match.group(first, first + 1, first + 2, first + 3)
        identifiers = prerelease_identifiers(prerelease) if prerelease else ()
        return cls(match.group(), (major, minor, patch), identifiers)

    @property
    def known(self) -> int:
        """How many parts stand before the first open one: 0 to 3."""
        return next((n for n, part in enumerate(self.parts) if part is None or part in "xX*"), 3)

    def floor(self, lowest: Identifiers) -> Version:
        """The first version that the parts allow; a full one is its own floor."""
        numbers = [int(part or 0) for part in self.parts[: self.known]]
        prerelease = self.prerelease if self.known == 3 else lowest
        return self._version([*numbers, 0, 0][:3], prerelease)

    def after(self, position: int) -> Version:
        """The lowest version whose number at a position is one higher."""
        numbers = [int(part or 0) for part in self.parts[: position + 1]]
        numbers[position] += 1
        return self._version([*numbers, 0, 0][:3], LOWEST)

    def _version(self, numbers: list[int], prerelease: Identifiers) -> Version:
        major, minor, patch = numbers
        version = Version(major, minor, patch, prerelease)
        values = (*numbers, *prerelease)
        if (
            any(isinstance(n, int) and n > MAX_NUMBER for n in values)
            or len(str(version)) > MAX_VERSION_LENGTH
        ):
            raise MalformedRangeError(self.source)
        return version


def _token_bounds(token: str, lowest: Identifiers) -> list[Comparator]:
    """Returns the bounds of one token between spaces; none for an empty one."""
    match = _COMPARATOR.fullmatch(token)
    if match is None or _has_number_after_wildcard(match):
        return _starred_bounds(token)
    op, prefix = match.group(1, 2)
    partial = _Partial.of(match, 3)
    if op.startswith(("^", "~")):
        return _span(partial, _caret_position(partial) if op == "^" else min(partial.known - 1, 1), lowest)
    if partial.known == 3:
        # npm lets "==1.x" and "vv1.x" pass, and neither "==1.2.3" nor "vv1.2.3".
        if prefix not in ("", "v"):
            raise MalformedRangeError(token)
        return [Comparator(op or "=", partial.floor(lowest))]
    return _open_bounds(op, partial, lowest)


def _has_number_after_wildcard(match: re.Match[str]) -> bool:
    """Whether it is as ``x.1`` or ``1.x.3``, which only ``^``, ``~`` and hyphen ranges overlook."""
    if match.group(1).startswith(("^", "~")):
        return False
    parts = match.group(3, 4, 5)
    open_at = next((n for n, part in enumerate(parts) if part is None or part in "xX*"), 3)
    return any(part is not None and part not in "xX*" for part in parts[open_at:])


def _starred_bounds(token: str) -> list[Comparator]:
    """Returns the bounds of a token outside the grammar: npm drops its first star and looks again."""
    rest = _STAR.sub("", token, count=1)
    if not rest:
        return []
    match = _COMPARATOR.fullmatch(rest)
    if match is None or match.group(1)[:1] in ("^", "~") or match.group(2) not in ("", "v"):
        raise MalformedRangeError(token)
    partial = _Partial.of(match, 3)
    if partial.known != 3:
        raise MalformedRangeError(token)
    return [Comparator(match.group(1) or "=", partial.floor(()))]


def _caret_position(partial: _Partial) -> int:
    """Returns which number a caret holds fixed: the first that is not 0, or the last known."""
    known = partial.known
    return next((n for n, part in enumerate(partial.parts[:known]) if part != "0"), known - 1)


def _span(partial: _Partial, position: int, lowest: Identifiers) -> list[Comparator]:
    """Returns the bounds from a version up to the next number at a position; none when all is open."""
    if partial.known == 0:
        return []
    return [Comparator(">=", partial.floor(lowest)), Comparator("<", partial.after(position))]


def _open_bounds(op: str, partial: _Partial, lowest: Identifiers) -> list[Comparator]:
    """Returns the bounds of an operator before a version with open parts."""
    last = partial.known - 1
    if partial.known == 0:
        return [*_NOTHING] if op in ("<", ">") else []
    match op:
        case ">":  # after everything that the parts stand for
            beyond = partial.after(last)
            return [Comparator(">=", Version(beyond.major, beyond.minor, beyond.patch, lowest))]
        case ">=":
            return [Comparator(">=", partial.floor(lowest))]
        case "<":
            return [Comparator("<", partial.floor(LOWEST))]
        case "<=":
            return [Comparator("<", partial.after(last))]
        case _:
            return _span(partial, last, lowest)


def _hyphen_bounds(match: re.Match[str], lowest: Identifiers) -> list[Comparator]:
    """Returns the bounds of ``A - B``: from the floor of A up to and with everything that B stands for."""
    low, high = _Partial.of(match, 2), _Partial.of(match, 7)
    # npm keeps the written text of a full version, so that only a prefix it knows elsewhere passes.
    if low.known == 3 and match.group(1) not in ("", "v"):
        raise MalformedRangeError(match.group())
    if high.known == 3 and not high.prerelease and match.group(6) not in ("", "v"):
        raise MalformedRangeError(match.group())
    bounds = []
    if low.known:
        floor = low.floor(lowest)
        bounds.append(Comparator(">=", floor if floor.prerelease else Version(*floor.precedence[:3], lowest)))
    if high.known == 3 and (high.prerelease or not lowest):
        bounds.append(Comparator("<=", high.floor(lowest)))
    elif high.known:
        bounds.append(Comparator("<", high.after(high.known - 1)))
    return bounds
