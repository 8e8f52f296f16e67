"""The manifest of a project: what it allows, which skills it uses, what it asks of them.

Source: FORMATS, "skills.json", rows of the project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tank_core.declared import dependencies_json, read_dependencies, read_permissions
from tank_core.manifest.fields import SKILL_KEYS, InvalidManifestError, read_manifest
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet, is_empty
from tank_core.ranges import Range
from tank_core.shape import Reader

PROJECT_KEYS = ("permissions", "skills", "overrides", "audit")
_AUDIT_KEYS = ("min_score", "min_release_age", "require_provenance")
_ELSEWHERE = {
    **{
        key: "Remove it: only the manifest of a skill has it."
        for key in SKILL_KEYS
        if key not in PROJECT_KEYS
    },
    "capabilities": "A project allows “permissions”; “capabilities” is what a skill declares.",
    "dependencies": "Did you mean “skills”?",
}
_MAX_SCORE = 10.0
_AGE = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """What a project asks of every skill that it installs.

    Attributes:
        min_score: 0 to 10; None asks for none.
        min_release_age_seconds: how long a version must have been published; None asks for none.
        require_provenance: whether a publisher's Sigstore bundle must be there.
    """

    min_score: float | None = None
    min_release_age_seconds: int | None = None
    require_provenance: bool = False

    def stricter(self, other: AuditPolicy) -> AuditPolicy:
        """Returns the policy that asks for all that either of two asks for."""
        scores = [policy.min_score for policy in (self, other) if policy.min_score is not None]
        ages = [p.min_release_age_seconds for p in (self, other) if p.min_release_age_seconds is not None]
        return AuditPolicy(
            max(scores, default=None),
            max(ages, default=None),
            self.require_provenance or other.require_provenance,
        )

    def to_json(self) -> dict[str, Any]:
        """Returns the policy as a JSON object; what it does not ask for is left out."""
        stated: dict[str, Any] = {}
        if self.min_score is not None:
            stated["min_score"] = self.min_score
        if self.min_release_age_seconds is not None:
            stated["min_release_age"] = _age_text(self.min_release_age_seconds)
        if self.require_provenance:
            stated["require_provenance"] = True
        return stated


NO_POLICY = AuditPolicy()


@dataclass(frozen=True, slots=True)
class ProjectManifest:
    """A project's skills.json.

    Attributes:
        permissions: the budget for all skills together.
        skills: what the project uses, sorted by name.
        overrides: ranges in place of what skills ask for, sorted by name.
    """

    permissions: PermissionSet
    skills: dict[SkillName, Range]
    audit: AuditPolicy
    overrides: dict[SkillName, Range] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns the manifest as a JSON object in one form: empty values are left out."""
        values = {
            "permissions": {} if is_empty(self.permissions) else self.permissions.to_json(),
            "skills": dependencies_json(self.skills),
            "overrides": dependencies_json(self.overrides),
            "audit": self.audit.to_json(),
        }
        return {key: value for key, value in values.items() if value}


def parse_project_manifest(data: bytes) -> ProjectManifest:
    """Returns a project's manifest, or every problem that it has.

    Args:
        data: the bytes of skills.json, at most 256 KiB.

    Raises:
        InvalidManifestError: ``invalid-manifest``.
    """
    try:
        return read_manifest(data, _read)
    except InvalidManifestError as error:
        if {"skills.json: name", "skills.json: version"} <= {problem.where for problem in error.problems}:
            raise _of_a_skill() from None
        raise


def _of_a_skill() -> InvalidManifestError:
    """Returns the error for a skill's own manifest where a project's is wanted: nothing in it is wrong."""
    return InvalidManifestError(
        "This skills.json is that of a skill, and not of a project.",
        why="A skill has a name and a version, and says what it needs; a project says what it allows.",
        fix="Run it in the folder of a project; `tank link PATH` there tries out the skill.",
    )


def _read(reader: Reader) -> ProjectManifest:
    reader.reject_unknown(PROJECT_KEYS, _ELSEWHERE)
    skills = read_dependencies(reader, "skills")
    return ProjectManifest(
        permissions=read_permissions(reader, "permissions"),
        skills=skills,
        audit=_read_audit(reader.object("audit")),
        overrides=_read_overrides(reader, skills),
    )


def _read_overrides(reader: Reader, skills: Mapping[SkillName, Range]) -> dict[SkillName, Range]:
    overrides = read_dependencies(reader, "overrides")
    for name in overrides.keys() & skills.keys():
        if overrides[name] != skills[name]:
            reader.object("overrides").problem(
                str(name),
                "has another range in “skills”",
                "Change the range in “skills”, which counts for everything, and remove this one.",
            )
    return overrides


def _read_audit(reader: Reader) -> AuditPolicy:
    reader.reject_unknown(_AUDIT_KEYS)
    return AuditPolicy(
        min_score=reader.optional_number("min_score", minimum=0.0, maximum=_MAX_SCORE),
        min_release_age_seconds=_read_age(reader),
        require_provenance=reader.boolean("require_provenance"),
    )


def _read_age(reader: Reader) -> int | None:
    text = reader.optional_string("min_release_age")
    if text is None:
        return None
    match = _AGE.fullmatch(text)
    if match is None:
        reader.problem(
            "min_release_age", "is not a duration", "Write a number and s, m, h, d or w, such as “72h”."
        )
        return None
    return int(match.group(1)) * _SECONDS[match.group(2)]


def _age_text(seconds: int) -> str:
    # Hours are the unit that people know from the documentation; only what is not whole falls below.
    unit = next(unit for unit in "hms" if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"
