from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.ports.errors import ConditionFailed
from chalicelib.services import orgs
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.orgs import LastOwnerError, OrgExistsError, OrgNotFoundError
from chalicelib.services.publishers import PublisherNotFoundError
from tank_core.entities import AuditEvent, Org, Role
from tank_core.names import InvalidNameError
from tests.support.scene import Scene


def test_who_creates_an_organisation_owns_it(registry: Scene) -> None:
    org = orgs.create(registry.ports, registry.caller("mallory"), "mallory-inc")
    assert org.members == {"mallory": Role.OWNER}
    assert registry.actions("org:mallory-inc") == ["org_create"]


@pytest.mark.parametrize("name", ["tank", "admin", "official", "ACME", "a--b", "", "x" * 300])
def test_reserved_and_malformed_names_are_refused(registry: Scene, name: str) -> None:
    with pytest.raises(InvalidNameError):
        orgs.create(registry.ports, registry.ada, name)


def test_a_name_is_given_once(registry: Scene) -> None:
    with pytest.raises(OrgExistsError):
        orgs.create(registry.ports, registry.caller("mallory"), "acme")
    assert registry.world.accounts.orgs["acme"].members["ada"] is Role.OWNER


def test_creating_needs_the_scope_and_an_unlimited_token(registry: Scene) -> None:
    for caller in (
        registry.caller("ada", Scope.PUBLISH),
        registry.caller("ada", Scope.ORG, skills=("@new/*",)),
    ):
        with pytest.raises(ForbiddenError):
            orgs.create(registry.ports, caller, "new")


def test_an_owner_sets_and_removes_members(registry: Scene) -> None:
    orgs.set_member(registry.ports, registry.ada, "acme", "mallory", Role.PUBLISHER)
    assert orgs.show(registry.ports, "acme").members["mallory"] is Role.PUBLISHER
    orgs.remove_member(registry.ports, registry.ada, "acme", "mallory")
    assert "mallory" not in orgs.show(registry.ports, "acme").members
    assert registry.actions("org:acme") == ["member_set", "member_remove"]


def test_the_same_change_again_writes_no_event(registry: Scene) -> None:
    orgs.set_member(registry.ports, registry.ada, "acme", "grace", Role.PUBLISHER)
    orgs.remove_member(registry.ports, registry.ada, "acme", "mallory")
    assert registry.actions("org:acme") == []


def test_a_member_must_exist(registry: Scene) -> None:
    with pytest.raises(PublisherNotFoundError):
        orgs.set_member(registry.ports, registry.ada, "acme", "nobody", Role.OWNER)


def test_the_last_owner_stays(registry: Scene) -> None:
    with pytest.raises(LastOwnerError):
        orgs.remove_member(registry.ports, registry.ada, "acme", "ada")
    with pytest.raises(LastOwnerError):
        orgs.set_member(registry.ports, registry.ada, "acme", "ada", Role.PUBLISHER)
    orgs.set_member(registry.ports, registry.ada, "acme", "grace", Role.OWNER)
    orgs.remove_member(registry.ports, registry.ada, "acme", "ada")
    assert orgs.show(registry.ports, "acme").members == {"grace": Role.OWNER}


def test_two_owners_who_remove_each_other_at_once_leave_one(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    orgs.set_member(registry.ports, registry.ada, "acme", "grace", Role.OWNER)
    accounts, grace = registry.world.accounts, registry.caller("grace")
    update = type(accounts).update_org
    rivals = [lambda: orgs.remove_member(registry.ports, registry.ada, "acme", "grace")]

    def late(self: object, org: Org, event: AuditEvent) -> Org:
        if rivals:
            rivals.pop()()
        return update(accounts, org, event)

    monkeypatch.setattr(type(accounts), "update_org", late)
    with pytest.raises(ForbiddenError):
        orgs.remove_member(registry.ports, grace, "acme", "ada")
    assert orgs.show(registry.ports, "acme").members == {"ada": Role.OWNER}


def test_a_lost_race_is_tried_again_on_what_the_winner_wrote(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = registry.world.accounts
    update = type(accounts).update_org
    losses = [1]

    def lose_once(self: object, org: Org, event: AuditEvent) -> Org:
        if losses:
            losses.pop()
            stored = accounts.orgs["acme"]
            accounts.orgs["acme"] = replace(stored, revision=stored.revision + 1)
            raise ConditionFailed("raced")
        return update(accounts, org, event)

    monkeypatch.setattr(type(accounts), "update_org", lose_once)
    orgs.set_member(registry.ports, registry.ada, "acme", "mallory", Role.PUBLISHER)
    assert accounts.orgs["acme"].members["mallory"] is Role.PUBLISHER


def test_an_unknown_organisation_is_not_found(registry: Scene) -> None:
    with pytest.raises(OrgNotFoundError):
        orgs.show(registry.ports, "nobody-here")
