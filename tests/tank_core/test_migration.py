"""From other systems' manifests: what is kept, what is left, and that nothing grows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.errors import TankError
from tank_core.migration import SKILLS_LOCK, TANK_LOCK, TANK_MANIFEST, Migration, NotMigratableError, migrate

MANIFEST = {
    "$schema": "https://schemas.example/tank.json",
    "name": "@acme/notes",
    "version": "1.2.0",
    "description": "Notes",
    "repository": "https://code.example/acme/notes",
    "visibility": "private",
    "permissions": {
        "network": {"outbound": ["*.example.com", "https://with.scheme.example"]},
        "filesystem": {"read": ["src/**", "~/notes/*.md", "../up"], "write": ["./out/**"]},
        "subprocess": True,
    },
    "skills": {"@acme/text": "^1.0.0", "text": "1.0.0", "@acme/other": "latest"},
    "audit": {"min_score": 7},
}


def migrated(*, is_skill: bool, **files: Any) -> Migration:
    names = {"manifest": TANK_MANIFEST, "lock": TANK_LOCK, "skills_lock": SKILLS_LOCK}
    return migrate(
        {names[key]: json.dumps(value).encode() for key, value in files.items()}, is_skill=is_skill
    )


def places(made: Migration) -> list[str]:
    return [problem.where for problem in made.left]


def test_a_projects_manifest() -> None:
    made = migrated(is_skill=False, manifest=MANIFEST)
    assert json.loads(made.manifest_bytes(is_skill=False)) == {
        "permissions": {
            "filesystem": {"read": ["./src/**", "~/notes/*.md"], "write": ["./out/**"]},
            "network": {"outbound": ["*.example.com"]},
            "subprocess": True,
        },
        "skills": {"@acme/text": "^1.0.0"},
        "audit": {"min_score": 7},
    }
    assert places(made) == [
        "tank.json: name",
        "tank.json: version",
        "tank.json: description",
        "tank.json: repository",
        "tank.json: permissions, “https://with.scheme.example”",
        "tank.json: permissions, “../up”",
        "tank.json: skills, “@acme/other”",
        "tank.json: skills, “text”",
        "tank.json: “visibility”",
    ]
    assert [problem.where for problem in made.noted] == ["tank.json: permissions.subprocess"]


def test_a_skills_manifest_declares_capabilities() -> None:
    made = migrated(is_skill=True, manifest=MANIFEST)
    document = json.loads(made.manifest_bytes(is_skill=True))
    assert document["name"] == "@acme/notes"
    assert document["capabilities"]["subprocess"] is True
    assert "permissions" not in document
    assert "audit" not in document
    assert "tank.json: audit" in places(made)


def test_what_is_false_or_absent_allows_nothing() -> None:
    made = migrated(is_skill=False, manifest={"permissions": {"subprocess": False}})
    assert made.document == {"permissions": {}, "skills": {}}
    assert made.left == []


def test_a_lock_is_listed_and_pins_nothing() -> None:
    made = migrated(is_skill=False, lock={"lockfileVersion": 2, "skills": {"@acme/text@1.0.0": {}}})
    assert places(made) == ["tank.lock: “@acme/text@1.0.0”"]
    assert made.document == {"permissions": {}, "skills": {}}


def test_skills_of_repositories_are_listed_and_none_is_guessed() -> None:
    github = {"source": "acme/skills", "sourceType": "github", "computedHash": "0" * 64}
    local = {"source": "./mine", "sourceType": "local", "computedHash": "0" * 64}
    skills = {"find-docs": github, "mine": local, "odd\x1b[2J": {}}
    made = migrated(is_skill=False, skills_lock={"version": 1, "skills": skills})
    assert made.document == {"permissions": {}, "skills": {}}
    assert [problem.fix for problem in made.left] == [
        "tank search find-docs",
        "tank link ./mine",
        "tank search WORDS",
    ]
    assert "“acme/skills”" in made.left[0].what
    assert "\x1b" not in str(made.left)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"a": 1, "a": 2}', b'"text"'])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(NotMigratableError):
        migrate({TANK_MANIFEST: data}, is_skill=False)


@pytest.mark.parametrize("name", [TANK_LOCK, SKILLS_LOCK])
def test_a_lock_without_an_object_of_skills_is_refused(name: str) -> None:
    with pytest.raises(NotMigratableError):
        migrate({name: b'{"skills": []}'}, is_skill=False)


def test_a_skill_with_a_version_that_is_none_is_refused() -> None:
    made = migrated(is_skill=True, manifest=MANIFEST | {"version": "1"})
    with pytest.raises(TankError):
        made.manifest_bytes(is_skill=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["name", "version", "permissions", "skills", "audit", "visibility", "network"])
DOCUMENTS = st.dictionaries(KEYS | st.text(max_size=4), JSON, max_size=6)


@given(DOCUMENTS, st.booleans())
def test_any_object_becomes_a_manifest_or_an_error_of_ours(document: dict[str, Any], is_skill: bool) -> None:
    made = migrated(is_skill=is_skill, manifest=document)
    try:
        made.manifest_bytes(is_skill=is_skill)
    except TankError:
        return
    allowed = made.document.get("capabilities" if is_skill else "permissions", {})
    asked = document.get("permissions")
    assert not allowed or isinstance(asked, dict)
