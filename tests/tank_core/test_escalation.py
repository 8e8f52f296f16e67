from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core import escalation
from tank_core.errors import ExitCode
from tank_core.escalation import (
    Bump,
    CapabilityEscalationError,
    actual_bump,
    check_escalation,
    compared_with,
    required_bump,
)
from tank_core.permissions import ANY_PROGRAM, NONE, PermissionSet, union
from tank_core.permissions.effort import Effort
from tank_core.semver import Version
from tests.support.hostile_permissions import hostile_budget, hostile_wish
from tests.support.strategies_permissions import permission_sets

NETWORK = PermissionSet(network_outbound=("api.example",))
LISTENING = PermissionSet(network_inbound=("127.0.0.1:80",))
FILES = PermissionSet(filesystem_read=("./a/**",))
NARROWER = PermissionSet(filesystem_read=("./a/b",))
SECRET = PermissionSet(secrets=("A_TOKEN",))
PROGRAMS = PermissionSet(subprocess=ANY_PROGRAM)


def history(**versions: PermissionSet) -> list[tuple[Version, PermissionSet]]:
    return [(Version.parse(text[1:].replace("_", ".")), value) for text, value in versions.items()]


def is_accepted(version: str, new: PermissionSet, published: list[tuple[Version, PermissionSet]]) -> bool:
    try:
        check_escalation(Version.parse(version), new, published)
    except CapabilityEscalationError:
        return False
    return True


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        (NONE, NETWORK, Bump.MAJOR),
        (NONE, LISTENING, Bump.MAJOR),
        (NONE, SECRET, Bump.MAJOR),
        (NONE, PROGRAMS, Bump.MAJOR),
        (NONE, FILES, Bump.MINOR),
        (NONE, union(FILES, NETWORK), Bump.MAJOR),
        (FILES, NARROWER, Bump.NONE),
        (NARROWER, FILES, Bump.MINOR),
        (PROGRAMS, PermissionSet(subprocess=("git",)), Bump.NONE),
        (NETWORK, NONE, Bump.NONE),
    ],
)
def test_required_bump(old: PermissionSet, new: PermissionSet, bump: Bump) -> None:
    assert required_bump(old, new) is bump


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ("1.2.3", "1.2.4", Bump.NONE),
        ("1.2.3", "1.3.0", Bump.MINOR),
        ("1.2.3", "2.0.0", Bump.MAJOR),
        ("0.1.0", "0.1.1", Bump.NONE),
        ("0.1.0", "0.2.0", Bump.MAJOR),
        ("0.9.0", "1.0.0", Bump.MAJOR),
        ("1.0.0-a", "1.0.0", Bump.NONE),
    ],
)
def test_actual_bump(old: str, new: str, bump: Bump) -> None:
    assert actual_bump(Version.parse(old), Version.parse(new)) is bump


@pytest.mark.parametrize(
    ("version", "new", "expected"),
    [
        ("1.0.1", FILES, False),
        ("1.1.0", FILES, True),
        ("1.1.0", NETWORK, False),
        ("2.0.0", NETWORK, True),
        ("1.0.1", NONE, True),
    ],
)
def test_step_decides_what_may_be_new(version: str, new: PermissionSet, expected: bool) -> None:
    assert is_accepted(version, new, history(v1_0_0=NONE)) is expected


def test_below_one_the_minor_is_the_major_and_a_patch_may_only_narrow() -> None:
    published = history(v0_1_0=NONE)
    assert not is_accepted("0.1.1", FILES, published)
    assert not is_accepted("0.1.1", NETWORK, published)
    assert is_accepted("0.2.0", NETWORK, published)
    assert not is_accepted("0.0.2", NETWORK, history(v0_0_1=NONE))


def test_the_first_version_may_ask_for_anything() -> None:
    assert is_accepted("1.0.0", union(NETWORK, SECRET), [])


def test_permissions_of_a_higher_major_do_not_launder_a_patch_of_a_lower_one() -> None:
    assert not is_accepted("1.0.1", NETWORK, history(v1_0_0=NONE, v2_0_0=NETWORK))


def test_permissions_that_were_dropped_in_between_are_new_again() -> None:
    assert not is_accepted("1.2.0", NETWORK, history(v1_0_0=NETWORK, v1_1_0=NONE))


def test_every_version_that_a_caret_could_hold_counts() -> None:
    # 1.1.0 was published before the rule was kept; from 1.0.0 a caret leads to 1.1.1 all the same.
    assert not is_accepted("1.1.1", NETWORK, history(v1_0_0=NONE, v1_1_0=NETWORK))


