"""Bindings: which claims meet one, which differ in what, and which bindings bind nothing or too much."""

from __future__ import annotations

import re
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.binding import (
    MAX_BINDING_BYTES,
    REFUSED_TRIGGERS,
    Binding,
    InvalidBindingError,
    Mismatch,
    best_match,
    checked,
    differing_claims,
)
from tank_core.signer import SignerClaims
from tests.support.identities import (
    REF,
    REPOSITORY,
    WORKFLOW,
    build_binding,
    build_claims,
    person_binding,
    person_claims,
)

CLAIMS = [field.name for field in fields(SignerClaims)]
# Claims that say what ran once, and not who runs: no binding looks at them.
FREE = {"owner", "commit", "run", "visibility"}
texts = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=20)
claims_of_any_kind = st.builds(SignerClaims, **dict.fromkeys(CLAIMS, texts))
SHARED = "https://github.com/acme/shared/.github/workflows/sign.yml"


def test_the_bound_build_and_the_bound_person_meet_their_bindings() -> None:
    assert build_binding().mismatches(build_claims()) == ()
    assert person_binding().mismatches(person_claims()) == ()


@given(st.sampled_from(sorted(set(CLAIMS) - FREE)), texts)
def test_a_build_that_differs_in_any_claim_that_counts_is_another(claim: str, text: str) -> None:
    other = build_claims(**{claim: text})
    is_same = text == getattr(build_claims(), claim) or (claim == "trigger" and text == "workflow_dispatch")
    assert (build_binding().mismatches(other) == ()) == is_same


@given(st.sampled_from(sorted(FREE)), texts)
def test_what_a_run_says_of_itself_alone_does_not_count(claim: str, text: str) -> None:
    assert build_binding().mismatches(build_claims(**{claim: text})) == ()


@given(claims_of_any_kind)
def test_claims_of_any_kind_meet_no_binding_by_chance(claims: SignerClaims) -> None:
    assert build_binding().mismatches(claims)
    assert person_binding().mismatches(claims)


@pytest.mark.parametrize("claim", ["repository", "repository_id", "workflow"])
def test_a_build_is_no_person_whatever_its_subject(claim: str) -> None:
    (mismatch,) = person_binding().mismatches(person_claims(**{claim: "x"}))
    assert (mismatch.claim, mismatch.found) == ("subject", "a build, ada@acme.example")


def test_a_person_is_no_build() -> None:
    claims = person_claims(issuer=build_binding().issuer)
    assert "repository-id" in {mismatch.claim for mismatch in build_binding().mismatches(claims)}


REFS = {
    "refs/tags/v*": (
        ["refs/tags/v1", "refs/tags/v", "refs/tags/v1.0.0-rc.1"],
        ["refs/tags/1", "refs/tags/v/1"],
    ),
    "refs/heads/main": (
        ["refs/heads/main"],
        ["refs/heads/main2", "refs/heads/Main", "refs/heads/main/x", ""],
    ),
    "refs/heads/*/x": (["refs/heads/a/x"], ["refs/heads/a/b/x", "refs/heads/x", "refs/heads/a/y"]),
    "refs/tags/v1.0": (["refs/tags/v1.0"], ["refs/tags/v1x0"]),
}


@pytest.mark.parametrize("pattern", sorted(REFS))
def test_a_star_in_a_ref_stays_within_its_segment_and_nothing_else_is_special(pattern: str) -> None:
    met, missed = REFS[pattern]
    binding = checked(build_binding(refs=(pattern,)))
    for ref in (*met, *missed):
        where = f"{WORKFLOW}@{ref}"
        claims = build_claims(ref=ref, workflow=where, signer_workflow=where, subject=where)
        assert (binding.mismatches(claims) == ()) == (ref in met), ref


def test_the_workflow_s_own_ref_counts_like_that_of_the_build() -> None:
    """Else a release could be built from a tag by the workflow as some branch has it."""
    where = f"{WORKFLOW}@refs/heads/mallory"
    claims = build_claims(workflow=where, signer_workflow=where, subject=where)
    assert [str(m) for m in build_binding().mismatches(claims)] == [
        "ref: “refs/heads/mallory”, bound is refs/tags/v*"
    ]


