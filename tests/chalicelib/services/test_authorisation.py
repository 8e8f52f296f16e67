from __future__ import annotations

import pytest

from chalicelib.services.authorisation import (
    ForbiddenError,
    Scope,
    covers_any,
    require_everywhere,
    require_owner,
    require_registry_admin,
    require_scope,
    require_skill,
)
from tank_core.names import SkillName
from tests.support.scene import Scene

TOOL = SkillName("acme", "tool")


@pytest.mark.parametrize("scope", list(Scope))
def test_no_scope_means_no_right(registry: Scene, scope: Scope) -> None:
    others = tuple(set(Scope) - {scope})
    for scopes in (others, others[:1]):
        with pytest.raises(ForbiddenError, match=scope):
            require_scope(registry.caller("ada", *scopes), scope)


@pytest.mark.parametrize("publisher", ["ada", "grace"])
def test_members_may_publish(registry: Scene, publisher: str) -> None:
    assert require_skill(registry.ports, registry.caller(publisher), Scope.PUBLISH, TOOL).org == "acme"


def test_a_stranger_may_not_publish_and_is_told_which_role_is_missing(registry: Scene) -> None:
    with pytest.raises(ForbiddenError) as caught:
        require_skill(registry.ports, registry.caller("mallory"), Scope.PUBLISH, TOOL)
    assert "publisher" in caught.value.what
    assert "tank org member set acme mallory" in caught.value.fix


def test_a_missing_organisation_is_refused_with_how_to_create_it(registry: Scene) -> None:
    with pytest.raises(ForbiddenError) as caught:
        require_skill(registry.ports, registry.ada, Scope.PUBLISH, SkillName("nobody-here", "tool"))
    assert "tank org create nobody-here" in caught.value.fix


def test_an_admin_of_the_registry_is_no_member_by_that(registry: Scene) -> None:
    with pytest.raises(ForbiddenError):
        require_skill(registry.ports, registry.admin, Scope.PUBLISH, TOOL)


def test_a_limited_token_stays_within_its_patterns(registry: Scene) -> None:
    limited = registry.caller("ada", Scope.PUBLISH, skills=("@acme/tool",))
    require_skill(registry.ports, limited, Scope.PUBLISH, TOOL)
    with pytest.raises(ForbiddenError, match="@acme/other"):
        require_skill(registry.ports, limited, Scope.PUBLISH, SkillName("acme", "other"))
    with pytest.raises(ForbiddenError):
        require_everywhere(limited, Scope.PUBLISH)


@pytest.mark.parametrize(
    ("patterns", "wanted", "covered"),
    [
        (("@acme/*",), "@acme/tool", True),
        (("@acme/*",), "@acme/*", True),
        (("@acme/tool",), "@acme/*", False),
        (("@acme/tool",), "@acme/tool-two", False),
        (("@acme/*",), "@acmeevil/tool", False),
        ((), "@acme/tool", False),
    ],
)
def test_patterns_cover_whole_names(patterns: tuple[str, ...], wanted: str, covered: bool) -> None:
    assert covers_any(patterns, wanted) is covered


def test_only_an_owner_manages_members(registry: Scene) -> None:
    require_owner(registry.ports, registry.ada, "acme")
    with pytest.raises(ForbiddenError):
        require_owner(registry.ports, registry.caller("grace"), "acme")
    with pytest.raises(ForbiddenError):
        require_owner(registry.ports, registry.caller("ada", Scope.ORG, skills=("@acme/tool",)), "acme")
    require_owner(registry.ports, registry.caller("ada", Scope.ORG, skills=("@acme/*",)), "acme")


def test_the_admin_scope_alone_makes_no_admin(registry: Scene) -> None:
    require_registry_admin(registry.admin)
    with pytest.raises(ForbiddenError, match="not an admin"):
        require_registry_admin(registry.caller("ada", Scope.REGISTRY_ADMIN))
    with pytest.raises(ForbiddenError, match="registry-admin"):
        require_registry_admin(registry.caller("admin", Scope.PUBLISH))


def test_removing_a_member_works_at_once(registry: Scene) -> None:
    grace = registry.caller("grace")
    registry.world.accounts.orgs["acme"].members.pop("grace")
    with pytest.raises(ForbiddenError):
        require_skill(registry.ports, grace, Scope.PUBLISH, TOOL)