def test_narrowing_is_no_escalation() -> None:
    assert is_accepted("1.0.1", NARROWER, history(v1_0_0=FILES))


def test_a_prerelease_cannot_prepare_an_escalation() -> None:
    published = [(Version.parse("1.0.0"), NONE)]
    assert not is_accepted("1.1.0-beta.1", NETWORK, published)
    published.append((Version.parse("1.1.0-beta.1"), NETWORK))
    assert not is_accepted("1.1.0", NETWORK, published)


def test_compares_with_the_line_below_only() -> None:
    published = history(v2_0_0=NONE, v0_9_0=NONE, v1_0_0=NONE, v1_3_0=NONE, v1_1_0=NONE)
    versions = [str(version) for version, _ in compared_with(Version.parse("1.2.0"), published)]
    assert versions == ["1.1.0", "1.0.0"]


def test_error_names_every_entry_its_origin_and_a_free_version() -> None:
    with pytest.raises(CapabilityEscalationError) as caught:
        check_escalation(Version.parse("1.0.1"), union(NETWORK, FILES), history(v1_0_0=NONE, v2_0_0=NETWORK))
    error = caught.value
    assert (error.status, error.exit_code) == (422, ExitCode.POLICY)
    assert '"3.0.0"' in error.fix
    assert "compare" not in error.why
    assert [problem.what for problem in error.problems] == [
        "“./a/**” is new since 1.0.0, and needs a minor version",
        "“api.example” is new since 1.0.0, and needs a major version",
    ]


def test_error_of_a_filesystem_access_proposes_the_next_free_minor() -> None:
    with pytest.raises(CapabilityEscalationError) as caught:
        check_escalation(Version.parse("1.0.1"), FILES, history(v1_0_0=NONE, v1_4_0=FILES))
    assert '"1.5.0"' in caught.value.fix


def test_a_history_of_hostile_sets_is_refused_within_one_limit_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    efforts: list[Effort] = []
    monkeypatch.setattr(escalation, "Effort", lambda limit: efforts.append(Effort(limit)) or efforts[-1])
    published = [(Version(1, 0, patch), hostile_budget(patch)) for patch in range(20)]
    with pytest.raises(CapabilityEscalationError) as caught:
        check_escalation(Version(1, 0, 99), hostile_wish(), published)
    assert caught.value.why.endswith("what was not compared counts as new.")
    assert [effort.is_exhausted for effort in efforts] == [True]
    assert efforts[0].spent < escalation.MANY_SETS_STEPS * 1.02


def test_sets_that_occur_again_are_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    efforts: list[Effort] = []
    monkeypatch.setattr(escalation, "Effort", lambda limit: efforts.append(Effort(limit)) or efforts[-1])
    for count in (1, 200):
        check_escalation(Version(1, 0, 999), NARROWER, [(Version(1, 0, n), FILES) for n in range(count)])
    assert efforts[0].spent == efforts[1].spent > 0


versions = st.builds(Version, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2))
histories = st.lists(st.tuples(versions, permission_sets), max_size=4)


@settings(max_examples=100, deadline=None)
@given(versions, permission_sets, permission_sets, histories)
def test_asking_for_less_is_never_refused_more(
    version: Version, some: PermissionSet, more: PermissionSet, published: list[tuple[Version, PermissionSet]]
) -> None:
    if is_accepted(str(version), union(some, more), published):
        assert is_accepted(str(version), some, published)


def test_the_proposed_version_looks_at_its_own_predecessor() -> None:
    """1.1.0 would follow 1.0.1, which gave the token up: only a major version may ask for it again."""
    narrow = PermissionSet.from_json({}, "capabilities")
    token = PermissionSet.from_json({"secrets": ["A_TOKEN"]}, "capabilities")
    wanted = PermissionSet.from_json(
        {"secrets": ["A_TOKEN"], "filesystem": {"write": ["./out/**"]}}, "capabilities"
    )
    published = [(Version(1, 0, 0), token), (Version(1, 0, 2), narrow)]
    with pytest.raises(CapabilityEscalationError) as caught:
        check_escalation(Version(1, 0, 1), wanted, published)
    assert '"2.0.0"' in caught.value.fix


@settings(max_examples=100, deadline=None)
@given(versions, permission_sets, histories)
def test_the_proposed_version_is_accepted(
    version: Version, wanted: PermissionSet, published: list[tuple[Version, PermissionSet]]
) -> None:
    try:
        check_escalation(version, wanted, published)
    except CapabilityEscalationError as error:
        proposed = error.fix.split('"')[3]
        assert is_accepted(proposed, wanted, published)
