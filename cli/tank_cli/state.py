"""What Tank made in a project, so that it removes nothing that it did not make.

``.tank/state.json`` remembers per installed directory the hash of each file, and
every link or copy in the agents' folders. It is a convenience, never a proof: the
lock's tree hash decides what is right, and a state that disagrees with it is not
believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tank_cli.project_files import read_file
from tank_cli.tree import FileFact, hash_of
from tank_core.names import InvalidNameError, SkillName

LINK = "link"


@dataclass(frozen=True, slots=True)
class LinkedFolder:
    """Where a skill is developed in place: an absolute path, and the seal of the user who linked it."""

    path: Path
    seal: str


@dataclass(frozen=True, slots=True)
class State:
    """What was made.

    Attributes:
        trees: directory name below ``.tank/skills`` → path → what was written there.
        links: path relative to the project → ``link``, or the tree hash of a copy.
        pending: directory name → tree hash that was about to be put there; left by a
            process that was killed, and still ours.
        linked: skills that are developed in place, as noted; ``develop`` says which notes are this user's.
    """

    trees: Mapping[str, Mapping[str, FileFact]] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    pending: Mapping[str, str] = field(default_factory=dict)
    linked: Mapping[SkillName, LinkedFolder] = field(default_factory=dict)

    def is_ours(self, name: str, found: str) -> bool:
        """Returns whether a tree with this hash is one that Tank put there, unchanged since."""
        return found == self.pending.get(name) or (name in self.trees and found == hash_of(self.trees[name]))


def path_in(root: Path) -> Path:
    """Returns where a project's state is kept."""
    return root / ".tank" / "state.json"


def read(root: Path) -> State:
    """Returns a project's state; an empty one when it is missing or damaged.

    An empty state is the careful reading: Tank then takes every link it finds for somebody else's.

    Raises:
        UnsafeProjectError: unsafe-project; reading it might never end.
    """
    return _parsed(root) or State()


def is_damaged(root: Path) -> bool:
    """Returns whether there is a state that cannot be read.

    Raises:
        UnsafeProjectError: unsafe-project.
    """
    return path_in(root).exists() and _parsed(root) is None


def _parsed(root: Path) -> State | None:
    try:
        value = json.loads(read_file(path_in(root)))
        trees = {
            str(name): {str(path): FileFact(str(fact[0]), bool(fact[1])) for path, fact in files.items()}
            for name, files in value["trees"].items()
        }
        links = {str(path): str(kind) for path, kind in value["links"].items()}
        pending = {str(name): str(tree) for name, tree in value["pending"].items()}
        linked = {
            SkillName.parse(str(name)): LinkedFolder(Path(str(noted["path"])), str(noted["seal"]))
            for name, noted in value.get("linked", {}).items()
        }
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None
    except InvalidNameError:
        return None
    return State(trees, links, pending, linked)


def may_have_linked(root: Path) -> bool:
    """Returns whether a project's state could note linked skills, without parsing it: every install asks.

    Raises:
        UnsafeProjectError: unsafe-project.
    """
    try:
        return b'"linked"' in read_file(path_in(root))
    except FileNotFoundError:
        return False


def state_bytes(state: State) -> bytes:
    """Returns the bytes of a state file, the same for the same state."""
    trees = {
        name: {path: [fact.sha256, fact.executable] for path, fact in files.items()}
        for name, files in state.trees.items()
    }
    value: dict[str, object] = {
        "trees": trees,
        "links": dict(state.links),
        "pending": dict(state.pending),
    }
    if state.linked:
        value["linked"] = {
            str(name): {"path": str(noted.path), "seal": noted.seal} for name, noted in state.linked.items()
        }
    # Without indentation: with it the encoder that is written in C is not used, which costs 20 ms.
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
