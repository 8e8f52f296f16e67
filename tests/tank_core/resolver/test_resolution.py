from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.absence import SkillNotFoundError, WithdrawnError
from tank_core.consent import Acceptance, Consent, Risk
from tank_core.entities import Availability
from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.index import IndexDocument, IndexVersion
from tank_core.names import SkillName
from tank_core.resolver import Fetch, NoResolutionError, ResolutionPolicy, needed_consent, resolve
from tank_core.semver import Version
from tests.support.index_documents import index_version, ranges, registry, skill

POLICY = ResolutionPolicy(now=1_000_000)
HOUR = 3600
EVERY_FLAGGED = Consent(wholesale=frozenset({Risk.FLAGGED}))


def resolved(
    roots: Mapping[str, str],
    fetch: Fetch,
    policy: ResolutionPolicy = POLICY,
    locked: Mapping[str, str] | None = None,
) -> dict[str, str]:
    preferred = {skill(name): Version.parse(text) for name, text in (locked or {}).items()}
    resolution = resolve(ranges(roots), fetch, policy=policy, preferred=preferred)
    return {name.name: str(item.version) for name, item in resolution.versions.items()}


def refusal(roots: Mapping[str, str], fetch: Fetch, policy: ResolutionPolicy = POLICY) -> NoResolutionError:
    with pytest.raises(NoResolutionError) as caught:
        resolve(ranges(roots), fetch, policy=policy)
    return caught.value


def test_no_roots_need_nothing() -> None:
    assert resolved({}, registry({})) == {}


def test_chooses_the_highest_of_a_range_and_its_dependencies() -> None:
    fetch = registry(
        {"a": {"1.0.0": {}, "1.2.0": {"b": "^1.0.0"}, "2.0.0": {}}, "b": {"1.0.0": {}, "1.9.0": {}}}
    )
    assert resolved({"a": "^1.0.0"}, fetch) == {"a": "1.2.0", "b": "1.9.0"}


def test_goes_back_to_an_older_version_when_the_newest_does_not_fit() -> None:
    fetch = registry(
        {
            "a": {"1.0.0": {"c": "^1.0.0"}, "1.1.0": {"c": "^2.0.0"}},
            "b": {"1.0.0": {"c": "^1.0.0"}},
            "c": {"1.0.0": {}, "2.0.0": {}},
        }
    )
    assert resolved({"a": "^1.0.0", "b": "*"}, fetch) == {"a": "1.0.0", "b": "1.0.0", "c": "1.0.0"}


def test_a_cycle_of_dependencies_is_no_conflict() -> None:
    fetch = registry({"a": {"1.0.0": {"b": "*"}}, "b": {"1.0.0": {"a": "^1.0.0"}}})
    assert resolved({"a": "*"}, fetch) == {"a": "1.0.0", "b": "1.0.0"}


def test_prereleases_are_chosen_only_where_a_range_asks_for_them() -> None:
    fetch = registry({"a": {"1.0.0": {}, "1.1.0-beta.1": {}}})
    assert resolved({"a": "^1.0.0"}, fetch) == {"a": "1.0.0"}
    assert resolved({"a": "^1.1.0-beta.0"}, fetch) == {"a": "1.1.0-beta.1"}


def test_locked_versions_are_kept_while_the_ranges_allow_them() -> None:
    fetch = registry({"a": {"1.0.0": {}, "1.1.0": {}, "2.0.0": {}}})
    assert resolved({"a": "^1.0.0"}, fetch, locked={"a": "1.0.0"}) == {"a": "1.0.0"}
    assert resolved({"a": "^2.0.0"}, fetch, locked={"a": "1.0.0"}) == {"a": "2.0.0"}


def test_the_failure_of_a_locked_version_rules_out_no_other() -> None:
    fetch = registry(
        {"a": {"1.0.0": {"gone": "*"}, "1.1.0": {"b": "*"}, "1.2.0": {"gone": "*"}}, "b": {"1.0.0": {}}}
    )
    assert resolved({"a": "*"}, fetch, locked={"a": "1.0.0"}) == {"a": "1.1.0", "b": "1.0.0"}


def test_a_dependency_that_does_not_exist_only_rules_out_what_needs_it() -> None:
    fetch = registry({"a": {"1.0.0": {}, "1.1.0": {"gone": "*"}}})
    assert resolved({"a": "*"}, fetch) == {"a": "1.0.0"}


def test_a_root_that_does_not_exist_is_named() -> None:
    with pytest.raises(SkillNotFoundError, match="@acme/gone"):
        resolve(ranges({"gone": "*"}), registry({}), policy=POLICY)


