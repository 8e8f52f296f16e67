"""What an owner who forbids tokens is told of those who can still publish."""

from __future__ import annotations

from tank_cli.publishing.without_tokens import lines_of
from tank_core.trusted_publishing import OrgBinding
from tank_core.wire.bindings import BindingList
from tests.support.binding_documents import bindings_document, org_binding
from tests.support.identities import WORKFLOW, build_binding, person_binding

NOW = 1_000
PEOPLE = "People cannot, those who sign in the browser included: they upload with a token."


def told(*bindings: OrgBinding) -> list[str]:
    first, *lines, last = lines_of(BindingList.model_validate(bindings_document(*bindings)), NOW)
    assert (first, last) == ("Without tokens, these can publish:", PEOPLE)
    return lines


def test_builds_of_the_organisation_publish_every_skill() -> None:
    assert told(org_binding(build_binding("acme-ci"))) == [
        f"  every other skill of @acme: {WORKFLOW} as acme-ci",
    ]


def test_a_skill_that_only_people_are_bound_for_is_nobodys() -> None:
    own = org_binding(person_binding(), skill="@acme/notes")
    assert told(org_binding(build_binding()), own) == [
        "  @acme/notes: nobody",
        f"  every other skill of @acme: {WORKFLOW} as ada",
    ]


def test_the_skills_without_bindings_are_nobodys_where_only_overrides_count() -> None:
    announced = org_binding(build_binding(), effective_at=NOW + 1)
    ended = org_binding(build_binding(), ends_at=NOW)
    own = org_binding(build_binding(), skill="@acme/notes")
    twice = org_binding(build_binding(environment=""), skill="@acme/notes", ends_at=NOW + 1)
    assert told(announced, ended, own, twice) == [
        f"  @acme/notes: {WORKFLOW} as ada",
        "  every other skill of @acme: nobody",
    ]