@pytest.mark.parametrize(
    ("allowed", "is_met"), [(SHARED, True), (f"{SHARED}@{REF}", True), (f"{SHARED}@v1", False)]
)
def test_a_reusable_workflow_signs_only_where_it_is_named(allowed: str, is_met: bool) -> None:
    claims = build_claims(signer_workflow=f"{SHARED}@{REF}", subject=f"{SHARED}@{REF}")
    assert [m.claim for m in build_binding().mismatches(claims)] == ["reusable-workflow"]
    binding = checked(build_binding(reusable_workflows=(allowed,)))
    assert (binding.mismatches(claims) == ()) == is_met


@pytest.mark.parametrize(
    "ref", ["refs/heads/main@evil", "refs/heads/main@", "refs/heads/main@refs/heads/main"]
)
def test_a_reusable_workflow_of_one_ref_is_not_another_one_that_begins_with_it(ref: str) -> None:
    """A branch may be called ``main@evil``, and who may not push to main may push that one."""
    claims = build_claims(signer_workflow=f"{SHARED}@{ref}", subject=f"{SHARED}@{ref}")
    binding = checked(build_binding(reusable_workflows=(f"{SHARED}@refs/heads/main",)))
    assert [m.claim for m in binding.mismatches(claims)] == ["reusable-workflow"]


def test_a_stranger_who_calls_our_workflow_has_our_subject_and_is_refused() -> None:
    stranger = build_claims(
        repository="https://github.com/mallory/x",
        repository_id="66",
        owner_id="6",
        workflow=f"https://github.com/mallory/x/.github/workflows/x.yml@{REF}",
    )
    assert stranger.subject == build_claims().subject
    assert {m.claim for m in build_binding().mismatches(stranger)} >= {
        "owner-id",
        "repository-id",
        "workflow",
    }


@pytest.mark.parametrize("name", ["runner", "environment"])
def test_what_a_binding_leaves_open_may_be_anything(name: str) -> None:
    open_binding = checked(build_binding(**{name: ""}))
    assert open_binding.mismatches(build_claims(**{name: "anything"})) == ()


def test_a_mismatch_reads_as_half_a_sentence_and_escapes_what_a_stranger_wrote() -> None:
    assert str(Mismatch("ref", "refs/tags/v*", "a\x1b[31m")) == "ref: “a\\x1b[31m”, bound is refs/tags/v*"
    assert str(Mismatch("environment", "release", "")) == "environment: nothing, bound is release"


def test_the_best_match_is_the_first_that_is_met() -> None:
    wrong, right = build_binding(environment="staging"), build_binding()
    assert best_match((wrong, right, replace(right, publisher="bob")), build_claims()) == right


def test_without_a_match_the_nearest_binding_explains() -> None:
    far, near = person_binding(), build_binding(environment="staging")
    found = best_match((far, near), build_claims())
    assert isinstance(found, tuple)
    assert [m.claim for m in found] == ["environment"]


def test_without_bindings_there_is_nothing_to_meet() -> None:
    assert best_match((), build_claims()) == ()


@given(claims_of_any_kind, claims_of_any_kind)
def test_differing_claims_are_those_that_both_have_and_that_differ(a: SignerClaims, b: SignerClaims) -> None:
    assert differing_claims(a, a) == ()
    assert differing_claims(a, b) == differing_claims(b, a)
    both = {n for n in CLAIMS if getattr(a, n) and getattr(b, n)}
    assert set(differing_claims(a, b)) == {n for n in both if getattr(a, n) != getattr(b, n)}


