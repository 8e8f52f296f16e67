"""The content that every tool installs: 100 skills, 2,000 files, 5 MB, and the same bytes in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SKILLS, FILES, FILE_BYTES = 100, 20, 2_500
_ORGS = 10
_PROSE = (
    "agent archive branch budget bundle cache check commit config deploy digest error every file folder "
    "format from graph header import index install into issue label line list lock merge name note option "
    "output parse path plan project query range read release report request result review root rule run "
    "schema script search section server set sign skill sort source stage state step store table target "
    "task test text that the then this to token tool tree type under update user value verify version when "
    "where which with write"
)
_WORDS = _PROSE.split()


@dataclass(frozen=True)
class Skill:
    """One skill. ``files``: path → content, without the two that its registry derives from its name."""

    org: str
    name: str
    version: str
    files: Mapping[str, bytes]

    @property
    def full_name(self) -> str:
        return f"@{self.org}/{self.name}"


def corpus(count: int = SKILLS, files: int = FILES) -> tuple[Skill, ...]:
    """Returns the skills; ``files`` of each include SKILL.md, skills.json and scripts/run.sh."""
    return tuple(_skill(number, files) for number in range(count))


def _skill(number: int, files: int) -> Skill:
    chance = random.Random(f"skill {number}")  # noqa: S311  # content, not a secret
    contents = {f"references/part-{part}.md": _text(chance) for part in range(files - 3)}
    return Skill(f"org-{number % _ORGS}", f"skill-{number}", f"1.{number % 7}.{number % 5}", contents)


def _text(chance: random.Random) -> bytes:
    """Returns prose that packs about as well as prose does."""
    size = int(FILE_BYTES * chance.uniform(0.6, 1.75))
    return "".join(_lines(chance, size)).encode()


def _lines(chance: random.Random, size: int) -> Iterator[str]:
    written = 0
    while written < size:
        line = " ".join(chance.choices(_WORDS, k=chance.randint(6, 14))).capitalize() + ".\n"
        written += len(line)
        yield line
