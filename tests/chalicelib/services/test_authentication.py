from __future__ import annotations

import pytest

from chalicelib.services.authentication import NotAuthenticatedError, authenticate, hash_of
from chalicelib.services.tokens import revoke
from tests.support.scene import Scene


def test_a_good_token_names_its_publisher(registry: Scene) -> None:
    secret = registry.secret("ada")
    caller = authenticate(registry.ports, f"Bearer {secret}")
    assert caller.publisher_id == "ada"
    assert caller.token.secret_sha256 == hash_of(secret)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Basic dXNlcjpwYXNz",
        "Bearer tank_short",
        "Bearer tank_" + "a" * 43 + "x",
        "Bearer tank_" + "ä" * 43,
        "Bearer tank_" + "a" * 43,
        "tank_" + "a" * 43,
    ],
)
def test_anything_else_is_refused(registry: Scene, header: str | None) -> None:
    with pytest.raises(NotAuthenticatedError):
        authenticate(registry.ports, header)


def test_a_token_is_refused_from_the_second_it_expires(registry: Scene) -> None:
    header = f"Bearer {registry.secret('ada')}"
    registry.world.clock.move(3599)
    authenticate(registry.ports, header)
    registry.world.clock.move(1)
    with pytest.raises(NotAuthenticatedError, match="expired"):
        authenticate(registry.ports, header)


def test_a_revoked_token_is_refused(registry: Scene) -> None:
    secret = registry.secret("ada")
    caller = authenticate(registry.ports, f"Bearer {secret}")
    revoke(registry.ports, caller, caller.token.token_id)
    with pytest.raises(NotAuthenticatedError, match="revoked"):
        authenticate(registry.ports, f"Bearer {secret}")


def test_a_token_of_nobody_is_refused(registry: Scene) -> None:
    header = f"Bearer {registry.secret('ada')}"
    del registry.world.accounts.publishers["ada"]
    with pytest.raises(NotAuthenticatedError):
        authenticate(registry.ports, header)


def test_the_store_never_holds_the_secret(registry: Scene) -> None:
    secret = registry.secret("ada")
    assert secret not in repr(registry.world.accounts)
    assert secret not in repr(registry.world.audit_trail.state.trail)
