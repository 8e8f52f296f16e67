"""The second half of an install: download, verify, and then change the project in one transaction."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from tank_cli.client.connection import Connection
from tank_cli.context import Context
from tank_cli.installer.asking import Asker
from tank_cli.installer.beside import Beside
from tank_cli.installer.execute import Change, execute
from tank_cli.installer.locking import newly_attested
from tank_cli.installer.options import Options
from tank_cli.installer.verification import Verifier
from tank_cli.journal import Journal
from tank_cli.project import Project
from tank_core.install_plan import Extract
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName

if TYPE_CHECKING:
    from tank_cli.installer.bundle_process import BundleProcess
    from tank_cli.progress import Downloads


def carry_out(
    context: Context,
    connection: Connection,
    asker: Asker,
    project: Project,
    change: Change,
    locks: tuple[Lockfile | None, Lockfile],
    options: Options,
    journal: Journal,
    beside: Beside,
) -> None:
    """Does what was decided, or nothing.

    1. Ask the registry about what is downloaded or newly attested, as it is today; publishers' bundles
       arrive meanwhile.
    2. Download and verify all of it, while publishers' signatures are verified beside.
    3. Change the project.

    Args:
        context: of the command.
        connection: to the registry.
        asker: asks where a version was flagged since it was locked.
        project: the project, which is held exclusively.
        change: what was decided.
        locks: the lock that there was, and the one that is installed.
        options: what the person asked for and accepted.
        journal: of the project.
        beside: where publishers' signatures are verified.

    Raises:
        TankError: whatever keeps it from being done; the project is then as it was.
    """
    before, lock = locks
    downloads = {action.name: action.locked for action in change.plan.downloads}
    is_signed = any("bundle" in skill.attestations for skill in downloads.values())
    process = beside.verifying(_trusted_root(connection)) if is_signed else None
    if asked := {**newly_attested(before, lock), **downloads}:
        with _ahead(connection, downloads, process):
            _warn(context, connection, asker, asked, options)  # 1
    progress = _progress(context, downloads)
    # Only now: reading the index may have brought word of a key that is no longer one.
    verifier = Verifier.of(
        connection,
        told=progress.received if progress else None,
        store=connection.store,
        beside=process,
    )
    extracted = {action.name for action in change.plan.actions if isinstance(action, Extract)}
    needed = {name: lock.skills[name] for name in sorted(extracted.union(verifier.unverified(lock.skills)))}
    packages = []
    for name, package in verifier.packages(needed):  # 2
        packages.append((name, package))
        if progress and name in downloads:
            progress.finished()
    if change.is_any:
        execute(project, change, packages, journal)  # 3
    context.console.progress("")


def _progress(context: Context, downloads: Mapping[SkillName, LockedSkill]) -> Downloads | None:
    if not downloads:
        return None
    from tank_cli.progress import Downloads

    return Downloads(context.console, len(downloads), sum(skill.size_bytes for skill in downloads.values()))


def _trusted_root(connection: Connection) -> bytes | None:
    sigstore = connection.sigstore()
    return sigstore.trusted_root if sigstore else None


def _ahead(
    connection: Connection, downloads: Mapping[SkillName, LockedSkill], process: BundleProcess | None
) -> AbstractContextManager[None]:
    if process is None:
        return nullcontext()
    from tank_cli.installer.ahead import bundles_ahead

    return bundles_ahead(connection, downloads, process)


def _warn(
    context: Context,
    connection: Connection,
    asker: Asker,
    asked: Mapping[SkillName, LockedSkill],
    options: Options,
) -> None:
    """Says how the registry sees what will be downloaded today, and asks where it was flagged since."""
    from tank_cli.installer.standing import VerdictChangedError, warnings
    from tank_cli.waivers import WaiverReader

    reader = WaiverReader(connection, int(time.time()))
    while True:
        try:
            told = warnings(asked, connection.index(), reader, consent=options.consent)
        except VerdictChangedError as refusal:
            options = asker.accepted(refusal, asked, options)
        else:
            break
    for warning in told:
        context.console.warn(warning)
