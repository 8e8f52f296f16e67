"""What an evasion is: a way to write the files of a skill otherwise, so that they do the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

Files = Mapping[str, str]
Rewrite = Callable[[str, Random], str | None]

EXTENSIONS = {
    ".py": "python",
    ".js": "javascript",
    ".sh": "shell",
    ".ps1": "powershell",
    ".rb": "ruby",
    ".md": "markdown",
    ".json": "json",
}
_TAGS = {"python": "python", "bash": "shell", "sh": "shell", "powershell": "powershell", "js": "javascript"}
BLOCK = re.compile(r"^(?P<mark>```)(?P<tag>\w*)\n(?P<code>(?:(?!```).*\n)*)```$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Evasion:
    """One way to write a sample otherwise.

    Attributes:
        name: what is done, in words.
        group: what it is done to: a language, ``place``, ``prose`` or ``config``.
        apply: files → other files; None where there is nothing to do it to.
    """

    name: str
    group: str
    apply: Callable[[Files, Random], Files | None]


def language_of(path: str) -> str:
    """Returns the language that a file of a sample is in; empty when no evasion is for it."""
    return EXTENSIONS.get(path[path.rfind(".") :], "")


def of_code(name: str, language: str, rewrite: Rewrite) -> Evasion:
    """Returns an evasion that rewrites each text of a language: files, and blocks of Markdown."""

    def text(path: str, content: str, random: Random) -> str:
        if language_of(path) == language:
            return rewrite(content, random) or content
        if language_of(path) != "markdown":
            return content
        return BLOCK.sub(lambda match: _block(match, random), content)

    def _block(match: re.Match[str], random: Random) -> str:
        if _TAGS.get(match["tag"]) != language:
            return match.group()
        code = rewrite(match["code"], random)
        return match.group() if code is None else f"```{match['tag']}\n{code.rstrip()}\n```"

    def apply(files: Files, random: Random) -> Files | None:
        found = {path: text(path, content, random) for path, content in files.items()}
        return found if found != files else None

    return Evasion(name, language, apply)


def halves(text: str, random: Random, count: int = 2) -> list[str]:
    """Returns a text in pieces of at least one character, cut at random places."""
    if len(text) < count:
        return [text]
    cuts = sorted(random.sample(range(1, len(text)), count - 1))
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
