"""The notices: what is named in them, what is not, and what no reader takes for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tank_core import notices as module
from tank_core.entities import Availability, WaiverReference
from tank_core.findings import Verdict
from tank_core.names import SkillName
from tank_core.notices import EVERY, InvalidNoticesError, Notices, notices_bytes, parse_notices
from tank_core.semver import Version
from tests.support.published import skill_version

NAME, OTHER = "@acme/tool", "@acme/other"


def noticed(**changes: Any) -> bool:
    made = replace(skill_version(NAME, "1.0.0"), **changes)
    return Notices().of(NAME, [made]).names(SkillName.parse(NAME), Version.parse("1.0.0"))


@pytest.mark.parametrize("verdict", [Verdict.PASS, Verdict.PASS_WITH_NOTES])
def test_of_an_ordinary_version_there_is_nothing_to_tell(verdict: Verdict) -> None:
    assert not noticed(verdict=verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"availability": Availability.YANKED},
        {"availability": Availability.WITHDRAWN},
        {"deprecation": "use another"},
        {"verdict": Verdict.FLAGGED},
        {"verdict": Verdict.FAIL},
        {"waivers": (WaiverReference("sha256:" + "0" * 64, True),)},
    ],
)
def test_whatever_a_lock_cannot_know_is_noticed(changes: dict[str, Any]) -> None:
    assert noticed(**changes)


def test_a_skill_is_listed_as_it_is_now_and_others_stay() -> None:
    made = [skill_version(NAME, version) for version in ("1.10.0", "1.9.0", "1.0.0")]
    yanked = [replace(each, availability=Availability.YANKED) for each in made[:2]]
    first = Notices({OTHER: ("2.0.0",)}).of(NAME, [*yanked, made[2]])
    assert first == Notices({OTHER: ("2.0.0",), NAME: ("1.9.0", "1.10.0")})
    assert first.of(NAME, made) == Notices({OTHER: ("2.0.0",)})
    assert first.of(NAME, []) == Notices({OTHER: ("2.0.0",)})


def test_a_document_says_what_went_into_it_in_one_form() -> None:
    one = Notices({NAME: ("1.0.0",), OTHER: ("2.0.0", "2.1.0")})
    assert parse_notices(notices_bytes(one)) == one
    again = Notices(dict(reversed(one.versions.items())))
    assert notices_bytes(again) == notices_bytes(one)
    assert parse_notices(notices_bytes(Notices())) == Notices()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"versions":[]}',
        b'{"versions":{"@acme/tool":"1.0.0"}}',
        b'{"versions":{"@acme/tool":[]}}',
        b'{"versions":{"@acme/tool":[1]}}',
        b'{"versions":{"@acme/tool":["1.0.0"],"@acme/tool":["2.0.0"]}}',
    ],
)
def test_anything_else_is_refused_and_never_taken_for_nothing_to_tell(data: bytes) -> None:
    with pytest.raises(InvalidNoticesError) as refused:
        parse_notices(data)
    assert refused.value.code == "invalid-notices"


def test_a_skill_with_very_many_takes_no_more_room_than_its_name() -> None:
    made = [replace(skill_version(NAME, f"1.{minor}.0"), deprecation="old") for minor in range(65)]
    assert Notices().of(NAME, made) == Notices({NAME: (EVERY,)})
    assert len(Notices().of(NAME, made[:64]).versions[NAME]) == 64
    everything = parse_notices(notices_bytes(Notices().of(NAME, made)))
    assert everything.names(SkillName.parse(NAME), Version.parse("9.0.0"))
    assert not everything.names(SkillName.parse(OTHER), Version.parse("9.0.0"))


def test_notices_that_no_reader_would_take_name_everything_until_they_are_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fits = Notices({OTHER: ("1.0.0",)})
    monkeypatch.setattr(module, "MAX_NOTICES_BYTES", len(notices_bytes(fits)))
    yanked = replace(skill_version(NAME, "1.0.0"), availability=Availability.YANKED)
    found = parse_notices(notices_bytes(fits.of(NAME, [yanked])))
    assert found.names(SkillName.parse("@some/other"), Version.parse("3.0.0"))
    assert found.of(OTHER, []) == found
