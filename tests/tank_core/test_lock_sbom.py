"""The bill of materials of a lock: valid in both formats, complete, and the same for the same lock."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings

from tank_core.lock_graph import tops
from tank_core.lock_sbom import cyclonedx
from tank_core.lock_spdx import spdx
from tank_core.lockfile import LockedSkill, Lockfile, lockfile_bytes, parse_lockfile
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.semver import Version
from tests.support.spdx_schema import complaints
from tests.support.strategies_core import locks

ANY = Range.parse("*")
BASE: LockedSkill = next(
    iter(
        parse_lockfile(
            json.dumps(
                {
                    "lockVersion": 1,
                    "registry": "https://tank.example",
                    "skills": {
                        "@acme/a": {
                            "version": "1.0.0",
                            "integrity": "sha512-" + "A" * 86 + "==",
                            "digest": "sha256:" + "a" * 64,
                            "size_bytes": 7,
                            "tree_hash": "sha256:" + "b" * 64,
                            "capabilities": {"subprocess": ["git"]},
                            "dependencies": {},
                            "audit_score": 9.0,
                            "verdict": "pass",
                            "publisher": "jo",
                            "attestations": {"registry": "sha256:" + "c" * 64},
                        }
                    },
                }
            ).encode()
        ).skills.values()
    )
)


def name(text: str) -> SkillName:
    return SkillName("acme", text)


def lock(**needs: str) -> Lockfile:
    """Returns a lock of skills by name, each with the letters of those that it needs."""
    skills = {
        name(one): replace(BASE, dependencies={name(other): ANY for other in others})
        for one, others in needs.items()
    }
    return Lockfile("https://tank.example", skills)


@settings(max_examples=60, deadline=None)
@given(locks)
def test_every_lock_gives_valid_documents(any_lock: Lockfile) -> None:
    text = json.dumps(cyclonedx(any_lock))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    if any_lock.skills:
        assert complaints(spdx(any_lock)) == []


@settings(max_examples=40, deadline=None)
@given(locks)
def test_the_same_lock_gives_the_same_documents(any_lock: Lockfile) -> None:
    again = parse_lockfile(lockfile_bytes(any_lock))
    backwards = Lockfile(again.registry, dict(reversed(again.skills.items())))
    for form in (cyclonedx, spdx):
        assert form(any_lock) == form(again) == form(backwards)


def test_another_lock_has_another_serial_number() -> None:
    one, other = lock(a=""), lock(b="")
    assert cyclonedx(one)["serialNumber"] != cyclonedx(other)["serialNumber"]
    assert spdx(one)["documentNamespace"] != spdx(other)["documentNamespace"]


def test_a_component_says_what_the_lock_says() -> None:
    (found,) = _components(cyclonedx(lock(a="")))
    assert found["purl"] == "pkg:tank/acme/a@1.0.0"
    assert {h["alg"]: h["content"] for h in found["hashes"]} == {"SHA-256": "a" * 64, "SHA-512": "0" * 128}
    assert [(p["name"], p["value"]) for p in found["properties"]] == [
        ("tank:verdict", "pass"),
        ("tank:audit-score", "9"),
        ("tank:tree-hash", "sha256:" + "b" * 64),
        ("tank:permission", "subprocess git"),
    ]
    assert found["externalReferences"][0]["url"] == f"https://tank.example/blobs/sha256/{'a' * 64}"


def test_a_version_with_build_metadata_is_escaped_in_its_package_url() -> None:
    skills = {name("a"): replace(BASE, version=Version.parse("1.0.0+build"))}
    (found,) = _components(cyclonedx(Lockfile("https://tank.example", skills)))
    assert found["purl"] == "pkg:tank/acme/a@1.0.0%2Bbuild"


def test_the_project_depends_on_what_nothing_else_needs_and_each_skill_on_its_own() -> None:
    document: Any = cyclonedx(lock(a="bc", b="c", c=""))
    edges = {item["ref"]: item["dependsOn"] for item in document["dependencies"]}
    assert edges["project"] == ["pkg:tank/acme/a@1.0.0"]
    assert edges["pkg:tank/acme/a@1.0.0"] == ["pkg:tank/acme/b@1.0.0", "pkg:tank/acme/c@1.0.0"]
    relations: Any = spdx(lock(a="b", b=""))["relationships"]
    assert [tuple(relation.values()) for relation in relations] == [
        ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Project"),
        ("SPDXRef-Project", "DEPENDS_ON", "SPDXRef-Skill-acme.a"),
        ("SPDXRef-Skill-acme.a", "DEPENDS_ON", "SPDXRef-Skill-acme.b"),
    ]


def test_a_circle_that_nothing_leads_to_is_not_lost() -> None:
    assert tops(lock(a="b", b="a", c="")) == (name("a"), name("c"))
    assert tops(lock(a="a")) == (name("a"),)
    assert tops(lock(d="a", a="b", b="a")) == (name("d"),)


def test_ids_of_names_that_look_alike_differ() -> None:
    skills = {SkillName("a-b", "c"): BASE, SkillName("a", "b-c"): BASE}
    assert complaints(spdx(Lockfile("https://tank.example", skills))) == []


def _components(document: dict[str, Any]) -> list[Any]:
    return list(document["components"])
