"""A project on disk: where it is, its manifest and its lock."""

from __future__ import annotations

import functools
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from tank_cli import state as states
from tank_cli.agents import KNOWN, Agent, KnownAgent, agents_for, read_table
from tank_cli.config import Config
from tank_cli.project_files import read_file
from tank_cli.state import State
from tank_cli.transaction import undo_left
from tank_core.errors import ExitCode, TankError
from tank_core.lockfile import Lockfile, parse_lockfile
from tank_core.manifest import ProjectManifest, parse_project_manifest

MANIFEST = "skills.json"
LOCK = "skills.lock"
EMPTY_MANIFEST = b'{\n  "permissions": {},\n  "skills": {}\n}\n'


class NoProjectError(TankError):
    """There is no project here."""

    code = "no-project"
    exit_code = ExitCode.NOT_FOUND


class NoLockError(TankError):
    """The project has no lock yet."""

    code = "no-lock"
    exit_code = ExitCode.LOCK


class RegistryMismatchError(TankError):
    """The lock was made with another registry than the configured one."""

    code = "registry-mismatch"
    exit_code = ExitCode.POLICY


class ForeignProjectError(TankError):
    """The project belongs to another user, whose budget and skills would become this one's."""

    code = "foreign-project"
    exit_code = ExitCode.POLICY


class NotInProjectError(TankError):
    """The project does not name a skill."""

    code = "not-in-project"
    exit_code = ExitCode.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Project:
    """Where a project's files are.

    Attributes:
        root: holds skills.json, skills.lock and ``.tank``.
        base: holds the agents' folders: the root, or the home directory for the global project.
        config: of the person; None for the table of agents alone, and no links of their own.
    """

    root: Path
    base: Path
    asked_agents: tuple[str, ...] = field(default=())
    config: Config | None = None

    @property
    def manifest_path(self) -> Path:
        """The project's skills.json."""
        return self.root / MANIFEST

    @property
    def lock_path(self) -> Path:
        """The project's skills.lock."""
        return self.root / LOCK

    @property
    def trees(self) -> Path:
        """The directory of the installed skills."""
        return self.root / ".tank" / "skills"

    @property
    def is_global(self) -> bool:
        """Whether it is the project behind ``--global``."""
        return self.root != self.base

    def agents(self, state: State | None = None) -> tuple[Agent, ...]:
        """Returns the agents to serve.

        Args:
            state: what Tank made here; read when it is not given.

        Raises:
            UnknownAgentError: unknown-agent.
            InvalidConfigError: invalid-config; of the person's own agents.
            UnsafeProjectError: unsafe-project.
        """
        linked = {path.rpartition("/")[0] for path in (state or states.read(self.root)).links}
        return agents_for(
            self.base, self.asked_agents, table=self.known_agents(), is_global=self.is_global, linked=linked
        )

    def known_agents(self) -> tuple[KnownAgent, ...]:
        """Returns every agent that is known, served or not."""
        return KNOWN if self.config is None else read_table(self.config.agents_file)

    def agent_folders(self) -> frozenset[str]:
        """Returns where any agent that is known looks for skills, relative to the base."""
        return frozenset(known.at(is_global=self.is_global).skills for known in self.known_agents())

    def manifest_bytes(self) -> bytes:
        """Returns the manifest's bytes; those of an empty one for a global project not yet used.

        Raises:
            NoProjectError: no-project.
            UnsafeProjectError: unsafe-project.
        """
        try:
            return read_file(self.manifest_path)
        except FileNotFoundError:
            if self.is_global:
                return EMPTY_MANIFEST
            raise NoProjectError(
                f"There is no skills.json in {self.root} or above it.",
                why="A project says in skills.json which skills it uses and what they may do.",
                fix="tank init",
            ) from None

    def manifest_or_empty(self) -> bytes:
        """Returns the manifest's bytes; those of an empty one where there is none yet."""
        return read_file(self.manifest_path) if self.manifest_path.exists() else EMPTY_MANIFEST

    def manifest(self) -> ProjectManifest:
        """Returns the manifest.

        Raises:
            NoProjectError: no-project.
            InvalidManifestError: invalid-manifest.
        """
        return parse_project_manifest(self.manifest_bytes())

    def lock(self) -> Lockfile | None:
        """Returns the lock, or None when there is no file. A damaged one is an error, never "none".

        Raises:
            InvalidLockfileError: invalid-lockfile.
            UnsafeProjectError: unsafe-project.
        """
        try:
            return _parsed_lock(read_file(self.lock_path))
        except FileNotFoundError:
            return None

    def require_lock(self) -> Lockfile:
        """Returns the lock.

        Raises:
            NoLockError: no-lock.
            InvalidLockfileError: invalid-lockfile.
        """
        lock = self.lock()
        if lock is None:
            raise self._no_lock()
        return lock

    def _no_lock(self) -> NoLockError:
        """Returns the error for a missing lock; where there is no project either, it says so."""
        if not self.is_global and not self.manifest_path.exists():
            return NoLockError(
                f"There is no skills.lock in {self.root}, and no skills.json in it or above it.",
                why="This command works from the lock of a project, and this is none.",
                fix="Go to the folder of your project, or start one here: tank init",
            )
        if not self.is_global:
            self.manifest()  # what an install would refuse, such as a skill's own folder, is told first
        return NoLockError(
            f"There is no skills.lock in {self.root}.",
            why="This command works from the lock alone.",
            fix="tank install --global" if self.is_global else "tank install",
        )


