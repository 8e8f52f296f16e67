"""From the manifests of other systems to skills.json, and a list of what has no counterpart.

Two are read. ``tank.json`` is one manifest for a skill and for a project; beside a
SKILL.md it is a skill's. ``skills-lock.json`` lists skills by the repository that each
was copied from: it has no versions, no permissions and no publishers, and its names
belong to nobody. Which skill of a registry would be the same one is not guessed,
because whoever registered that name first would then be trusted for it.

Permissions are only ever narrowed: an entry that Tank cannot express is left out and
listed. Locks are not converted: what they pin comes from another registry.

Source: the formats as their own tools write them, read in public sources; FORMATS, "skills.json".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.manifest import parse_project_manifest, parse_skill_manifest
from tank_core.names import SkillName
from tank_core.permissions import InvalidPermissionsError, PermissionSet
from tank_core.ranges import Range
from tank_core.shape import Reader
from tank_core.strict_json import MalformedJsonError, parse_json

TANK_MANIFEST = "tank.json"
TANK_LOCK = "tank.lock"
SKILLS_LOCK = "skills-lock.json"
_MAX_BYTES = 4 * 1024 * 1024
_FOR_A_SKILL = ("name", "version", "description", "repository")
_LISTS = (("network", "outbound"), ("network", "inbound"), ("filesystem", "read"), ("filesystem", "write"))


class NotMigratableError(TankError):
    """A file of another system cannot be read as what it is called."""

    code = "not-migratable"
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


@dataclass(slots=True)
class Migration:
    """A new manifest in the making.

    Attributes:
        document: the object of skills.json.
        left: what has no counterpart, in the order found.
        noted: what was taken over as it is, and should not stay so.
    """

    document: dict[str, Any] = field(default_factory=dict)
    left: list[Problem] = field(default_factory=list)
    noted: list[Problem] = field(default_factory=list)

    def leave(self, where: str, what: str, fix: str) -> None:
        """Notes what has no counterpart."""
        self.left.append(Problem(where, what, fix))

    def manifest_bytes(self, *, is_skill: bool) -> bytes:
        """Returns the bytes of skills.json, which Tank itself accepts.

        Raises:
            InvalidManifestError: ``invalid-manifest``; such as a version that is none.
        """
        data = json.dumps(self.document, indent=2, ensure_ascii=False).encode() + b"\n"
        if is_skill:
            parse_skill_manifest(data)
        else:
            parse_project_manifest(data)
        return data


def migrate(files: Mapping[str, bytes], *, is_skill: bool) -> Migration:
    """Returns what the files of other systems become.

    Args:
        files: file name → bytes, of those that are there.
        is_skill: whether a SKILL.md lies beside them.

    Raises:
        NotMigratableError: ``not-migratable``.
    """
    made = Migration()
    if TANK_MANIFEST in files:
        _from_tank(_object(files[TANK_MANIFEST], TANK_MANIFEST), made, is_skill=is_skill)
    elif not is_skill:
        made.document = {"permissions": {}, "skills": {}}
    if TANK_LOCK in files:
        _from_tank_lock(_object(files[TANK_LOCK], TANK_LOCK), made)
    if SKILLS_LOCK in files:
        _from_skills_lock(_object(files[SKILLS_LOCK], SKILLS_LOCK), made)
    return made


def _object(data: bytes, name: str) -> Reader:
    try:
        value = parse_json(data, what=name, max_bytes=_MAX_BYTES)
    except MalformedJsonError as error:
        raise NotMigratableError(error.what, why=error.why, fix=error.fix) from error
    problems: list[Problem] = []
    reader = Reader.of(value, name, problems)
    if problems:
        raise NotMigratableError(f"{name} is no object.", why=problems[0].what, fix=problems[0].fix)
    return reader


def _from_tank(reader: Reader, made: Migration, *, is_skill: bool) -> None:
    values = dict(reader.values)
    values.pop("$schema", None)
    for key in _FOR_A_SKILL:
        if key in values:
            _keep_if_a_skills(key, values.pop(key), made, is_skill=is_skill)
    allowed = _permissions(values.pop("permissions", {}), made)
    needed = _dependencies(values.pop("skills", {}), made)
    audit = values.pop("audit", {})
    if is_skill:
        made.document |= {
            key: value for key, value in (("capabilities", allowed), ("skills", needed)) if value
        }
        if audit:
            made.leave(
                f"{TANK_MANIFEST}: audit",
                "A skill has no audit policy.",
                "Set it in the projects that use it.",
            )
    else:
        made.document |= {"permissions": allowed, "skills": needed} | ({"audit": audit} if audit else {})
    for key in sorted(values):
        made.leave(f"{TANK_MANIFEST}: {_shown(key)}", "Tank's skills.json has no such key.", "Nothing to do.")


def _keep_if_a_skills(key: str, value: object, made: Migration, *, is_skill: bool) -> None:
    if is_skill:
        made.document[key] = value
    else:
        made.leave(
            f"{TANK_MANIFEST}: {key}",
            "A project has none.",
            "If this is a skill, run it beside its SKILL.md.",
        )


def _permissions(value: object, made: Migration) -> dict[str, object]:
    """Returns what can be expressed of a permission object; each entry is judged alone."""
    if not isinstance(value, dict):
        made.leave(f"{TANK_MANIFEST}: permissions", "It is no object.", "Write them anew.")
        return {}
    kept = PermissionSet()
    for access, kind in _LISTS:
        group = value.get(access)
        for text in (
            group.get(kind, []) if isinstance(group, dict) and isinstance(group.get(kind), list) else []
        ):
            kept = _with(
                kept, {access: {kind: [_rooted(text) if access == "filesystem" else text]}}, text, made
            )
    if value.get("subprocess") is True:
        kept = _with(kept, {"subprocess": True}, "subprocess", made)
        made.noted.append(
            Problem(
                f"{TANK_MANIFEST}: permissions.subprocess",
                "It allows any program, here as there.",
                'Name the programs instead: "subprocess": ["git"].',
            )
        )
    return kept.to_json()


def _with(kept: PermissionSet, entry: dict[str, object], text: object, made: Migration) -> PermissionSet:
    from tank_core.permissions import union

    try:
        return union(kept, PermissionSet.from_json(entry, f"{TANK_MANIFEST}: permissions"))
    except InvalidPermissionsError as error:
        what = error.problems[0].what if error.problems else error.what
        made.leave(
            f"{TANK_MANIFEST}: permissions, {_shown(text)}",
            f"It is left out: it {what}.",
            "Allow what is meant.",
        )
        return kept


def _rooted(path: object) -> object:
    """Returns a path as Tank writes those of the project."""
    if not isinstance(path, str) or path.startswith(("./", "/", "~/", "skill:/")):
        return path
    return f"./{path}"


def _dependencies(value: object, made: Migration) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, wanted in sorted(value.items()) if isinstance(value, dict) else []:
        where = f"{TANK_MANIFEST}: skills, {_shown(name)}"
        if _is_valid(SkillName.parse, name) and isinstance(wanted, str) and _is_valid(Range.parse, wanted):
            kept[name] = wanted
        else:
            made.leave(where, f"Neither name nor range may be {_shown(wanted)} here.", "tank add @org/name")
    return kept


def _is_valid(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except TankError:
        return False
    return True


def _from_tank_lock(reader: Reader, made: Migration) -> None:
    for key in _keys(reader):
        made.leave(
            f"{TANK_LOCK}: {_shown(key)}",
            "A lock of another registry pins nothing here.",
            "tank install, which chooses and locks anew",
        )


def _from_skills_lock(reader: Reader, made: Migration) -> None:
    skills = reader.values.get("skills")
    for name in _keys(reader):
        entry = skills.get(name) if isinstance(skills, dict) else None
        source = entry.get("source") if isinstance(entry, dict) else None
        is_local = isinstance(entry, dict) and entry.get("sourceType") == "local"
        made.leave(
            f"{SKILLS_LOCK}: {_shown(name)}",
            f"It came from {_shown(source)}, without a version. No skill of a registry is assumed to be the same.",
            f"tank link {source}"
            if is_local and isinstance(source, str) and source.isprintable()
            else _search(name),
        )


def _search(name: str) -> str:
    is_word = name.isascii() and name.replace("-", "").isalnum()
    return f"tank search {name}" if is_word else "tank search WORDS"


def _keys(reader: Reader) -> Iterator[str]:
    skills = reader.values.get("skills", {})
    if not isinstance(skills, dict):
        raise NotMigratableError(
            f"{reader.document} has no object `skills`.", why="Its tool writes one.", fix="Restore the file."
        )
    yield from sorted(skills)


def _shown(value: object) -> str:
    return quoted(value) if isinstance(value, str) else quoted(json.dumps(value, ensure_ascii=True))
