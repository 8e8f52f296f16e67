from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.entities import Skill
from tank_core.search import MAX_QUERY_TERMS, matches, query_terms, ranked, terms_of


def skill(name: str, description: str = "", *keywords: str) -> Skill:
    return Skill(name, 1, 1, description, keywords, "1.0.0")


def test_terms_are_name_parts_keywords_and_description_words() -> None:
    assert terms_of(skill("@acme/pdf-tools", "Reads a PDF, quickly", "Data Science")) == (
        "@acme/pdf-tools",
        "acme",
        "acme/pdf-tools",
        "data",
        "data science",
        "pdf",
        "pdf-tools",
        "quickly",
        "reads",
        "science",
        "tools",
    )


def test_only_the_first_forty_words_of_a_description_count() -> None:
    words = terms_of(skill("@a/b", " ".join(f"word{n:02d}" for n in range(60))))
    assert "word39" in words
    assert "word40" not in words


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", ()),
        ("  PDF   Tools ", ("pdf", "tools")),
        ("pdf pdf", ("pdf",)),
        ("@acme/pdf-tools", ("@acme/pdf-tools",)),
        ('"pdf", tools!', ("pdf", "tools")),
        ("...", ()),
    ],
)
def test_query_is_split_into_terms(text: str, terms: tuple[str, ...]) -> None:
    assert query_terms(text) == terms


def test_query_has_at_most_eight_terms() -> None:
    assert len(query_terms(" ".join(f"t{n}" for n in range(50)))) == MAX_QUERY_TERMS


@pytest.mark.parametrize(
    "query", ["pdf-tools", "acme/pdf-tools", "@acme/pdf-tools", "PDF-Tools", "pdf tools"]
)
def test_exact_name_comes_first(query: str) -> None:
    exact = skill("@acme/pdf-tools")
    others = [
        skill("@acme/pdf-tools-plus", "pdf tools"),
        skill("@aaa/x", "pdf-tools", "pdf-tools"),
        skill("@aaa/pdf", "tools"),
    ]
    assert ranked([*others, exact], query_terms(query))[0] == exact


def test_name_prefix_then_keyword_then_description_then_name() -> None:
    by_name, by_keyword = skill("@z/gitter"), skill("@y/x", "", "git")
    by_description, tie = skill("@b/x", "uses git"), skill("@a/x", "uses git")
    assert ranked([by_description, tie, by_keyword, by_name], ("git",)) == (
        by_name,
        by_keyword,
        tie,
        by_description,
    )


def test_every_term_must_be_a_prefix_of_a_term() -> None:
    tool = skill("@acme/pdf-tools", "merges pages")
    assert matches(tool, ("pdf", "merg"))
    assert not matches(tool, ("pdf", "split"))
    assert matches(tool, ())


names = st.from_regex(r"@[a-z]{1,3}/[a-z]{1,3}(-[a-z]{1,3})?", fullmatch=True)
skills = st.lists(st.builds(skill, names, st.text(max_size=30)), unique_by=lambda s: s.name, max_size=8)


@given(skills, st.text(max_size=20), st.randoms())
def test_order_depends_on_the_skills_and_not_on_their_order(found: list[Skill], text: str, random) -> None:
    terms = query_terms(text)
    shuffled = list(found)
    random.shuffle(shuffled)
    assert ranked(found, terms) == ranked(shuffled, terms)
    assert set(ranked(found, terms)) == set(found)


@given(names, st.text(max_size=60), st.integers(0, 100))
def test_every_prefix_of_every_own_term_finds_the_skill(name: str, description: str, cut: int) -> None:
    own = skill(name, description)
    for term in terms_of(own):
        assert matches(own, (term[: cut % len(term) + 1],))
