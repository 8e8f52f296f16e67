"""The manifest of a skill: its name and version, what it needs, what it depends on.

Source: FORMATS, "skills.json", rows of the skill.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tank_core.declared import dependencies_json, read_dependencies, read_permissions
from tank_core.manifest.fields import SKILL_KEYS, read_manifest
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet, is_empty
from tank_core.ranges import Range
from tank_core.semver import Version
from tank_core.shape import Reader
from tank_core.spdx import check_license

_ELSEWHERE = {
    "permissions": "A skill declares “capabilities”; “permissions” is the budget of a project.",
    "audit": "Remove it: only a project sets an audit policy.",
    "overrides": "Remove it: only a project overrides what its skills ask for.",
    "dependencies": "Did you mean “skills”?",
}
_MAX_DESCRIPTION = 1024  # as in the front matter of SKILL.md
_MAX_KEYWORDS = 32
_MAX_KEYWORD = 64
_MAX_URL = 2048
_MAX_FILES = 1000
# No user information, which could carry a credential or disguise the host, and nothing that needs escaping.
_URL = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")
_FORBIDDEN_IN_PATTERN = re.compile(r"\\|^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")


@dataclass(frozen=True, slots=True)
class SkillManifest:
    """A skill's skills.json.

    Attributes:
        description: "" when absent, as are license, repository and homepage.
        license: an SPDX expression.
        keywords: in the order written.
        skills: dependencies, sorted by name.
        files: allow-list of patterns for packing; None packs everything.
    """

    name: SkillName
    version: Version
    description: str
    license: str
    keywords: tuple[str, ...]
    repository: str
    homepage: str
    capabilities: PermissionSet
    skills: dict[SkillName, Range]
    files: tuple[str, ...] | None

    def to_json(self) -> dict[str, Any]:
        """Returns the manifest as a JSON object in one form: empty values are left out."""
        values: dict[str, Any] = {
            "name": str(self.name),
            "version": str(self.version),
            "description": self.description,
            "license": self.license,
            "keywords": list(self.keywords),
            "repository": self.repository,
            "homepage": self.homepage,
            "capabilities": {} if is_empty(self.capabilities) else self.capabilities.to_json(),
            "skills": dependencies_json(self.skills),
        }
        stated = {key: value for key, value in values.items() if value}
        # An empty allow-list packs nothing beyond what always ships; it is not the same as none.
        return stated if self.files is None else {**stated, "files": list(self.files)}


def parse_skill_manifest(data: bytes) -> SkillManifest:
    """Returns a skill's manifest, or every problem that it has.

    Args:
        data: the bytes of skills.json, at most 256 KiB.

    Raises:
        InvalidManifestError: ``invalid-manifest``.
    """
    return read_manifest(data, _read)


def _read(reader: Reader) -> SkillManifest:
    reader.reject_unknown(SKILL_KEYS, _ELSEWHERE)
    # With a problem the manifest is never returned, so that the stand-ins stay unseen.
    name = reader.parsed("name", SkillName.parse, example="@acme/pdf-tools") or SkillName("", "")
    skills = read_dependencies(reader, "skills")
    if name in skills:
        reader.object("skills").problem(str(name), "is the skill itself", "Remove it.")
    return SkillManifest(
        name=name,
        version=reader.parsed("version", Version.parse, example="1.0.0") or Version(0, 0, 0),
        description=reader.optional_string("description", max_length=_MAX_DESCRIPTION) or "",
        license=_license(reader),
        keywords=_keywords(reader),
        repository=_url(reader, "repository"),
        homepage=_url(reader, "homepage"),
        capabilities=read_permissions(reader, "capabilities"),
        skills=skills,
        files=_files(reader),
    )


def _license(reader: Reader) -> str:
    text = reader.optional_string("license")
    if text is None:
        return ""
    return reader.attempt("license", lambda: check_license(text)) or ""


def _keywords(reader: Reader) -> tuple[str, ...]:
    keywords = reader.strings("keywords", max_items=_MAX_KEYWORDS, max_length=_MAX_KEYWORD)
    for position, keyword in enumerate(keywords):
        if not keyword.strip():
            reader.problem(f"keywords[{position}]", "is empty", "Remove it.")
        elif keyword in keywords[:position]:
            reader.problem(f"keywords[{position}]", "stands twice", "Remove one of the two.")
    return keywords


def _url(reader: Reader, key: str) -> str:
    text = reader.optional_string(key, max_length=_MAX_URL)
    if text is not None and _URL.fullmatch(text) is None:
        reader.problem(key, "is not an https address", "Write such as “https://git.example/acme/pdf-tools”.")
    return text or ""


def _files(reader: Reader) -> tuple[str, ...] | None:
    if "files" not in reader.values:
        return None
    patterns = reader.strings("files", max_items=_MAX_FILES)
    for position, pattern in enumerate(patterns):
        if not pattern or _FORBIDDEN_IN_PATTERN.search(pattern):
            fix = "Write a path below the skill's folder with “/”, such as “scripts/**”."
            reader.problem(f"files[{position}]", "does not stay inside the skill's folder", fix)
    return patterns
