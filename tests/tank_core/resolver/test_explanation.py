"""What a person reads when no versions fit together: pinned, with what to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tank_core.entities import Availability
from tank_core.findings import Verdict
from tank_core.index import IndexVersion
from tank_core.resolver import NoResolutionError, ResolutionPolicy, resolve
from tests.support.index_documents import index_version, ranges, registry

HOUR = 3600
NOW = 1_000_000
APP = {"app": {"1.0.0": {"text": "^2.0.0"}}, "text": {"1.0.0": {}}}
OVERRIDE = (
    "Ask the publishers for versions that fit together. If you know that it works without, set "
    '"@acme/text": "{}" in "overrides" of skills.json.'
)
AUDIT = (
    "Wait for versions that meet the audit policy, or ask for less: in “audit” of skills.json, or with "
    "`tank config` where it is your own; `tank config ls` shows which."
)


def told(
    roots: Mapping[str, str],
    published: Mapping[str, Mapping[str, Mapping[str, str]]],
    special: Mapping[str, list[IndexVersion]] | None = None,
    overrides: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    **policy: Any,
) -> NoResolutionError:
    with pytest.raises(NoResolutionError) as caught:
        resolve(
            ranges({**roots, **(typed or {})}),
            registry(published, special),
            policy=ResolutionPolicy(NOW, **policy),
            overrides=ranges(overrides or {}),
            typed=ranges(typed or {}).keys(),
        )
    return caught.value


def test_two_roads_to_one_skill_are_told_one_after_the_other() -> None:
    error = told(
        {"app": "^1.0.0", "tool": "^2.0.0"},
        {
            "app": {"1.0.0": {"mid": "^1.0.0"}, "1.1.0": {"mid": "^1.0.0"}},
            "mid": {"1.0.0": {"text": "^1.0.0"}, "1.4.0": {"text": "^1.0.0"}},
            "tool": {"2.0.0": {"text": "^2.0.0"}},
            "text": {"1.0.0": {}, "2.0.0": {}},
        },
    )
    assert error.what == "No versions satisfy what @acme/app and @acme/tool need."
    assert error.why == (
        "skills.json needs @acme/app ^1.0.0; @acme/app 1.0.0 to 1.1.0 need @acme/mid ^1.0.0; "
        "@acme/mid 1.0.0 to 1.4.0 need @acme/text ^1.0.0; skills.json needs @acme/tool ^2.0.0; "
        "@acme/tool 2.0.0 needs @acme/text ^2.0.0."
    )
    assert error.fix == OVERRIDE.format("^2.0.0")


def test_a_range_of_the_project_is_proposed_before_an_override() -> None:
    error = told(
        {"app": "^1.0.0", "tool": "^2.0.0"},
        {
            "app": {"1.0.0": {"text": "^1.0.0"}},
            "tool": {"1.3.0": {"text": "^1.0.0"}, "2.0.0": {"text": "^2.0.0"}},
            "text": {"1.0.0": {}, "2.0.0": {}},
        },
    )
    assert error.fix == 'In "skills" of skills.json, write "@acme/tool": "^1.3.0".'


@pytest.mark.parametrize(
    ("special", "policy", "objection", "fix"),
    [
        (
            {"published_at": NOW - HOUR},
            {"min_release_age_seconds": 72 * HOUR},
            "2.0.0 is too young for audit.min_release_age, by 3 days",
            f"{AUDIT} Or: {OVERRIDE.format('^1.0.0')}",
        ),
        (
            {"score": 5.0},
            {"min_score": 7.0},
            "2.0.0 has the score 5, and audit.min_score is 7",
            f"{AUDIT} Or: {OVERRIDE.format('^1.0.0')}",
        ),
        (
            {"availability": Availability.YANKED, "reason": "broken"},
            {},
            "2.0.0 was yanked (“broken”)",
            OVERRIDE.format("^1.0.0"),
        ),
        (
            {"availability": Availability.WITHDRAWN, "reason": "stole tokens"},
            {},
            "2.0.0 was withdrawn (“stole tokens”)",
            OVERRIDE.format("^1.0.0"),
        ),
        (
            {"verdict": Verdict.FAIL},
            {},
            "2.0.0 has the verdict fail, which nothing accepts",
            OVERRIDE.format("^1.0.0"),
        ),
        (
            {"verdict": Verdict.FLAGGED},
            {},
            "2.0.0 has the verdict flagged, which needs --accept-flagged",
            OVERRIDE.format("^1.0.0"),
        ),
    ],
    ids=["young", "score", "yanked", "withdrawn", "failed", "flagged"],
)
def test_a_version_that_is_kept_out_is_named_with_what_keeps_it_out(
    special: dict[str, Any], policy: dict[str, Any], objection: str, fix: str
) -> None:
    error = told({"app": "^1.0.0"}, APP, {"text": [index_version("2.0.0", **special)]}, **policy)
    assert error.why == (
        f"skills.json needs @acme/app ^1.0.0; @acme/app 1.0.0 needs @acme/text ^2.0.0; @acme/text {objection}."
    )
    assert error.fix == fix


def test_provenance_that_is_missing_is_named() -> None:
    error = told({"app": "^1.0.0"}, {"app": {"1.0.0": {}}}, require_provenance=True)
    assert error.why == (
        "skills.json needs @acme/app ^1.0.0; "
        "@acme/app 1.0.0 is not signed by its publisher, which audit.require_provenance demands."
    )
    assert error.fix == AUDIT


def test_a_version_that_a_person_may_accept_comes_with_the_option() -> None:
    error = told({"app": "^1.0.0"}, APP, {"text": [index_version("2.0.0", verdict=Verdict.FLAGGED)]})
    assert error.problems[-1].fix == (
        "use other versions of @acme/text, or accept one: --accept flagged:@acme/text@2.0.0"
    )


def test_where_nothing_may_be_chosen_only_the_publisher_can_help() -> None:
    gone = [index_version("1.0.0", availability=Availability.YANKED)]
    error = told({"app": "^1.0.0"}, {"app": {"1.0.0": {"text": "*"}}}, {"text": gone})
    assert error.fix == "Ask the publishers for new versions: none of those that are asked for may be chosen."


def test_an_override_that_made_the_conflict_is_to_be_removed() -> None:
    published = {"app": {"1.0.0": {"text": "^1.0.0"}}, "text": {"1.0.0": {}, "2.0.0": {}}}
    error = told({"app": "^1.0.0"}, published, overrides={"text": "^3.0.0"})
    assert error.why == (
        "skills.json needs @acme/app ^1.0.0; @acme/app 1.0.0 needs @acme/text, which skills.json overrides to ^3.0.0; "
        "@acme/text has no version in ^3.0.0; its highest is 2.0.0."
    )
    assert error.fix == 'Remove "@acme/text" from "overrides" in skills.json.'


def test_a_proposed_override_ends_the_conflict() -> None:
    published = {
        "a": {"1.0.0": {"text": "^1.0.0"}},
        "b": {"1.0.0": {"text": "^2.0.0"}},
        "text": {"1.0.0": {}, "2.0.0": {}},
    }
    error = told({"a": "*", "b": "*"}, published)
    name, wanted = error.fix.split('"')[1::2][:2]
    found = resolve(
        ranges({"a": "*", "b": "*"}),
        registry(published),
        policy=ResolutionPolicy(NOW),
        overrides=ranges({name.removeprefix("@acme/"): wanted}),
    )
    assert [str(item.version) for item in found.versions.values()] == ["1.0.0", "1.0.0", "2.0.0"]


def test_what_stands_on_the_command_line_is_not_looked_for_in_the_manifest() -> None:
    published = {
        "app": {"1.0.0": {"text": "^1.0.0"}, "2.0.0": {"text": "^2.0.0"}},
        "text": {"1.0.0": {}, "2.0.0": {}},
    }
    error = told({"app": "^1.0.0"}, published, typed={"text": "2.x"})
    assert error.why == (
        "skills.json needs @acme/app ^1.0.0; @acme/app 1.0.0 needs @acme/text ^1.0.0; "
        "the command line asks for @acme/text 2.x."
    )
    assert error.fix == (
        'Ask for \'@acme/text@^1.0.0\' instead. Or: In "skills" of skills.json, write "@acme/app": "^2.0.0".'
    )
    assert [problem.fix for problem in error.problems if problem.where == "the command line"] == [
        "ask for other versions of @acme/text"
    ]
