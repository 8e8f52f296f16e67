"""`tank search` and `tank info`, as somebody expects them who has used npm for ten years."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from tests.support.columns import too_wide
from tests.support.registry_double import RegistryDouble

NOTES = "@acme/notes"


def hit(name: str, **changes: Any) -> dict[str, Any]:
    facts = {
        "name": name,
        "description": "words " * 40,
        "keywords": ["git", "notes"],
        "latest": "1.10.0",
        "updated_at": 1_700_000_000,
        "audit_score": 9.5,
        "verdict": "pass_with_notes",
    }
    return facts | changes


def serve(registry: RegistryDouble, *versions: str, **changes: Any) -> None:
    """Makes the API tell of one skill with these versions, lowest first; the last is the latest."""
    for version in versions:
        published = registry.publish(NOTES, version, skills={"@acme/text": "^1.0.0"})
        document = {key: value for key, value in asdict(published).items() if key != "publish_id"}
        registry.answer_json("GET", f"/v1/skills/acme/notes/versions/{version}", document)
    lines = [
        {"version": version, "availability": "available", "availability_reason": "", "published_at": 1}
        for version in reversed(versions)
    ]
    skill = {"name": NOTES, "description": "d", "keywords": [], "latest": versions[-1], "versions": lines}
    registry.answer_json(
        "GET", "/v1/skills/acme/notes", {**skill, "created_at": 1, "updated_at": 1} | changes
    )


def test_hits_stand_in_columns_with_what_they_are_for_below(tank: Any, trusted: RegistryDouble) -> None:
    hits = [hit("@a/b", verdict=None, audit_score=None, keywords=[]), hit("@acme/release-notes")]
    trusted.answer_json("GET", "/v1/search", {"items": hits, "cursor": ""})
    shown = tank("search", "git").out
    assert too_wide(shown) == []
    head, first, *_ = shown.splitlines()
    assert head.split() == ["skill", "latest", "score", "verdict", "changed"]
    assert first.index("1.10.0") == head.index("latest")
    assert first.index("unscanned") == head.index("score")
    assert first.rstrip().endswith("2023-11-14")
    assert "    keywords: git, notes" in shown


def test_long_names_stand_alone_above_their_columns(tank: Any, trusted: RegistryDouble) -> None:
    long = "@acme-with-a-long-name/and-a-skill-of-a-long-name-too"
    hits = [hit(long), hit("@a/b", verdict=None)]
    trusted.answer_json("GET", "/v1/search", {"items": hits, "cursor": ""})
    shown = tank("search", "git").out
    assert too_wide(shown) == []
    assert shown.splitlines()[2:4] == [long, "    1.10.0  9.5    pass_with_notes  2023-11-14"]


@pytest.mark.parametrize("typed", [["@acme/notes"], ["acme/notes"], ["@Acme/Notes"]])
def test_the_name_that_was_typed_comes_first(tank: Any, trusted: RegistryDouble, typed: list[str]) -> None:
    hits = [hit("@acme/notes-more"), hit(NOTES), hit("@a/notes")]
    trusted.answer_json("GET", "/v1/search", {"items": hits, "cursor": ""})
    names = [one["name"] for one in tank("search", *typed, "--json").document["items"]]
    assert names == [NOTES, "@acme/notes-more", "@a/notes"]
    assert tank("search", *typed).out.splitlines()[1].startswith(f"{NOTES} ")


def test_info_says_what_decides_and_how_to_add_it(tank: Any, trusted: RegistryDouble) -> None:
    serve(trusted, "1.0.0", "1.2.0")
    shown = tank("info", NOTES)
    assert too_wide(shown.out) == []
    for text in ("license:    Apache-2.0", "add it:     tank add @acme/notes", "@acme/text  ^1.0.0"):
        assert text in shown.out
    assert "version  published   score      verdict" in shown.out


def test_info_takes_a_range_and_shows_the_highest_in_it(tank: Any, trusted: RegistryDouble) -> None:
    serve(trusted, "1.0.0", "1.2.0", "2.0.0")
    assert tank("info", f"{NOTES}@^1", "--json").document["version"] == "1.2.0"
    assert tank("info", f"{NOTES}@1.0.0", "--json").document["version"] == "1.0.0"
    missing = tank("info", f"{NOTES}@^3", "--json")
    assert (missing.exit_code, missing.error_code) == (3, "version-not-found")
    assert tank("info", f"{NOTES}@nonsense").exit_code != 0


def test_info_never_chooses_a_version_that_is_not_available(tank: Any, trusted: RegistryDouble) -> None:
    lines = [
        {"version": "1.1.0", "availability": "yanked", "availability_reason": "broken", "published_at": 1},
        {"version": "1.0.0", "availability": "available", "availability_reason": "", "published_at": 1},
    ]
    serve(trusted, "1.0.0", versions=lines)
    assert tank("info", f"{NOTES}@^1", "--json").document["version"] == "1.0.0"


def test_info_prints_single_fields(tank: Any, trusted: RegistryDouble) -> None:
    serve(trusted, "1.0.0", "1.2.0")
    assert tank("info", NOTES, "latest").out == "1.2.0\n"
    assert tank("info", NOTES, "license").out == "Apache-2.0\n"
    assert tank("info", NOTES, "versions").out == "1.2.0\n1.0.0\n"
    assert tank("info", NOTES, "dependencies").out == '{"@acme/text": "^1.0.0"}\n'
    assert (
        tank("info", f"{NOTES}@1.0.0", "version", "license").out == "version = 1.0.0\nlicense = Apache-2.0\n"
    )
    assert tank("info", NOTES, "latest", "--json").document == {"latest": "1.2.0"}
    refused = tank("info", NOTES, "licence", "--json")
    assert (refused.exit_code, refused.error_code) == (3, "no-field")
    assert refused.document["error"]["fix"] == "Did you mean license?"


def test_info_shows_the_newest_of_many_versions(tank: Any, trusted: RegistryDouble) -> None:
    lines = [
        {"version": f"1.{n}.0", "availability": "available", "availability_reason": "", "published_at": 1}
        for n in range(39, -1, -1)
    ]
    serve(trusted, "1.39.0", versions=lines)
    shown = tank("info", NOTES).out
    assert "1.25.0" in shown
    assert "1.24.0" not in shown
    assert "and 25 older ones: tank info @acme/notes --all" in shown
    assert "1.0.0" in tank("info", NOTES, "--all").out
    assert len(tank("info", NOTES, "--json").document["versions"]) == 40
