"""Organisations and their members. A name is taken for ever, and never without an owner.

An owner whom another one removes or demotes may still cancel announced changes for as
long as such changes wait: else whoever took over one owner's account would first remove
those who could cancel.

Source: PEERS, row 15, and "squatting and impersonation"; decision 0009.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.ports.errors import ConditionFailed, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import audit_event, org_subject
from chalicelib.services.authentication import Caller
from chalicelib.services.authorisation import Scope, require_everywhere, require_owner
from chalicelib.services.publishers import PublisherNotFoundError
from tank_core.entities import Action, JsonObject, Org, Role
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.names import parse_org

_ATTEMPTS = 5  # each lost race is another owner's change that must be looked at


class OrgExistsError(TankError):
    """The name of the organisation is taken."""

    code = "org-exists"
    status = 409


class OrgNotFoundError(TankError):
    """There is no such organisation."""

    code = "org-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND


class LastOwnerError(TankError):
    """The change would leave an organisation without an owner."""

    code = "last-owner"
    status = 409


def create(ports: RegistryPorts, caller: Caller, name: str) -> Org:
    """Creates an organisation that the caller owns.

    Raises:
        ForbiddenError: forbidden.
        InvalidNameError: invalid-name; malformed or reserved.
        OrgExistsError: org-exists.
    """
    require_everywhere(caller, Scope.ORG)
    org = Org(parse_org(name), ports.clock.now(), {caller.publisher_id: Role.OWNER})
    try:
        ports.accounts.create_org(
            org, audit_event(ports, caller.publisher_id, Action.ORG_CREATE, org_subject(org.org))
        )
    except ConditionFailed as exc:
        raise OrgExistsError(
            f"The organisation @{org.org} exists.",
            why="Names are given once and never again.",
            fix=f"Ask its owners to be a member (`tank org show {org.org}`), or choose another name.",
        ) from exc
    return org


def show(ports: RegistryPorts, name: str) -> Org:
    """Returns an organisation with its members.

    Raises:
        OrgNotFoundError: org-not-found.
    """
    org = ports.accounts.org(name)
    if org is None:
        raise OrgNotFoundError(
            f"There is no organisation {quoted(name)}.",
            why="Nobody created it in this registry.",
            fix="Correct the name, or create it with `tank org create`.",
        )
    return org


def set_member(ports: RegistryPorts, caller: Caller, name: str, publisher_id: str, role: Role) -> Org:
    """Makes a publisher a member with this role; the same again changes nothing.

    Another owner who is demoted becomes a former owner for a while, see the module.

    Raises:
        ForbiddenError: forbidden.
        PublisherNotFoundError: publisher-not-found.
        LastOwnerError: last-owner.
    """
    if ports.accounts.publisher(publisher_id) is None:
        raise PublisherNotFoundError.named(publisher_id)
    detail = {"publisher": publisher_id, "role": str(role)}
    return _change(ports, caller, name, publisher_id, role, Action.MEMBER_SET, detail)


def remove_member(ports: RegistryPorts, caller: Caller, name: str, publisher_id: str) -> Org:
    """Removes a member; who is none already stays none.

    Another owner who is removed becomes a former owner for a while; who leaves does not.

    Raises:
        ForbiddenError: forbidden.
        LastOwnerError: last-owner.
    """
    detail = {"publisher": publisher_id}
    return _change(ports, caller, name, publisher_id, None, Action.MEMBER_REMOVE, detail)


def _change(
    ports: RegistryPorts,
    caller: Caller,
    name: str,
    publisher_id: str,
    role: Role | None,
    action: Action,
    detail: JsonObject,
) -> Org:
    for _ in range(_ATTEMPTS):
        org = require_owner(ports, caller, name)
        if org.members.get(publisher_id) == role:
            return org
        former_owners = _former_owners(ports, caller, org, publisher_id, role)
        members = _members(org, publisher_id, role)
        changed = replace(org, members=members, former_owners=former_owners)
        told = _told(detail, former_owners.get(publisher_id))
        event = audit_event(ports, caller.publisher_id, action, org_subject(name), told)
        try:
            return ports.accounts.update_org(changed, event)
        except ConditionFailed:
            continue
    raise PortError(f"organisation {name} kept changing")


def _members(org: Org, publisher_id: str, role: Role | None) -> dict[str, Role]:
    members = {member: held for member, held in org.members.items() if member != publisher_id}
    if role is not None:
        members[publisher_id] = role
    if Role.OWNER not in members.values():
        raise LastOwnerError(
            f"{publisher_id} is the last owner of @{org.org}.",
            why="An organisation without an owner could never change again.",
            fix="Make somebody else an owner first.",
        )
    return dict(sorted(members.items()))


def _former_owners(
    ports: RegistryPorts, caller: Caller, org: Org, publisher_id: str, role: Role | None
) -> dict[str, int]:
    """Returns who may still cancel after a change of one member; nothing but being an owner again ends it."""
    now = ports.clock.now()
    former = org.former_owners_at(now)
    if role is Role.OWNER:
        former.pop(publisher_id, None)
    elif org.members.get(publisher_id) is Role.OWNER and publisher_id != caller.publisher_id:
        former[publisher_id] = now + ports.settings.binding_delay_seconds
    return dict(sorted(former.items()))


def _told(detail: JsonObject, until: int | None) -> JsonObject:
    return detail if until is None else {**detail, "may_cancel_until": until}
