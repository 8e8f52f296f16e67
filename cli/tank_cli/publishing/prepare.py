"""From a skill's folder to the bytes that would be published, or every reason why not.

The checks are the registry's own functions, so that what passes here is not
refused there for its form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tank_cli.pack import collect, manifest_bytes
from tank_core.archive import DEFAULT_LIMITS, ArchiveEntry, pack
from tank_core.errors import Problem, TankError
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.skill_md import SkillMd, parse_skill_md

T = TypeVar("T")


class NotPublishableError(TankError):
    """A skill has problems in more than one place, or its two names differ."""

    code = "not-publishable"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A package, ready to be uploaded.

    Attributes:
        archive: the canonical archive.
        integrity: ``sha512-<base64>`` of it.
        digest: ``sha256:<hex>`` of it.
    """

    manifest: SkillManifest
    entries: tuple[ArchiveEntry, ...]
    archive: bytes
    integrity: str
    digest: str

    @property
    def label(self) -> str:
        """The package as people write it: ``@org/name@version``."""
        return f"{self.manifest.name}@{self.manifest.version}"


def prepare(folder: Path) -> Prepared:
    """Returns the package that a skill's folder makes.

    Raises:
        NotPackableError: not-packable.
        ArchiveError: archive-…
        TankError: as ``described``.
    """
    manifest = described(folder)
    entries = collect(folder, manifest.files)
    archive = pack(entries)
    DEFAULT_LIMITS.check_archive_size(len(archive))
    return Prepared(manifest, entries, archive, sha512_integrity(archive), sha256_digest(archive))


def described(folder: Path) -> SkillManifest:
    """Returns the manifest of a skill's folder, when skills.json and SKILL.md are sound and agree.

    Raises:
        NotASkillError: not-a-skill.
        InvalidManifestError: invalid-manifest.
        InvalidSkillMdError: invalid-skill-md.
        NotPublishableError: not-publishable; both of these at once, or names that differ.
    """
    data = manifest_bytes(folder)
    errors: list[TankError] = []
    manifest = _attempt(lambda: parse_skill_manifest(data), errors)
    skill_md = _attempt(lambda: parse_skill_md((folder / "SKILL.md").read_bytes()), errors)
    if manifest is None or skill_md is None:
        raise errors[0] if len(errors) == 1 else _together(errors)
    _check_names(manifest, skill_md)
    return manifest


def _attempt(parse: Callable[[], T], errors: list[TankError]) -> T | None:
    try:
        return parse()
    except TankError as error:
        errors.append(error)
        return None


def _together(errors: list[TankError]) -> NotPublishableError:
    problems = [
        p for error in errors for p in error.problems or (Problem(error.code, error.what, error.fix),)
    ]
    return NotPublishableError(
        "skills.json and SKILL.md have problems.",
        why="Both are read strictly: agents load one, Tank the other.",
        fix=problems[0].fix,
        problems=tuple(problems),
    )


def _check_names(manifest: SkillManifest, skill_md: SkillMd) -> None:
    if skill_md.name != manifest.name.name:
        raise NotPublishableError(
            f"SKILL.md is called “{skill_md.name}”, and skills.json “{manifest.name}”.",
            why="The directory that agents read has the skill's own name, so the two must agree.",
            fix=f"Set `name: {manifest.name.name}` in SKILL.md.",
        )
