"""``tank verify``: compare every installed file with the lock, and the lock with what was signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tank_cli.context import Context, common, example
from tank_core.errors import ExitCode, Problem, TankError

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_cli.installer.bundle_process import BundleProcess
    from tank_cli.project import Project
    from tank_core.lockfile import Lockfile

_RESTORE = "tank install --overwrite"


class InstalledDifferError(TankError):
    """What is installed is not what the lock names."""

    code = "installed-files-differ"
    exit_code = ExitCode.INTEGRITY


@click.command("verify", epilog=example("tank verify", "tank verify --files", "tank verify --json"))
@click.option("--allow-linked", is_flag=True, help="Pass over skills that you linked with `tank link`.")
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@click.option("--files", "is_files_only", is_flag=True, help="Hash the files, and verify no signature again.")
@common
def command(context: Context, is_global: bool, is_files_only: bool, allow_linked: bool) -> None:
    """Hash every installed file, and verify every attestation and every publisher's signature again.

    Names each file that is modified, added or missing. Needs no network while archives,
    attestations and bundles are in the cache; fetches those that are not. Ends with exit
    code 6 when anything differs, or anything is not signed as the lock says; with 7 when a
    skill is linked, of which nothing can be verified.
    """
    from tank_cli.develop import linked_skills, refuse
    from tank_cli.project import find

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    linked = linked_skills(project)
    if not allow_linked:
        refuse(linked)
    for one in linked:
        context.console.warn(f"not verified: {one.line}")
    if is_files_only:
        from tank_cli import hashing

        files, count = _check_files(context, project, lock), len(lock.skills)
        hashing.remember(project, context.surroundings.environment)
        context.console.show(
            {"skills": count, "files": files, "differences": [], "linked": [one.to_json() for one in linked]},
            [f"{files} files of {count} skill{'s' * (count != 1)} are exactly as locked."],
        )
        return
    files = _check_all(context, project, lock)
    count, signed = len(lock.skills), sum(skill.signer is not None for skill in lock.skills.values())
    context.console.show(
        {
            "skills": count,
            "signed": signed,
            "files": files,
            "differences": [],
            "linked": [one.to_json() for one in linked],
        },
        [
            f"{files} files of {count} skill{'s' * (count != 1)} are exactly as locked and attested.",
            f"Signed by their publishers: {signed}. Not signed: {count - signed}.",
        ],
    )


def _check_files(context: Context, project: Project, lock: Lockfile) -> int:
    """Returns how many files were hashed, when none differs."""
    from tank_cli.verify import check_installed

    checked = check_installed(project, lock, context.config)
    problems = tuple(
        Problem(f"{directory}/{item.path}".rstrip("/"), f"It is {item.kind}.", _fix(directory))
        for directory, items in checked.differences.items()
        for item in items
    )
    if problems:
        raise InstalledDifferError(
            f"{len(problems)} installed files differ from the lock."
            if len(problems) > 1
            else f"{problems[0].where} differs from the lock.",
            why="Somebody, or some program, changed them after they were installed.",
            fix="Look at them; `tank install --overwrite` restores what the lock names."
            if any(problem.fix == _RESTORE for problem in problems)
            else problems[0].fix,
            problems=problems,
        )
    return checked.files


def _fix(place: str) -> str:
    """Returns what restores a directory of the project, or a place in an agent's folder.

    There an install overwrites nothing that Tank did not make, whatever it is asked.
    """
    return f"mv {place} {place}.mine, then `tank install`" if "/" in place else _RESTORE


def _check_all(context: Context, project: Project, lock: Lockfile) -> int:
    """Verifies the files, then every line of the lock from its archive up, whatever was verified before.

    Returns how many files were hashed.
    """
    from tank_cli.installer.beside import Beside

    with Beside() as beside:
        is_signed = any("bundle" in skill.attestations for skill in lock.skills.values())
        if is_signed:
            beside.start()
        from tank_cli.client.connection import Connection
        from tank_cli.installer.anchors import Anchors
        from tank_cli.project import check_registry

        with Connection(context.config) as connection:
            check_registry(lock, connection.registry)
            root = Anchors.of(connection).trusted_root
            process = beside.verifying(root) if is_signed else None
            files = _check_files(context, project, lock)
            _check_signatures(connection, lock, process)
    return files


def _check_signatures(connection: Connection, lock: Lockfile, process: BundleProcess | None) -> None:
    from tank_cli.installer.verification import Verifier

    Verifier.of(connection, remembers=False, beside=process).verify(lock.skills)
