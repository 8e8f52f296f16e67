"""Links: made where agents look, and never over what a person put there."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tank_cli.agents import AGENTS, UNIVERSAL, UnknownAgentError, agents_for
from tank_cli.journal import Journal
from tank_cli.link import LinkOccupiedError, UnsafeLinkError, apply_links, plan_links
from tank_cli.transaction import Transaction

CLAUDE = next(agent for agent in AGENTS if agent.name == "claude")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / ".tank/skills" / name).mkdir(parents=True)
        (tmp_path / ".tank/skills" / name / "SKILL.md").write_text(name)
    return tmp_path


def relink(
    root: Path, names: list[str], made: dict[str, str], *, agents: tuple[object, ...] = (UNIVERSAL,)
) -> dict[str, str]:
    trees = root / ".tank/skills"
    plan = plan_links(root, trees, names, agents, made)  # type: ignore[arg-type]
    with Transaction(root, root, Journal(root / "journal")) as transaction:
        return apply_links(transaction, root, trees, plan, made)


def test_only_agents_that_are_there_or_asked_for_are_served(root: Path) -> None:
    assert agents_for(root, []) == (UNIVERSAL,)
    assert agents_for(root, ["claude"]) == (UNIVERSAL, CLAUDE)
    (root / ".claude").mkdir()
    assert agents_for(root, []) == (UNIVERSAL, CLAUDE)
    with pytest.raises(UnknownAgentError):
        agents_for(root, ["cluade"])


def test_links_are_relative_so_that_the_project_can_move(root: Path) -> None:
    made = relink(root, ["a"], {}, agents=(UNIVERSAL, CLAUDE))
    assert made == {".agents/skills/a": "link", ".claude/skills/a": "link"}
    assert str((root / ".claude/skills/a").readlink()) == "../../.tank/skills/a"
    assert (root / ".claude/skills/a/SKILL.md").read_text() == "a"


def test_linking_again_changes_nothing(root: Path) -> None:
    made = relink(root, ["a"], {})
    plan = plan_links(root, root / ".tank/skills", ["a"], (UNIVERSAL,), made)
    assert (plan.make, plan.remove, plan.keep) == ({}, (), (".agents/skills/a",))


def test_link_of_a_removed_skill_goes_and_others_stay(root: Path) -> None:
    made = relink(root, ["a", "b"], {})
    (root / ".agents/skills/own").mkdir()
    assert relink(root, ["b"], made) == {".agents/skills/b": "link"}
    assert sorted(path.name for path in (root / ".agents/skills").iterdir()) == ["b", "own"]


@pytest.mark.parametrize("kind", ["directory", "file", "foreign link"])
def test_a_persons_file_is_never_overwritten(root: Path, kind: str) -> None:
    place = root / ".agents/skills/a"
    place.parent.mkdir(parents=True)
    if kind == "directory":
        place.mkdir()
    elif kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to(root)
    with pytest.raises(LinkOccupiedError) as caught:
        relink(root, ["a", "b"], {".agents/skills/a": "link"})
    assert [problem.where for problem in caught.value.problems] == [".agents/skills/a"]


def test_where_links_are_not_allowed_a_copy_is_made_and_replaced(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "links are not allowed here")

    monkeypatch.setattr(Transaction, "link", refuse)
    made = relink(root, ["a"], {})
    assert made[".agents/skills/a"].startswith("sha256:")
    (root / ".tank/skills/a/SKILL.md").write_text("newer")
    relink(root, ["a"], made)
    assert (root / ".agents/skills/a/SKILL.md").read_text() == "newer"


def test_a_copy_that_a_person_edited_stays(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "links are not allowed here")

    monkeypatch.setattr(Transaction, "link", refuse)
    made = relink(root, ["a"], {})
    (root / ".agents/skills/a/SKILL.md").write_text("edited")
    with pytest.raises(LinkOccupiedError):
        relink(root, ["a"], made)
    relink(root, ["b"], made)
    assert (root / ".agents/skills/a/SKILL.md").read_text() == "edited"


def test_an_agents_folder_that_leads_out_of_the_project_is_refused(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (root / ".agents").mkdir()
    (root / ".agents/skills").symlink_to(outside)
    with pytest.raises(UnsafeLinkError):
        relink(root, ["a"], {})
    assert not list(outside.iterdir())


def test_two_agents_that_share_a_folder_get_one_link(root: Path) -> None:
    (root / ".agents/skills").mkdir(parents=True)
    (root / ".claude").mkdir()
    (root / ".claude/skills").symlink_to("../.agents/skills")
    assert relink(root, ["a"], {}, agents=(UNIVERSAL, CLAUDE)) == {".agents/skills/a": "link"}
