"""``tank verify --files``, answered by hashing alone: the same words, every byte read, any doubt handed over."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tank_cli import hashing
from tests.cli.test_settled import replace_in_place_keeping_everything
from tests.support.registry_double import RegistryDouble

SKILL = ".tank/skills/notes/SKILL.md"


@pytest.fixture
def installed(tank: Any, trusted: RegistryDouble, project: Path, walks: list[list[str]]) -> Path:
    """A project with two skills that was installed, once."""
    (project / ".claude").mkdir()
    trusted.publish("@acme/notes", "1.0.0", skills={"@acme/text": "^1.0.0"})
    trusted.publish("@acme/text", "1.0.0")
    assert tank("add", "@acme/notes").exit_code == 0
    assert tank("install").exit_code == 0
    walks.clear()
    return project


def forget(home: Path) -> None:
    shutil.rmtree(home / ".cache/tank/settled")


@pytest.mark.parametrize("options", [["--files"], ["--files", "--json"], ["--json", "--files"]])
def test_what_it_says_is_what_the_whole_command_says(
    tank: Any, installed: Path, home: Path, walks: list[list[str]], options: list[str]
) -> None:
    quick = tank("verify", *options)
    assert walks == []
    forget(home)
    assert tank("verify", *options) == quick
    assert len(walks) == 1
    assert quick.exit_code == 0
    assert tank("verify", *options) == quick  # the whole command noted it as well
    assert len(walks) == 1


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--json"],
        ["--files", "--allow-linked"],
        ["--files", "-g"],
        ["--files", "--registry", "http://127.0.0.1:9"],
    ],
)
def test_an_option_asks_for_something_else(
    tank: Any, installed: Path, walks: list[list[str]], options: list[str]
) -> None:
    tank("verify", *options)
    assert len(walks) == 1


def rewrite(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def relink(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def link_away(path: Path, to: Path) -> None:
    path.rename(to)
    path.symlink_to(to)


DEFECTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a file": ("installed-files-differ", lambda p: (p / SKILL).write_text("other")),
    "a file, with everything but its bytes as it was": (
        "installed-files-differ",
        lambda p: replace_in_place_keeping_everything(p / SKILL),
    ),
    "a mode": ("installed-files-differ", lambda p: (p / SKILL).chmod(0o755)),
    "a new file": ("installed-files-differ", lambda p: (p / ".tank/skills/notes/more").write_text("")),
    "a missing file": ("installed-files-differ", lambda p: (p / SKILL).unlink()),
    "a missing skill": ("installed-files-differ", lambda p: shutil.rmtree(p / ".tank/skills/notes")),
    "a file that is a link": ("installed-files-differ", lambda p: relink(p / SKILL, "/dev/null")),
    "a skill that is a link": (
        "installed-files-differ",
        lambda p: link_away(p / ".tank/skills/notes", p / "moved"),
    ),
    "another directory": ("installed-files-differ", lambda p: (p / ".tank/skills/other").mkdir()),
    "a link elsewhere": ("installed-files-differ", lambda p: relink(p / ".agents/skills/notes", "../..")),
    "a link to another skill": (
        "installed-files-differ",
        lambda p: relink(p / ".claude/skills/notes", "../../.tank/skills/text"),
    ),
    "a directory in the place of a link": (
        "installed-files-differ",
        lambda p: ((p / ".claude/skills/notes").unlink(), (p / ".claude/skills/notes").mkdir()),
    ),
    "the lock": (
        "invalid-lockfile",
        lambda p: rewrite(p / "skills.lock", '"verdict": "pass"', '"verdict": "?"'),
    ),
    "a tree hash in the lock": ("installed-files-differ", lambda p: another_tree_hash(p)),
    "no lock": ("no-lock", lambda p: (p / "skills.lock").unlink()),
    "the configuration": (
        "invalid-config",
        lambda p: (p.parent / "home/.config/tank/config.json").write_text("no JSON"),
    ),
    "the agents": ("invalid-config", lambda p: (p.parent / "home/.config/tank/agents.json").write_text("no")),
}


def another_tree_hash(project: Path) -> None:
    lock = json.loads((project / "skills.lock").read_text())
    lock["skills"]["@acme/notes"]["tree_hash"] = "sha256:" + "0" * 64
    (project / "skills.lock").write_text(json.dumps(lock))


@pytest.mark.parametrize("defect", DEFECTS)
def test_whatever_is_wrong_is_told_by_the_whole_command(
    tank: Any, installed: Path, walks: list[list[str]], defect: str
) -> None:
    code, make = DEFECTS[defect]
    make(installed)
    assert tank("verify", "--files", "--json").error_code == code
    assert tank("verify", "--files").exit_code != 0
    assert len(walks) == 2


def test_a_missing_link_is_no_difference_as_before(
    tank: Any, installed: Path, walks: list[list[str]]
) -> None:
    (installed / ".agents/skills/notes").unlink()
    quick = tank("verify", "--files")
    assert (quick.exit_code, walks) == (0, [])


@pytest.mark.parametrize("folder", [".claude", ".claude/skills", ".agents"])
def test_an_agents_folder_behind_a_link_is_handed_over(
    tank: Any, installed: Path, walks: list[list[str]], folder: str
) -> None:
    link_away(installed / folder, installed / "moved")
    tank("verify", "--files")
    assert len(walks) == 1


def test_what_a_killed_tank_left_is_undone_first(
    tank: Any, installed: Path, home: Path, walks: list[list[str]]
) -> None:
    import hashlib

    journals = home / ".local/share/tank/journals"
    name = hashlib.sha256(os.fsencode(installed.resolve())).hexdigest()
    journals.mkdir(parents=True, exist_ok=True)
    for left in (journals / name, journals / f"{name}.undone"):
        left.write_bytes(b"")
        assert tank("verify", "--files").exit_code == 0
        assert not left.exists()
    assert len(walks) == 2


def test_a_linked_skill_is_refused_as_before(
    tank: Any, installed: Path, walks: list[list[str]], tmp_path: Path
) -> None:
    from tests.support.publishing_documents import write_skill

    assert tank("link", write_skill(tmp_path / "mine")).exit_code == 0
    walks.clear()
    assert tank("verify", "--files", "--json").error_code == "linked-skill"
    assert len(walks) == 1


@pytest.mark.parametrize("variable", ["TANK_HOME", "TANK_REGISTRY", "TANK_LINK_MODE", "XDG_DATA_HOME"])
def test_another_environment_is_another_question(
    tank: Any, installed: Path, walks: list[list[str]], variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "/nonexistent")
    tank("verify", "--files")
    assert len(walks) == 1


def test_a_registry_of_the_command_line_is_not_noted_as_the_configured_one(
    tank: Any, installed: Path, home: Path, walks: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    forget(home)
    monkeypatch.setenv("TANK_REGISTRY", "ftp://nobody.invalid")
    assert tank("verify", "--files", "--registry", "https://tank.example").exit_code == 0
    assert tank("verify", "--files", "--json").error_code == "invalid-registry-url"


@pytest.mark.parametrize("change", [b"", b"\0", b"\xff", b"a" * 64, "swap"], ids=repr)
def test_a_note_that_is_not_this_users_is_not_believed(
    tank: Any, installed: Path, home: Path, walks: list[list[str]], change: bytes | str
) -> None:
    """Somebody exchanges a file, and the tree hash in every note."""
    from tank_cli.tree import hash_of, read_tree

    before = hash_of(read_tree(installed / ".tank/skills/notes"))
    (installed / SKILL).chmod(0o755)
    after = hash_of(read_tree(installed / ".tank/skills/notes"))
    notes = list((home / ".cache/tank/settled").iterdir())
    assert any(before.encode() in note.read_bytes() for note in notes)
    for note in notes:
        data = note.read_bytes().replace(before.encode(), after.encode())
        note.write_bytes(change if isinstance(change, bytes) else data)
    assert tank("verify", "--files", "--json").error_code == "installed-files-differ"


@pytest.mark.skipif(sys.platform != "linux", reason="counts what this platform opens")
def test_it_opens_every_installed_file_once_and_little_else(installed: Path, home: Path) -> None:
    opened: list[str] = []
    counting = [True]  # a hook cannot be taken away again
    sys.addaudithook(
        lambda event, given: opened.append(str(given[0])) if event == "open" and counting else None
    )
    assert hashing.answer(dict(os.environ), str(installed), as_json=False) is not None
    counting.clear()
    told = [path for path in opened if path.startswith(str(installed.parent))]
    trees = installed / ".tank/skills"
    files = sorted(str(path) for path in trees.rglob("*") if path.is_file())
    assert sorted(path for path in told if path.startswith(str(trees))) == files
    rest = sorted(Path(path).name for path in told if not path.startswith(str(trees)))
    assert rest[-2:] == ["skills.lock", "state.json"]
    assert len(rest) == 5  # and config.json, cache.key, the note