UNREADABLE: dict[str, tuple[Binding, str]] = {
    "no-publisher": (build_binding(publisher=""), "publisher is empty"),
    "no-issuer": (build_binding(issuer=""), "issuer is empty"),
    "owner-by-name": (build_binding(owner_id="acme"), "owner_id is no number"),
    "owner-missing": (build_binding(owner_id=""), "owner_id is no number"),
    "repository-zero": (build_binding(repository_id="0"), "repository_id is no number"),
    "repository-in-other-digits": (build_binding(repository_id="٢"), "repository_id is no number"),
    "no-repository": (build_binding(repository=""), "repository is empty"),
    "no-workflow": (build_binding(workflow=""), "workflow is empty"),
    "no-refs": (build_binding(refs=()), "refs is empty"),
    "an-empty-ref": (build_binding(refs=("refs/heads/main", "")), "refs has an empty item"),
    "no-triggers": (build_binding(triggers=()), "triggers is empty"),
    "an-empty-trigger": (build_binding(triggers=("",)), "triggers has an empty item"),
    "an-empty-workflow": (build_binding(reusable_workflows=("",)), "reusable_workflows has an empty item"),
    "steering-a-terminal": (build_binding(environment="a\x1b[2J"), "environment holds what cannot be shown"),
    "steering-by-a-workflow": (
        build_binding(reusable_workflows=("https://github.com/a/b\x1b[2J",)),
        "reusable_workflows holds what cannot be shown",
    ),
    "ref-with-a-line-break": (build_binding(refs=("refs/heads/a\nb",)), "refs holds what cannot be shown"),
    "too-many": (build_binding(triggers=tuple(f"e{c}_" for c in "abc" * 11)), "triggers has more than 32"),
    "person-and-build": (person_binding(repository_id="2"), "repository_id belongs to a build"),
    "nobody": (Binding("ada", "https://issuer.example"), "owner_id is no number"),
}
UNACCEPTABLE: dict[str, tuple[Binding, str]] = {
    "issuer-without-scheme": (build_binding(issuer="github.com"), "issuer is no URL"),
    "issuer-with-a-pattern": (build_binding(issuer="https://*.example"), "issuer is no URL"),
    "repository-with-ref": (build_binding(repository=f"{REPOSITORY}@main"), "repository is no URL"),
    "workflow-with-ref": (build_binding(workflow=f"{WORKFLOW}@{REF}"), "workflow is no workflow"),
    "workflow-of-another": (build_binding(workflow=f"{REPOSITORY}x/a.yml"), "workflow is no workflow"),
    "short-ref": (build_binding(refs=("v*",)), "refs has one that is no git ref"),
    "any-trigger": (build_binding(triggers=("*",)), "triggers has one that is no event"),
    "strangers-trigger": (
        build_binding(triggers=("pull_request_target",)),
        "triggers has pull_request_target",
    ),
    "self-hosted": (build_binding(runner="self-hosted"), "runner is no runner"),
    "reusable-by-path": (build_binding(reusable_workflows=("./a.yml",)), "reusable_workflows has one"),
    "person-with-a-pattern": (person_binding(subject="*@acme.example"), "subject is no exact subject"),
}


@pytest.mark.parametrize("name", sorted(UNREADABLE | UNACCEPTABLE))
def test_a_binding_of_nobody_or_of_too_many_is_refused_with_the_reason(name: str) -> None:
    binding, reason = (UNREADABLE | UNACCEPTABLE)[name]
    with pytest.raises(InvalidBindingError) as caught:
        checked(binding)
    assert any(f"{p.where} {p.what}".startswith(reason) for p in caught.value.problems)


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_a_binding_that_could_be_anybody_s_is_not_even_read(name: str) -> None:
    binding, reason = UNREADABLE[name]
    with pytest.raises(InvalidBindingError) as caught:
        Binding.from_json(asdict(binding))  # with empty fields too
    assert any(f"{p.where} {p.what}".startswith(reason) for p in caught.value.problems)


@pytest.mark.parametrize("name", sorted(UNACCEPTABLE))
def test_what_may_not_be_bound_any_more_can_still_be_read(name: str) -> None:
    """Else a stricter policy would make what was attested before unreadable."""
    binding, _ = UNACCEPTABLE[name]
    assert Binding.from_json(binding.to_json()) == binding


# Few values, so that bindings and claims meet by chance; "" and patterns among them.
FEW = ["", "1", "2", "a", "a@refs/b", "refs/b", "*", "refs/*", "https://issuer.example"]
few, few_lists = st.sampled_from(FEW), st.lists(st.sampled_from(FEW), max_size=2)
LISTS = {"refs", "triggers", "reusable_workflows"}
documents = st.fixed_dictionaries(
    {}, optional={f.name: few_lists if f.name in LISTS else few for f in fields(Binding)}
)


WHO = ["issuer", "owner_id", "repository_id", "repository", "workflow", "ref", "trigger", "subject"]
SAMPLES = [(build_binding(), build_claims()), (person_binding(), person_claims())]


@st.composite
def near_pairs(draw: st.DrawFn) -> tuple[dict[str, object], SignerClaims]:
    """A good binding with at most one other field, and its claims with another identity."""
    binding, claims = draw(st.sampled_from(SAMPLES))
    keys = draw(st.lists(st.sampled_from([f.name for f in fields(Binding)]), max_size=1))
    document = {**binding.to_json(), **{key: draw(few_lists if key in LISTS else few) for key in keys}}
    return document, replace(claims, **{draw(st.sampled_from(WHO)): draw(few)})


