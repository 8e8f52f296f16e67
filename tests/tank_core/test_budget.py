from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.budget import PermissionBudgetError, check_budget
from tank_core.errors import ExitCode
from tank_core.names import SkillName
from tank_core.permissions import NONE, PermissionSet, union
from tests.support.strategies_permissions import permission_sets

ONE, TWO = SkillName("acme", "one"), SkillName("acme", "two")


def test_covered_skills_pass() -> None:
    budget = PermissionSet(filesystem_read=("./src/**",), network_outbound=("*.example",))
    check_budget(budget, {ONE: PermissionSet(filesystem_read=("./src/*.py",)), TWO: NONE})
    check_budget(budget, {TWO: PermissionSet(network_outbound=("api.example:443",))})


def test_every_violation_of_every_skill_is_named_with_the_line_to_add() -> None:
    wanted = {
        TWO: PermissionSet(secrets=("A_TOKEN",)),
        ONE: PermissionSet(network_outbound=("api.example",), subprocess=("git",)),
    }
    with pytest.raises(PermissionBudgetError) as caught:
        check_budget(NONE, wanted)
    error = caught.value
    assert error.exit_code is ExitCode.POLICY
    assert [(problem.where, problem.what) for problem in error.problems] == [
        ("@acme/one", "needs network.outbound “api.example”"),
        ("@acme/one", "needs subprocess “git”"),
        ("@acme/two", "needs secrets “A_TOKEN”"),
    ]
    assert (
        error.problems[0].fix
        == 'add "network": {"outbound": ["api.example"]} to "permissions" in skills.json'
    )


def test_an_empty_budget_allows_only_skills_that_ask_for_nothing() -> None:
    check_budget(NONE, {ONE: NONE})
    with pytest.raises(PermissionBudgetError, match="@acme/one needs permissions"):
        check_budget(NONE, {ONE: PermissionSet(subprocess=("git",))})


@settings(max_examples=50, deadline=None)
@given(permission_sets, st.dictionaries(st.sampled_from([ONE, TWO]), permission_sets))
def test_the_proposed_addition_is_enough(
    budget: PermissionSet, wanted: dict[SkillName, PermissionSet]
) -> None:
    try:
        check_budget(budget, wanted)
    except PermissionBudgetError as error:
        addition = json.loads(error.fix.partition("skills.json: ")[2])
        check_budget(union(budget, PermissionSet.from_json(addition, "permissions")), wanted)
