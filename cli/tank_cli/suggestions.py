"""What somebody meant who typed a word that Tank does not know.

First the words that npm, pip and cargo use for what Tank calls otherwise, then the
nearest spelling. Nothing is guessed at and run: a suggestion is only shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CUTOFF = 0.5  # `serach` is like `search`, and `frobnicate` like nothing

# Words of other package managers → what to type after `tank`. Only those that are no command,
# and no alias, of Tank's; the table is asked first.
HABITS: dict[str, str] = {
    "adduser": "login",
    "check": "verify",
    "clean-install": "ci",
    "create": "init",
    "dedupe": "update",
    "explain": "why",
    "freeze": "list",
    "help": "--help",
    "import": "migrate",
    "la": "list",
    "ll": "list",
    "lock": "install",
    "new": "init",
    "prune": "install",
    "show": "info",
    "sync": "ci",
    "tree": "list",
    "undeprecate": "deprecate --undo",
    "unpublish": "yank",
    "version": "--version",
    "view": "info",
}

# What others have and Tank has not → what does its work here.
ABSENT: dict[str, str] = dict.fromkeys(
    ("dist-tag", "dist-tags", "tag"),
    "Skills have no tags: a name alone means the newest version, and `tank info NAME` lists all.",
)


def nearest(word: str, known: Iterable[str], *, likeness: float = _CUTOFF) -> str:
    """Returns the known word that is spelled most like a word; "" when none is at least so much like it."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=likeness)
    return found[0] if found else ""


def fix_for_command(word: str, known: Iterable[str]) -> str:
    """Returns what to say to somebody who typed `tank WORD`, which is no command.

    Args:
        word: as typed.
        known: every command and alias.
    """
    if word in HABITS:
        return f"What others call “{word}” is `tank {HABITS[word]}` here."
    if word in ABSENT:
        return ABSENT[word]
    near = nearest(word, known)
    return f"Did you mean `tank {near}`?" if near else "Run `tank --help` for the list."
