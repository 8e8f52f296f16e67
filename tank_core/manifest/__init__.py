"""skills.json: one strict format for a skill and for a project.

Source: FORMATS, "skills.json: one manifest for a skill and for a project".
"""

from typing import TYPE_CHECKING

from tank_core.manifest.edit import edit_project_manifest, edit_skill_capabilities
from tank_core.manifest.fields import MAX_MANIFEST_BYTES, InvalidManifestError
from tank_core.manifest.project import NO_POLICY, AuditPolicy, ProjectManifest, parse_project_manifest

if TYPE_CHECKING:
    from tank_core.manifest.skill import SkillManifest, parse_skill_manifest

__all__ = [
    "MAX_MANIFEST_BYTES",
    "NO_POLICY",
    "AuditPolicy",
    "InvalidManifestError",
    "ProjectManifest",
    "SkillManifest",
    "edit_project_manifest",
    "edit_skill_capabilities",
    "parse_project_manifest",
    "parse_skill_manifest",
]


def __getattr__(name: str) -> object:
    """Loads what reads the manifest of a skill when it is asked for: most commands read a project's alone."""
    if name in ("SkillManifest", "parse_skill_manifest"):
        from tank_core.manifest import skill

        return getattr(skill, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
