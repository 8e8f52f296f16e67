from __future__ import annotations

import pytest

from chalicelib.services import accounts, publishers
from chalicelib.services.authentication import authenticate
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.publishers import InvalidPublisherError, PublisherExistsError
from tests.support.scene import Scene


def test_an_admin_creates_a_publisher_with_a_first_token(registry: Scene) -> None:
    publisher, issued = publishers.create(registry.ports, registry.admin, "acme-ci")
    assert not publisher.is_registry_admin
    caller = authenticate(registry.ports, f"Bearer {issued.secret}")
    assert caller.publisher == publisher
    assert Scope.REGISTRY_ADMIN not in caller.token.scopes
    assert registry.actions("publisher:acme-ci") == ["publisher_create"]


def test_nobody_else_creates_publishers(registry: Scene) -> None:
    for caller in (registry.ada, registry.caller("ada", Scope.REGISTRY_ADMIN)):
        with pytest.raises(ForbiddenError):
            publishers.create(registry.ports, caller, "acme-ci")
    limited = registry.caller("admin", Scope.REGISTRY_ADMIN, skills=("@acme/*",))
    with pytest.raises(ForbiddenError):
        publishers.create(registry.ports, limited, "acme-ci")


@pytest.mark.parametrize("publisher_id", ["", "registry", "A", "a--b", "-a", "a b", "x" * 65, "a\n"])
def test_an_id_that_could_be_mistaken_is_refused(registry: Scene, publisher_id: str) -> None:
    with pytest.raises(InvalidPublisherError):
        publishers.create(registry.ports, registry.admin, publisher_id)


def test_an_id_is_given_once(registry: Scene) -> None:
    with pytest.raises(PublisherExistsError):
        publishers.create(registry.ports, registry.admin, "ada")


def test_bootstrap_again_gives_another_token_of_the_same_admin(registry: Scene) -> None:
    again = publishers.bootstrap_admin(registry.ports)
    caller = authenticate(registry.ports, f"Bearer {again}")
    assert again != registry.admin_secret
    assert caller.publisher.is_registry_admin
    assert set(caller.token.scopes) == set(Scope)
    assert caller.token.expires_at - caller.token.created_at == publishers.ADMIN_TOKEN_SECONDS
    assert registry.actions("publisher:admin") == ["publisher_create"]


def test_whoami_lists_the_organisations(registry: Scene) -> None:
    seen = accounts.whoami(registry.ports, registry.ada)
    assert [org.org for org in seen.orgs] == ["acme"]
