from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.install_plan import (
    DirectoryCollisionError,
    Download,
    Extract,
    InstallPlan,
    Keep,
    LocalChangesError,
    Remove,
    plan,
)
from tank_core.lockfile import LockedSkill, Lockfile
from tank_core.names import SkillName
from tank_core.permissions import NONE
from tank_core.semver import Version


def locked(content: str) -> LockedSkill:
    """A locked skill whose digest and tree hash are told by one word."""
    return LockedSkill(
        version=Version(1, 0, 0),
        integrity=f"sha512-{content}",
        digest=f"sha256:{content}",
        size_bytes=1500,
        capabilities=NONE,
        dependencies={},
        audit_score=9.0,
        verdict=Verdict.PASS,
        publisher="acme",
        attestations={"registry": "sha256:0"},
        tree_hash=f"tree:{content}",
    )


def lock_of(contents: Mapping[str, str]) -> Lockfile:
    skills = {SkillName.parse(name): locked(content) for name, content in contents.items()}
    return Lockfile("https://registry.example", skills)


LOCK = lock_of({"@acme/two": "new", "@acme/one": "same", "@beta/three": "fresh"})
INSTALLED = {"one": "tree:same", "two": "tree:old", "gone": "tree:gone"}


def test_an_empty_lock_and_disk_need_nothing() -> None:
    result = plan(lock_of({}), cached=(), installed={})
    assert result == InstallPlan(())
    assert not result.has_changes


def test_everything_is_planned_in_order() -> None:
    result = plan(LOCK, cached={"sha256:fresh"}, installed=INSTALLED)
    assert result.describe() == (
        "keep @acme/one@1.0.0",
        "download @acme/two@1.0.0 (1,500 bytes)",
        "replace two (@acme/two@1.0.0)",
        "create three (@beta/three@1.0.0)",
        "remove gone",
    )
    assert [type(action) for action in result.actions] == [Keep, Download, Extract, Extract, Remove]
    assert (result.download_bytes, result.has_changes) == (1500, True)


def test_a_directory_that_fits_needs_no_archive() -> None:
    result = plan(lock_of({"@acme/one": "same"}), cached=(), installed={"one": "tree:same"})
    assert result.downloads == ()
    assert not result.has_changes


def test_a_damaged_directory_is_replaced() -> None:
    result = plan(lock_of({"@acme/one": "same"}), cached={"sha256:same"}, installed={"one": "tree:damaged"})
    assert result.describe() == ("replace one (@acme/one@1.0.0)",)


def test_skills_that_end_alike_collide() -> None:
    with pytest.raises(DirectoryCollisionError) as caught:
        plan(lock_of({"@b/pdf": "1", "@a/pdf": "2", "@a/csv": "3"}), cached=(), installed={})
    assert caught.value.exit_code is ExitCode.LOCK
    assert [(p.where, p.what) for p in caught.value.problems] == [
        ("pdf", "is the directory of @a/pdf and of @b/pdf")
    ]


def test_changes_of_a_person_are_not_lost_without_consent() -> None:
    with pytest.raises(LocalChangesError) as caught:
        plan(LOCK, cached=(), installed=INSTALLED, recorded={"two": "tree:older", "gone": "tree:other"})
    assert [problem.where for problem in caught.value.problems] == ["gone", "two"]
    agreed = plan(LOCK, cached=(), installed=INSTALLED, recorded={}, overwrite=True)
    assert agreed == plan(LOCK, cached=(), installed=INSTALLED)


def test_what_tank_left_there_may_be_replaced_and_removed() -> None:
    recorded = {"two": "tree:old", "gone": "tree:gone"}
    assert plan(LOCK, cached=(), installed=INSTALLED, recorded=recorded) == plan(
        LOCK, cached=(), installed=INSTALLED
    )


def test_a_directory_that_tank_never_made_counts_as_a_persons() -> None:
    with pytest.raises(LocalChangesError, match="mine"):
        plan(lock_of({}), cached=(), installed={"mine": "tree:x"}, recorded={})


contents = st.dictionaries(st.sampled_from(["one", "two", "three"]), st.sampled_from(["a", "b"]))


def applied(result: InstallPlan, installed: dict[str, str]) -> None:
    """Executes a plan on a model of the disk."""
    for action in result.actions:
        match action:
            case Extract():
                assert (action.directory in installed) is action.is_replacement
                installed[action.directory] = action.locked.tree_hash
            case Remove():
                del installed[action.directory]
            case _:
                pass


@given(contents, contents)
def test_an_executed_plan_leaves_exactly_the_lock_and_nothing_to_do(
    wanted: dict[str, str], present: dict[str, str]
) -> None:
    lock = lock_of({f"@acme/{name}": content for name, content in wanted.items()})
    installed = {name: f"tree:{content}" for name, content in present.items()}
    first = plan(lock, cached={"sha256:a"}, installed=installed)
    needed = {action.locked.digest for action in first.actions if isinstance(action, Extract)}
    assert {action.locked.digest for action in first.downloads} == needed - {"sha256:a"}
    applied(first, installed)
    assert installed == {name: f"tree:{content}" for name, content in wanted.items()}
    assert not plan(lock, cached=(), installed=installed).has_changes
