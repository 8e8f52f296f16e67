"""Names: what is one, what is not, and the package URL."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from packageurl import PackageURL

from tank_core.errors import ExitCode
from tank_core.names import RESERVED_ORGS, InvalidNameError, SkillName, check_skill_md_name, parse_org
from tank_core.semver import InvalidVersionError, Version
from tests.support.strategies_core import names, versions


@settings(deadline=None)
@given(names)
def test_a_name_is_read_back_from_its_text(name: SkillName) -> None:
    assert SkillName.parse(str(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "pdf", "acme/pdf", "@acme", "@acme/", "@/pdf", "@acme/pdf/x", "@@acme/pdf", "@Acme/pdf", "@acme/Pdf",
        "@acme/-pdf", "@acme/pdf-", "@acme/p--df", "@acme/p_df", "@acme/p.df", "@acme/..", "@acme/pdf\n", " @acme/pdf",
        "@acme/pdf\0", "@аcme/pdf", "@acme/pdf①", "@acme/\ud800", "@acme/con", "@nul/pdf", "@acme/lpt1",
        "@acme/" + "a" * 65, "@" + "a" * 210 + "/abc",
    ],
)  # fmt: skip
def test_what_is_not_a_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError) as caught:
        SkillName.parse(text)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.fix


def test_the_longest_name_has_214_characters() -> None:
    name = "@" + "a" * 148 + "/" + "b" * 64
    assert len(name) == 214
    assert str(SkillName.parse(name)) == name
    with pytest.raises(InvalidNameError):
        SkillName.parse("@a" + name[1:])


def test_a_bare_name_is_offered_with_an_organisation() -> None:
    with pytest.raises(InvalidNameError) as caught:
        SkillName.parse("pdf")
    assert "@acme/pdf" in caught.value.fix


def test_names_sort_by_organisation_and_then_by_their_own_part() -> None:
    texts = ["@b/a", "@a-b/a", "@a/b", "@a/a"]
    assert [str(name) for name in sorted(map(SkillName.parse, texts))] == ["@a/a", "@a/b", "@a-b/a", "@b/a"]


@settings(deadline=None)
@given(names, versions)
def test_a_purl_says_the_same_to_an_independent_parser(name: SkillName, version: Version) -> None:
    purl = PackageURL.from_string(name.purl(str(version)))
    assert (purl.type, purl.namespace, purl.name, purl.version) == ("tank", name.org, name.name, str(version))


def test_a_purl_escapes_the_plus_of_build_metadata() -> None:
    assert SkillName("acme", "pdf").purl(Version.parse("1.0.0-rc.1+b")) == "pkg:tank/acme/pdf@1.0.0-rc.1%2Bb"


def test_a_purl_of_no_version_is_refused() -> None:
    with pytest.raises(InvalidVersionError):
        SkillName("acme", "pdf").purl("1.0.0?subpath=x")


@pytest.mark.parametrize("org", sorted(RESERVED_ORGS))
def test_a_reserved_organisation_is_refused_unless_allowed(org: str) -> None:
    with pytest.raises(InvalidNameError, match="reserved"):
        parse_org(org)
    assert parse_org(org, allow_reserved=True) == org


@pytest.mark.parametrize("org", ["", "@acme", "Acme", "a--b", "a" * 212, "con"])
def test_a_malformed_organisation_is_refused_even_where_reserved_ones_pass(org: str) -> None:
    with pytest.raises(InvalidNameError):
        parse_org(org, allow_reserved=True)


@pytest.mark.parametrize("name", ["a", "pdf-tools", "x" * 64, "0"])
def test_a_skill_md_name_keeps_the_agent_skills_rule(name: str) -> None:
    assert check_skill_md_name(name) == name


@pytest.mark.parametrize("name", ["", "x" * 65, "PDF", "a b", "-a", "a-", "a--b", "é", "a\n"])
def test_a_skill_md_name_outside_the_rule_is_refused(name: str) -> None:
    with pytest.raises(InvalidNameError):
        check_skill_md_name(name)


@pytest.mark.parametrize(
    ("text", "suggested"),
    [("acme/notes", "@acme/notes"), ("notes", "@acme/notes"), ("A/b/c", "@acme/pdf-tools")],
)
def test_who_forgot_a_part_of_a_name_sees_their_own_in_the_right_form(text: str, suggested: str) -> None:
    with pytest.raises(InvalidNameError) as refused:
        SkillName.parse(text)
    assert f"“{suggested}”" in refused.value.fix