@functools.lru_cache(maxsize=2)
def _parsed_lock(data: bytes) -> Lockfile:
    """Returns a lock; one run reads the same bytes several times, and nobody changes what comes back."""
    return parse_lockfile(data)


def find(start: Path, config: Config, *, is_global: bool = False, agents: Collection[str] = ()) -> Project:
    """Returns the project of a directory: the nearest one upwards with a skills.json, else the directory.

    What a killed ``tank`` left half-done in it is undone.

    Raises:
        ForeignProjectError: foreign-project; its skills.json belongs to somebody else.
    """
    project = _found(start.resolve(), config, is_global=is_global, agents=agents)
    _refuse_foreign(project, config)
    undo_left(project.root, config)
    return project


def _found(start: Path, config: Config, *, is_global: bool, agents: Collection[str]) -> Project:
    if is_global:
        return Project(config.global_root, config.home, tuple(agents), config)
    root = next((folder for folder in (start, *start.parents) if (folder / MANIFEST).is_file()), start)
    return Project(root, root, tuple(agents), config)


def _refuse_foreign(project: Project, config: Config) -> None:
    """Refuses a project of another user, who could have left it above any folder that all may write to.

    As git does (``safe.directory``). The superuser works in everybody's; Windows is not asked.
    """
    if not hasattr(os, "geteuid") or os.geteuid() == 0 or str(project.root) in config.safe_projects:
        return
    try:
        owner = project.manifest_path.lstat().st_uid
    except OSError:
        return
    if owner != os.geteuid():
        import shlex

        safe = shlex.quote(os.pathsep.join([*config.safe_projects, str(project.root)]))
        raise ForeignProjectError(
            f"{project.manifest_path} belongs to another user.",
            why="It says which skills your agents get and what they may do; whoever owns it can change that.",
            fix=f"If you trust them: tank config set safe-projects {safe}",
        )


def check_registry(lock: Lockfile, registry: str) -> None:
    """Refuses a lock of another registry: a project file cannot choose whom the person trusts.

    Raises:
        RegistryMismatchError: registry-mismatch.
    """
    if lock.registry != registry:
        raise RegistryMismatchError(
            f"The lock was made with {lock.registry}, and you use {registry}.",
            why="A file of the project must not decide which registry you trust.",
            fix=f"Use that one, if you trust it: --registry {lock.registry}; or remove skills.lock.",
        )
