from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core import budget as budget_module
from tank_core.budget import PermissionBudgetError, check_budget
from tank_core.errors import ExitCode
from tank_core.names import SkillName
from tank_core.permissions import NONE, PermissionSet, union
from tank_core.permissions.effort import Effort
from tests.support.hostile_permissions import hostile_budget, hostile_wish
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


@pytest.mark.parametrize("secrets", [0, 500])  # smaller than the hostile sets, or larger
def test_hostile_skills_take_no_share_from_another(secrets: int) -> None:
    plain = PermissionSet(secrets=tuple(f"S{n}" for n in range(secrets)), filesystem_read=("./src/**",))
    wanted = {SkillName("acme", f"hostile-{n}"): hostile_wish(n) for n in range(3)}
    honest = replace(plain, filesystem_read=("./src/*.py",))
    with pytest.raises(PermissionBudgetError) as caught:
        check_budget(union(hostile_budget(), plain), {**wanted, ONE: honest})
    assert {problem.where for problem in caught.value.problems} == {str(name) for name in wanted}


def test_hostile_skills_together_cost_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    efforts: list[Effort] = []
    monkeypatch.setattr(budget_module, "Effort", lambda limit: efforts.append(Effort(limit)) or efforts[-1])
    with pytest.raises(PermissionBudgetError):
        check_budget(hostile_budget(), {SkillName("acme", f"h{n}"): hostile_wish(n) for n in range(10)})
    assert all(effort.is_exhausted for effort in efforts)
    assert sum(effort.spent for effort in efforts) < budget_module.MANY_SETS_STEPS * 1.02


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
