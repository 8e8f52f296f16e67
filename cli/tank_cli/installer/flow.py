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
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tank_cli import develop, known_projects
from tank_cli import state as states
from tank_cli.client.connection import Connection
from tank_cli.context import Context
from tank_cli.installer.asking import Asker
from tank_cli.installer.beside import Beside
from tank_cli.installer.carry_out import carry_out
from tank_cli.installer.demands import check_demands
from tank_cli.installer.execute import Change
from tank_cli.installer.locking import (
    changed_hands,
    changes,
    check_publishers,
    misfits,
    needed_part,
    refuse_misfits,
)
from tank_cli.installer.options import Options
from tank_cli.installer.resolving import resolved, steps_back
from tank_cli.installer.settling import Settling
from tank_cli.journal import Journal
from tank_cli.link import LinkPlan, plan_links
from tank_cli.project import MANIFEST, Project, check_registry
from tank_cli.transaction import Transaction, exclusive
from tank_cli.tree import hash_of, read_tree
from tank_cli.user_policy import user_policy
from tank_core.budget import PermissionBudgetError, check_budget
from tank_core.consent import NO_CONSENT, ConsentNeededError, Risk
from tank_core.install_plan import InstallPlan, directory_of, plan
from tank_core.lockfile import LockedSkill, Lockfile, lockfile_bytes
from tank_core.names import SkillName
from tank_core.overrides import Overrides
from tank_core.permissions import NONE, PermissionSet, missing
from tank_core.semver import Version
from tank_core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, or with ``--dry-run`` would be.

    ``before``: the lock that there was, if any. ``overrides``: those of the project.
    ``allowed``: what was added to the budget in its skills.json.
    """

    before: Lockfile | None
    lock: Lockfile
    plan: InstallPlan
    links: LinkPlan
    is_dry_run: bool
    overrides: Overrides = field(default_factory=dict)
    is_lock_only: bool = False
    allowed: PermissionSet = NONE

    @property
    def changes(self) -> list[tuple[SkillName, Version | None, Version | None]]:
        """What changed in the lock, by name: version before, version after; None for absent."""
        return changes(self.before, self.lock)

    def gained(self, name: SkillName) -> PermissionSet:
        """Returns what a skill may do now, and could not before."""
        before = self.before.skills.get(name) if self.before else None
        now = self.lock.skills[name].capabilities
        return missing(before.capabilities, now) if before else now


def install(context: Context, project: Project, options: Options, beside: Beside) -> Outcome:
    """Makes a project hold exactly what its manifest and its lock say.

    Args:
        context: of the command.
        project: the project.
        options: what the person asked for.
        beside: where publishers' signatures are verified.

    Raises:
        TankError: whatever keeps it from doing so; the project is then as it was.
    """
    with (
        options.connection(context) as connection,
        exclusive(project.root, context.config) as journal,
    ):
        connection.keys()  # a registry that nobody trusts is asked for nothing
        asker = Asker(context, connection)
        before = project.lock()
        settling = Settling.begun(context, project, before.skills if before else ())
        options = replace(options.of(project), floor=user_policy(context.config))
        given = options.vendored.lock() if options.vendored and before is None else before
        if _brings_others(given, options) and connection.sigstore():
            beside.start()  # while the index is read
        lock, options = _decided_lock(connection, asker, given, options)  # 1
        for line in steps_back(connection, given, lock, options.typed):
            context.console.say(line)
        lock, options = _let_in(connection, asker, project, before, lock, options)  # 2
        for accepts, handover in changed_hands(before, lock):  # each was accepted, so each is named
            context.console.warn(f"accepted: {accepts.label}: {handover}")
        if options.is_lock_only and not options.is_dry_run:
            _tell_unkept(context, connection)
            return _locked_only(project, before, lock, options, journal)
        change = _change(project, connection, before, lock, options)  # 3
        overrides = options.parsed_manifest.overrides
        outcome = Outcome(
            before, lock, change.plan, change.links, options.is_dry_run, overrides, allowed=options.added
        )
        if not options.is_dry_run:
            carry_out(
                context, connection, asker, project, change, (before, lock), options, journal, beside
            )  # 4
            known_projects.remember(context.config, project.root)
            if options.is_plain and project.root == project.base and not project.asked_agents:
                settling.end(lock, options.manifest_bytes, change.links, has_changed=change.is_any)
        _tell_unkept(context, connection)
        return outcome


def _tell_unkept(context: Context, connection: Connection) -> None:
    """Says that the cache took nothing; what was installed is verified as ever."""
    if connection.cache.refusal is not None:
        reason = connection.cache.refusal.strerror or connection.cache.refusal
        context.console.warn(
            f"Nothing could be kept in {context.config.cache_dir}: {reason}. The next install fetches it again."
        )


def _locked_only(
    project: Project, before: Lockfile | None, lock: Lockfile, options: Options, journal: Journal
) -> Outcome:
    """Writes what was decided. The next install verifies it, as it does any lock that comes from elsewhere."""
    with Transaction(project.root, project.base, journal) as transaction:
        if options.manifest is not None:
            transaction.write(project.manifest_path, options.manifest)
        if before is not lock:
            transaction.write(project.lock_path, lockfile_bytes(lock))
    overrides = options.parsed_manifest.overrides
    return Outcome(
        before,
        lock,
        InstallPlan(()),
        LinkPlan({}, (), ()),
        False,
        overrides,
        is_lock_only=True,
        allowed=options.added,
    )


def _brings_others(before: Lockfile | None, options: Options) -> bool:
    """Whether the install will probably download versions that the lock does not name."""
    if options.is_dry_run or options.is_lock_only:
        return False
    if before is None or options.unlocked is None or options.unlocked:
        return bool(options.parsed_manifest.skills)
    return any(name not in before.skills for name in options.parsed_manifest.skills)


def _decided_lock(
    connection: Connection, asker: Asker, before: Lockfile | None, options: Options
) -> tuple[Lockfile, Options]:
    """Returns the lock to install, and the options with whatever was consented to for it.

    Where nothing may move and all that is needed is locked, that is the lock, and nobody is asked:
    what leaves a project changes nothing about what stays.
    """
    manifest = options.parsed_manifest
    if before is not None:
        check_registry(before, connection.registry)
    if options.is_frozen or options.vendored:
        present = before or Lockfile(connection.registry, {})
        refuse_misfits(misfits(present, manifest.skills, manifest.overrides))
    if before is not None and options.unlocked is not None and not options.unlocked:
        kept = needed_part(before, manifest.skills, manifest.overrides)
        if not misfits(kept, manifest.skills, manifest.overrides):
            return kept, options
    return resolved(connection, asker, manifest, before, options)


def _let_in(
    connection: Connection,
    asker: Asker,
    project: Project,
    before: Lockfile | None,
    lock: Lockfile,
    options: Options,
) -> tuple[Lockfile, Options]:
    """The only place that lets a tree in, whatever command brought it here; what it lacks, it asks for.

    Every answer allows more than before, so this ends.
    """
    while True:
        lock = _consented(lock, options)
        try:
            _check(connection, project, before, lock, options)
        except PermissionBudgetError as refusal:
            options = asker.allowed(refusal, lock.skills, options)
        except ConsentNeededError as refusal:
            options = asker.accepted(refusal, lock.skills, options)
        else:
            return lock, options


def _consented(lock: Lockfile, options: Options) -> Lockfile:
    """Returns the lock with the person's consent to flagged versions written into it."""
    if options.is_frozen or options.consent == NO_CONSENT:
        return lock
    skills = {
        name: replace(skill, flagged_accepted=True)
        if skill.verdict is Verdict.FLAGGED and options.consent.covers(Risk.FLAGGED, name, skill.version)
        else skill
        for name, skill in lock.skills.items()
    }
    return Lockfile(lock.registry, skills)


