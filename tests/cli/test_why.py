"""`tank why`: the paths to a skill."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tank_core.findings import Verdict
from tank_core.lockfile import LockedSkill, Lockfile, lockfile_bytes
from tank_core.names import SkillName
from tank_core.permissions import NONE
from tank_core.ranges import Range
from tank_core.semver import Version
from tests.support.registry_double import RegistryDouble


def test_why_shows_every_path_and_walks_no_circle_twice(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    trusted.publish("@acme/base", "1.0.0")
    trusted.publish("@acme/text", "1.0.0", skills={"@acme/notes": "^1.0.0", "@acme/base": "~1.0.0"})
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/apart", "1.0.0")
    assert tank("add", "@acme/notes", "@acme/text@1", "@acme/apart").exit_code == 0
    assert tank("why", "@acme/base").out.splitlines() == [
        "skills.json → @acme/notes ^1.0.0 → @acme/text ^1.0.0 → @acme/base ~1.0.0",
        "skills.json → @acme/text 1 → @acme/base ~1.0.0",
    ]
    assert len(tank("why", "@acme/base", "--json").document["paths"]) == 2


def test_why_of_a_skill_that_is_not_locked_is_an_error(
    tank: Any, trusted: RegistryDouble, project: Path
) -> None:
    assert tank("install").exit_code == 0
    result = tank("why", "@acme/nothing", "--json")
    assert (result.exit_code, result.error_code) == (3, "not-in-project")


def test_a_chain_that_is_deeper_than_python_calls_is_drawn_and_explained(tank: Any, project: Path) -> None:
    def locked(number: int) -> LockedSkill:
        following = {SkillName.parse(f"@deep/n{number + 1}"): Range.parse("^1.0.0")} if number < 1099 else {}
        return LockedSkill(
            version=Version.parse("1.0.0"),
            integrity=f"sha512-{'A' * 86}==",
            digest=f"sha256:{number:064x}",
            size_bytes=1,
            capabilities=NONE,
            dependencies=following,
            audit_score=9.0,
            verdict=Verdict.PASS,
            publisher="jo",
            attestations={"registry": f"sha256:{number:064x}"},
            tree_hash=f"sha256:{number:064x}",
        )

    skills = {SkillName.parse(f"@deep/n{number}"): locked(number) for number in range(1100)}
    lock = Lockfile("https://registry.example", skills)
    (project / "skills.json").write_text('{"skills": {"@deep/n0": "^1.0.0"}}')
    (project / "skills.lock").write_bytes(lockfile_bytes(lock))
    listed = tank("list")
    assert (listed.exit_code, listed.out.count("@deep/")) == (0, 1100), listed.err
    explained = tank("why", "@deep/n1099", "--json")
    assert explained.exit_code == 0, explained.out
    assert len(explained.document["paths"][0]) == 1100
