"""Likeness of two skills' names: whether a reader would take the one for the other, and how.

Names of one organisation are never alike: it may name its skills as it likes. Of two
organisations', from the closest to the loosest:

- look-alike: the same letters to the eye, without hyphens and slash: ``@acrne/pdf``, ``@acme-p/df``.
- slip: one letter added, left out, changed, or swapped with its neighbour, anywhere in the name.
- affix: the organisation differs by a word that claims to be the same one: ``@acme-official/pdf``.
- reordered: the same words in another order: ``@pdf/acme-tools``.
- namesake: only the skill's own part is the same, and is more than one word. That is a trifle: scopes exist for it.

What differs in digits alone, where both have one, is a series (``@team1``, ``@team2``) and no likeness.

Two names that are alike share one of ``keys_of``. So a store that keeps the keys of
every name finds those that a new one may imitate without reading all names. Who
imitates whom, likeness does not say: that is for age (``imitated_skill``).

Source: PyPI's ``ultranormalize_name`` (separators, ``0o`` and ``1il``); UTS 39, 4 and its confusables for
``rn``; crates.io's typomania (swapped words, repeated and swapped letters); Garbe's symmetric deletion for
the keys: two words are one slip apart only if they or they without one letter meet.
"""

from __future__ import annotations

import re
from enum import StrEnum

from tank_core.names import SkillName

MIN_LENGTH = 5  # of organisation and own part together; what is shorter is alike by chance
_MIN_CHANGED_PART = 5  # letters of a part in which one letter is another; four that differ are two words
_MIN_LONGER_PART = 4
_MIN_NAMESAKE = 8  # letters; and at least two words, because one word is anybody's

_PAIRS = (("rn", "m"), ("vv", "w"), ("ci", "d"))  # after ``_LETTERS``, which makes ``cl`` such a pair, too
_LETTERS = str.maketrans({"0": "o", "1": "i", "l": "i", "5": "s", "3": "e"})
_DIGITS = re.compile(r"\d+")
# fmt: off
# Words that claim to be the very organisation, and change nothing of whose name it is.
_AFFIXES = frozenset(
    [
        "official", "verified", "original", "real", "true", "the", "get", "use", "try", "my", "go", "team", "hq",
        "inc", "corp", "llc", "ltd", "gmbh", "co", "io", "ai", "app", "dev", "labs"
    ]
)
# fmt: on
_GLUED = re.compile(r"(?:official|team|hq|inc|labs|dev|app|ai|io)$")
_MIN_GLUED_TO = 4


class Likeness(StrEnum):
    """How two names are alike; see the module. ``is_close``: a reader would not see the difference."""

    LOOK_ALIKE = "look-alike"
    SLIP = "slip"
    AFFIX = "affix"
    REORDERED = "reordered"
    NAMESAKE = "namesake"

    @property
    def is_close(self) -> bool:
        """Whether somebody who knows the one name would take the other for it."""
        return self is not Likeness.NAMESAKE


def likeness(one: SkillName, other: SkillName) -> Likeness | None:
    """Returns how two names are alike, the closest way, or None; the order of the two does not matter."""
    if one.org == other.org or _is_series(one, other):
        return None
    ways = (
        (Likeness.LOOK_ALIKE, _joined(one) == _joined(other) and len(_joined(one)) >= MIN_LENGTH),
        (Likeness.SLIP, _has_slipped(one, other)),
        (Likeness.AFFIX, _by_core(one) == _by_core(other) and len(_by_core(one)) > MIN_LENGTH),
        (Likeness.REORDERED, _words(one) == _words(other) and len(_words(one)) > MIN_LENGTH),
        (Likeness.NAMESAKE, _own(one) == _own(other) and _is_distinct(one) and _is_distinct(other)),
    )
    return next((way for way, holds in ways if holds), None)


def keys_of(name: SkillName) -> tuple[str, ...]:
    """Returns the keys by which names that are alike are found, sorted; about as many as it has letters."""
    joined = _joined(name)
    shortened = {joined[:i] + joined[i + 1 :] for i in range(len(joined))}
    kinds = {"affix": _by_core(name), "namesake": _own(name), "words": _words(name)}
    return tuple(
        sorted({f"slip:{text}" for text in (joined, *shortened)} | {f"{k}:{v}" for k, v in kinds.items()})
    )


def folded(text: str) -> str:
    """Returns a part of a name as the eye takes it: without hyphens, letters that look alike as one."""
    plain = text.replace("-", "").translate(_LETTERS)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _joined(name: SkillName) -> str:
    return folded(f"{name.org}-{name.name}")


def _own(name: SkillName) -> str:
    return folded(name.name)


def _words(name: SkillName) -> str:
    return " ".join(sorted(folded(word) for word in f"{name.org}-{name.name}".split("-")))


def _by_core(name: SkillName) -> str:
    """Returns the name with an organisation that claims nothing: ``@the-acmehq/pdf`` as ``@acme/pdf``."""
    core = [word for word in name.org.split("-") if word not in _AFFIXES] or name.org.split("-")
    if len(core) == 1 and len(bare := _GLUED.sub("", core[0])) >= _MIN_GLUED_TO:
        core = [bare]
    return f"{folded('-'.join(core))}/{_own(name)}"


def _is_distinct(name: SkillName) -> bool:
    return "-" in name.name and len(name.name) >= _MIN_NAMESAKE


def _is_series(one: SkillName, other: SkillName) -> bool:
    return _DIGITS.sub("#", str(one)) == _DIGITS.sub("#", str(other))


def _has_slipped(one: SkillName, other: SkillName) -> bool:
    left, right = _joined(one), _joined(other)
    shortest = min(map(len, _differing(one, other)))
    is_changed = len(left) == len(right) and sorted(left) != sorted(right)
    return is_slip(left, right) and shortest >= (_MIN_CHANGED_PART if is_changed else _MIN_LONGER_PART)


def _differing(one: SkillName, other: SkillName) -> tuple[str, str]:
    """Returns what has to be long enough for a slip to mean anything: the part of each in which they differ."""
    if _own(one) == _own(other):
        return folded(one.org), folded(other.org)
    return _joined(one), _joined(other)


def is_slip(one: str, other: str) -> bool:
    """Returns whether one letter is added, left out, changed, or swapped with its neighbour."""
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return bool(left) and (left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:]))
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return longer[1:] == shorter