def special(**facts: object) -> Fetch:
    odd = index_version("1.1.0", **facts)  # type: ignore[arg-type]  # keywords of index_version
    return registry({"a": {"1.0.0": {}}}, {"a": [odd]})


def test_a_yanked_version_is_kept_from_a_lock_and_never_newly_chosen() -> None:
    fetch = special(availability=Availability.YANKED)
    assert resolved({"a": "*"}, fetch) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch, locked={"a": "1.1.0"}) == {"a": "1.1.0"}


def test_a_withdrawn_version_is_not_even_kept_from_a_lock() -> None:
    fetch = special(availability=Availability.WITHDRAWN)
    assert resolved({"a": "*"}, fetch, locked={"a": "1.1.0"}) == {"a": "1.0.0"}


def test_a_range_of_nothing_but_withdrawn_versions_says_so() -> None:
    fetch = special(availability=Availability.WITHDRAWN, reason="stole credentials")
    with pytest.raises(WithdrawnError) as caught:
        resolve(ranges({"a": "1.1.0"}), fetch, policy=POLICY)
    assert caught.value.why == "stole credentials"
    assert caught.value.exit_code is ExitCode.VERDICT


def test_a_failed_version_is_chosen_by_no_opt_in_and_not_kept_from_a_lock() -> None:
    fetch = special(verdict=Verdict.FAIL)
    every = ResolutionPolicy(0, consent=EVERY_FLAGGED, flagged_accepted=frozenset({skill("a")}))
    assert resolved({"a": "*"}, fetch, every) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch, every, {"a": "1.1.0"}) == {"a": "1.0.0"}
    assert "has the verdict fail, which nothing accepts" in refusal({"a": "1.1.0"}, fetch, every).why


def test_a_flagged_version_needs_an_opt_in() -> None:
    fetch = special(verdict=Verdict.FLAGGED)
    assert resolved({"a": "*"}, fetch) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch, locked={"a": "1.1.0"}) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch, ResolutionPolicy(0, consent=EVERY_FLAGGED)) == {"a": "1.1.0"}
    accepted = ResolutionPolicy(0, flagged_accepted=frozenset({skill("a")}))
    assert resolved({"a": "*"}, fetch, accepted, {"a": "1.1.0"}) == {"a": "1.1.0"}
    assert resolved({"a": "*"}, fetch, accepted) == {"a": "1.0.0"}


def test_a_young_version_waits_unless_it_is_locked() -> None:
    fetch = special(published_at=1_000_000 - HOUR)
    patient = ResolutionPolicy(1_000_000, min_release_age_seconds=2 * HOUR)
    assert resolved({"a": "*"}, fetch, patient) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch, patient, {"a": "1.1.0"}) == {"a": "1.1.0"}
    assert resolved({"a": "*"}, fetch, ResolutionPolicy(1_000_000, HOUR)) == {"a": "1.1.0"}


@pytest.mark.parametrize("score", [None, 6.9])
def test_a_version_below_the_score_is_not_chosen(score: float | None) -> None:
    fetch = special(score=score)
    assert resolved({"a": "*"}, fetch, ResolutionPolicy(0, min_score=7.0)) == {"a": "1.0.0"}
    assert resolved({"a": "*"}, fetch) == {"a": "1.1.0"}


def test_an_unsigned_version_is_not_chosen_when_provenance_is_required() -> None:
    strict = ResolutionPolicy(0, require_provenance=True)
    assert "not signed" in refusal({"a": "*"}, special(), strict).why
    assert resolved({"a": "*"}, special(bundle_digest="sha256:0"), strict) == {"a": "1.1.0"}


def test_documents_are_announced_together_before_they_are_fetched() -> None:
    announced: list[list[str]] = []
    fetch = registry(
        {"a": {"1.0.0": {"c": "*", "d": "*"}}, "b": {"1.0.0": {}}, "c": {"1.0.0": {}}, "d": {"1.0.0": {}}}
    )

    def prefetch(names: Collection[SkillName]) -> None:
        announced.append([name.name for name in names])

    resolve(ranges({"b": "*", "a": "*"}), fetch, policy=POLICY, prefetch=prefetch)
    assert announced == [["a", "b"], ["c", "d"]]


def test_each_document_is_fetched_once() -> None:
    fetched: list[SkillName] = []
    inner = registry({"a": {"1.0.0": {"b": "^1"}, "1.1.0": {"b": "^2"}}, "b": {"1.0.0": {}}})

    def fetch(name: SkillName) -> IndexDocument:
        fetched.append(name)
        return inner(name)

    resolve(ranges({"a": "*"}), fetch, policy=POLICY)
    assert sorted(fetched) == sorted(set(fetched))


