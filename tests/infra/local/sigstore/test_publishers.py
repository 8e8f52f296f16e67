"""Whom a registry token proves: a publisher, and only when it is good for everything they sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services.authentication import NotAuthenticatedError, hash_of
from chalicelib.services.authorisation import ForbiddenError, Scope
from infra.local.sigstore.authorisation import AuthorisationRefusedError
from infra.local.sigstore.publishers import publisher_of
from tests.support.scene import Scene, scene


@pytest.fixture
def registry() -> Scene:
    return scene()


def test_a_publishers_token_proves_the_publisher(registry: Scene) -> None:
    assert publisher_of(registry.ports)(registry.secret("ada")) == "ada"
    assert publisher_of(registry.ports)(registry.admin_secret) == "admin"


def test_a_token_for_some_skills_proves_nobody_because_the_identity_would_be_good_for_all(
    registry: Scene,
) -> None:
    with pytest.raises(ForbiddenError):
        publisher_of(registry.ports)(registry.secret("ada", skills=("@acme/tool",)))


def test_a_token_that_may_not_publish_proves_nobody(registry: Scene) -> None:
    with pytest.raises(ForbiddenError):
        publisher_of(registry.ports)(registry.secret("ada", Scope.MANAGE))


def test_a_ticket_proves_nobody(registry: Scene) -> None:
    secret = registry.secret("ada")
    token = registry.ports.accounts.token_by_secret(hash_of(secret))
    assert token is not None
    claims = {"issuer": "https://issuer.example", "subject": "somebody"}
    registry.world.accounts.tokens[token.token_id] = replace(token, claims=claims)
    with pytest.raises(AuthorisationRefusedError) as refused:
        publisher_of(registry.ports)(secret)
    assert "a ticket proves a build, not a person" in refused.value.why


@pytest.mark.parametrize("token", ["", "x", "tank_" + "x" * 43, "tank_x\r\nX-Header: y", "ä"])
def test_what_is_no_token_proves_nobody(registry: Scene, token: str) -> None:
    with pytest.raises(NotAuthenticatedError):
        publisher_of(registry.ports)(token)


def test_a_revoked_and_an_expired_token_prove_nobody(registry: Scene) -> None:
    revoked, expired = registry.secret("ada"), registry.secret("ada")
    token = registry.ports.accounts.token_by_secret(hash_of(revoked))
    assert token is not None
    registry.world.accounts.tokens[token.token_id] = replace(token, revoked_at=registry.ports.clock.now())
    with pytest.raises(NotAuthenticatedError, match="revoked"):
        publisher_of(registry.ports)(revoked)
    registry.world.clock.move(3600)
    with pytest.raises(NotAuthenticatedError, match="expired"):
        publisher_of(registry.ports)(expired)
