"""Install, as a walk. Every command that installs comes through here, so that no check can be forgotten.

1. The lock: the present one where it fits the manifest, else a new resolution.
2. The permission budget, the project's demands, publishers and signers, over the whole tree.
3. The plan, from lock, cache and disk; ``--dry-run`` ends here.
4. Download and verify everything; then change the project in one transaction.

Nothing is downloaded before 2 has passed, and nothing in the project changes before
everything is verified.

Source: DESIGN, "Install, as a walk"; PEERS, row 13.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli import state as states
from tank_cli.client.connection import Connection
from tank_cli.context import Context
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.demands import check_demands
from tank_cli.installer.execute import Change, execute
from tank_cli.installer.locking import (
    changed_hands,
    changes,
    check_publishers,
    misfits,
    new_lock,
    newly_attested,
    refuse_misfits,
)
from tank_cli.installer.settling import Settling
from tank_cli.installer.verification import Verifier
from tank_cli.link import LinkPlan, plan_links
from tank_cli.project import MANIFEST, Project, check_registry
from tank_cli.transaction import Transaction, exclusive
from tank_cli.tree import hash_of, read_tree
from tank_core.budget import check_budget
from tank_core.findings import Verdict
from tank_core.install_plan import Extract, InstallPlan, directory_of, plan
from tank_core.lockfile import LockedSkill, Lockfile, lockfile_bytes
from tank_core.manifest import ProjectManifest, parse_project_manifest
from tank_core.names import SkillName
from tank_core.semver import Version

if TYPE_CHECKING:
    from tank_cli.installer.bundle_process import BundleProcess


@dataclass(frozen=True, slots=True)
class Options:
    """What the person asked for.

    Attributes:
        manifest: the project's new manifest; None when it stays as it is.
        is_frozen: the lock may not change.
        unlocked: skills that may move although they are locked; None for all.
        overwrite: files that a person changed may be lost.
        is_lock_only: lock and manifest are written, and nothing is downloaded or installed.
    """

    manifest: bytes | None = None
    is_frozen: bool = False
    is_dry_run: bool = False
    accept_flagged: bool = False
    accept_publisher: bool = False
    overwrite: bool = False
    is_lock_only: bool = False
    unlocked: Collection[SkillName] | None = ()

    def with_manifest(self, manifest: bytes, unlocked: Collection[SkillName]) -> Options:
        """Returns the options for a changed manifest, in which some skills may move."""
        return replace(self, manifest=manifest, unlocked=unlocked)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or with ``--dry-run`` would be."""

    lock: Lockfile
    changes: list[tuple[SkillName, Version | None, Version | None]]
    plan: InstallPlan
    links: LinkPlan
    is_dry_run: bool
    is_lock_only: bool = False


def install(context: Context, project: Project, options: Options) -> Outcome:
    """Makes a project hold exactly what its manifest and its lock say.

    Raises:
        TankError: whatever keeps it from doing so; the project is then as it was.
    """
    with Connection(context.config) as connection, exclusive(project.root, context.config.cache_dir / "busy"):
        connection.keys()  # a registry that nobody trusts is asked for nothing
        manifest_bytes = options.manifest or project.manifest_bytes()
        manifest = parse_project_manifest(manifest_bytes)
        before = project.lock()
        settling = Settling.begun(context, project, before.skills if before else ())
        lock = _decided_lock(context, connection, manifest, before, options)  # 1
        _check(project, connection, manifest, before, lock, options)  # 2
        if options.accept_publisher:  # for the whole tree, so each is named
            for problem in changed_hands(before, lock):
                context.console.warn(f"accepted: {problem.where}: {problem.what}")
        if options.is_lock_only and not options.is_dry_run:
            return _locked_only(project, before, lock, options)
        change = _change(project, connection, before, lock, options)  # 3
        outcome = Outcome(lock, changes(before, lock), change.plan, change.links, options.is_dry_run)
        if not options.is_dry_run:
            _carry_out(context, project, connection, lock, change, newly_attested(before, lock), options)  # 4
            if _is_plain(project, options):
                settling.end(lock, manifest_bytes, change.links, has_changed=change.is_any)
        return outcome


def _locked_only(project: Project, before: Lockfile | None, lock: Lockfile, options: Options) -> Outcome:
    """Writes what was decided. The next install verifies it, as it does any lock that comes from elsewhere."""
    with Transaction(project.root) as transaction:
        if options.manifest is not None:
            transaction.write(project.manifest_path, options.manifest)
        if before is not lock:
            transaction.write(project.lock_path, lockfile_bytes(lock))
    nothing = LinkPlan({}, (), ())
    return Outcome(lock, changes(before, lock), InstallPlan(()), nothing, is_dry_run=False, is_lock_only=True)


def _decided_lock(
    context: Context,
    connection: Connection,
    manifest: ProjectManifest,
    before: Lockfile | None,
    options: Options,
) -> Lockfile:
    if before is not None:
        check_registry(before, connection.registry)
    present = before or Lockfile(connection.registry, {})
    problems = misfits(present, manifest.skills)
    if options.is_frozen:
        refuse_misfits(problems)
    if before is not None and not problems and options.unlocked is not None and not options.unlocked:
        return _consented(before, options)
    return _resolved(context, connection, manifest, before, options)


