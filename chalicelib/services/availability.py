"""Who may still get a version: yank, deprecate, take down, and what is then the latest.

Each act is one transaction in the catalog with its audit event; the index document
follows from the catalog, and a takedown's bytes move out of public reach last, here
and then in the OCI mirror.
After a crash in between, the same request finishes what is missing: it changes
nothing that is already so, and always rewrites what is derived.

Source: DESIGN, "Naming"; PEERS, rows 6, 9 and 15.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.ports.errors import Missing, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from chalicelib.services.audit_events import audit_event, version_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import (
    Scope,
    require_pattern,
    require_registry_admin,
    require_skill,
)
from tank_core.absence import SkillNotFoundError, VersionNotFoundError, WithdrawnError
from tank_core.entities import Action, Availability, JsonObject, SkillVersion
from tank_core.names import SkillName
from tank_core.semver import Version

_ATTEMPTS = 5  # each one more means that another version appeared in that moment


def latest_of(versions: Iterable[SkillVersion]) -> str:
    """Returns the highest stable version that may be newly chosen, or "" when there is none."""
    available = (Version.parse(v.version) for v in versions if v.is_resolvable)
    stable = [version for version in available if not version.is_prerelease]
    return str(max(stable)) if stable else ""


def settle_latest(ports: RegistryPorts, name: str) -> None:
    """Brings the skill's ``latest`` in line with its versions; for after a write that changed them.

    Two writers may each have decided without seeing the other's version. Both read
    again here, after their writes, so the last of them sees everything.
    """
    for _ in range(_ATTEMPTS):
        skill, latest = ports.catalog.skill(name), latest_of(ports.catalog.versions(name))
        if skill is None or skill.latest == latest:
            return
        ports.catalog.set_latest(name, latest)
    raise PortError(f"latest of {name} kept changing")


def yank(ports: RegistryPorts, caller: Caller, name: str, version: str, reason: str) -> SkillVersion:
    """Withdraws a version from resolution; locks that hold it still install it.

    Raises:
        ForbiddenError: forbidden.
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn.
    """
    stored = _managed(ports, caller, name, version)
    return _set_availability(
        ports, caller.publisher_id, stored, Availability.YANKED, Action.YANK, {"reason": reason}
    )


def unyank(ports: RegistryPorts, caller: Caller, name: str, version: str) -> SkillVersion:
    """Makes a yanked version resolvable again.

    Raises:
        ForbiddenError: forbidden.
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn; only a yank can be undone.
    """
    stored = _managed(ports, caller, name, version)
    return _set_availability(
        ports, caller.publisher_id, stored, Availability.AVAILABLE, Action.UNYANK, {"reason": ""}
    )


def deprecate(ports: RegistryPorts, caller: Caller, name: str, version: str, message: str) -> SkillVersion:
    """Sets the message that users of a version are shown; an empty one clears it.

    Raises:
        ForbiddenError: forbidden.
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn.
    """
    stored = _managed(ports, caller, name, version)
    if stored.deprecation != message:
        action = Action.DEPRECATE if message else Action.UNDEPRECATE
        event = audit_event(
            ports, caller.publisher_id, action, version_subject(name, version), {"message": message}
        )
        ports.catalog.set_deprecation(name, version, message, event=event)
    ports.index.write([name])
    return replace(stored, deprecation=message)


def take_down(ports: RegistryPorts, caller: Caller, name: str, version: str, reason: str) -> SkillVersion:
    """Withdraws a version from all reading, for good; its bytes are kept where nobody can read them.

    Raises:
        ForbiddenError: forbidden; not a registry admin.
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
    """
    require_registry_admin(caller)
    require_pattern(caller, SkillName.parse(name))
    stored = stored_version(ports, name, version)
    return withdraw(ports, caller.publisher_id, stored, {"reason": reason})


def withdraw(ports: RegistryPorts, actor: str, stored: SkillVersion, detail: JsonObject) -> SkillVersion:
    """Withdraws a version from all reading, whoever decided it; repeated, it finishes what is missing.

    Args:
        actor: who answers for it, for the audit trail.
        stored: as it was read.
        detail: of the audit event; ``reason`` is what readers are told.
    """
    withdrawn = _set_availability(ports, actor, stored, Availability.WITHDRAWN, Action.TAKEDOWN, detail)
    _quarantine(ports, stored.digest)
    ports.artifacts.withdraw(stored.package_ref)
    return withdrawn


def stored_version(ports: RegistryPorts, name: str, version: str) -> SkillVersion:
    """Returns a version in whatever availability.

    Raises:
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
    """
    stored = ports.catalog.version(name, version)
    if stored is not None:
        return stored
    if ports.catalog.skill(name) is None:
        raise SkillNotFoundError.named(name)
    raise VersionNotFoundError.of(name, version)


def readable_version(ports: RegistryPorts, name: str, version: str) -> SkillVersion:
    """Returns a version that readers may see; every read path goes through here.

    Raises:
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn; with the recorded reason.
    """
    stored = stored_version(ports, name, version)
    if stored.availability is Availability.WITHDRAWN:
        raise WithdrawnError.of(name, version, stored.availability_reason)
    return stored


def _managed(ports: RegistryPorts, caller: Caller, name: str, version: str) -> SkillVersion:
    require_skill(ports, caller, Scope.MANAGE, SkillName.parse(name))
    return readable_version(ports, name, version)


def _set_availability(
    ports: RegistryPorts,
    actor: str,
    stored: SkillVersion,
    availability: Availability,
    action: Action,
    detail: JsonObject,
) -> SkillVersion:
    reason = str(detail["reason"])
    changed = replace(stored, availability=availability, availability_reason=reason)
    already = stored.availability is availability
    if not already:
        versions = ports.catalog.versions(stored.name)
        latest = latest_of(changed if v.version == stored.version else v for v in versions)
        subject = version_subject(stored.name, stored.version)
        event = audit_event(ports, actor, action, subject, detail)
        ports.catalog.set_availability(
            stored.name, stored.version, availability, reason, latest=latest, event=event
        )
    settle_latest(ports, stored.name)
    ports.index.write([stored.name])
    return stored if already else changed


def _quarantine(ports: RegistryPorts, digest: str) -> None:
    """Moves the archive out of public reach: first kept, then gone from where it was."""
    public = ports.blobs.head(keys.blob(digest))
    if public is None:
        return
    try:
        ports.blobs.copy(keys.blob(digest), keys.quarantine(digest), source_version_id=public.version_id)
    except Missing:  # another takedown of the same version was faster
        return
    ports.blobs.delete(keys.blob(digest))
