"""From a skill's folder to the declaration that it needs, and into its skills.json."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tank_cli import atomic
from tank_cli.pack import collect, manifest_bytes
from tank_core.analysis import engine
from tank_core.analysis.inference import Inferred, infer, merged, superfluous
from tank_core.manifest import edit_skill_capabilities, parse_skill_manifest
from tank_core.permissions import Entry, PermissionSet


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a skill declares, and what its text shows.

    Attributes:
        declared: the capabilities in its skills.json.
        inferred: the smallest ones that cover what was seen.
    """

    declared: PermissionSet
    inferred: Inferred

    @property
    def superfluous(self) -> tuple[Entry, ...]:
        """Declared entries that nothing seen needs as wide as they are, sorted."""
        return superfluous(self.declared, self.inferred.permissions)


def declaration_of(folder: Path) -> Declaration:
    """Returns what a skill's folder declares and needs; exactly the files that would ship are read.

    Raises:
        NotASkillError: not-a-skill.
        InvalidManifestError: invalid-manifest.
        NotPackableError: not-packable.
        ArchiveError: archive-…
    """
    manifest = parse_skill_manifest(manifest_bytes(folder))
    observed, unknown = engine.observe(collect(folder, manifest.files))
    return Declaration(manifest.capabilities, infer(observed, unknown))


def write(folder: Path, found: Declaration, *, is_pruned: bool) -> PermissionSet:
    """Writes capabilities to a skill's skills.json, other keys as they were, and returns them.

    Args:
        folder: the skill's folder.
        found: what it declares and needs.
        is_pruned: whether declared entries that nothing shows are taken out; else they stay.

    Raises:
        InvalidManifestError: invalid-manifest.
    """
    needed = found.inferred.permissions
    capabilities = needed if is_pruned else merged(found.declared, needed)
    before = manifest_bytes(folder)
    if capabilities != found.declared:
        atomic.write(folder / "skills.json", edit_skill_capabilities(before, capabilities))
    return capabilities
