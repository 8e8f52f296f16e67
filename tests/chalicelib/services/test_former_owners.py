"""An owner whom another one removed or demoted can still cancel, for the delay, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.services import bindings, orgs
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.bindings import BindingNotFoundError
from chalicelib.settings import BINDING_DELAY_SECONDS
from tank_core.entities import Org, Role
from tank_core.trusted_publishing import effective_bindings
from tests.support.identities import build_binding
from tests.support.scene import Scene

DELAY = BINDING_DELAY_SECONDS


@pytest.fixture
def taken_over(registry: Scene) -> Scene:
    """@acme has a bound, published skill and forbids tokens; grace is its second owner, ada's account a thief's."""
    orgs.set_member(registry.ports, registry.ada, "acme", "grace", Role.OWNER)
    bindings.add(registry.ports, registry.ada, "acme", build_binding("grace"), "")
    bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=True)
    registry.publish("@acme/tool")
    return registry


def org_of(registry: Scene) -> Org:
    return orgs.show(registry.ports, "acme")


def remove(registry: Scene) -> None:
    orgs.remove_member(registry.ports, registry.ada, "acme", "grace")


def demote(registry: Scene) -> None:
    orgs.set_member(registry.ports, registry.ada, "acme", "grace", Role.PUBLISHER)


def demote_and_remove(registry: Scene) -> None:
    demote(registry)
    remove(registry)


def bind_the_thiefs(registry: Scene) -> str:
    thiefs = build_binding(repository_id="666", owner_id="66")
    return bindings.add(registry.ports, registry.ada, "acme", thiefs, "").binding_id


TAKEOVERS = [remove, demote, demote_and_remove]


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_a_removed_owner_cancels_a_binding_that_waits(
    taken_over: Scene, takeover: Callable[[Scene], None]
) -> None:
    takeover(taken_over)
    waiting = bind_the_thiefs(taken_over)
    bindings.remove(taken_over.ports, taken_over.caller("grace"), "acme", waiting)
    taken_over.world.clock.move(DELAY)
    assert waiting not in {b.binding_id for b in org_of(taken_over).bindings if b.ends_at is None}
    in_force = effective_bindings(org_of(taken_over).bindings, "@acme/tool", taken_over.ports.clock.now())
    assert [b.binding for b in in_force] == [build_binding("grace")]


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_a_removed_owner_takes_back_an_announced_end(
    taken_over: Scene, takeover: Callable[[Scene], None]
) -> None:
    """Even of a binding whose publisher was removed too."""
    takeover(taken_over)
    (bound,) = org_of(taken_over).bindings
    bindings.remove(taken_over.ports, taken_over.ada, "acme", bound.binding_id)
    bindings.add(taken_over.ports, taken_over.caller("grace"), "acme", bound.binding, "")
    assert org_of(taken_over).bindings == (bound,)


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_a_removed_owner_takes_back_the_announced_allowing_of_tokens(
    taken_over: Scene, takeover: Callable[[Scene], None]
) -> None:
    takeover(taken_over)
    bindings.set_token_rule(taken_over.ports, taken_over.ada, "acme", is_forbidden=False)
    bindings.set_token_rule(taken_over.ports, taken_over.caller("grace"), "acme", is_forbidden=True)
    assert org_of(taken_over).token_rule.forbids_at(taken_over.ports.clock.now() + DELAY)


@pytest.mark.parametrize("takeover", TAKEOVERS)
def test_a_removed_owner_can_do_nothing_else(taken_over: Scene, takeover: Callable[[Scene], None]) -> None:
    takeover(taken_over)
    grace, ports = taken_over.caller("grace"), taken_over.ports
    (bound,) = org_of(taken_over).bindings
    before = org_of(taken_over)
    refused: list[Callable[[], object]] = [
        lambda: bindings.add(ports, grace, "acme", build_binding(environment="other"), ""),
        lambda: bindings.remove(ports, grace, "acme", bound.binding_id),
        lambda: bindings.set_token_rule(ports, grace, "acme", is_forbidden=False),
        lambda: orgs.set_member(ports, grace, "acme", "grace", Role.OWNER),
        lambda: orgs.remove_member(ports, grace, "acme", "ada"),
    ]
    for act in refused:
        with pytest.raises(ForbiddenError, match="has no role “owner”"):
            act()
    assert org_of(taken_over) == before


def test_forbidding_tokens_where_nothing_is_announced_cancels_nothing(taken_over: Scene) -> None:
    taken_over.world.accounts.orgs["acme"] = Org("acme", 0, {"ada": Role.OWNER, "grace": Role.OWNER})
    remove(taken_over)
    with pytest.raises(ForbiddenError, match="has no role “owner”"):
        bindings.set_token_rule(taken_over.ports, taken_over.caller("grace"), "acme", is_forbidden=True)


def test_what_is_no_announced_change_is_not_found_rather_than_cancelled(taken_over: Scene) -> None:
    remove(taken_over)
    with pytest.raises(BindingNotFoundError):
        bindings.remove(taken_over.ports, taken_over.caller("grace"), "acme", "none")


def test_a_former_owners_token_needs_the_scope_all_the_same(taken_over: Scene) -> None:
    remove(taken_over)
    waiting = bind_the_thiefs(taken_over)
    for caller in (
        taken_over.caller("grace", Scope.PUBLISH),
        taken_over.caller("grace", Scope.ORG, skills=("@acme/tool",)),
    ):
        with pytest.raises(ForbiddenError, match=r"scope|does not cover"):
            bindings.remove(taken_over.ports, caller, "acme", waiting)


def test_the_right_to_cancel_ends_with_the_delay(taken_over: Scene) -> None:
    remove(taken_over)
    taken_over.world.clock.move(DELAY - 1)
    first, second = bind_the_thiefs(taken_over), taken_over.caller("grace")
    taken_over.world.clock.move(1)
    with pytest.raises(ForbiddenError, match="has no role “owner”"):
        bindings.remove(taken_over.ports, second, "acme", first)


def test_the_event_says_until_when_a_removed_owner_may_cancel(taken_over: Scene) -> None:
    until = taken_over.ports.clock.now() + DELAY
    remove(taken_over)
    assert org_of(taken_over).former_owners == {"grace": until}
    newest = taken_over.ports.audit_trail.events("org:acme", cursor="", limit=1).items[0]
    assert newest.detail == {"publisher": "grace", "may_cancel_until": until}


def test_removing_a_demoted_owner_later_does_not_move_the_time(taken_over: Scene) -> None:
    until = taken_over.ports.clock.now() + DELAY
    demote(taken_over)
    taken_over.world.clock.move(60)
    remove(taken_over)
    assert org_of(taken_over).former_owners == {"grace": until}


def test_who_leaves_by_themselves_or_was_no_owner_may_cancel_nothing(taken_over: Scene) -> None:
    orgs.set_member(taken_over.ports, taken_over.ada, "acme", "mallory", Role.PUBLISHER)
    orgs.remove_member(taken_over.ports, taken_over.ada, "acme", "mallory")
    orgs.remove_member(taken_over.ports, taken_over.caller("grace"), "acme", "grace")
    assert org_of(taken_over).former_owners == {}


def test_who_is_an_owner_again_is_no_former_one(taken_over: Scene) -> None:
    remove(taken_over)
    orgs.set_member(taken_over.ports, taken_over.ada, "acme", "grace", Role.OWNER)
    assert org_of(taken_over).former_owners == {}


def test_a_thief_who_makes_the_removed_owner_a_publisher_takes_nothing_from_them(taken_over: Scene) -> None:
    remove(taken_over)
    former = org_of(taken_over).former_owners
    orgs.set_member(taken_over.ports, taken_over.ada, "acme", "grace", Role.PUBLISHER)
    assert org_of(taken_over).former_owners == former


def test_those_whose_time_is_over_are_dropped_with_the_next_change(taken_over: Scene) -> None:
    remove(taken_over)
    taken_over.world.clock.move(DELAY)
    orgs.set_member(taken_over.ports, taken_over.ada, "acme", "mallory", Role.PUBLISHER)
    assert org_of(taken_over).former_owners == {}
