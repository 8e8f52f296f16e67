"""What a publish must bring: the bindings in force, and the identity that they accept."""

from __future__ import annotations

from typing import Any

import pytest

from tank_cli.publishing.demands import (
    Demands,
    IdentityNotBoundError,
    check_identity,
    demands_of,
    nothing_bound,
)
from tank_core.names import SkillName
from tank_core.trusted_publishing import OrgBinding
from tank_core.wire.bindings import BindingList
from tests.support.binding_documents import bindings_document, org_binding
from tests.support.identities import build_binding, build_claims, person_binding, person_claims

NAME = SkillName.parse("@acme/notes")
NOW = 1_000


class Registry:
    """The one answer that is asked for."""

    def __init__(self, *bindings: OrgBinding, forbidden: bool = False) -> None:
        self._document = bindings_document(*bindings, forbidden=forbidden)

    def get(self, path: str, answer: Any) -> Any:
        assert (path, answer) == ("/orgs/acme/bindings", BindingList)
        return answer.model_validate(self._document)


def demanded(*bindings: OrgBinding, forbidden: bool = False) -> Demands:
    return demands_of(Registry(*bindings, forbidden=forbidden), NAME, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("binding", "counts"),
    [
        (org_binding(build_binding()), True),
        (org_binding(build_binding(), skill="@acme/notes"), True),
        (org_binding(build_binding(), skill="@acme/other"), False),
        (org_binding(build_binding(), effective_at=NOW + 1), False),
        (org_binding(build_binding(), ends_at=NOW), False),
        (org_binding(build_binding(), ends_at=NOW + 1), True),
    ],
    ids=["the organisation's", "its own", "another skill's", "announced", "ended", "ending"],
)
def test_only_bindings_in_force_for_the_skill_count(binding: OrgBinding, counts: bool) -> None:
    assert demanded(binding).bindings == ((binding.binding,) if counts else ())


def test_a_skills_own_bindings_replace_the_organisations() -> None:
    own = org_binding(person_binding(), skill="@acme/notes")
    assert demanded(org_binding(build_binding()), own).bindings == (own.binding,)


@pytest.mark.parametrize(
    ("bindings", "announced"),
    [
        ((), None),
        ((org_binding(build_binding(), effective_at=NOW),), None),
        ((org_binding(build_binding(), skill="@acme/other", effective_at=NOW + 1),), None),
        ((org_binding(build_binding(), effective_at=NOW + 2),), NOW + 2),
        (
            (
                org_binding(build_binding(), effective_at=NOW + 9),
                org_binding(person_binding(), skill="@acme/notes", effective_at=NOW + 3),
            ),
            NOW + 3,
        ),
    ],
    ids=["nothing", "in force", "another skill's", "the organisation's", "the soonest"],
)
def test_an_announced_binding_is_known_by_when_it_will_count(
    bindings: tuple[OrgBinding, ...], announced: int | None
) -> None:
    assert demanded(*bindings).announced_for == announced


def test_a_job_whose_binding_is_announced_learns_from_when_on_it_counts() -> None:
    refusal = nothing_bound(demanded(org_binding(build_binding(), effective_at=86_400)))
    assert "counts from 1970-01-02 00:00 UTC on" in refusal.why
    assert "Wait until then" in refusal.fix


def test_a_job_that_nobody_bound_is_advised_a_token_only_where_tokens_publish() -> None:
    assert "--no-sign" in nothing_bound(demanded()).fix
    fix = nothing_bound(demanded(forbidden=True)).fix
    assert "--no-sign" not in fix
    assert "tank binding add @acme" in fix
    assert "@acme forbids publishing with tokens" in fix


def test_the_rule_on_tokens_comes_along() -> None:
    assert demanded(forbidden=True).forbids_tokens
    assert not demanded().forbids_tokens


def test_bindings_of_other_publishers_are_of_no_use() -> None:
    demands = demanded(org_binding(build_binding("acme-ci")), org_binding(person_binding("ada")))
    assert demands.of_publisher("ada") == (person_binding("ada"),)
    with pytest.raises(IdentityNotBoundError, match="may not sign") as caught:
        demands.of_publisher("jo")
    assert "Bound identities act as acme-ci, ada." in caught.value.why


def test_nothing_bound_means_that_nobody_may_sign() -> None:
    with pytest.raises(IdentityNotBoundError) as caught:
        demanded().of_publisher("jo")
    assert "No binding is in force" in caught.value.why


def test_an_identity_that_one_binding_accepts_passes() -> None:
    check_identity(NAME, (person_binding(), build_binding()), build_claims())
    check_identity(NAME, (person_binding(), build_binding()), person_claims())


def test_an_environment_that_a_certificate_lacks_is_left_to_the_registry() -> None:
    check_identity(NAME, (build_binding(),), build_claims(environment=""))


@pytest.mark.parametrize(
    ("change", "claim"),
    [
        ({"environment": "staging"}, "environment"),
        ({"owner_id": "9"}, "owner-id"),
        ({"repository_id": "9"}, "repository-id"),
        ({"ref": "refs/heads/main"}, "ref"),
        ({"trigger": "pull_request"}, "trigger"),
        ({"runner": "self-hosted"}, "runner"),
        ({"issuer": "https://issuer.example"}, "issuer"),
    ],
)
def test_an_identity_that_is_not_bound_is_told_by_its_differing_claim(
    change: dict[str, str], claim: str
) -> None:
    with pytest.raises(IdentityNotBoundError) as caught:
        check_identity(NAME, (person_binding(), build_binding()), build_claims(**change))
    assert f"claim {claim}" in {problem.where for problem in caught.value.problems}


def test_another_person_is_not_bound() -> None:
    with pytest.raises(IdentityNotBoundError) as caught:
        check_identity(NAME, (person_binding(),), person_claims(subject="eve@acme.example"))
    assert "eve@acme.example is not bound" in caught.value.why
