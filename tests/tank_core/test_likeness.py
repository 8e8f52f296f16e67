"""Likeness: what a reader takes for another name, what honest names may share, and that keys find every likeness."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tank_core.likeness import Likeness, is_slip, keys_of, likeness
from tank_core.names import MAX_NAME_LENGTH, InvalidNameError, SkillName
from tests.support.strategies_core import names

ALIKE = {
    "@acme/pdf": {
        "@acrne/pdf": Likeness.LOOK_ALIKE,
        "@ac-me/pdf": Likeness.LOOK_ALIKE,
        "@acme-p/df": Likeness.LOOK_ALIKE,
        "@acmee/pdf": Likeness.SLIP,
        "@amce/pdf": Likeness.SLIP,
        "@acmes/pdf": Likeness.SLIP,
        "@acrne/pdff": Likeness.SLIP,
        "@acme-official/pdf": Likeness.AFFIX,
        "@the-acme/pdf": Likeness.AFFIX,
        "@acmehq/pdf": Likeness.AFFIX,
    },
    "@paypal/check-out": {
        "@paypai/check-out": Likeness.LOOK_ALIKE,
        "@paypal1/checkout": Likeness.SLIP,
        "@peypal/check-out": Likeness.SLIP,
        "@check-out/paypal": Likeness.REORDERED,
        "@somebody/check-out": Likeness.NAMESAKE,
        "@somebody/checkout-now": None,
        "@paypal/chek-out": None,  # of the same organisation
    },
    "@cloud9/tools": {"@doud9/tools": Likeness.LOOK_ALIKE, "@c1oud9/tools": Likeness.LOOK_ALIKE},
    "@team1/deploy": {"@team2/deploy": None, "@team/deploy": Likeness.SLIP},
    "@abc/git": {"@abd/git": None, "@xyz/git": None, "@abc-tools/git": None},
    "@mail/send": {"@mall/send": Likeness.LOOK_ALIKE, "@main/send": None},
    "@a/bc": {"@ab/c": None, "@b/ac": None, "@a-ai/bc": None},
}
CASES = [(one, other, how) for one, others in ALIKE.items() for other, how in others.items()]


@pytest.mark.parametrize(("one", "other", "how"), CASES)
def test_names_are_alike_in_the_closest_way(one: str, other: str, how: Likeness | None) -> None:
    assert likeness(SkillName.parse(one), SkillName.parse(other)) is how


@pytest.mark.parametrize(("one", "other", "how"), CASES)
def test_the_order_of_two_names_does_not_matter(one: str, other: str, how: Likeness | None) -> None:
    assert likeness(SkillName.parse(other), SkillName.parse(one)) is how


@st.composite
def mutated(draw: st.DrawFn) -> tuple[SkillName, SkillName]:
    """Returns a name, and what one change of one or two characters makes of it."""
    name = draw(names)
    text, at = str(name), draw(st.integers(1, len(str(name))))
    change = draw(st.sampled_from(["insert", "drop", "change", "swap", "fold"]))
    letter = draw(st.sampled_from("abmnr01-"))
    if change == "insert":
        text = text[:at] + letter + text[at:]
    elif change == "drop":
        text = text[:at] + text[at + 1 :]
    elif change == "change":
        text = text[:at] + letter + text[at + 1 :]
    elif change == "swap":
        text = text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    else:
        text = text.replace("m", "rn").replace("o", "0")
    try:
        return name, SkillName.parse(text)
    except InvalidNameError:
        assume(False)
        raise


@settings(deadline=None)
@given(mutated())
@example((SkillName("corn", "pdf-a"), SkillName("com", "pdf-a")))
@example((SkillName("acme", "pdf"), SkillName("acm", "e-pdf")))
def test_whatever_is_alike_shares_a_key(pair: tuple[SkillName, SkillName]) -> None:
    if likeness(*pair) is not None:
        assert set(keys_of(pair[0])) & set(keys_of(pair[1]))


@pytest.mark.parametrize(("one", "other", "how"), [case for case in CASES if case[2]])
def test_every_way_of_being_alike_has_its_key(one: str, other: str, how: Likeness) -> None:
    del how
    assert set(keys_of(SkillName.parse(one))) & set(keys_of(SkillName.parse(other)))


def test_the_longest_name_has_no_more_keys_than_letters_and_a_few() -> None:
    longest = SkillName.parse("@" + "ab" * 74 + "/" + "cd" * 32)
    assert len(str(longest)) <= MAX_NAME_LENGTH
    assert len(keys_of(longest)) <= len(str(longest)) + 3
    assert keys_of(longest) == tuple(sorted(keys_of(longest)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("pdf", "pdf", False),
        ("pdf", "pdfs", True),
        ("pdf", "pf", True),
        ("pdf", "pef", True),
        ("pdf", "pfd", True),
        ("pdf", "dpf", True),
        ("pdf", "fdp", False),
        ("pdf", "pd", True),
        ("pdf", "p", False),
        ("abcd", "badc", False),
        ("", "a", True),
        ("", "", False),
    ],
)
def test_a_slip_is_one_letter(one: str, other: str, expected: bool) -> None:
    assert is_slip(one, other) is expected
    assert is_slip(other, one) is expected
