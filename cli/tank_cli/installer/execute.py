"""Carries out a plan in one transaction: trees, links, state, manifest, and the lock last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tank_cli import state as states
from tank_cli.installer.package import Package
from tank_cli.journal import Journal
from tank_cli.link import LinkPlan, apply_links
from tank_cli.project import Project
from tank_cli.state import LINK, State
from tank_cli.transaction import Transaction
from tank_cli.tree import FileFact
from tank_core.install_plan import Extract, InstallPlan, Keep, Remove
from tank_core.names import SkillName


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that was decided. ``manifest`` and ``lock`` are None when they stay as they are."""

    plan: InstallPlan
    links: LinkPlan
    state: State
    manifest: bytes | None
    lock: bytes | None

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        links = self.links.make or self.links.remove
        return bool(self.plan.has_changes or links or self.lock or self.manifest)


def execute(
    project: Project, change: Change, packages: Iterable[tuple[SkillName, Package]], journal: Journal
) -> None:
    """Changes the project, or leaves it exactly as it was.

    1. Write every new tree completely, beside the project's own.
    2. Note what is about to be put where, so that a killed process leaves nothing unknown.
    3. Move old trees out and new ones in.
    4. Make and remove links.
    5. Write state and manifest, and the lock last: it is what says that all of it is true.

    Args:
        project: the project.
        change: what was decided.
        packages: every skill to extract, verified; others are ignored.
        journal: of the project, which is held exclusively.
    """
    extracts = {action.name: action for action in change.plan.actions if isinstance(action, Extract)}
    with Transaction(project.root, project.base, journal) as transaction:
        trees: dict[str, Mapping[str, FileFact]] = {}
        for name, package in packages:  # 1
            if name in extracts:
                directory = extracts[name].directory
                transaction.stage(directory, package.write)
                trees[directory] = package.facts
        _note(project, change, extracts.values(), transaction)  # 2
        for action in change.plan.actions:  # 3
            if isinstance(action, Remove):
                transaction.drop_tree(action.directory)
            elif isinstance(action, Extract):
                transaction.put(action.directory)
            elif isinstance(action, Keep) and action.directory in change.state.trees:
                trees[action.directory] = change.state.trees[action.directory]
        made = apply_links(transaction, project.base, project.trees, change.links, change.state.links)  # 4
        after = State(dict(sorted(trees.items())), made, linked=change.state.linked)
        _write(project, change, after, transaction)  # 5


def _note(project: Project, change: Change, extracts: Iterable[Extract], transaction: Transaction) -> None:
    ignore = project.root / ".tank" / ".gitignore"
    if not ignore.exists():
        transaction.write(ignore, b"*\n")
    pending = {action.directory: action.locked.tree_hash for action in extracts}
    links = {**change.state.links, **dict.fromkeys(change.links.make, LINK)}
    if pending or change.links.make:
        noted = State(change.state.trees, links, pending, change.state.linked)
        transaction.write(states.path_in(project.root), states.state_bytes(noted))


def _write(project: Project, change: Change, state: State, transaction: Transaction) -> None:
    transaction.write(states.path_in(project.root), states.state_bytes(state))
    if change.manifest is not None:
        transaction.write(project.manifest_path, change.manifest)
    if change.lock is not None:
        transaction.write(project.lock_path, change.lock)