far_pairs = st.tuples(documents, st.builds(SignerClaims, **dict.fromkeys(CLAIMS, few)))


@settings(max_examples=400)
@given(near_pairs() | far_pairs)
def test_whatever_can_be_read_is_met_by_its_own_issuer_and_ids_alone(
    pair: tuple[dict[str, object], SignerClaims],
) -> None:
    document, claims = pair
    try:
        binding = Binding.from_json(document)
    except InvalidBindingError:
        return
    if binding.mismatches(claims):
        return
    assert binding.issuer == claims.issuer != ""
    assert (binding.owner_id, binding.repository_id) == (claims.owner_id, claims.repository_id)
    if binding.subject:
        assert claims.subject == binding.subject
        assert not claims.is_machine
    else:
        assert claims.owner_id
        assert claims.repository_id
        assert claims.ref
        assert claims.trigger


@pytest.mark.parametrize("claims", [person_claims(), SignerClaims("", ""), build_claims()])
def test_a_binding_without_ids_is_met_by_nobody(claims: SignerClaims) -> None:
    """Not even one that was never read: ids that are not there are not equal."""
    for refs in ((), ("",), ("*",)):
        nobody = Binding("ada", claims.issuer, refs=refs, triggers=(claims.trigger,))
        assert {"owner-id", "repository-id"} <= {m.claim for m in nobody.mismatches(claims)}


def test_a_claim_of_an_owner_alone_makes_nobody_a_person() -> None:
    assert [m.claim for m in person_binding().mismatches(person_claims(owner_id="5"))] == ["subject"]


@given(st.text("ab/*", max_size=8), st.text("ab/", max_size=10))
def test_stars_take_what_any_split_of_the_ref_would(pattern: str, ref: str) -> None:
    plainly = re.compile("[^/]*".join(re.escape(part) for part in pattern.split("*")))
    claims = build_claims(ref=ref, workflow=f"{WORKFLOW}@{ref}")
    is_met = "ref" not in {m.claim for m in build_binding(refs=(pattern,)).mismatches(claims)}
    assert is_met == (bool(ref) and plainly.fullmatch(ref) is not None)


def test_many_stars_cost_no_more_than_the_ref_is_long() -> None:
    ref = f"refs/{'a' * 1000}/"
    binding = checked(build_binding(refs=(f"refs/{'*a' * 400}b",)))
    claims = build_claims(ref=ref, workflow=f"{WORKFLOW}@{ref}")
    assert "ref" in {m.claim for m in binding.mismatches(claims)}


@pytest.mark.parametrize("trigger", sorted(REFUSED_TRIGGERS))
def test_what_strangers_can_start_cannot_be_bound(trigger: str) -> None:
    with pytest.raises(InvalidBindingError, match=r"not acceptable") as caught:
        checked(build_binding(triggers=("push", trigger)))
    assert [p.what for p in caught.value.problems] == [f"has {trigger}, which strangers can start"]


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidBindingError) as caught:
        checked(build_binding(owner_id="", refs=(), triggers=()))
    assert [p.where for p in caught.value.problems] == ["owner_id", "refs", "triggers"]


def test_a_binding_has_a_largest_size() -> None:
    refs = tuple(f"refs/heads/{'x' * 150}{n}" for n in range(24))
    with pytest.raises(InvalidBindingError) as caught:
        checked(build_binding(refs=refs))
    assert str(MAX_BINDING_BYTES) in caught.value.problems[0].what


@pytest.mark.parametrize(
    "binding", [build_binding(), person_binding(), build_binding(reusable_workflows=(SHARED,))]
)
def test_a_binding_is_read_back_as_it_was_written(binding: Binding) -> None:
    assert Binding.from_json(binding.to_json()) == binding


JSON_VALUES = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)


@given(st.sampled_from([f.name for f in fields(Binding)] + ["extra"]), JSON_VALUES)
def test_json_of_another_shape_is_an_invalid_binding_and_nothing_else(key: str, value: Any) -> None:
    document = {**build_binding().to_json(), key: value}
    try:
        read = Binding.from_json(document)
    except InvalidBindingError:
        return
    assert Binding.from_json(read.to_json()) == read


@pytest.mark.parametrize(
    "value", [None, [], "x", 7, {}, {"publisher": "ada"}, {"issuer": "https://i.example"}]
)
def test_what_is_no_binding_document_is_refused(value: object) -> None:
    with pytest.raises(InvalidBindingError):
        Binding.from_json(value)
