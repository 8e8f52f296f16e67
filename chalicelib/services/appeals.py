"""Appeals: who may object to a finding, and who decides.

A publisher objects to one finding in exactly these bytes, whether their publish was
refused, would be, or is flagged. A registry admin grants the appeal, which makes it
a signed waiver with an end, or declines it; a granted one can be revoked. Each act is
one transaction with its audit event. What a published version shows of it follows
from that, so after a crash in between the same request finishes what is missing.

Source: ``tank_core.waivers`` for what a waiver changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import waivers
from chalicelib.services.audit_events import audit_event, version_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import Scope, require_pattern, require_registry_admin, require_skill
from tank_core.entities import Action, Appeal, AppealState, AuditEvent, JsonObject, Page
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.waiver_statement import statement_bytes
from tank_core.waivers import DAY_SECONDS, MAX_OF_VERSION


class InvalidAppealError(TankError):
    """The appeal does not name a finding in exact bytes, or gives no reason."""

    code = "invalid-appeal"
    status = 422


class AppealConflictError(TankError):
    """The appeal cannot be filed, or not be decided this way, as things stand."""

    code = "appeal-conflict"
    status = 409


class AppealNotFoundError(TankError):
    """There is no such appeal."""

    code = "appeal-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Objection:
    """What a publisher says: this finding, in exactly these bytes, is wrong, because.

    ``line`` is 0 for every line of the file.
    """

    name: str
    version: str
    digest: str
    integrity: str
    rule_id: str
    file: str
    line: int
    reason: str


def file(ports: RegistryPorts, caller: Caller, objection: Objection) -> Appeal:
    """Files an appeal; the same objection again, while it is open, is the same appeal.

    Raises:
        InvalidAppealError: invalid-appeal; with all problems.
        ForbiddenError: forbidden.
        AppealConflictError: appeal-conflict; other bytes are published, or there are too many appeals.
    """
    appeal = _checked(ports, caller, objection)
    require_skill(ports, caller, Scope.PUBLISH, SkillName.parse(appeal.name))
    _check_bytes(ports, appeal)
    present = [
        a for a in ports.appeals.of_version(appeal.name, appeal.version) if _occupies(a, appeal.filed_at)
    ]
    same = next((a for a in present if a.state is AppealState.OPEN and _place(a) == _place(appeal)), None)
    if same is not None:
        return same
    if len(present) >= MAX_OF_VERSION:
        raise AppealConflictError(
            f"{appeal.name}@{appeal.version} has {len(present)} appeals already.",
            why=f"At most {MAX_OF_VERSION} of a version are open or granted at a time.",
            fix="Wait for the decisions, or publish a version without these findings.",
        )
    ports.appeals.file(appeal, _event(ports, caller, Action.APPEAL_FILE, appeal, appeal.reason))
    return appeal


def show(ports: RegistryPorts, caller: Caller, appeal_id: str) -> Appeal:
    """Returns an appeal to an admin, or to who may publish the skill.

    Raises:
        AppealNotFoundError: appeal-not-found.
        ForbiddenError: forbidden.
    """
    appeal = _stored(ports, appeal_id)
    _require_reader(ports, caller, appeal.name)
    return appeal


def of_version(ports: RegistryPorts, caller: Caller, name: str, version: str) -> tuple[Appeal, ...]:
    """Returns the appeals about a version, oldest first, to an admin or to who may publish the skill.

    Raises:
        InvalidNameError, InvalidVersionError: invalid-name, invalid-version.
        ForbiddenError: forbidden.
    """
    _require_reader(ports, caller, str(SkillName.parse(name)))
    return ports.appeals.of_version(name, str(Version.parse(version)))


def undecided(ports: RegistryPorts, caller: Caller, *, cursor: str, limit: int) -> Page[Appeal]:
    """Returns what waits for a decision, oldest first.

    Raises:
        ForbiddenError: forbidden; not a registry admin.
        InvalidCursor: the cursor is from elsewhere.
    """
    require_registry_admin(caller)
    page = ports.appeals.open(cursor=cursor, limit=limit)
    return Page(tuple(a for a in page.items if _may_review(caller, a)), page.cursor)


def grant(ports: RegistryPorts, caller: Caller, appeal_id: str, reason: str, days: int) -> Appeal:
    """Grants an appeal: signs the waiver, records it, and shows it to consumers.

    Args:
        ports: the registry's world.
        caller: a registry admin; consumers are told their id.
        appeal_id: of an open appeal.
        reason: what consumers are told.
        days: until it expires, 1 to ``waivers.MAX_DAYS``.

    Raises:
        AppealNotFoundError: appeal-not-found.
        ForbiddenError: forbidden.
        AppealConflictError: appeal-conflict; it was decided.
        WaiverRefusedError: waiver-refused; no reader would accept it, such as one of more days.
    """

    def granted(appeal: Appeal) -> Appeal:
        now = ports.clock.now()
        decided = _decided(appeal, caller, AppealState.GRANTED, reason, now)
        decided = replace(decided, expires_at=now + days * DAY_SECONDS)
        digest = ports.waivers.issue(waivers.waiver_of(ports.settings.public_url, decided))
        return replace(decided, waiver_digest=digest)

    return _decide(ports, caller, appeal_id, AppealState.GRANTED, granted)


def decline(ports: RegistryPorts, caller: Caller, appeal_id: str, reason: str) -> Appeal:
    """Declines an appeal; the finding stands as it did.

    Raises:
        AppealNotFoundError: appeal-not-found.
        ForbiddenError: forbidden.
        AppealConflictError: appeal-conflict; it was decided.
    """

    def declined(appeal: Appeal) -> Appeal:
        return _decided(appeal, caller, AppealState.DECLINED, reason, ports.clock.now())

    return _decide(ports, caller, appeal_id, AppealState.DECLINED, declined)


def revoke(ports: RegistryPorts, caller: Caller, appeal_id: str, reason: str) -> Appeal:
    """Takes a granted waiver back; the signed record stays, and the revocation is one of its own.

    Raises:
        AppealNotFoundError: appeal-not-found.
        ForbiddenError: forbidden.
        AppealConflictError: appeal-conflict; it was never granted.
    """
    appeal = _reviewed(ports, caller, appeal_id)
    if appeal.state is not AppealState.GRANTED:
        raise _conflict(appeal, "only a granted one can be revoked")
    if appeal.is_waiver:
        now = ports.clock.now()
        revoked = replace(appeal, revoked_by=caller.publisher_id, revoked_at=now, revocation=reason)
        appeal = _written(ports, revoked, _event(ports, caller, Action.WAIVER_REVOKE, revoked, reason))
    _show(ports, appeal)
    return appeal


def _decide(
    ports: RegistryPorts,
    caller: Caller,
    appeal_id: str,
    state: AppealState,
    decision: Callable[[Appeal], Appeal],
) -> Appeal:
    appeal = _reviewed(ports, caller, appeal_id)
    if appeal.state is AppealState.OPEN:
        decided = decision(appeal)
        action = Action.WAIVER_GRANT if state is AppealState.GRANTED else Action.APPEAL_DECLINE
        appeal = _written(ports, decided, _event(ports, caller, action, decided, decided.decision))
    elif appeal.state is not state:
        raise _conflict(appeal, "an appeal is decided once")
    _show(ports, appeal)
    return appeal


def _decided(appeal: Appeal, caller: Caller, state: AppealState, reason: str, now: int) -> Appeal:
    return replace(appeal, state=state, decided_by=caller.publisher_id, decided_at=now, decision=reason)


def _written(ports: RegistryPorts, appeal: Appeal, event: AuditEvent) -> Appeal:
    try:
        return ports.appeals.advance(appeal, event)
    except ConditionFailed as error:
        raise _conflict(_stored(ports, appeal.appeal_id), "somebody else was faster") from error


def _show(ports: RegistryPorts, appeal: Appeal) -> None:
    """Brings what consumers read in line; a version that is not published is shown nowhere.

    A waiver that was granted or revoked is shown at once, and makes the version due for a rescan.
    """
    if waivers.settle(ports, appeal.name, appeal.version):
        ports.index.write([appeal.name])


def _checked(ports: RegistryPorts, caller: Caller, objection: Objection) -> Appeal:
    """Returns the appeal that an objection makes, if it could ever become a waiver."""
    now = ports.clock.now()
    appeal = Appeal(
        appeal_id=ports.ids.new_id(),
        name=objection.name,
        version=objection.version,
        digest=objection.digest,
        integrity=objection.integrity,
        rule_id=objection.rule_id,
        file=objection.file,
        line=objection.line,
        appellant=caller.publisher_id,
        reason=objection.reason,
        filed_at=now,
    )
    # With any end that a waiver may have: only the rest is for the appellant to get right.
    granted = _decided(appeal, caller, AppealState.GRANTED, objection.reason, now)
    try:
        waiver = waivers.waiver_of(ports.settings.public_url, replace(granted, expires_at=now + DAY_SECONDS))
        statement_bytes(waiver)
    except TankError as error:
        raise InvalidAppealError(
            "The appeal is not acceptable.",
            why=error.why,
            fix="Name the rule, the file and the line as the finding does, and give a reason on one line.",
            problems=error.problems or (Problem("appeal", error.what, error.fix),),
        ) from error
    return replace(appeal, name=str(waiver.name), version=str(waiver.version))


def _check_bytes(ports: RegistryPorts, appeal: Appeal) -> None:
    stored = ports.catalog.version(appeal.name, appeal.version)
    if stored is not None and (stored.digest, stored.integrity) != (appeal.digest, appeal.integrity):
        raise AppealConflictError(
            f"{appeal.name}@{appeal.version} is published with other bytes.",
            why="A waiver is about exact bytes, and these will never be this version.",
            fix=f"Appeal with the digest of the published archive, {stored.digest}.",
        )


def _occupies(appeal: Appeal, now: int) -> bool:
    is_in_time = appeal.expires_at is not None and now < appeal.expires_at
    return appeal.state is AppealState.OPEN or (appeal.is_waiver and is_in_time)


def _place(appeal: Appeal) -> tuple[str, str, str, str, int]:
    return appeal.digest, appeal.integrity, appeal.rule_id, appeal.file, appeal.line


def _stored(ports: RegistryPorts, appeal_id: str) -> Appeal:
    found = ports.appeals.get(appeal_id)
    if found is None:
        raise AppealNotFoundError(
            "There is no such appeal.",
            why="Its id is not known to this registry.",
            fix="List them with `tank appeal list`.",
        )
    return found


def _reviewed(ports: RegistryPorts, caller: Caller, appeal_id: str) -> Appeal:
    require_registry_admin(caller)
    appeal = _stored(ports, appeal_id)
    require_pattern(caller, SkillName.parse(appeal.name))
    return appeal


def _may_review(caller: Caller, appeal: Appeal) -> bool:
    try:
        require_pattern(caller, SkillName.parse(appeal.name))
    except TankError:
        return False
    return True


def _require_reader(ports: RegistryPorts, caller: Caller, name: str) -> None:
    is_admin = caller.publisher.is_registry_admin and Scope.REGISTRY_ADMIN in caller.token.scopes
    if is_admin:
        require_pattern(caller, SkillName.parse(name))
    else:
        require_skill(ports, caller, Scope.PUBLISH, SkillName.parse(name))


def _conflict(appeal: Appeal, why: str) -> AppealConflictError:
    return AppealConflictError(
        f"The appeal is {appeal.state}{' and revoked' * (appeal.revoked_at is not None)}.",
        why=f"It was decided by {appeal.decided_by}; {why}." if appeal.decided_by else f"{why.capitalize()}.",
        fix=f"See `tank appeal show {appeal.appeal_id}`; a new objection is a new appeal.",
    )


def _event(ports: RegistryPorts, caller: Caller, action: Action, appeal: Appeal, reason: str) -> AuditEvent:
    detail: JsonObject = {
        "appeal_id": appeal.appeal_id,
        "appellant": appeal.appellant,
        "digest": appeal.digest,
        "rule_id": appeal.rule_id,
        "file": appeal.file,
        "line": appeal.line,
        "reason": reason,
    }
    if appeal.waiver_digest:
        detail |= {"waiver_digest": appeal.waiver_digest, "expires_at": appeal.expires_at}
    return audit_event(
        ports, caller.publisher_id, action, version_subject(appeal.name, appeal.version), detail
    )
