"""skills.json of skills and projects: all problems at once, each with a fix; edits that leave the rest alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings

from tank_core.manifest import (
    AuditPolicy,
    InvalidManifestError,
    edit_project_manifest,
    edit_skill_capabilities,
    parse_project_manifest,
    parse_skill_manifest,
)
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet
from tank_core.ranges import Range
from tests.support.strategies_core import json_values

SKILL: dict[str, Any] = {
    "name": "@acme/pdf-tools",
    "version": "1.2.0",
    "description": "Reads PDF files.",
    "license": "Apache-2.0 OR MIT",
    "keywords": ["pdf", "documents"],
    "repository": "https://git.example/acme/pdf-tools",
    "homepage": "https://acme.example",
    "capabilities": {"subprocess": ["git"]},
    "skills": {"@b/two": "^2.0.0", "@acme/one": "1.x"},
    "files": ["scripts/**"],
}
PROJECT: dict[str, Any] = {
    "permissions": {"network": {"outbound": ["api.example"]}},
    "skills": {"@acme/pdf-tools": "^1.2.0"},
    "audit": {"min_score": 7.5, "min_release_age": "72h", "require_provenance": True},
}


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def problems_of(parse: Callable[[bytes], object], value: object) -> dict[str, tuple[str, str]]:
    with pytest.raises(InvalidManifestError) as caught:
        parse(encoded(value))
    assert all(problem.fix for problem in caught.value.problems)
    return {problem.where: (problem.what, problem.fix) for problem in caught.value.problems}


def test_a_skill_is_read_whole() -> None:
    manifest = parse_skill_manifest(encoded(SKILL))
    assert str(manifest.name) == "@acme/pdf-tools"
    assert str(manifest.version) == "1.2.0"
    assert [str(name) for name in manifest.skills] == ["@acme/one", "@b/two"]
    assert manifest.skills[SkillName("b", "two")] == Range.parse("^2.0.0")
    assert manifest.files == ("scripts/**",)
    assert manifest.capabilities.subprocess == ("git",)


def test_a_skill_is_written_as_it_was_read() -> None:
    manifest = parse_skill_manifest(encoded(SKILL))
    assert parse_skill_manifest(encoded(manifest.to_json())) == manifest
    least = {"name": "@acme/pdf", "version": "1.0.0"}
    assert parse_skill_manifest(encoded({**least, "keywords": [], "capabilities": {}})).to_json() == least


def test_an_empty_allow_list_of_files_is_not_none() -> None:
    least = {"name": "@acme/pdf", "version": "1.0.0"}
    assert parse_skill_manifest(encoded(least)).files is None
    assert parse_skill_manifest(encoded({**least, "files": []})).to_json()["files"] == []


def test_a_project_is_read_whole_and_written_as_it_was_read() -> None:
    manifest = parse_project_manifest(encoded(PROJECT))
    assert manifest.audit == AuditPolicy(7.5, 72 * 3600, True)
    assert manifest.to_json() | {"permissions": {}} == PROJECT | {"permissions": {}}
    assert parse_project_manifest(encoded(manifest.to_json())) == manifest
    assert parse_project_manifest(b"{}").to_json() == {}


@pytest.mark.parametrize(
    ("age", "seconds"),
    [("0s", 0), ("90s", 90), ("5m", 300), ("72h", 259_200), ("3d", 259_200), ("2w", 1_209_600)],
)
def test_a_release_age_has_a_unit(age: str, seconds: int) -> None:
    manifest = parse_project_manifest(encoded({"audit": {"min_release_age": age}}))
    assert manifest.audit.min_release_age_seconds == seconds
    assert parse_project_manifest(encoded(manifest.to_json())).audit.min_release_age_seconds == seconds


def test_all_problems_of_a_skill_are_named_at_once() -> None:
    found = problems_of(
        parse_skill_manifest,
        {
            "name": "pdf", "version": "1.0", "license": "Apache 2", "keywords": "pdf",
            "homepage": "javascript:alert(1)",
            "capabilities": {"subprocess": "git"}, "skills": {"one": "1", "@acme/two": "latest", "@acme/three": 3},
            "files": ["../x"], "descripton": "x",
        },
    )  # fmt: skip
    assert {where.removeprefix("skills.json: ") for where in found} == {
        "name", "version", "license", "keywords", "homepage", "capabilities.subprocess", "skills.one",
        "skills.@acme/two",
        "skills.@acme/three", "files[0]", "descripton",
    }  # fmt: skip
    assert "description" in found["skills.json: descripton"][1]


@pytest.mark.parametrize("key", ["permissions", "audit", "dependencies"])
def test_a_key_of_a_project_in_a_skill_says_where_it_belongs(key: str) -> None:
    _, fix = problems_of(parse_skill_manifest, {**SKILL, key: {}})[f"skills.json: {key}"]
    assert "project" in fix or "skills" in fix


@pytest.mark.parametrize("key", ["name", "version", "files", "capabilities", "license"])
def test_a_key_of_a_skill_in_a_project_says_so(key: str) -> None:
    _, fix = problems_of(parse_project_manifest, {**PROJECT, key: SKILL[key]})[f"skills.json: {key}"]
    assert "skill" in fix


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", "@acme/PDF"), ("name", 1), ("name", None), ("version", "v1.0.0"), ("version", 1),
        ("description", "a\nb"),
        ("description", "x" * 1025), ("description", "\u001b[31m"), ("license", "MIT OR"), ("license", "mit"),
        ("license", "(MIT"), ("license", "MIT WITH MIT"), ("license", "WITH"), ("license", "MIT MIT"),
        ("license", ""),
        ("license", "()"), ("license", "MIT)"), ("license", "(MIT AND) ISC"),
        ("keywords", ["a", "a"]), ("keywords", [1]), ("keywords", [""]), ("keywords", ["k"] * 33), ("keywords", None),
        ("repository", "git@git.example:x"), ("repository", "http://git.example"),
        ("homepage", "https://u:p@acme.example"),
        ("homepage", "https://acme.example/ x"), ("skills", []), ("skills", {"@acme/pdf-tools": "1"}),
        ("skills", None),
        ("skills", {f"@acme/s{n}": "1" for n in range(1001)}), ("capabilities", []),
        ("capabilities", {"shell": True}),
        ("files", ["/etc"]), ("files", ["a\\b"]), ("files", ["C:x"]), ("files", ["a/../b"]),
        ("files", [""]), ("files", "a"),
    ],
)  # fmt: skip
def test_a_wrong_value_of_a_skill_is_one_problem_at_its_key(key: str, value: object) -> None:
    found = problems_of(parse_skill_manifest, {**SKILL, key: value})
    assert all(where.startswith(f"skills.json: {key}") for where in found)


@pytest.mark.parametrize(
    "expression",
    ["MIT", "GPL-2.0+", "MIT OR (Apache-2.0 AND BSD-3-Clause)", "GPL-2.0-only WITH Classpath-exception-2.0",
     "LicenseRef-Proprietary", "DocumentRef-x:LicenseRef-y OR ISC", "((MIT))"],
)  # fmt: skip
def test_an_spdx_expression_is_a_license(expression: str) -> None:
    assert parse_skill_manifest(encoded({**SKILL, "license": expression})).license == expression


def test_a_license_in_the_wrong_case_suggests_the_right_one() -> None:
    _, fix = problems_of(parse_skill_manifest, {**SKILL, "license": "apache-2.0"})["skills.json: license"]
    assert "Apache-2.0" in fix


@pytest.mark.parametrize(
    ("key", "value"),
    [("min_score", 11), ("min_score", -1), ("min_score", "7"), ("min_score", True), ("min_score", None),
     ("min_release_age", 72), ("min_release_age", "72"), ("min_release_age", "-1h"), ("min_release_age", "1.5h"),
     ("require_provenance", "yes"), ("require_provenance", 1), ("min_scor", 7)],
)  # fmt: skip
def test_a_wrong_policy_is_one_problem_at_its_key(key: str, value: object) -> None:
    assert list(problems_of(parse_project_manifest, {"audit": {key: value}})) == [f"skills.json: audit.{key}"]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"{", b'{"a":1,"a":2}', b"\xff", b"[" * 10_000, b" " * 300_000]
)
def test_bytes_that_are_no_object_are_refused(data: bytes) -> None:
    for parse in (parse_skill_manifest, parse_project_manifest):
        with pytest.raises(InvalidManifestError):
            parse(data)


@settings(deadline=None)
@given(json_values)
def test_any_json_is_read_or_refused_and_nothing_else(value: object) -> None:
    for document in (value, {**SKILL, "skills": value, "capabilities": value, "files": value}):
        with suppress(InvalidManifestError):
            parse_skill_manifest(encoded(document))


def test_an_edit_keeps_other_keys_and_their_order() -> None:
    before = b'{"audit": {"min_score": 7},\r\n "skills": {"@b/b": "1", "@a/a": "2"}, "permissions": {}}'
    after = edit_project_manifest(before, set_skills={"@c/c": "^3.0.0", "@b/b": "2"}, remove=["@a/a", "@z/z"])
    assert after == (
        b'{\n  "audit": {\n    "min_score": 7\n  },\n  "skills": {\n    "@b/b": "2",\n    "@c/c": "^3.0.0"\n  },\n'
        b'  "permissions": {}\n}\n'
    )
    assert edit_project_manifest(after, set_skills={}, remove=[]) == after


def test_other_capabilities_keep_other_keys_and_their_order() -> None:
    before = b'{"version": "1.0.0", "capabilities": {"subprocess": true}, "name": "@a/b"}'
    after = edit_skill_capabilities(before, PermissionSet(secrets=("A_TOKEN",)))
    assert list(json.loads(after)) == ["version", "capabilities", "name"]
    assert parse_skill_manifest(after).capabilities == PermissionSet(secrets=("A_TOKEN",))
    assert "capabilities" not in json.loads(edit_skill_capabilities(after, PermissionSet()))


def test_an_edit_never_leaves_an_invalid_manifest() -> None:
    for wrong in ({"pdf": "1"}, {"@a/a": "latest"}):
        with pytest.raises(InvalidManifestError):
            edit_project_manifest(b"{}", set_skills=wrong, remove=[])
    with pytest.raises(InvalidManifestError):
        edit_project_manifest(b'{"skils": {}}', set_skills={}, remove=[])


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| base", "=======\r"])
@pytest.mark.parametrize("parse", [parse_project_manifest, parse_skill_manifest])
def test_a_merge_conflict_is_named_with_its_line(parse: Callable[[bytes], object], marker: str) -> None:
    lines = json.dumps(PROJECT, indent=2).split("\n")
    with pytest.raises(InvalidManifestError) as caught:
        parse("\n".join([*lines[:4], marker, *lines[4:]]).encode())
    assert "merge conflict (line 5)" in caught.value.what


def test_a_tag_in_place_of_a_range_is_told_as_one() -> None:
    told = problems_of(parse_project_manifest, {"skills": {"@acme/pdf": "latest"}})
    assert "skills have no tags" in told["skills.json: skills.@acme/pdf"][0]
