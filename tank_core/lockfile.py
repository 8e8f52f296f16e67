"""skills.lock: exactly what a project installs, pinned by digest.

Canonical JSON, so that the same inputs give the same bytes on every machine, with
no time and no address but the registry's own. A damaged lock is an error with its
line, never "no lock": a merge that went wrong must not unpin anything.

Source: FORMATS, "skills.lock"; PEERS, rows 16 and 17.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tank_core import canonical
from tank_core.declared import (
    dependencies_json,
    read_dependencies,
    read_digest,
    read_integrity,
    read_member,
    read_permissions,
)
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.merge_markers import conflict_line
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet
from tank_core.pinned_signer import Signer
from tank_core.ranges import Range
from tank_core.semver import Version
from tank_core.shape import Reader
from tank_core.signed import read_signer
from tank_core.strict_json import MalformedJsonError, key_lines, parse_json
from tank_core.verdict import Verdict

LOCK_VERSION = 1
MAX_LOCK_BYTES = 16 * 1024 * 1024  # ten thousand skills with long permission lists
_DOCUMENT = "skills.lock"
_KEYS = ("lockVersion", "registry", "skills")
_SKILL_KEYS = (
    "version",
    "integrity",
    "digest",
    "size_bytes",
    "tree_hash",
    "capabilities",
    "dependencies",
    "audit_score",
    "verdict",
    "publisher",
    "signer",
    "attestations",
    "flagged_accepted",
)
_ATTESTATION_KINDS = ("bundle", "registry")
_REGISTRY = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[!-~]*[!-.0-~])?")
_REGENERATE = "Restore it from version control, or delete it and run “tank install”."


class InvalidLockfileError(TankError):
    """A skills.lock that is damaged; ``problems`` names everything that is wrong, with lines."""

    code = "invalid-lockfile"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.LOCK


@dataclass(frozen=True, slots=True)
class LockedSkill:
    """One skill of a lock.

    Attributes:
        integrity: ``sha512-<base64>`` of the archive.
        digest: ``sha256:<hex>`` of the archive, its address.
        audit_score: 0 to 10; None when it was not scanned.
        publisher: the publisher's id; a change needs consent.
        attestations: kind (``registry``, always there, and ``bundle``) → ``sha256:<hex>``, sorted.
        tree_hash: ``sha256:<hex>`` over the files, see ``archive.tree_hash``.
        signer: who signed, the same from version to version; None when the publisher did not sign.
        flagged_accepted: whether a person accepted the verdict ``flagged``.
    """

    version: Version
    integrity: str
    digest: str
    size_bytes: int
    capabilities: PermissionSet
    dependencies: dict[SkillName, Range]
    audit_score: float | None
    verdict: Verdict
    publisher: str
    attestations: dict[str, str]
    tree_hash: str
    signer: Signer | None = None
    flagged_accepted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Returns the skill's object in the lock."""
        stated: dict[str, Any] = {
            "version": str(self.version),
            "integrity": self.integrity,
            "digest": self.digest,
            "size_bytes": self.size_bytes,
            "tree_hash": self.tree_hash,
            "capabilities": self.capabilities.to_json(),
            "dependencies": dependencies_json(self.dependencies),
            # One spelling of a number, whoever computed it: 9 and 9.0 are the same score.
            "audit_score": None if self.audit_score is None else float(self.audit_score),
            "verdict": str(self.verdict),
            "publisher": self.publisher,
            "attestations": dict(self.attestations),
        }
        if self.signer:
            stated["signer"] = self.signer.to_json()
        return {**stated, "flagged_accepted": True} if self.flagged_accepted else stated


@dataclass(frozen=True, slots=True)
class Lockfile:
    """A whole lock.

    Attributes:
        registry: the base URL that everything came from, without a trailing slash.
        skills: one version per name.
    """

    registry: str
    skills: Mapping[SkillName, LockedSkill]


def lockfile_bytes(lock: Lockfile) -> bytes:
    """Returns the lock's file: the same lock gives the same bytes on every machine."""
    return canonical.pretty(
        {
            "lockVersion": LOCK_VERSION,
            "registry": lock.registry,
            "skills": {str(name): skill.to_json() for name, skill in lock.skills.items()},
        }
    )


def parse_lockfile(data: bytes) -> Lockfile:
    """Returns a lock, with skills sorted by name.

    1. Size. 2. Merge markers. 3. JSON. 4. The lock's version. 5. Every key and type, all
    problems at once, each with its line.

    Args:
        data: the bytes of skills.lock, at most 16 MiB.

    Raises:
        InvalidLockfileError: ``invalid-lockfile``.
    """
    _refuse_merge_markers(data[:MAX_LOCK_BYTES])
    try:
        value = parse_json(data, what=_DOCUMENT, max_bytes=MAX_LOCK_BYTES)
    except MalformedJsonError as error:
        raise InvalidLockfileError(error.what, why=error.why, fix=_REGENERATE) from error
    problems: list[Problem] = []
    reader = Reader.of(value, _DOCUMENT, problems)
    _check_lock_version(reader)
    reader.reject_unknown(_KEYS)
    lock = Lockfile(_read_registry(reader), _read_skills(reader.object("skills")))
    if "skills" not in reader.values:
        reader.problem("skills", "is missing", _REGENERATE)
    if problems:
        raise _invalid(problems, data)
    return lock


