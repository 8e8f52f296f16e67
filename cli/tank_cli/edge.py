"""The outermost edge: runs one command line, and turns every failure into words and an exit code.

The two commands that run most, and run unattended, have nothing to parse when they come
without options; click, which costs as much as all of their checks, is then not loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tank_cli import failures
from tank_cli.console import Console
from tank_cli.context import Surroundings
from tank_core.errors import ExitCode, TankError

_COMPLETION = "_TANK_COMPLETE"


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; nothing is raised."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    environment = dict(os.environ)
    console = Console.of(sys.stdout, sys.stderr, environment, as_json="--json" in options)
    surroundings = Surroundings(console, environment, Path.cwd(), sys.stdin)
    try:
        return _run(arguments, surroundings)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return int(ExitCode.FAILURE)
    except KeyboardInterrupt:
        return _fail(console, _interrupted())
    except TankError as error:
        return _fail(console, error)
    except Exception as error:  # a defect must not look like a stack of files
        if "--debug" in options:
            import traceback

            traceback.print_exc(file=console.stderr)
        return _fail(console, internal_error(error))


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
        "Interrupted.", why="You pressed Ctrl-C.", fix="Run the command again; nothing is half-written."
    )


def _fail(console: Console, error: TankError) -> int:
    if console.as_json:
        console.show(failures.document(error), ())
    else:
        console.progress("")
        head, *rest = failures.lines(error)
        label, colon, text = head.partition("]: ")
        console.say(text, label=console.style_err(label + colon.rstrip(), "red") + " ")
        for line in rest:
            console.say(line)
    return failures.exit_code_of(error)
