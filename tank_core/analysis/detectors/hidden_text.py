"""Characters that a reader does not see and an agent does.

Tag characters spell out ASCII invisibly, bidirectional controls reorder what is
displayed, and zero-width characters split words so that filters miss them. Emoji
sequences and scripts that need joiners are left alone.

Source: Unicode 16.0, section 23.2 and 23.9; CVE-2021-42574.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package

# A flag of a region is a black flag, its code of three to six tags, and the end tag; more tags spell words.
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
_TAGS = re.compile(f"{_FLAG}|(?P<hidden>[\U000e0001\U000e0020-\U000e007f]{{3,}}+)")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZERO_WIDTH = re.compile("(?<=[A-Za-z])[\u200b-\u200d\u2060\ufeff\u00ad\u180e]++(?=[A-Za-z])")


_RUN = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u180e]{24,}+")


def tag_characters(package: Package) -> Iterator[Hit]:
    """Yields each run of tag characters, with what it spells."""
    for source in package.sources:
        for match in _TAGS.finditer(source.text):
            if match["hidden"] is None:
                continue
            spelled = "".join(chr(ord(c) - 0xE0000) for c in match.group() if 0x20 <= ord(c) - 0xE0000 < 0x7F)
            yield hit_at(source, match.start(), evidence=f"invisible text: {spelled}")


def bidirectional_controls(package: Package) -> Iterator[Hit]:
    """Yields each bidirectional control."""
    for source in package.sources:
        for match in _BIDI.finditer(source.text):
            yield hit_at(source, match.start())


def zero_width_characters(package: Package) -> Iterator[Hit]:
    """Yields each place where an invisible character splits a Latin word."""
    for source in package.sources:
        for match in _ZERO_WIDTH.finditer(source.text):
            yield hit_at(source, match.start())


def zero_width_runs(package: Package) -> Iterator[Hit]:
    """Yields each run of so many invisible characters that they hold a text, bit by bit."""
    for source in package.sources:
        for match in _RUN.finditer(source.text):
            spelled = _spelled(match.group())
            yield hit_at(
                source, match.start(), evidence=f"{len(match.group())} invisible characters{spelled}"
            )


def _spelled(run: str) -> str:
    """Returns what two kinds of characters spell as bits of bytes, as text to append; empty when nothing readable."""
    kinds = list(dict.fromkeys(run))[:2]
    for zero in kinds:
        bits = "".join("0" if character == zero else "1" for character in run)
        octets = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))
        if octets and all(0x20 <= octet < 0x7F or octet in b"\t\n" for octet in octets):
            return f" that spell: {octets.decode('ascii')}"
    return ""
