"""Forbidding tokens: refused while it would keep everybody out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services import bindings
from chalicelib.services.token_rule import NobodyCouldPublishError
from chalicelib.settings import BINDING_DELAY_SECONDS
from tank_core.binding import Binding
from tank_core.entities import Org
from tests.support.identities import build_binding, person_binding
from tests.support.scene import Scene


def bind(registry: Scene, binding: Binding, skill: str = "") -> str:
    return bindings.add(registry.ports, registry.ada, "acme", binding, skill).binding_id


def forbid(registry: Scene) -> Org:
    return bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=True)


def test_tokens_stay_allowed_while_nobody_else_could_publish(registry: Scene) -> None:
    with pytest.raises(NobodyCouldPublishError) as caught:
        forbid(registry)
    assert "tank binding add @acme" in caught.value.fix
    assert registry.actions("org:acme") == []
    bind(registry, build_binding())
    assert forbid(registry).token_rule.is_forbidden


def test_a_binding_that_is_only_announced_publishes_nothing_yet(registry: Scene) -> None:
    registry.publish("@acme/tool")
    bind(registry, build_binding())
    with pytest.raises(NobodyCouldPublishError) as caught:
        forbid(registry)
    assert "Wait until the announced one counts" in caught.value.fix
    registry.world.clock.move(BINDING_DELAY_SECONDS)
    assert forbid(registry).token_rule.is_forbidden


def test_people_publish_with_tokens_so_their_bindings_do_not_help(registry: Scene) -> None:
    bind(registry, person_binding())
    with pytest.raises(NobodyCouldPublishError, match="Nobody could publish for @acme"):
        forbid(registry)


def test_a_build_that_acts_as_no_member_does_not_help(registry: Scene) -> None:
    bind(registry, build_binding("grace"))
    org = registry.world.accounts.orgs["acme"]
    registry.world.accounts.orgs["acme"] = replace(org, members={"ada": org.members["ada"]})
    with pytest.raises(NobodyCouldPublishError):
        forbid(registry)


def test_a_build_of_one_skill_will_do(registry: Scene) -> None:
    bind(registry, build_binding(), "@acme/tool")
    assert forbid(registry).token_rule.is_forbidden


def test_an_announced_permission_is_cancelled_even_where_nobody_is_bound(registry: Scene) -> None:
    bound = bind(registry, build_binding())
    registry.publish("@acme/tool")
    forbid(registry)
    bindings.remove(registry.ports, registry.ada, "acme", bound)
    registry.world.clock.move(BINDING_DELAY_SECONDS)
    bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=False)
    rule = forbid(registry).token_rule
    assert (rule.is_forbidden, rule.is_forbidden_until) == (True, None)