def _resolved(
    context: Context,
    connection: Connection,
    manifest: ProjectManifest,
    before: Lockfile | None,
    options: Options,
) -> Lockfile:
    from tank_core.resolver import NoResolutionError, ResolutionPolicy

    locked = before.skills if before else {}
    policy = ResolutionPolicy(
        now=int(time.time()),
        min_release_age_seconds=manifest.audit.min_release_age_seconds or 0,
        min_score=manifest.audit.min_score,
        require_provenance=manifest.audit.require_provenance,
        accept_flagged=options.accept_flagged,
        flagged_accepted=frozenset(name for name, skill in locked.items() if skill.flagged_accepted),
    )
    try:
        return new_lock(
            connection.registry,
            manifest.skills,
            before,
            fetch=connection.index().fetch,
            prefetch=connection.index().prefetch_reachable,
            policy=policy,
            unlocked=locked.keys() if options.unlocked is None else options.unlocked,
        )
    except NoResolutionError:
        if not options.accept_flagged:  # which may be what is asked for next
            from tank_cli.installer.consent import remarks_on_wanted

            for remark in remarks_on_wanted(connection, manifest.skills, policy.now):
                context.console.warn(remark)
        raise


def _consented(lock: Lockfile, options: Options) -> Lockfile:
    """Returns the lock with the person's consent to flagged versions written into it."""
    if not options.accept_flagged or options.is_frozen:
        return lock
    skills = {
        name: replace(skill, flagged_accepted=True) if skill.verdict is Verdict.FLAGGED else skill
        for name, skill in lock.skills.items()
    }
    return Lockfile(lock.registry, skills)


def _check(
    project: Project,
    connection: Connection,
    manifest: ProjectManifest,
    before: Lockfile | None,
    lock: Lockfile,
    options: Options,
) -> None:
    """The only place that lets a tree in, whatever command brought it here."""
    where = MANIFEST if project.root == project.base else str(project.manifest_path)
    wanted = {name: skill.capabilities for name, skill in lock.skills.items()}
    check_budget(manifest.permissions, wanted, manifest=where)
    flagged = {name: skill for name, skill in lock.skills.items() if _is_to_be_asked(skill, options)}
    remarks: Mapping[SkillName, str] = {}
    if flagged:
        from tank_cli.installer.consent import remarks_on_locked

        remarks = remarks_on_locked(connection, flagged, int(time.time()))
    check_demands(lock, manifest.audit, accept_flagged=options.accept_flagged, remarks=remarks)
    if not options.accept_publisher:
        check_publishers(before, lock)


def _is_plain(project: Project, options: Options) -> bool:
    """Returns whether an install without options would have done the same."""
    is_here = project.root == project.base and not project.asked_agents
    return is_here and not (options.accept_flagged or options.accept_publisher or options.overwrite)


def _is_to_be_asked(skill: LockedSkill, options: Options) -> bool:
    return skill.verdict is Verdict.FLAGGED and not (skill.flagged_accepted or options.accept_flagged)


def _change(
    project: Project, connection: Connection, before: Lockfile | None, lock: Lockfile, options: Options
) -> Change:
    state = states.read(project.root)
    installed = _installed(project.trees)
    recorded = {name: hash_of(files) for name, files in state.trees.items()}
    recorded |= {name: tree for name, tree in state.pending.items() if installed.get(name) == tree}
    decided = plan(
        lock,
        cached=connection.cache.present(skill.digest for skill in lock.skills.values()),
        installed=installed,
        recorded=recorded,
        overwrite=options.overwrite,
    )
    directories = [directory_of(name) for name in lock.skills]
    links = plan_links(project.base, project.trees, directories, project.agents(), state.links)
    is_new = before is not lock and (before is None or lockfile_bytes(before) != lockfile_bytes(lock))
    return Change(decided, links, state, options.manifest, lockfile_bytes(lock) if is_new else None)


def _installed(trees: Path) -> Mapping[str, str]:
    """Returns the tree hash of every directory that is there."""
    if not trees.is_dir() or trees.is_symlink():
        return {}
    return {path.name: hash_of(read_tree(path)) for path in trees.iterdir() if _is_tree(path)}


def _carry_out(
    context: Context,
    project: Project,
    connection: Connection,
    lock: Lockfile,
    change: Change,
    news: Mapping[SkillName, LockedSkill],
    options: Options,
) -> None:
    downloads = {action.name: action.locked for action in change.plan.downloads}
    is_signed = any("bundle" in skill.attestations for skill in downloads.values())
    with _beside(connection, is_needed=is_signed) as beside:
        _ask(context, connection, {**news, **downloads}, options)
        if downloads:
            context.console.progress(f"Downloading {len(downloads)} skills")
        # Only now: reading the index may have brought word of a key that is no longer one.
        verifier = Verifier(
            connection.cache,
            connection.blobs,
            Anchors.of(connection),
            renewed=partial(Anchors.newest, connection),
            store=connection.store,
            beside=beside,
        )
        extracted = {action.name for action in change.plan.actions if isinstance(action, Extract)}
        needed = {
            name: lock.skills[name] for name in sorted(extracted.union(verifier.unverified(lock.skills)))
        }
        packages = list(verifier.packages(needed))
    if change.is_any:
        execute(project, change, packages)
    context.console.progress("")


def _beside(connection: Connection, *, is_needed: bool) -> AbstractContextManager[BundleProcess | None]:
    if not is_needed:
        return nullcontext()
    from tank_cli.installer.bundle_process import verifying_beside

    sigstore = connection.sigstore()
    return verifying_beside(sigstore.trusted_root if sigstore else None)


def _ask(
    context: Context, connection: Connection, asked: Mapping[SkillName, LockedSkill], options: Options
) -> None:
    """Warns of what the registry says today of versions that are about to come in, or refuses them."""
    if asked:
        from tank_cli.installer.standing import warnings
        from tank_cli.waivers import WaiverReader

        reader = WaiverReader(connection, int(time.time()))
        for warning in warnings(asked, connection.index(), reader, accept_flagged=options.accept_flagged):
            context.console.warn(warning)


def _is_tree(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
