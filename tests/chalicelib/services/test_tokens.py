from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chalicelib.services.authentication import authenticate
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.tokens import (
    MAX_TTL_SECONDS,
    InvalidTokenRequestError,
    TokenNotFoundError,
    TokenOrder,
    create,
    list_own,
    revoke,
)
from tests.support.scene import Scene


def order(*scopes: str, skills: tuple[str, ...] = (), ttl_seconds: int | None = None) -> TokenOrder:
    return TokenOrder(scopes, skills, "ci", ttl_seconds)


def test_a_token_is_made_with_what_was_asked_and_expires_by_default(registry: Scene) -> None:
    year = registry.world.clock.now() + MAX_TTL_SECONDS
    lasting = replace(registry.ada, token=replace(registry.ada.token, expires_at=year))
    issued = create(registry.ports, lasting, order("publish", skills=("@acme/tool",)))
    assert re.fullmatch(r"tank_[A-Za-z0-9_-]{43}", issued.secret)
    assert issued.token.scopes == ("publish",)
    assert issued.token.expires_at == registry.world.clock.now() + registry.ports.settings.token_ttl_seconds
    assert authenticate(registry.ports, f"Bearer {issued.secret}").token == issued.token
    assert registry.actions(f"token:{issued.token.token_id}") == ["token_create"]


@pytest.mark.parametrize("scope", ["registry-admin", "manage"])
def test_a_token_hands_out_no_scope_that_it_lacks(registry: Scene, scope: str) -> None:
    own = registry.caller("ada", Scope.TOKENS, Scope.PUBLISH)
    with pytest.raises(ForbiddenError, match=scope):
        create(registry.ports, own, order("publish", scope))


@pytest.mark.parametrize("skills", [(), ("@acme/*",), ("@acme/tool", "@other/x")])
def test_a_limited_token_hands_out_no_wider_limit(registry: Scene, skills: tuple[str, ...]) -> None:
    own = registry.caller("ada", Scope.TOKENS, Scope.PUBLISH, skills=("@acme/tool",))
    with pytest.raises(ForbiddenError):
        create(registry.ports, own, order("publish", skills=skills))
    create(registry.ports, own, order("publish", skills=("@acme/tool",)))


def test_a_token_does_not_outlive_the_one_that_made_it(registry: Scene) -> None:
    dying = replace(
        registry.ada, token=replace(registry.ada.token, expires_at=registry.world.clock.now() + 60)
    )
    issued = create(registry.ports, dying, order("publish", ttl_seconds=MAX_TTL_SECONDS))
    assert issued.token.expires_at == registry.world.clock.now() + 60


def test_without_the_tokens_scope_nothing_is_made_listed_or_revoked(registry: Scene) -> None:
    own = registry.caller("ada", Scope.PUBLISH)
    other = registry.ada
    for act in (
        lambda: create(registry.ports, own, order("publish")),
        lambda: list_own(registry.ports, own),
        lambda: revoke(registry.ports, own, other.token.token_id),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_every_problem_of_a_request_is_reported_at_once(registry: Scene) -> None:
    with pytest.raises(InvalidTokenRequestError) as caught:
        create(registry.ports, registry.ada, order("root", skills=("acme",), ttl_seconds=MAX_TTL_SECONDS + 1))
    assert [problem.where for problem in caught.value.problems] == ["scopes", "skills", "ttl_seconds"]
    with pytest.raises(InvalidTokenRequestError, match="cannot be made"):
        create(registry.ports, registry.ada, order())


def test_own_tokens_are_listed_newest_first(registry: Scene) -> None:
    own = registry.ada
    registry.world.clock.move(1)
    newer = create(registry.ports, own, order("publish")).token
    registry.secret("mallory")
    assert list_own(registry.ports, own) == (newer, own.token)


def test_revoking_twice_changes_nothing_and_writes_one_event(registry: Scene) -> None:
    own, doomed = registry.ada, registry.ada.token.token_id
    revoke(registry.ports, own, doomed)
    first = registry.world.accounts.tokens[doomed]
    registry.world.clock.move(9)
    revoke(registry.ports, own, doomed)
    assert registry.world.accounts.tokens[doomed] == first
    assert registry.actions(f"token:{doomed}") == ["token_create", "token_revoke"]


def test_somebody_elses_token_does_not_exist_for_a_caller(registry: Scene) -> None:
    with pytest.raises(TokenNotFoundError):
        revoke(registry.ports, registry.caller("mallory"), registry.ada.token.token_id)


def test_a_token_without_scopes_for_it_can_still_revoke_itself(registry: Scene) -> None:
    own = registry.caller("ada", Scope.PUBLISH)
    revoke(registry.ports, own, own.token.token_id)
    assert registry.world.accounts.tokens[own.token.token_id].revoked_at is not None