def _refuse_merge_markers(data: bytes) -> None:
    line = conflict_line(data)
    if not line:
        return
    raise InvalidLockfileError(
        f"{_DOCUMENT} holds a merge conflict (line {line})",
        why="Two branches changed it, and version control could not join them.",
        fix="Take either side whole (git checkout --ours skills.lock), then run “tank install”.",
    )


def _check_lock_version(reader: Reader) -> None:
    version = reader.values.get("lockVersion")
    if isinstance(version, int) and not isinstance(version, bool) and version > LOCK_VERSION:
        raise InvalidLockfileError(
            f"{_DOCUMENT} has lockVersion {version}; this tank reads {LOCK_VERSION}",
            why="A newer tank wrote it.",
            fix="Upgrade tank.",
        )
    if isinstance(version, bool) or version != LOCK_VERSION:
        reader.problem("lockVersion", f"is not {LOCK_VERSION}", _REGENERATE)


def _read_registry(reader: Reader) -> str:
    text = reader.required_string("registry", example="https://registry.example")
    if text and _REGISTRY.fullmatch(text) is None:
        reader.problem("registry", "is not a base address without a final slash", _REGENERATE)
    return text


def _read_skills(reader: Reader) -> dict[SkillName, LockedSkill]:
    found: dict[SkillName, LockedSkill] = {}
    for text in reader.values:
        name = reader.parsed_key(text, SkillName.parse)
        skill = _read_skill(reader.object(text))
        if name is not None:
            found[name] = skill
    return dict(sorted(found.items()))


def _read_skill(reader: Reader) -> LockedSkill:
    reader.reject_unknown(_SKILL_KEYS)
    for key in ("capabilities", "dependencies", "audit_score"):
        if key not in reader.values:
            reader.problem(key, "is missing", _REGENERATE)
    attestations = _read_attestations(reader.object("attestations"))
    # With a problem the lock is never returned, so that the stand-ins stay unseen.
    return LockedSkill(
        version=reader.parsed("version", Version.parse) or Version(0, 0, 0),
        integrity=read_integrity(reader, "integrity"),
        digest=read_digest(reader, "digest"),
        size_bytes=reader.integer("size_bytes", minimum=1),
        capabilities=read_permissions(reader, "capabilities"),
        dependencies=read_dependencies(reader, "dependencies"),
        audit_score=reader.optional_number("audit_score", minimum=0.0, maximum=10.0, is_nullable=True),
        verdict=read_member(reader, "verdict", Verdict) or Verdict.FAIL,
        publisher=reader.required_string("publisher"),
        attestations=attestations,
        tree_hash=read_digest(reader, "tree_hash"),
        signer=read_signer(reader, "signer", has_bundle=bool(attestations.get("bundle")), fix=_REGENERATE),
        flagged_accepted=reader.boolean("flagged_accepted"),
    )


def _read_attestations(reader: Reader) -> dict[str, str]:
    reader.reject_unknown(_ATTESTATION_KINDS)
    # Without the registry's, nothing would be left to verify: a missing signature is an error (PEERS, row 22).
    found = {"registry": read_digest(reader, "registry")}
    if "bundle" in reader.values:
        found["bundle"] = read_digest(reader, "bundle")
    return dict(sorted(found.items()))


def _invalid(problems: list[Problem], data: bytes) -> InvalidLockfileError:
    lines = key_lines(data.decode("utf-8"))
    placed = [(_line_of(problem.where, lines), problem) for problem in problems]
    placed.sort(key=lambda item: (item[0], item[1].where, item[1].what))
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return InvalidLockfileError(
        f"{_DOCUMENT} has {count}, the first in line {placed[0][0]}",
        why="A lock is written by tank alone; something else changed it.",
        fix=_REGENERATE,
        problems=tuple(
            Problem(f"{_DOCUMENT}:{line}{p.where.removeprefix(_DOCUMENT)}", p.what, p.fix)
            for line, p in placed
        ),
    )


def _line_of(where: str, lines: Mapping[str, int]) -> int:
    """Returns the line of the nearest key at or above a place; 1 for the document itself."""
    path = where.removeprefix(_DOCUMENT).removeprefix(": ")
    while path:
        if path in lines:
            return lines[path]
        path = re.sub(r"(?:\[\d+\]|\.?[^.\[]*)$", "", path, count=1)
    return 1
