"""Reports that people read, programs read, and services read: which form, and where it goes."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from tank_cli import failures
from tank_cli.context import Context


def form_of(form: str | None, *, as_json: bool) -> str:
    """Returns the form of a report: ``text``, ``json`` or ``sarif``.

    Args:
        form: of ``--format``; None when it was not given.
        as_json: whether ``--json`` was given, which is short for one form.

    Raises:
        UsageError: usage; two forms were asked for.
    """
    if as_json and form not in (None, "json"):
        raise failures.UsageError(
            f"--json and --format {form} name two formats.",
            why="There is one report.",
            fix="Leave one of them out.",
        )
    return form or ("json" if as_json else "text")


def base_of(path: Path, cwd: Path) -> str:
    """Returns what stands before paths in a SARIF log: where the scanned folder lies below the working directory.

    Outside of it, paths begin at what was scanned. "" or ends with "/".
    """
    folder = path.resolve() if path.is_dir() else path.resolve().parent
    relative = os.path.relpath(folder, cwd.resolve()).replace(os.sep, "/")
    return "" if relative.split("/")[0] in (".", "..") else f"{relative}/"


def place_of(context: Context, output: Path | None) -> Path | None:
    """Returns where a report goes, before it is made; None for stdout.

    Raises:
        OutputNotWritableError: output-not-writable; the file's folder is not there.
    """
    from tank_cli.output_file import check_folder

    if output is None:
        return None
    check_folder(context.cwd / output)
    return context.cwd / output


def write_report(path: Path, text: str) -> None:
    """Writes a report into a file that was named for it.

    Raises:
        OutputNotWritableError: output-not-writable.
    """
    from tank_cli import output_file

    output_file.write(path, text.encode("utf-8", errors="backslashreplace"))


def as_json(context: Context) -> Context:
    """Returns the context of a command whose only data on stdout is one JSON document."""
    surroundings = context.surroundings
    console = replace(surroundings.console, as_json=True)
    return replace(context, surroundings=replace(surroundings, console=console))
