"""Search: the words a skill is found by, the words a query asks for, and the order of results.

Pure text rules, shared by every store so that one query gives one order everywhere.
How terms are kept and matched is the store's part (see ``ports.catalog``).

Source: PEERS, "search that misses an exact name".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tank_core.entities import Skill

MAX_QUERY_TERMS = 8  # each one is a prefix query in the store
MAX_TERM_CHARACTERS = 64
MAX_DESCRIPTION_WORDS = 40  # what a store writes per skill stays bounded
MIN_DESCRIPTION_WORD = 3
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_EDGES = ".,;:!?\"'()[]{}<>`*"


def terms_of(skill: Skill) -> tuple[str, ...]:
    """Returns the terms a skill is found by, lower-case, each once, sorted."""
    return tuple(sorted({*_name_terms(skill.name), *_keyword_terms(skill), *_description_words(skill)}))


def query_terms(text: str) -> tuple[str, ...]:
    """Returns the terms of a query, lower-case, each once, in the order typed; at most eight."""
    words = (word.strip(_EDGES)[:MAX_TERM_CHARACTERS] for word in text.lower().split())
    return tuple(dict.fromkeys(word for word in words if word))[:MAX_QUERY_TERMS]


def matches(skill: Skill, terms: tuple[str, ...]) -> bool:
    """Returns whether every term is a prefix of one of the skill's terms."""
    own = terms_of(skill)
    return all(any(candidate.startswith(term) for candidate in own) for term in terms)


def ranked(skills: Iterable[Skill], terms: tuple[str, ...]) -> tuple[Skill, ...]:
    """Returns the skills, best first: exact name, name prefix, keyword, description; ties by name."""
    return tuple(sorted(skills, key=lambda skill: (_ranks(skill, terms), skill.name)))


def _ranks(skill: Skill, terms: tuple[str, ...]) -> tuple[int, ...]:
    """Returns the rank of each term, best first, so that the best match decides."""
    exact = _exact_names(skill.name)
    if terms and "-".join(terms) in exact:
        return (0,)
    return tuple(sorted(_rank(skill, term, exact) for term in terms))


def _rank(skill: Skill, term: str, exact: frozenset[str]) -> int:
    if term in exact:
        return 0
    for rank, candidates in enumerate(
        (_name_terms(skill.name), _keyword_terms(skill), _description_words(skill)), 1
    ):
        if any(candidate.startswith(term) for candidate in candidates):
            return rank
    return 4


def _exact_names(name: str) -> frozenset[str]:
    bare = name.lower().removeprefix("@")
    return frozenset({f"@{bare}", bare, bare.partition("/")[2]})


def _name_terms(name: str) -> frozenset[str]:
    org, _, short = name.lower().removeprefix("@").partition("/")
    return _exact_names(name) | {org, *short.split("-")}


def _keyword_terms(skill: Skill) -> frozenset[str]:
    words = (word for keyword in skill.keywords for word in (keyword.lower(), *keyword.lower().split()))
    return frozenset(word[:MAX_TERM_CHARACTERS] for word in words if word)


def _description_words(skill: Skill) -> frozenset[str]:
    words = _WORD.findall(skill.description.lower())[:MAX_DESCRIPTION_WORDS]
    return frozenset(word[:MAX_TERM_CHARACTERS] for word in words if len(word) >= MIN_DESCRIPTION_WORD)
