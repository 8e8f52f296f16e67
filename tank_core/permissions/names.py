"""Program names of ``subprocess`` and environment variables of ``secrets``: plain names, matched exactly.

Source: FORMATS, "Permission shape"; POSIX.1-2017, 8.1 "Environment Variable Definition".
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from tank_core.permissions.refusal import InvalidEntryError

_PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class AnyProgram(Enum):
    """``"subprocess": true``: any program at all."""

    ANY = "*"


ANY_PROGRAM: Final = AnyProgram.ANY


def program(text: str) -> str:
    """Returns the name of a program, as found on the PATH.

    Raises:
        InvalidEntryError: it is a path, has a space, or is otherwise no plain name.
    """
    if _PROGRAM.fullmatch(text):
        return text
    if "/" in text or "\\" in text:
        raise InvalidEntryError("is a path", "write the program's name alone, such as git")
    if text == "*":
        raise InvalidEntryError("is a wildcard", 'write "subprocess": true for any program')
    raise InvalidEntryError(
        "is not the name of a program", "write the name alone, without arguments, such as git"
    )


def variable(text: str) -> str:
    """Returns the name of an environment variable.

    Raises:
        InvalidEntryError: it is none; wildcards are not known here.
    """
    if _VARIABLE.fullmatch(text):
        return text
    raise InvalidEntryError(
        "is not the name of an environment variable",
        "write letters, digits and underscores, such as GITHUB_TOKEN",
    )