def _check(
    connection: Connection, project: Project, before: Lockfile | None, lock: Lockfile, options: Options
) -> None:
    """Refuses a tree that may do more than the budget, falls short of the demands, or changed hands."""
    linked = develop.linked_skills(project)
    if options.is_frozen:
        develop.refuse(linked)
    manifest = options.parsed_manifest
    where = MANIFEST if project.root == project.base else str(project.manifest_path)
    wanted = {name: skill.capabilities for name, skill in lock.skills.items()}
    check_budget(manifest.permissions, wanted, manifest=where)
    check_budget(manifest.permissions, develop.capabilities(linked), manifest=where)
    flagged = {name: skill for name, skill in lock.skills.items() if _is_to_be_asked(name, skill, options)}
    remarks: Mapping[SkillName, str] = {}
    if flagged:
        from tank_cli.installer.consent import remarks_on_locked

        remarks = remarks_on_locked(connection, flagged, int(time.time()))
    check_demands(lock, manifest.audit, consent=options.consent, remarks=remarks)
    check_publishers(before, lock, options.consent)


def _is_to_be_asked(name: SkillName, skill: LockedSkill, options: Options) -> bool:
    is_accepted = skill.flagged_accepted or options.consent.covers(Risk.FLAGGED, name, skill.version)
    return skill.verdict is Verdict.FLAGGED and not is_accepted


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
    linked = {directory_of(one.name) for one in develop.linked_skills(project)}
    directories = [directory_of(name) for name in lock.skills if directory_of(name) not in linked]
    links = plan_links(project.base, project.trees, directories, project.agents(state), state.links)
    is_new = before is not lock and (before is None or lockfile_bytes(before) != lockfile_bytes(lock))
    return Change(decided, links, state, options.manifest, lockfile_bytes(lock) if is_new else None)


def _installed(trees: Path) -> Mapping[str, str]:
    """Returns the tree hash of every directory that is there."""
    if not trees.is_dir() or trees.is_symlink():
        return {}
    return {path.name: hash_of(read_tree(path)) for path in trees.iterdir() if _is_tree(path)}


def _is_tree(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
