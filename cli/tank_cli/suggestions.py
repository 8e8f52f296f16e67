"""What somebody meant who typed a word that Tank does not know.

First the words that npm, pip and cargo use for what Tank calls otherwise, then the
nearest spelling. Nothing is guessed at and run: a suggestion is only shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CUTOFF = 0.7  # `serach` is like `search`; `test` is not like `trust`, nor `run` like anything
_PREFIX = 3  # so many letters of one word alone are it, cut short

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
    "import": "migrate",
    "la": "list",
    "ll": "list",
    "ln": "link",
    "lock": "install --lock-only",
    "new": "init",
    "ping": "doctor",
    "prune": "install",
    "r": "remove",
    "show": "info",
    "store": "cache",
    "sync": "ci",
    "tree": "list",
    "un": "remove",
    "undeprecate": "deprecate --undo",
    "unpublish": "yank",
    "version": "--version",
    "view": "info",
}

# What others have and Tank has not → what does its work here.
ABSENT: dict[str, str] = {
    **dict.fromkeys(
        ("dist-tag", "dist-tags", "tag"),
        "Skills have no tags: a name alone means the newest version, and `tank info NAME` lists all.",
    ),
    **dict.fromkeys(
        ("dlx", "exec", "npx", "run", "run-script", "start", "test", "x"),
        "Tank runs nothing of a skill: your agent does, from the folders that `tank doctor` names.",
    ),
    **dict.fromkeys(
        ("bugs", "docs", "home", "repo"), "`tank info NAME` shows where its source and its pages are."
    ),
    **dict.fromkeys(("c", "get", "set"), "Settings are `tank config get`, `set`, `unset` and `ls`."),
    "help": "Run `tank --help`, or `tank COMMAND --help` for one command.",
    "pip": "Leave `pip` out: `tank install @org/name`.",
}

# Words that name one subcommand, in every group that has the other: npm, pip and cargo are divided as well.
TWINS: dict[str, str] = {"list": "ls", "ls": "list", "remove": "rm", "rm": "remove"}

# A group, and a word that others use behind it → what to type.
HABITS_OF_GROUPS: dict[str, dict[str, str]] = {
    "tank cache": {
        "dir": "tank config get cache-dir",
        "path": "tank config get cache-dir",
        "prune": "tank cache clean",
        "purge": "tank cache clean --all",
    },
    "tank config": {"delete": "tank config unset", "remove": "tank config unset", "rm": "tank config unset"},
    "tank org": {"list": "tank whoami", "ls": "tank whoami"},
    "tank token": {"delete": "tank token revoke", "rm": "tank token revoke"},
}


def nearest(word: str, known: Iterable[str], *, likeness: float = _CUTOFF) -> str:
    """Returns the known word that a word is the beginning of, or is spelled most like; "" when there is none."""
    words = sorted(known)
    longer = [one for one in words if len(word) >= _PREFIX and one.startswith(word)]
    if len(longer) == 1:
        return longer[0]
    found = difflib.get_close_matches(word, words, n=1, cutoff=likeness)
    return found[0] if found else ""


def fix_for_subcommand(path: str, word: str, known: Iterable[str]) -> str:
    """Returns what to say to somebody who typed a word behind a group that is none of its commands.

    Args:
        path: the group as typed, such as ``tank config``.
        word: as typed.
        known: the group's commands.
    """
    meant = HABITS_OF_GROUPS.get(path, {}).get(word)
    if meant:
        return f"What others call “{word}” is `{meant}` here."
    near = nearest(word, known)
    return f"Did you mean `{path} {near}`?" if near else f"Run `{path} --help`."


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
