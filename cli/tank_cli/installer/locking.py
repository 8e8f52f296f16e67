"""From a manifest to a lock: whether the present one still fits, and a new one where it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from tank_core.consent import NO_CONSENT, Acceptance, Consent, ConsentNeededError, Risk, options
from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName
from tank_core.overrides import NO_OVERRIDES, Overrides, in_place_of
from tank_core.ranges import Range
from tank_core.semver import Version
from tank_core.verdict import Verdict

if TYPE_CHECKING:
    from tank_core.index import IndexVersion
    from tank_core.resolver import Fetch, Prefetch, ResolutionPolicy


class LockOutOfDateError(TankError):
    """The lock does not fit the manifest, and may not be written."""

    code = "lock-out-of-date"
    exit_code = ExitCode.LOCK


class PublisherChangedError(ConsentNeededError):
    """A skill's new version comes from another publisher or signer than the locked one, or is not signed."""

    code = "publisher-changed"
    exit_code = ExitCode.POLICY


def misfits(
    lock: Lockfile, roots: Mapping[SkillName, Range], overrides: Overrides = NO_OVERRIDES
) -> tuple[Problem, ...]:
    """Returns every way in which a lock does not fit a project's dependencies and overrides; none when it fits."""
    problems = []
    reachable: set[SkillName] = set()
    waiting = [("skills.json", name, wanted) for name, wanted in sorted(roots.items(), reverse=True)]
    while waiting:
        dependent, name, wanted = waiting.pop()
        locked = lock.skills.get(name)
        if locked is None:
            problems.append(
                Problem(str(name), f"{dependent} needs it; it is not in skills.lock.", "tank install")
            )
            continue
        # Pre-releases that were once chosen stay: the resolver, not the lock, decides on new ones.
        if not wanted.contains(locked.version, include_prerelease=True):
            is_overridden = dependent != "skills.json" and name in overrides
            needs = (
                f"skills.json overrides it to {wanted}" if is_overridden else f"{dependent} needs {wanted}"
            )
            text = f"{needs}; skills.lock has {locked.version}."
            problems.append(Problem(str(name), text, "tank install"))
        if name not in reachable:
            reachable.add(name)
            needed = in_place_of(locked.dependencies, overrides)
            waiting += [(str(name), n, r) for n, r in sorted(needed.items(), reverse=True)]
    for name in sorted(lock.skills.keys() - reachable):
        problems.append(Problem(str(name), "It is in skills.lock, and nothing needs it.", "tank install"))
    return tuple(dict.fromkeys(problems))


def needed_part(
    lock: Lockfile, roots: Mapping[SkillName, Range], overrides: Overrides = NO_OVERRIDES
) -> Lockfile:
    """Returns a lock without the lines that nothing needs any more; the lock itself where all are needed."""
    needed: set[SkillName] = set()
    waiting = [name for name in roots if name in lock.skills]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            wanted = in_place_of(lock.skills[name].dependencies, overrides)
            waiting += [other for other in wanted if other in lock.skills]
    if len(needed) == len(lock.skills):
        return lock
    return Lockfile(lock.registry, {name: skill for name, skill in lock.skills.items() if name in needed})


def refuse_misfits(problems: tuple[Problem, ...]) -> None:
    """Refuses to go on with a lock that does not fit.

    Raises:
        LockOutOfDateError: lock-out-of-date, when there is any problem.
    """
    if problems:
        raise LockOutOfDateError(
            "skills.lock does not fit skills.json.",
            why="This command installs exactly the lock and never changes it.",
            fix="tank install, then commit skills.lock",
            problems=problems,
        )


def new_lock(
    registry: str,
    roots: Mapping[SkillName, Range],
    before: Lockfile | None,
    *,
    fetch: Fetch,
    prefetch: Prefetch,
    policy: ResolutionPolicy,
    unlocked: Collection[SkillName] = (),
    overrides: Overrides = NO_OVERRIDES,
    typed: Collection[SkillName] = (),
) -> Lockfile:
    """Returns the lock of a new resolution, which keeps locked versions wherever it can.

    Args:
        registry: base URL of the registry.
        roots: the project's dependencies.
        before: the present lock, if there is one.
        fetch: reads an index document.
        prefetch: reads several at once.
        policy: which versions the project accepts.
        unlocked: skills that may move although they are locked.
        overrides: the project's ranges in place of what skills ask for.
        typed: skills that the command line names with the range that the manifest will have.

    Raises:
        SkillNotFoundError: skill-not-found.
        NoResolutionError: no-resolution.
        WithdrawnError: version-withdrawn.
        IndexRolledBackError: index-rolled-back.
    """
    from tank_core.resolver import resolve  # an install from the lock does without the solver

    locked = before.skills if before else {}
    preferred = {name: skill.version for name, skill in locked.items() if name not in unlocked}
    resolution = resolve(
        roots,
        fetch,
        policy=policy,
        preferred=preferred,
        prefetch=prefetch,
        overrides=overrides,
        typed=typed,
    )
    _refuse_rollback({name: locked[name] for name in resolution.versions if name in locked}, fetch)
    return Lockfile(registry, {name: locked_skill(found) for name, found in resolution.versions.items()})


