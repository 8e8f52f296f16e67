"""A new resolution for a project, and the question that it may raise."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tank_cli.installer.asking import Asker
from tank_cli.installer.demands import flagged_version, young_version
from tank_cli.installer.locking import new_lock
from tank_cli.installer.options import Options
from tank_core.consent import Acceptance, Consent, ConsentNeededError, Risk
from tank_core.errors import quoted
from tank_core.lockfile import Lockfile
from tank_core.manifest import AuditPolicy, ProjectManifest
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.verdict import Verdict

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_core.index import IndexVersion
    from tank_core.resolver import ResolutionPolicy


def resolved(
    connection: Connection, asker: Asker, manifest: ProjectManifest, before: Lockfile | None, options: Options
) -> tuple[Lockfile, Options]:
    """Returns the lock of a new resolution, and the options with what the person accepted for it.

    Where versions that need a yes are all that stands in the way, the person is asked.

    Raises:
        NoResolutionError: no-resolution; no yes would help.
        FlaggedVersionError: flagged-version.
        YoungVersionError: young-version.
        TankError: as ``new_lock``.
    """
    from tank_core.resolver import NoResolutionError, needed_consent

    now = int(time.time())

    def lock_with(consent: Consent) -> Lockfile:
        return _lock(connection, manifest, before, replace(options, consent=consent), now)

    def versions(consent: Consent) -> dict[SkillName, Version]:
        return {name: skill.version for name, skill in lock_with(consent).skills.items()}

    try:
        return lock_with(options.consent), options
    except NoResolutionError as refusal:
        needed = needed_consent(refusal, versions, options.consent)
        if not needed:
            raise
    agreed = lock_with(options.consent.joined(needed))
    asking = _refusal(needed, agreed, _remarks(connection, agreed, needed, now))
    return agreed, asker.accepted(asking, agreed.skills, options)


def demanded(audit: AuditPolicy, consent: Consent, now: int) -> ResolutionPolicy:
    """Returns what a project demands of versions that it does not hold yet. ``now``: seconds since the epoch."""
    from tank_core.resolver import ResolutionPolicy

    return ResolutionPolicy(
        now=now,
        min_release_age_seconds=audit.min_release_age_seconds or 0,
        min_score=audit.min_score,
        require_provenance=audit.require_provenance,
        consent=consent,
    )


def steps_back(
    connection: Connection, before: Lockfile | None, after: Lockfile, typed: Collection[SkillName]
) -> Iterator[str]:
    """Yields why skills go back to a lower version: nobody expects that of an update.

    ``typed``: skills whose version the command line asks for, and which need no reason.
    """
    locked = before.skills if before else {}
    for name, skill in after.skills.items():
        old = locked[name].version if name in locked and name not in typed else None
        if old is not None and skill.version < old:
            found = connection.index().fetch(name).version(old)
            objection = _objection(found) if found else ""
            because = f": {name}@{old} {objection}" if objection else ""
            yield f"{name} goes back from {old} to {skill.version}{because}."


def _objection(found: IndexVersion) -> str:
    """Returns what speaks against a version for everybody; "" for nothing, and then ranges decided."""
    from tank_core.entities import Availability  # an install from the lock steps back nowhere

    if found.verdict is Verdict.FAIL:
        return "failed the registry's scan since"
    if found.availability is Availability.AVAILABLE:
        return ""
    reason = f" ({quoted(found.availability_reason)})" if found.availability_reason else ""
    return f"was {found.availability}{reason}"


def _lock(
    connection: Connection, manifest: ProjectManifest, before: Lockfile | None, options: Options, now: int
) -> Lockfile:
    locked = before.skills if before else {}
    # What is locked was let in once, young or not, and installs as it is: an update asks no second time.
    consent = options.consent.joined(
        Acceptance(Risk.YOUNG, name, skill.version) for name, skill in locked.items()
    )
    policy = replace(
        demanded(manifest.audit, consent, now),
        flagged_accepted=frozenset(name for name, skill in locked.items() if skill.flagged_accepted),
    )
    return new_lock(
        connection.registry,
        manifest.skills,
        before,
        fetch=connection.index().fetch,
        prefetch=connection.index().prefetch_reachable,
        policy=policy,
        unlocked=locked.keys() if options.unlocked is None else options.unlocked,
        overrides=manifest.overrides,
        typed=options.typed,
    )


def _remarks(
    connection: Connection, lock: Lockfile, needed: tuple[Acceptance, ...], now: int
) -> Mapping[SkillName, str]:
    """Returns what was waived of flagged versions, by name."""
    from tank_cli.installer.consent import remarks_on_locked

    flagged = [accepts.name for accepts in needed if accepts.risk is Risk.FLAGGED]
    return (
        remarks_on_locked(connection, {name: lock.skills[name] for name in flagged}, now) if flagged else {}
    )


def _refusal(
    needed: tuple[Acceptance, ...], lock: Lockfile, remarks: Mapping[SkillName, str]
) -> ConsentNeededError:
    """Returns the refusal of versions that need a yes; the verdict is what it is named after, if that is among it."""
    flagged = {accepts.name: lock.skills[accepts.name] for accepts in needed if accepts.risk is Risk.FLAGGED}
    if flagged:
        verdicts = {name: skill.verdict for name, skill in flagged.items()}
        return flagged_version(flagged, verdicts, remarks, needed)
    return young_version(needed)