def test_a_conflict_is_told_as_a_chain_with_what_to_change() -> None:
    fetch = registry(
        {
            "a": {"1.0.0": {"c": "^1.0.0"}, "1.1.0": {"c": "^1.0.0"}},
            "b": {"1.0.0": {"c": "^1.0.0"}, "2.0.0": {"c": "^2.0.0"}},
            "c": {"1.0.0": {}, "2.0.0": {}},
        }
    )
    error = refusal({"a": "^1.0.0", "b": "^2.0.0"}, fetch)
    assert error.exit_code is ExitCode.LOCK
    assert str(error) == "No versions satisfy what @acme/a and @acme/b need. (no-resolution)"
    assert error.why == (
        "skills.json needs @acme/a ^1.0.0; @acme/a 1.0.0 to 1.1.0 need @acme/c ^1.0.0; "
        "skills.json needs @acme/b ^2.0.0; @acme/b 2.0.0 needs @acme/c ^2.0.0."
    )
    assert error.fix == 'In "skills" of skills.json, write "@acme/b": "^1.0.0".'


def test_a_range_without_versions_names_the_highest_there_is() -> None:
    error = refusal({"a": "^2.0.0"}, registry({"a": {"1.0.0": {}}}))
    assert "@acme/a has no version in ^2.0.0; its highest is 1.0.0" in error.why
    assert error.fix == 'In "skills" of skills.json, write "@acme/a": "^1.0.0".'


def test_a_missing_dependency_is_named_with_what_needs_it() -> None:
    error = refusal({"a": "*"}, registry({"a": {"1.0.0": {"gone": "^1.0.0"}}}))
    assert [problem.where for problem in error.problems] == ["skills.json", "@acme/a 1.0.0", "@acme/gone"]
    assert "does not exist" in error.problems[-1].what


def test_a_version_that_may_not_be_chosen_says_why() -> None:
    fetch = registry({}, {"a": [index_version("1.0.0", availability=Availability.YANKED, reason="broken")]})
    assert "1.0.0 was yanked (“broken”)" in refusal({"a": "*"}, fetch).why
    patient = ResolutionPolicy(0, min_release_age_seconds=72 * HOUR)
    young = registry({"a": {"1.0.0": {}}})
    assert "too young for audit.min_release_age, by 3 days" in refusal({"a": "*"}, young, patient).why


def test_a_dependency_on_another_version_of_oneself_is_a_conflict() -> None:
    error = refusal({"a": "1.0.0"}, registry({"a": {"1.0.0": {"a": "^2.0.0"}, "2.0.0": {}}}))
    assert "@acme/a 1.0.0 needs @acme/a ^2.0.0" in error.why


def test_a_search_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tank_core.resolver.solver._MAX_ROUNDS", 1)
    assert "too many combinations" in refusal({"a": "*"}, registry({"a": {"1.0.0": {}}})).what


NAMES = ("a", "b", "c", "d")
VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
some_ranges = st.sampled_from(["*", "^1.0.0", "^2.0.0", "1.0.0", "<2.0.0", "^3.0.0", "~1.1.0"])
requirements = st.dictionaries(st.sampled_from(NAMES), some_ranges, max_size=2)
availabilities = st.sampled_from([Availability.AVAILABLE] * 5 + [Availability.YANKED, Availability.WITHDRAWN])
graphs = st.fixed_dictionaries(
    {
        name: st.dictionaries(st.sampled_from(VERSIONS), st.tuples(requirements, availabilities), max_size=3)
        for name in NAMES
    }
)
Graph = dict[str, dict[str, tuple[dict[str, str], Availability]]]


def published(graph: Graph) -> Fetch:
    special: dict[str, list[IndexVersion]] = {}
    for name, told in graph.items():
        special[name] = [
            index_version(version, {} if state is Availability.WITHDRAWN else wanted, availability=state)
            for version, (wanted, state) in told.items()
        ]
    return registry({}, special)


def fits(choice: Mapping[str, str | None], roots: Mapping[str, str], graph: Graph) -> bool:
    def holds(wanted: Mapping[str, str]) -> bool:
        return all(
            (chosen := choice[name]) is not None and spelled.contains(Version.parse(chosen))
            for name, spelled in ((name.name, spelled) for name, spelled in ranges(wanted).items())
        )

    chosen = [(name, version) for name, version in choice.items() if version is not None]
    return holds(roots) and all(holds(graph[name][version][0]) for name, version in chosen)


