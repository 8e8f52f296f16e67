"""When an install's answer may be noted for the next one: ``settled`` compares, this decides what.

Noted is the answer of a plain install only: one that nobody gave consents to, in a
project of its own, for the agents whose folders are there, with links and not copies.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from tank_cli import hashing, settled
from tank_cli import state as states
from tank_cli.config import Config
from tank_cli.context import Context
from tank_cli.link import LinkPlan
from tank_cli.project import Project
from tank_cli.trust import RegistryTrust
from tank_core.install_plan import directory_of
from tank_core.lockfile import Lockfile
from tank_core.names import SkillName


@dataclass(frozen=True, slots=True)
class Settling:
    """One install of a project, as far as its answer may be noted.

    Attributes:
        outside: what the answer depends on beside the project's own files.
        seen: all facts as they were before a file was read; None where nothing can be noted.
        manifest: its bytes then.
    """

    context: Context
    project: Project
    outside: tuple[str, ...]
    seen: str | None
    manifest: bytes

    @classmethod
    def begun(cls, context: Context, project: Project, names: Collection[SkillName]) -> Settling:
        """Looks at everything before anything of it is read, so that what changes meanwhile is noticed."""
        outside = _outside(project, context.config, names)
        seen = _observed(context, project, outside)
        return cls(context, project, outside, seen, project.manifest_or_empty())

    def end(self, lock: Lockfile, manifest: bytes | None, links: LinkPlan, *, has_changed: bool) -> None:
        """Notes what `tank verify --files` has to compare, and the answer of the next plain install.

        The latter only if nothing can be different then.

        1. Every link is one, and not a copy; and no skill is linked that a ``tank ci`` would refuse.
        2. Where nothing was to be done, nothing changed since before it was read either.
        3. Where something was, what is noted is what the install wrote and read.
        """
        environment = self.context.surroundings.environment
        hashing.remember(self.project, environment)
        places = [os.path.join(self.project.base, path) for path in (*links.keep, *links.make)]
        if states.may_have_linked(self.project.root) or not all(map(os.path.islink, places)):  # 1
            return
        outside = _outside(self.project, self.context.config, lock.skills) if has_changed else self.outside
        now = _observed(self.context, self.project, outside)
        if now is None:
            self._age_state()
        elif now == self.seen or (has_changed and self._is_what_was_read(lock, manifest)):  # 2, 3
            count = len(lock.skills)
            said = f"{count} skill{'s' * (count != 1)} in place already.\n"
            settled.remember(str(self.project.root), environment, outside, now, said)

    def _is_what_was_read(self, lock: Lockfile, manifest: bytes | None) -> bool:
        """Returns whether lock and manifest are those of this install; ``manifest``: None for the one it found."""
        return self.project.manifest_bytes() == (manifest or self.manifest) and self.project.lock() == lock

    def _age_state(self) -> None:
        """Makes the state newer than the files, so that after the next install they are not too new to tell."""
        try:
            os.utime(self.project.root / ".tank" / "state.json")
        except OSError:
            return


def _observed(context: Context, project: Project, outside: tuple[str, ...]) -> str | None:
    return settled.observed(str(project.root), context.surroundings.environment, outside)


def _outside(project: Project, config: Config, names: Collection[SkillName]) -> tuple[str, ...]:
    trust = RegistryTrust.of(config, config.registry)
    paths = [config.config_file, config.agents_file, trust.place / "root.json", trust.verified]
    known = [agent.at(is_global=project.is_global) for agent in project.known_agents()]
    # Every folder on the way: a link in the place of one of them leads all below it elsewhere.
    above = {str(folder) for agent in known for folder in PurePosixPath(agent.skills).parents} - {"."}
    paths += [project.base / folder for folder in sorted(above)]
    found = list(map(str, paths))
    directories = [directory_of(name) for name in sorted(names)]
    for agent in project.agents():
        folder = str(project.base / agent.skills)
        found += [folder, *(os.path.join(folder, directory) for directory in directories)]
    return tuple(found)
