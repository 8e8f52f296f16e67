"""From ``tank add @org/name@range`` to a manifest that holds it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tank_cli.context import Context
from tank_cli.failures import UsageError
from tank_cli.install_options import run
from tank_cli.installer.options import Options
from tank_cli.project import Project
from tank_cli.user_policy import user_policy
from tank_cli.versioned_name import read_range, split
from tank_core.absence import VersionNotFoundError
from tank_core.consent import Risk
from tank_core.errors import quoted
from tank_core.index import IndexDocument
from tank_core.manifest import AuditPolicy, edit_project_manifest, parse_project_manifest
from tank_core.names import SkillName
from tank_core.ranges import caret
from tank_core.semver import Version

if TYPE_CHECKING:
    from tank_core.resolver import ResolutionPolicy


def add(
    context: Context, project: Project, skills: Iterable[str], *, is_exact: bool, options: Options
) -> None:
    """Adds skills to a project and installs it.

    Args:
        context: the command's context.
        project: the project; its manifest is made when there is none.
        skills: ``@org/name`` for a caret range of the newest version, or ``@org/name@RANGE``.
        is_exact: write the newest version itself in place of its caret range.
        options: the other options.

    Raises:
        UsageError: usage; one is a folder or an address, or one is asked for twice.
        TankError: whatever keeps it from being installed; the project is then as it was.
    """
    wanted = _wanted(skills)
    audit = parse_project_manifest(project.manifest_or_empty()).audit.stricter(user_policy(context.config))
    ranges = _ranges(context, wanted, audit, options, is_exact=is_exact)
    manifest = edit_project_manifest(project.manifest_or_empty(), set_skills=ranges, remove=())
    run(context, project, options.with_manifest(manifest, frozenset(name for name, _ in wanted)))


def _wanted(skills: Iterable[str]) -> list[tuple[SkillName, str]]:
    """Returns each name with the range behind it, "" for none."""
    found: dict[SkillName, str] = {}
    for typed in skills:
        _refuse_elsewhere(typed)
        text, wanted = split(typed)
        name = SkillName.parse(text)
        if found.setdefault(name, wanted) != wanted:
            raise UsageError(
                f"{name} is asked for twice, in different ways.",
                why="A project has one version of a skill, and one range for it.",
                fix=f"Name it once, such as {typed}",
            )
    return list(found.items())


def _refuse_elsewhere(typed: str) -> None:
    """Refuses what other package managers install from besides a registry, with what does its work here."""
    why = "What is installed comes from a registry, where it was scanned, and is attested by that."
    if typed.startswith((".", "/", "~", "file:")):
        path = shlex.quote(typed.removeprefix("file:"))
        raise UsageError(
            f"{quoted(typed)} is a path.", why=why, fix=f"To try a skill in its folder: tank link {path}"
        )
    if "://" in typed or typed.startswith(("git@", "git+", "github:", "gitlab:")):
        raise UsageError(
            f"{quoted(typed)} is an address.",
            why=why,
            fix="Look for it with `tank search WORDS`; or fetch it, read what `tank scan PATH` finds, and try it "
            "with `tank link PATH`.",
        )


def _ranges(
    context: Context,
    wanted: list[tuple[SkillName, str]],
    audit: AuditPolicy,
    options: Options,
    *,
    is_exact: bool,
) -> dict[str, str]:
    given = {str(name): str(read_range(str(name), text)) for name, text in wanted if text}
    open_names = [name for name, text in wanted if not text]
    if not open_names:
        return given
    from tank_cli.installer.resolving import demanded

    policy = demanded(audit, options.consent, int(time.time()))
    with options.connection(context) as connection:
        index = connection.index()
        index.prefetch(open_names)
        for name in open_names:
            newest = _newest(context, index.fetch(name), policy)
            given[str(name)] = str(newest) if is_exact else caret(newest)
    return given


def _newest(context: Context, document: IndexDocument, policy: ResolutionPolicy) -> Version:
    """Returns the highest stable version that the audit policy allows; where it allows none, the highest.

    A flagged one is not passed over: the person is asked about it. What is passed over is told.
    """
    from tank_core.resolver.policy import objection, risks

    def is_allowed(version: Version) -> bool:
        entry = document.version(version)
        if entry is None or version.is_prerelease:
            return False
        open_risks = risks(document.name, entry, policy, is_locked=False)
        return open_risks == (Risk.FLAGGED,) or not objection(document.name, entry, policy, is_locked=False)

    newest, allowed = document.newest(), document.highest(is_allowed)
    if newest and allowed and allowed < newest:
        passed = document.version(newest)
        because = objection(document.name, passed, policy, is_locked=False) if passed else ""
        context.console.say(f"{document.name} {newest} {because}: {allowed} is added in its place.")
        return allowed
    if newest is None:
        raise VersionNotFoundError(
            f"{document.name} has no version that can be installed.",
            why="All of its versions were yanked, withdrawn, or found to be malicious.",
            fix=f"tank info {document.name}",
        )
    return newest