def eligible(name: str, graph: Graph, locked: Mapping[str, str]) -> list[str]:
    return [
        version
        for version, (_, state) in graph[name].items()
        if state is Availability.AVAILABLE or (state is Availability.YANKED and locked.get(name) == version)
    ]


def is_solvable(roots: Mapping[str, str], graph: Graph, locked: Mapping[str, str]) -> bool:
    options = [[None, *eligible(name, graph, locked)] for name in NAMES]
    return any(fits(dict(zip(NAMES, choice, strict=True)), roots, graph) for choice in product(*options))


locks = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VERSIONS))


@settings(max_examples=500, deadline=None)
@given(requirements, graphs, locks)
def test_agrees_with_trying_everything(roots: dict[str, str], graph: Graph, locked: dict[str, str]) -> None:
    try:
        result = resolved(roots, published(graph), locked=locked)
    except (NoResolutionError, WithdrawnError):
        assert not is_solvable(roots, graph, locked)
        return
    assert fits({name: result.get(name) for name in NAMES}, roots, graph)
    assert all(version in eligible(name, graph, locked) for name, version in result.items())
    assert result.keys() == _reachable(roots, result, graph)


def _reachable(roots: Mapping[str, str], result: Mapping[str, str], graph: Graph) -> set[str]:
    reached: set[str] = set()
    pending = list(roots)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(graph[name][result[name]][0])
    return reached


@settings(max_examples=150, deadline=None)
@given(requirements, graphs)
def test_every_refusal_explains_itself(roots: dict[str, str], graph: Graph) -> None:
    try:
        first = resolved(roots, published(graph))
    except WithdrawnError:
        return
    except NoResolutionError as error:
        told = error
    else:
        assert resolved(dict(reversed(roots.items())), published(graph)) == first
        assert resolved(roots, published(graph), locked=first) == first
        return
    assert told.problems[0].where == "skills.json"
    assert all(problem.what and problem.fix for problem in told.problems)


@settings(max_examples=100, deadline=None)
@given(requirements, graphs)
def test_a_proposed_change_ends_the_conflict(roots: dict[str, str], graph: Graph) -> None:
    try:
        resolved(roots, published(graph))
    except WithdrawnError:
        return
    except NoResolutionError as error:
        mildest = error.fix.split(" Or: ")[0]  # the other ways have tests of their own
        in_skills = mildest if mildest.startswith('In "skills"') else ""
    else:
        return
    for name, wanted in re.findall(r'"@acme/(\w+)": "([^"]+)"', in_skills):
        resolved({**roots, name: wanted}, published(graph))


def needed(roots: Mapping[str, str], fetch: Fetch, policy: ResolutionPolicy) -> list[str]:
    refused = refusal(roots, fetch, policy)

    def again(consent: Consent) -> Mapping[SkillName, Version]:
        versions = resolve(ranges(roots), fetch, policy=replace(policy, consent=consent)).versions
        return {name: found.version for name, found in versions.items()}

    return [str(acceptance) for acceptance in needed_consent(refused, again, policy.consent)]


def test_what_a_yes_would_be_to_is_said_by_risk_and_version() -> None:
    fetch = special(verdict=Verdict.FLAGGED)
    assert needed({"a": "^1.1.0"}, fetch, POLICY) == [f"flagged:{skill('a')}@1.1.0"]
    young = ResolutionPolicy(now=1_000_000, min_release_age_seconds=72 * HOUR)
    fetch = special(published_at=1_000_000 - HOUR, verdict=Verdict.FLAGGED)
    assert needed({"a": "^1.1.0"}, fetch, young) == [
        f"flagged:{skill('a')}@1.1.0",
        f"young:{skill('a')}@1.1.0",
    ]


def test_no_yes_is_asked_for_where_none_helps() -> None:
    assert needed({"a": "^1.1.0"}, special(verdict=Verdict.FAIL), POLICY) == []
    short = ResolutionPolicy(now=1_000_000, min_score=9.9)
    assert needed({"a": "^1.1.0"}, special(verdict=Verdict.FLAGGED), short) == []
    assert needed({"a": "^3.0.0"}, special(verdict=Verdict.FLAGGED), POLICY) == []


def test_a_yes_to_one_version_lets_in_no_other() -> None:
    flagged = [index_version(version, verdict=Verdict.FLAGGED) for version in ("1.0.0", "1.1.0")]
    fetch = registry({}, {"a": flagged})
    policy = replace(POLICY, consent=Consent(frozenset({Acceptance.parse(f"flagged:{skill('a')}@1.0.0")})))
    assert resolved({"a": "*"}, fetch, policy) == {"a": "1.0.0"}
    refusal({"a": "^1.1.0"}, fetch, policy)
