"""Bindings: who may change them, from when on a change counts, and who can see it coming."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.dynamo.access import MAX_ACTIONS
from chalicelib.ports.errors import ConditionFailed
from chalicelib.services import bindings, history
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.bindings import BindingNotFoundError, TooManyBindingsError
from chalicelib.settings import BINDING_DELAY_SECONDS
from tank_core.binding import InvalidBindingError
from tank_core.entities import AuditEvent, Availability, Org, Role
from tank_core.trusted_publishing import OrgBinding, TokenRule, effective_bindings
from tests.support.identities import build_binding, person_binding
from tests.support.scene import Scene

DELAY = BINDING_DELAY_SECONDS


def org_of(registry: Scene) -> Org:
    org = registry.world.accounts.org("acme")
    assert org is not None
    return org


def in_force(registry: Scene, skill: str = "@acme/tool") -> list[str]:
    found = effective_bindings(org_of(registry).bindings, skill, registry.ports.clock.now())
    return [b.binding_id for b in found]


def add(registry: Scene, skill: str = "", **changes: Any) -> OrgBinding:
    return bindings.add(registry.ports, registry.ada, "acme", build_binding(**changes), skill)


def test_the_first_binding_of_an_organisation_without_skills_counts_at_once(registry: Scene) -> None:
    added = add(registry)
    assert added.effective_at == added.added_at == registry.ports.clock.now()
    assert in_force(registry) == [added.binding_id]


@pytest.mark.parametrize("skill", ["", "@acme/tool"])
def test_a_binding_for_something_published_waits(registry: Scene, skill: str) -> None:
    registry.publish("@acme/tool")
    added = add(registry, skill)
    assert added.effective_at == registry.ports.clock.now() + DELAY
    assert in_force(registry) == []
    registry.world.clock.move(DELAY - 1)
    assert in_force(registry) == []
    registry.world.clock.move(1)
    assert in_force(registry) == [added.binding_id]


def test_a_binding_for_a_skill_without_versions_counts_for_its_first_publish(registry: Scene) -> None:
    registry.publish("@acme/other")
    added = add(registry, "@acme/tool")
    assert in_force(registry) == [added.binding_id]


def test_a_binding_beside_one_in_force_waits_even_where_nothing_is_published(registry: Scene) -> None:
    first = add(registry)
    for skill in ("", "@acme/tool"):
        assert add(registry, skill, environment="").effective_at == registry.ports.clock.now() + DELAY
    assert in_force(registry) == [first.binding_id]


def test_a_withdrawn_skill_still_counts_as_published(registry: Scene) -> None:
    registry.publish("@acme/tool")
    stored = registry.world.publishes.published["@acme/tool", "1.0.0"]
    registry.world.publishes.published["@acme/tool", "1.0.0"] = replace(
        stored, availability=Availability.WITHDRAWN
    )
    assert add(registry).effective_at > registry.ports.clock.now()


def test_the_delay_is_the_registrys_setting(registry: Scene) -> None:
    registry.publish("@acme/tool")
    ports = replace(registry.ports, settings=replace(registry.ports.settings, binding_delay_seconds=60))
    added = bindings.add(ports, registry.ada, "acme", build_binding(), "")
    assert added.effective_at == ports.clock.now() + 60


def test_an_announced_binding_is_cancelled_at_once_by_another_owner(registry: Scene) -> None:
    registry.publish("@acme/tool")
    added = add(registry)
    org = org_of(registry)
    registry.world.accounts.orgs["acme"] = replace(org, members={**org.members, "grace": Role.OWNER})
    bindings.remove(registry.ports, registry.caller("grace"), "acme", added.binding_id)
    registry.world.clock.move(DELAY)
    assert in_force(registry) == []


def test_removing_the_last_binding_is_announced_and_adding_it_again_takes_that_back(registry: Scene) -> None:
    first = add(registry)
    registry.publish("@acme/tool")
    org = bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    assert org.bindings[0].ends_at == registry.ports.clock.now() + DELAY
    assert in_force(registry) == [first.binding_id]
    again = add(registry)
    assert (again.binding_id, again.ends_at) == (first.binding_id, None)
    registry.world.clock.move(DELAY)
    assert in_force(registry) == [first.binding_id]


def test_removing_again_does_not_move_the_announced_end(registry: Scene) -> None:
    first = add(registry)
    registry.publish("@acme/tool")
    announced = bindings.remove(registry.ports, registry.ada, "acme", first.binding_id).bindings[0].ends_at
    registry.world.clock.move(60)
    again = bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    assert again.bindings[0].ends_at == announced
    assert registry.actions("org:acme").count("binding_remove") == 1


def test_two_removals_are_not_quicker_than_one(registry: Scene) -> None:
    first, second = add(registry), add(registry, environment="")
    registry.world.clock.move(DELAY)
    registry.publish("@acme/tool")
    bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    org = bindings.remove(registry.ports, registry.ada, "acme", second.binding_id)
    left = next(b for b in org.bindings if b.binding_id == second.binding_id)
    assert left.ends_at == registry.ports.clock.now() + DELAY


def test_removing_one_of_two_keeps_somebody_out_and_counts_at_once(registry: Scene) -> None:
    first, second = add(registry), add(registry, environment="")
    registry.world.clock.move(DELAY)
    registry.publish("@acme/tool")
    bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    assert in_force(registry) == [second.binding_id]


def test_removing_the_last_where_nothing_is_published_counts_at_once(registry: Scene) -> None:
    first = add(registry)
    bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    assert in_force(registry) == []


def test_a_binding_that_ended_is_gone_and_cannot_be_removed_again(registry: Scene) -> None:
    first = add(registry)
    bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)
    with pytest.raises(BindingNotFoundError):
        bindings.remove(registry.ports, registry.ada, "acme", first.binding_id)


def test_the_same_binding_again_changes_nothing(registry: Scene) -> None:
    first = add(registry)
    revision = org_of(registry).revision
    assert add(registry) == first
    assert org_of(registry).revision == revision


def test_every_change_is_announced_on_the_organisation_and_on_the_skill(registry: Scene) -> None:
    registry.publish("@acme/tool")
    added = add(registry, "@acme/tool")
    bindings.remove(registry.ports, registry.ada, "acme", added.binding_id)
    page = history.org_events(registry.ports, "acme", cursor="", limit=10)
    gone, came = (event for event in page.items if event.detail.get("binding_id") == added.binding_id)
    assert (came.actor, came.detail["effective_at"]) == ("ada", added.effective_at)
    assert came.detail["binding"] == build_binding().to_json()
    assert gone.detail["effective_at"] == registry.ports.clock.now()
    assert registry.actions("skill:@acme/tool") == ["publish", "binding_add", "binding_remove"]


def test_every_end_that_a_cancelling_moves_is_announced_anew(registry: Scene) -> None:
    """Else the public events would name a time that does not count any more."""
    registry.publish("@acme/other")
    whole, own = add(registry), add(registry, "@acme/tool")
    registry.world.clock.move(DELAY)
    registry.publish("@acme/tool")
    follower = add(registry, environment="")
    for ending in (whole, own):
        bindings.remove(registry.ports, registry.ada, "acme", ending.binding_id)
    registry.world.clock.move(60)
    bindings.remove(registry.ports, registry.ada, "acme", follower.binding_id)
    until = registry.ports.clock.now() + DELAY
    assert {b.ends_at for b in org_of(registry).bindings if b.binding_id != follower.binding_id} == {until}
    page = history.org_events(registry.ports, "acme", cursor="", limit=3)
    told = {e.detail["binding_id"]: e.detail["effective_at"] for e in page.items}
    now = registry.ports.clock.now()
    assert told == {follower.binding_id: now, whole.binding_id: until, own.binding_id: until}
    (of_skill,) = registry.ports.audit_trail.events("skill:@acme/tool", cursor="", limit=1).items
    assert (of_skill.detail["binding_id"], of_skill.detail["effective_at"]) == (own.binding_id, until)


def test_a_cancelling_that_moves_the_ends_of_all_others_is_still_one_transaction(registry: Scene) -> None:
    """Else a thief could announce so many ends that nobody can cancel any more."""
    registry.publish("@acme/tool")
    now = registry.ports.clock.now()
    bound = [
        OrgBinding(f"b{n}", build_binding(environment=f"e{n}"), "ada", now, now, "@acme/tool", now + 9)
        for n in range(bindings.MAX_BINDINGS - 1)
    ]
    registry.world.accounts.orgs["acme"] = replace(org_of(registry), bindings=tuple(bound))
    follower = add(registry, "@acme/tool")
    ada = registry.ada  # whose token is an event too
    before = len(registry.world.accounts.state.trail)
    bindings.remove(registry.ports, ada, "acme", follower.binding_id)
    written = len(registry.world.accounts.state.trail) - before
    assert written == 2 * bindings.MAX_BINDINGS
    assert written + 1 <= MAX_ACTIONS


@pytest.mark.parametrize("who", ["grace", "mallory"])
def test_only_owners_change_bindings(registry: Scene, who: str) -> None:
    first = add(registry)
    caller = registry.caller(who)
    with pytest.raises(ForbiddenError):
        bindings.add(registry.ports, caller, "acme", person_binding("grace"), "")
    with pytest.raises(ForbiddenError):
        bindings.remove(registry.ports, caller, "acme", first.binding_id)
    with pytest.raises(ForbiddenError):
        bindings.set_token_rule(registry.ports, caller, "acme", is_forbidden=True)


def test_an_owners_token_for_publishing_cannot_change_bindings(registry: Scene) -> None:
    with pytest.raises(ForbiddenError, match="scope"):
        bindings.add(registry.ports, registry.caller("ada", Scope.PUBLISH), "acme", build_binding(), "")


@pytest.mark.parametrize("publisher", ["mallory", "nobody"])
def test_a_binding_names_a_publisher_who_is_a_member(registry: Scene, publisher: str) -> None:
    with pytest.raises(InvalidBindingError) as caught:
        add(registry, publisher=publisher)
    assert "no member of @acme" in caught.value.what


def test_what_strangers_can_start_is_refused_where_a_binding_is_added(registry: Scene) -> None:
    with pytest.raises(InvalidBindingError) as caught:
        add(registry, triggers=("pull_request_target",))
    assert [p.what for p in caught.value.problems] == ["has pull_request_target, which strangers can start"]
    assert org_of(registry).bindings == ()


def test_the_announced_end_of_what_may_not_be_bound_any_more_can_be_taken_back(registry: Scene) -> None:
    """It lets nobody in who was not in already."""
    now = registry.ports.clock.now()
    older = OrgBinding(
        "b", build_binding(triggers=("pull_request_target",)), "ada", now, now, ends_at=now + 9
    )
    registry.world.accounts.orgs["acme"] = replace(org_of(registry), bindings=(older,))
    assert add(registry, triggers=("pull_request_target",)) == replace(older, ends_at=None)


def test_an_organisation_binds_for_its_own_skills_only(registry: Scene) -> None:
    with pytest.raises(InvalidBindingError, match="no skill of @acme"):
        add(registry, "@other/tool")


def test_an_organisation_has_a_limited_number_of_bindings(registry: Scene) -> None:
    for n in range(bindings.MAX_BINDINGS):
        add(registry, environment=f"e{n}")
    with pytest.raises(TooManyBindingsError):
        add(registry, environment="one-more")


def test_a_change_that_lost_a_race_is_decided_again(registry: Scene) -> None:
    accounts = registry.world.accounts
    lost: list[str] = []

    class Racing:
        def __getattr__(self, name: str) -> object:
            return getattr(accounts, name)

        def update_org(self, org: Org, *events: AuditEvent) -> Org:
            if not lost:
                lost.append("once")
                raise ConditionFailed("another owner was faster")
            return accounts.update_org(org, *events)

    ports = replace(registry.ports, accounts=Racing())  # type: ignore[arg-type]
    added = bindings.add(ports, registry.ada, "acme", build_binding(), "")
    assert [b.binding_id for b in org_of(registry).bindings] == [added.binding_id]


def test_forbidding_tokens_counts_at_once_and_allowing_them_again_waits(registry: Scene) -> None:
    add(registry)
    registry.publish("@acme/tool")
    now = registry.ports.clock.now()
    bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=True)
    assert org_of(registry).token_rule.forbids_at(now)
    bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=False)
    rule = org_of(registry).token_rule
    assert rule == TokenRule(is_forbidden=True, is_forbidden_until=now + DELAY)
    assert rule.forbids_at(now + DELAY - 1)
    assert not rule.forbids_at(now + DELAY)


def test_forbidding_again_cancels_an_announced_permission(registry: Scene) -> None:
    add(registry)
    registry.publish("@acme/tool")
    for is_forbidden in (True, False, True):
        bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=is_forbidden)
    registry.world.clock.move(DELAY)
    assert org_of(registry).token_rule.forbids_at(registry.ports.clock.now())
    assert registry.actions("org:acme") == ["binding_add", *["token_rule_set"] * 3]