def _refuse_rollback(locked: Mapping[SkillName, LockedSkill], fetch: Fetch) -> None:
    """Refuses an index older than the lock: versions never disappear, so somebody serves an old document.

    Raises:
        IndexRolledBackError: index-rolled-back, with every such skill.
    """
    problems = tuple(
        Problem(f"{name}@{skill.version}", "It is locked, and the index does not list it.", "Try again.")
        for name, skill in sorted(locked.items())
        if fetch(name).version(skill.version) is None
    )
    if problems:
        from tank_cli.client.index_refusals import IndexRolledBackError

        raise IndexRolledBackError.behind_the_lock(problems)


def locked_skill(found: IndexVersion) -> LockedSkill:
    """Returns an index entry as a line of the lock. A flagged one got here by consent only."""
    attestations = {"registry": found.attestation_digest}
    if found.bundle_digest:
        attestations["bundle"] = found.bundle_digest
    return LockedSkill(
        version=found.version,
        integrity=found.integrity,
        digest=found.digest,
        size_bytes=found.size_bytes,
        capabilities=found.capabilities,
        dependencies=dict(found.dependencies),
        audit_score=found.audit_score,
        verdict=found.verdict,
        publisher=found.publisher,
        attestations=dict(sorted(attestations.items())),
        tree_hash=found.tree_hash,
        signer=found.signature.claims.signer if found.signature else None,
        flagged_accepted=found.verdict is Verdict.FLAGGED,
    )


def changed_hands(before: Lockfile | None, after: Lockfile) -> tuple[tuple[Acceptance, str], ...]:
    """Returns every skill that comes from somebody else than the locked version of it, and how it differs.

    The first signature of a skill that was never signed takes nothing away, and is no change.
    """
    locked = before.skills if before else {}
    return tuple(
        (Acceptance(Risk.PUBLISHER, name, skill.version), change)
        for name, skill in sorted(after.skills.items())
        if name in locked
        for change in _changes_of_hands(locked[name], skill)
    )


def check_publishers(before: Lockfile | None, after: Lockfile, consent: Consent = NO_CONSENT) -> None:
    """Refuses a silent change of who publishes or signs: a taken-over skill looks exactly like this.

    Raises:
        PublisherChangedError: publisher-changed, with every such skill.
    """
    handed = [
        (accepts, change)
        for accepts, change in changed_hands(before, after)
        if not consent.covers(accepts.risk, accepts.name, accepts.version)
    ]
    if handed:
        fix = f"Ask its maintainers. If they confirm it, run the command again with {options(a for a, _ in handed)}"
        problems = tuple(Problem(accepts.label, change, accepts.option) for accepts, change in handed)
        raise PublisherChangedError(
            f"{problems[0].where} comes from somebody else than before.",
            why="The lock pins who published and who signed a skill; a taken-over skill looks exactly like this.",
            fix=fix,
            problems=problems,
            needed=(accepts for accepts, _ in handed),
        )


def _changes_of_hands(old: LockedSkill, new: LockedSkill) -> Iterator[str]:
    """Yields every way in which a version comes from somebody else than the locked one."""
    if old.publisher != new.publisher:
        came, comes = quoted(old.publisher), quoted(new.publisher)
        yield f"It is published by {comes}; {old.version} was published by {came}."
    if old.signer and not new.signer:
        yield f"It is not signed; {old.version} was signed by {quoted(str(old.signer))}."
    elif old.signer and new.signer and not old.signer.is_same(new.signer):
        came, comes = quoted(str(old.signer)), quoted(str(new.signer))
        yield f"It is signed by {comes}; {old.version} was signed by {came}."


def changes_of_hands(old: LockedSkill, new: LockedSkill) -> tuple[str, ...]:
    """Returns every way in which a version of a skill comes from somebody else than another, as sentences."""
    return tuple(_changes_of_hands(old, new))


def changes(
    before: Lockfile | None, after: Lockfile
) -> list[tuple[SkillName, Version | None, Version | None]]:
    """Returns what a new lock changes, by name: version before, version after; None for absent."""
    old = {name: skill.version for name, skill in before.skills.items()} if before else {}
    new = {name: skill.version for name, skill in after.skills.items()}
    names = sorted(old.keys() | new.keys())
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def newly_attested(before: Lockfile | None, after: Lockfile) -> dict[SkillName, LockedSkill]:
    """Returns what a new lock takes the registry's word for: another version, or the same one judged anew."""
    old = {name: skill.attestations for name, skill in before.skills.items()} if before else {}
    return {name: skill for name, skill in after.skills.items() if old.get(name) != skill.attestations}
