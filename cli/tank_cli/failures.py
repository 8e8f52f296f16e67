"""How a failure is shown: on a terminal in at most 80 columns, and as one JSON document.

Every error of this program and of the registry ends here; the exit code is
decided here too.
"""

from __future__ import annotations

from collections.abc import Iterator

from tank_cli.console import printable
from tank_cli.exit_codes import exit_code_for
from tank_cli.folding import wrapped
from tank_core.errors import ExitCode, Problem, TankError


class UsageError(TankError):
    """The command line is wrong."""

    code = "usage"
    exit_code = ExitCode.USAGE


class InterruptedByUserError(TankError):
    """The person pressed Ctrl-C."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


class InternalError(TankError):
    """A defect of Tank, or of the machine below it: nothing that the person did."""

    code = "unexpected-error"
    status = 500


class SystemRefusedError(TankError):
    """The machine refused to read or write a file: rights, a full disk, a file system that is read-only."""

    code = "system-refused"


class RegistryError(TankError):
    """The registry said no. Carries the registry's own code, words and request id.

    Attributes:
        remote_code: the registry's code, which scripts see in place of this class's own.
        http_status: the status of its answer.
        request_id: what to quote when asking the registry's operator; "" when it gave none.
    """

    code = "registry-error"

    def __init__(
        self,
        what: str,
        *,
        why: str,
        fix: str,
        problems: tuple[Problem, ...] = (),
        remote_code: str,
        http_status: int,
        request_id: str = "",
        exit_code: ExitCode | None = None,
    ) -> None:
        super().__init__(what, why=why, fix=fix, problems=problems)
        self.remote_code = remote_code
        self.http_status = http_status
        self.request_id = request_id
        self.remote_exit_code = exit_code or exit_code_for(remote_code, http_status)


def code_of(error: TankError) -> str:
    """Returns the code that people and scripts see."""
    return error.remote_code if isinstance(error, RegistryError) else error.code


def exit_code_of(error: TankError) -> int:
    """Returns the exit code of ``tank`` for an error."""
    if isinstance(error, RegistryError):
        return int(error.remote_exit_code)
    return int(error.exit_code)


def document(error: TankError) -> dict[str, object]:
    """Returns the error as the JSON document of ``--json``."""
    code = code_of(error)
    return {
        "error": {
            "code": code,
            "what": error.what,
            "why": error.why,
            "fix": error.fix,
            "docs": f"docs/errors.md#{code}",
            "request_id": error.request_id if isinstance(error, RegistryError) else "",
            "problems": [{"where": p.where, "what": p.what, "fix": p.fix} for p in error.problems],
        }
    }


def lines(error: TankError) -> Iterator[str]:
    """Yields the error as text: the head line, why, fix, and each problem, all aligned."""
    yield from _block(f"error[{code_of(error)}]: ", error.what, indent="  ")
    for problem in error.problems:
        yield ""
        yield from _block("  ", problem.where, indent="    ")
        yield from _block("    what: ", problem.what)
        yield from _block("    fix:  ", problem.fix)
    if error.problems:
        yield ""
    yield from _block("  why: ", error.why)
    yield from _block("  fix: ", error.fix)
    if isinstance(error, RegistryError) and error.request_id:
        yield from _block("  request: ", error.request_id)


def _block(label: str, text: str, indent: str | None = None) -> Iterator[str]:
    """Yields wrapped text behind a label; a word too long for the line, such as a path, stays whole."""
    if not text:
        return
    following = " " * len(label) if indent is None else indent
    for number, paragraph in enumerate(text.splitlines()):
        first = label if number == 0 else following
        yield from wrapped(printable(paragraph), before=first, following=following)
