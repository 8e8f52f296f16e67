"""The error model: every failure that a user can cause, as one kind of exception.

A ``TankError`` says what happened, why, and what to type or edit. It knows its
HTTP status and the exit code of ``tank``. Subclasses stand beside the code that
raises them; this module decides only their shape. Codes are kebab-case, unique
and never reused, because people search for them and scripts match on them.

Source: FORMATS, "Exit codes of tank" and "HTTP"; RFC 9457 for the wire form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_CLASSES_BY_CODE: dict[str, str] = {}
_EVIDENCE_LIMIT = 200  # characters of a caller's text that an error repeats


class ExitCode(IntEnum):
    """The exit codes of ``tank``, a contract with scripts."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    NETWORK = 5
    INTEGRITY = 6
    POLICY = 7
    VERDICT = 8
    LOCK = 9
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One of several independent problems that are reported together.

    Attributes:
        where: what the problem is in, such as ``skills.json: capabilities.network``.
        what: what is wrong there, one sentence.
        fix: what to type or edit.
    """

    where: str
    what: str
    fix: str


class TankError(Exception):
    """A failure that a person can act on.

    Subclasses set ``code``, ``status`` and ``exit_code``; the instance carries
    the words. ``problems`` lists independent causes, already sorted.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 400
    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        code = cls.__dict__.get("code")
        if code is None:
            return
        if not _CODE.fullmatch(code):
            raise TypeError(f"{cls.__name__}: error code {code!r} is not kebab-case")
        name = f"{cls.__module__}.{cls.__qualname__}"
        if _CLASSES_BY_CODE.setdefault(code, name) != name:
            raise TypeError(f"error code {code!r} is taken by {_CLASSES_BY_CODE[code]}")

    def __init__(self, what: str, *, why: str, fix: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.problems = problems

    @property
    def docs(self) -> str:
        """The anchor of this error's entry in docs/errors.md."""
        return f"docs/errors.md#{self.code}"

    def __str__(self) -> str:
        return f"{self.what} ({self.code})"


def quoted(text: str) -> str:
    """Returns text from an untrusted source, escaped, shortened and in quotes."""
    shown = text if len(text) <= _EVIDENCE_LIMIT else text[:_EVIDENCE_LIMIT] + "…"
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    return f"“{escaped}”"
