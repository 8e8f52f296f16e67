"""Where a packed archive is written: never into the folder that the next package is made of."""

from __future__ import annotations

from pathlib import Path

from tank_cli.output_file import check_folder
from tank_cli.publishing.prepare import Prepared
from tank_core.errors import ExitCode, TankError


class OutputInSkillError(TankError):
    """The archive would be written into the folder that is packed."""

    code = "output-in-skill"
    exit_code = ExitCode.USAGE


def file_name(package: Prepared) -> str:
    """Returns the archive's usual name, such as ``acme-notes-1.0.0.tar.gz``."""
    name = package.manifest.name
    return f"{name.org}-{name.name}-{package.manifest.version}.tar.gz"


def place_for(package: Prepared, folder: Path, cwd: Path, output: Path | None) -> Path:
    """Returns where to write a package's archive, an absolute path.

    Without ``output`` that is the working directory, or beside the skill's folder where the
    working directory lies in it.

    Args:
        package: what was packed.
        folder: the skill's folder.
        cwd: the working directory.
        output: the file that was asked for.

    Raises:
        OutputInSkillError: output-in-skill.
        OutputNotWritableError: output-not-writable; the file's folder is not there.
    """
    folder = folder.resolve()
    if output is None:
        cwd = cwd.resolve()
        return (folder.parent if cwd.is_relative_to(folder) else cwd) / file_name(package)
    place = (cwd / output).resolve()
    if place.is_relative_to(folder):
        raise OutputInSkillError(
            f"{output} lies in the folder that is packed.",
            why="Everything in it is part of the next package, and so would this archive be.",
            fix=f"tank pack --output {folder.parent / place.name}",
        )
    check_folder(place)
    return place
