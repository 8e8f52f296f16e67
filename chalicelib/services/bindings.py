"""An organisation's bindings and its rule on tokens: announced, in force, and taken back.

Every change is one conditional write with its audit events, on the organisation
and, where it names a skill, on the skill; both can be read by everybody. From when
on a change counts is decided by ``tank_core.trusted_publishing``; this module knows
who may ask for it, and what is already published. Owners may; an owner whom another
one removed or demoted may, for the delay, cancel what is announced and nothing else.

Source: decision 0009, ``docs/decisions/0009-bindings-wait.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import audit_event, org_subject, skill_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import require_owner, require_owner_or_former
from chalicelib.services.token_rule import check_builds_publish
from tank_core.binding import Binding, InvalidBindingError, checked
from tank_core.entities import Action, AuditEvent, JsonObject, Org
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.names import SkillName
from tank_core.trusted_publishing import OrgBinding, added, effective_bindings, kept, removed, rule_set

# Of one organisation. Its row, with all of them at their longest, stays below 360 KB; and a change of one that moves
# the ends of all others, with two events each, stays one transaction of at most 100 writes.
MAX_BINDINGS = 48
_ATTEMPTS = 5  # each lost race is another owner's change that must be looked at


class BindingNotFoundError(TankError):
    """The organisation has no such binding."""

    code = "binding-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND


class TooManyBindingsError(TankError):
    """The organisation has as many bindings as it may have."""

    code = "too-many-bindings"
    status = 409


@dataclass(frozen=True, slots=True)
class _Change:
    """What becomes of an organisation, and what the audit trail says of it.

    ``is_cancelling``: it takes back what is announced and waits, and does nothing else.
    ``moved``: other bindings, whose announced ends are later because of it.
    """

    org: Org
    action: Action
    detail: JsonObject
    skill: str = ""
    is_cancelling: bool = False
    moved: tuple[OrgBinding, ...] = ()


def add(ports: RegistryPorts, caller: Caller, org_name: str, binding: Binding, skill: str) -> OrgBinding:
    """Announces a binding; it counts at once only where nothing can be taken over.

    The same binding again changes nothing, but that it takes back an announced removal.

    Args:
        ports: the registry's world.
        caller: an owner.
        org_name: the organisation.
        binding: as it was asked for; what may be bound is decided here.
        skill: ``@org/name`` that it overrides the organisation's bindings for; "" for all others.

    Returns:
        The binding with the time from which on it counts.

    Raises:
        ForbiddenError: forbidden.
        InvalidBindingError: invalid-binding; with every problem, or the skill is another organisation's, or the
            publisher no member.
        TooManyBindingsError: too-many-bindings.
    """
    binding_id = ports.ids.new_id()

    def change(org: Org) -> _Change | None:
        _check_skill(org, skill)
        now = ports.clock.now()
        present = kept(org.bindings, now)
        same = next((b for b in present if b.binding == binding and b.skill == skill), None)
        if same is not None and same.ends_at is None:
            return None
        if same is not None:
            again = replace(same, ends_at=None)
            bindings = tuple(again if b is same else b for b in present)
            return replace(_added(org, bindings, again), is_cancelling=True)
        checked(binding)
        _check_publisher(ports, org, binding.publisher)
        if len(present) >= MAX_BINDINGS:
            raise _too_many(org)
        new = OrgBinding(binding_id, binding, caller.publisher_id, now, now, skill=skill)
        is_first_use = not _is_published(ports, org, skill) and not effective_bindings(present, skill, now)
        delay_seconds = ports.settings.binding_delay_seconds
        bindings = added(present, new, delay_seconds=delay_seconds, is_first_use=is_first_use)
        return _added(org, bindings, bindings[-1])

    org = _changed(ports, caller, org_name, change)
    return next(b for b in org.bindings if b.binding == binding and b.skill == skill)


def remove(ports: RegistryPorts, caller: Caller, org_name: str, binding_id: str) -> Org:
    """Takes a binding away: at once, unless that would let somebody else in; one that waits is cancelled.

    Raises:
        ForbiddenError: forbidden.
        BindingNotFoundError: binding-not-found.
    """

    def change(org: Org) -> _Change | None:
        now = ports.clock.now()
        present = kept(org.bindings, now)
        target = next((b for b in present if b.binding_id == binding_id), None)
        if target is None:
            raise _not_found(org, binding_id)
        delay_seconds = ports.settings.binding_delay_seconds if _is_published(ports, org, target.skill) else 0
        bindings = removed(present, binding_id, now, delay_seconds=delay_seconds)
        ended = next(b for b in bindings if b.binding_id == binding_id)
        if ended == target:
            return None
        detail = {**_described(ended), "effective_at": ended.ends_at}
        changed = replace(org, bindings=bindings)
        is_cancelling = not target.counts_at(now)
        moved = tuple(b for b in bindings if b not in present and b is not ended)
        return _Change(changed, Action.BINDING_REMOVE, detail, ended.skill, is_cancelling, moved)

    return _changed(ports, caller, org_name, change)


def set_token_rule(ports: RegistryPorts, caller: Caller, org_name: str, *, is_forbidden: bool) -> Org:
    """Forbids tokens at once, or announces that they are allowed again after the delay.

    Raises:
        ForbiddenError: forbidden.
        NobodyCouldPublishError: nobody-could-publish; no build could publish in the tokens' place.
    """

    def change(org: Org) -> _Change | None:
        now = ports.clock.now()
        if is_forbidden and not org.token_rule.forbids_at(now):
            require_owner(ports, caller, org_name)  # who may not ask learns nothing else
            check_builds_publish(org, now)
        delay_seconds = ports.settings.binding_delay_seconds if _is_published(ports, org, "") else 0
        rule = rule_set(org.token_rule, now, is_forbidden=is_forbidden, delay_seconds=delay_seconds)
        if rule == org.token_rule:
            return None
        effective_at = now if rule.is_forbidden_until is None else rule.is_forbidden_until
        detail = {"forbidden": is_forbidden, "effective_at": effective_at}
        is_cancelling = is_forbidden and org.token_rule.forbids_at(now)
        return _Change(replace(org, token_rule=rule), Action.TOKEN_RULE_SET, detail, "", is_cancelling)

    return _changed(ports, caller, org_name, change)


def _changed(
    ports: RegistryPorts, caller: Caller, org_name: str, change: Callable[[Org], _Change | None]
) -> Org:
    for _ in range(_ATTEMPTS):
        org = require_owner_or_former(ports, caller, org_name)
        asked = change(org)
        if asked is None:
            return org
        if not asked.is_cancelling:
            require_owner(ports, caller, org_name)
        try:
            return ports.accounts.update_org(asked.org, *_events(ports, caller, asked))
        except ConditionFailed:
            continue
    raise PortError(f"organisation {org_name} kept changing")


def _events(ports: RegistryPorts, caller: Caller, asked: _Change) -> list[AuditEvent]:
    """Returns the events of a change, on the organisation and on each skill that it names."""
    told = [(asked.skill, asked.detail)]
    told += [(b.skill, {**_described(b), "effective_at": b.ends_at}) for b in asked.moved]
    return [
        audit_event(ports, caller.publisher_id, asked.action, subject, detail)
        for skill, detail in told
        for subject in (org_subject(asked.org.org), *([skill_subject(skill)] if skill else []))
    ]


def _added(org: Org, bindings: tuple[OrgBinding, ...], new: OrgBinding) -> _Change:
    detail = {**_described(new), "effective_at": new.effective_at}
    return _Change(replace(org, bindings=bindings), Action.BINDING_ADD, detail, new.skill)


def _described(binding: OrgBinding) -> JsonObject:
    return {
        "binding_id": binding.binding_id,
        "skill": binding.skill,
        "binding": binding.binding.to_json(),
    }


def _is_published(ports: RegistryPorts, org: Org, skill: str) -> bool:
    """Returns whether something that a binding for this skill, or for the whole organisation, covers is published.

    A skill with bindings of its own still counts for the organisation's: it may lose them.
    """
    return ports.catalog.skill(skill) is not None if skill else ports.catalog.has_skill_of(org.org)


def _check_skill(org: Org, skill: str) -> None:
    if skill and SkillName.parse(skill).org != org.org:
        raise InvalidBindingError(
            f"{skill} is no skill of @{org.org}.",
            why="An organisation binds identities for its own skills only.",
            fix=f"Name a skill below @{org.org}/, or leave the skill out.",
        )


def _check_publisher(ports: RegistryPorts, org: Org, publisher_id: str) -> None:
    if publisher_id not in org.members or ports.accounts.publisher(publisher_id) is None:
        raise InvalidBindingError(
            f"{quoted(publisher_id)} is no member of @{org.org}.",
            why="A bound identity acts as a publisher, and only members publish here.",
            fix=f"Run `tank org member set {org.org} <publisher> publisher` first, or name another publisher.",
        )


def _not_found(org: Org, binding_id: str) -> BindingNotFoundError:
    return BindingNotFoundError(
        f"@{org.org} has no binding {quoted(binding_id)}.",
        why="It was never there, or its end has passed.",
        fix=f"See those that are there with `tank binding list @{org.org}`.",
    )


def _too_many(org: Org) -> TooManyBindingsError:
    return TooManyBindingsError(
        f"@{org.org} has {MAX_BINDINGS} bindings.",
        why="All of them are read at every publish.",
        fix="Remove those that are not used any more; one binding can name several refs and triggers.",
    )
