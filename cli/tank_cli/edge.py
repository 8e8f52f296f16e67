"""The outermost edge: runs one command line, and turns every failure into words and an exit code.

The two commands that run most, and run unattended, have nothing to parse when they come
without options; click, which costs as much as all of their checks, is then not loaded.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tank_cli import failures
from tank_cli.console import Console
from tank_cli.context import Surroundings
from tank_core.errors import ExitCode, TankError

_BROKEN_PIPE = 128 + 13
_COMPLETION = "_TANK_COMPLETE"


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; nothing is raised."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    environment = dict(os.environ)
    # A stream that the caller closed is None.
    console = Console.of(
        sys.stdout or _nowhere(), sys.stderr or _nowhere(), environment, as_json="--json" in options
    )
    try:
        code = _answered(arguments, options, console, environment)
        console.stdout.flush()  # what cannot be written is to be known before the end
        return code
    except OSError as error:  # of our own streams alone: every other was told
        return unwritten(error, console)


def _answered(
    arguments: Sequence[str], options: Sequence[str], console: Console, environment: dict[str, str]
) -> int:
    """Runs one command line; whatever fails is told.

    Raises:
        BrokenPipeError: nobody reads any more, neither the answer nor the error.
    """
    try:
        return _run(arguments, Surroundings(console, environment, _working_directory(), sys.stdin))
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return _fail(console, _interrupted())
    except TankError as error:
        return _fail(console, error)
    except Exception as error:  # a defect must not look like a stack of files
        if "--debug" in options:
            import traceback

            traceback.print_exc(file=console.stderr)
        refused = _refused(error)
        code = _fail(console, refused or internal_error(error))
        if refused and not console.as_json:  # if it was our output that was refused, that is said
            with contextlib.suppress(OSError):
                console.stdout.flush()
                return code
            _mute()
        return code


def _refused(error: Exception) -> failures.SystemRefusedError | None:
    """Returns the error for what the machine refused; None for a defect."""
    from tank_cli.system_refusals import system_refused

    return system_refused(error)


def unwritten(error: OSError, console: Console | None = None) -> int:
    """Ends a command whose answer cannot be written, and returns its exit code.

    Where the reader went away, as after `head`, nothing is said, and it ends as other programs whose
    signal is not held back: 128 and the number of SIGPIPE.
    """
    _mute()
    if isinstance(error, BrokenPipeError):
        return _BROKEN_PIPE
    told = failures.SystemRefusedError(
        f"The answer cannot be written: {error.strerror or error}.",
        why="What stdout leads to takes no more.",
        fix="Make room there, or lead it elsewhere; what the command did is done.",
    )
    with contextlib.suppress(OSError):
        _say(console or Console.of(sys.stdout, sys.stderr, os.environ), told)
    return int(ExitCode.FAILURE)


def _mute() -> None:
    """Leads stdout nowhere; Python would complain at exit of what it cannot write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise failures.UsageError(
            "The working directory is gone.",
            why="Somebody removed or replaced it while this shell was in it.",
            fix="Go to a directory that exists: cd",
        ) from None


def _run(arguments: Sequence[str], surroundings: Surroundings) -> int:
    instruction = surroundings.environment.get(_COMPLETION)
    if instruction is None and list(arguments) in (["install"], ["ci"]):
        from tank_cli.install_options import run_plainly

        return run_plainly(surroundings, is_frozen=list(arguments) == ["ci"])
    from tank_cli import app

    return app.invoke(arguments, surroundings) if instruction is None else app.complete(instruction)


def internal_error(error: Exception) -> failures.InternalError:
    """Returns the error for a failure that nobody foresaw."""
    return failures.InternalError(
        f"Unexpected {type(error).__name__}: {error}",
        why="This is a defect in Tank, or the machine refused something ordinary such as writing a file.",
        fix="Run it again with --debug, and report what it prints.",
    )


def _interrupted() -> failures.InterruptedByUserError:
    return failures.InterruptedByUserError(
        "Interrupted.",
        why="You pressed Ctrl-C, or the input ended.",
        fix="Run the command again; nothing is half-written.",
    )


def _fail(console: Console, error: TankError) -> int:
    if console.as_json:
        console.show(failures.document(error), ())
    else:
        console.progress("")
        _say(console, error)
    return failures.exit_code_of(error)


def _say(console: Console, error: TankError) -> None:
    head, *rest = failures.lines(error)
    label, colon, text = head.partition("]: ")
    console.say(text, label=console.style_err(label + colon.rstrip(), "red") + " ")
    for line in rest:
        console.say(line)
