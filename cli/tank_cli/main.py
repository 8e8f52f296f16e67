"""The entry point: answers at once what needs no command, and hands everything else on.

Start-up time is felt on every call, so this module imports ``sys`` alone, not even the
names of types, which would load ``collections``; the rest is imported by the command
that needs it. Version and overview are text, an install whose every input is as the
last one left it is answered by ``settled``, and installed files that are all as they
should be are hashed by ``hashing``.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs ``tank`` and returns its exit code.

    Args:
        argv: the arguments after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_streams()
    try:
        said = _at_once(arguments)
        if said is not None:
            sys.stdout.write(said)
            sys.stdout.flush()
            return 0
        return _as_process(arguments) if argv is None else _run(arguments)
    except OSError as error:  # the reader of our output went away, or its disk is full
        from tank_cli.edge import unwritten

        return unwritten(error)
    except KeyboardInterrupt:  # before the command began: there is nothing to say yet
        return 130


def _run(arguments: list[str]) -> int:
    from tank_cli.edge import run

    return run(arguments)


def _as_process(arguments: list[str]) -> int:
    """Runs a command in a process of its own, which ends before much of its memory could be used again."""
    import gc

    gc.set_threshold(100_000, 50, 50)  # saves 4 to 6 % of every command
    try:
        return _run(arguments)
    finally:
        gc.freeze()  # the interpreter would look for cycles in all of it once more before it ends


def _at_once(arguments: list[str]) -> str | None:
    """Returns what can be said without importing a command; None for everything else."""
    if arguments in (["--version"], ["-V"]):
        from tank_cli import __version__

        return f"tank {__version__}\n"
    if arguments in (["--help"], ["-h"]):
        from tank_cli import overview

        found = overview.lines()
        return None if found is None else "\n".join([*found, ""])
    return _of_project(arguments)


def _of_project(arguments: list[str]) -> str | None:
    """Returns what a note of the project that we are in allows to say; None for everything else."""
    is_install = arguments in (["install"], ["ci"])
    is_hashing = arguments[:1] == ["verify"] and sorted(arguments[1:]) in (["--files"], ["--files", "--json"])
    if not is_install and not is_hashing:
        return None
    import os

    try:
        folder = os.getcwd()
    except FileNotFoundError:  # it is gone, which is told where all errors are
        return None
    if is_install:
        from tank_cli import settled

        return settled.answer(os.environ, folder)
    from tank_cli import hashing

    return hashing.answer(os.environ, folder, as_json="--json" in arguments)


def _open_streams() -> None:
    """Gives a process whose streams were closed others that lead nowhere, as `>&-` and some schedulers do."""
    import os

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
