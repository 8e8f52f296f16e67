"""The entry point: answers ``--version`` with nothing imported, hands everything else on.

Start-up time is felt on every call, so this module imports ``sys`` alone; the
rest is imported by the command that needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs ``tank`` and returns its exit code.

    Args:
        argv: the arguments after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from tank_cli import __version__

        sys.stdout.write(f"tank {__version__}\n")
        return 0
    try:
        from tank_cli.app import run

        return run(arguments)
    except KeyboardInterrupt:  # before the command began: there is nothing to say yet
        return 130
