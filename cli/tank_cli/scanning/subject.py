"""What is scanned, from what a person has: a skill's folder, many, an archive, or any files.

1. A file is a package in Tank's form, or is scanned as the one file that it is.
2. A folder with SKILL.md is one skill, with everything below it.
3. A folder with skills below it is scanned skill by skill; what belongs to none of
   them is scanned too, as files.
4. A folder with skills.json alone is a skill that lacks its SKILL.md.
5. Any other folder is scanned as files.

A manifest that cannot be used is a problem, and never a reason not to look: its
declaration then counts as none, and nothing is compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from tank_cli.pack import collect
from tank_cli.scanning.folder import Contents, Item, Listing, is_skill_md, listing, read
from tank_core.analysis import content
from tank_core.archive import (
    DEFAULT_LIMITS,
    ArchiveEntry,
    ArchiveMalformedError,
    ArchiveNotCanonicalError,
    check_paths,
    read_archive,
)
from tank_core.errors import Problem, TankError, quoted
from tank_core.findings import Finding
from tank_core.manifest import InvalidManifestError, SkillManifest, parse_skill_manifest
from tank_core.skill_md import SkillMd, parse_skill_md

T = TypeVar("T")

_GZIP = b"\x1f\x8b"
_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_NAMED = 3  # files that a note names
MANIFEST = "skills.json"
SKILL_MD = "SKILL.md"


class NotScannableError(TankError):
    """A file is an archive of another kind than Tank's, or no file at all: what it holds was not seen."""

    code = "not-scannable"


@dataclass(frozen=True, slots=True)
class Subject:
    """One package, read.

    Attributes:
        label: ``@org/name@version`` where a manifest says so, else what it is called here.
        entries: its files.
        manifest: None when there is none that can be used: nothing is declared then.
        findings: about what could not be read.
        problems: why it could not be published as it is; they change no verdict.
        notes: what a reader must know about what was scanned.
        container: the name of the archive that the files are in; "" for files of a folder.
    """

    label: str
    entries: tuple[ArchiveEntry, ...]
    manifest: SkillManifest | None
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    container: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """One package that waits to be read, so that only one is in memory at a time.

    Attributes:
        path: of its folder from the scanned one on; "" for that one itself.
        read: reads it; raises TankError.
    """

    path: str
    read: Callable[[], Subject]


def pending(path: Path) -> tuple[Pending, ...]:
    """Returns what there is to scan, in a fixed order, at least one.

    Raises:
        TooMuchToScanError: too-much-to-scan.
    """
    if not path.is_dir():
        return (Pending("", lambda: of_file(path)),)
    listed = listing(path)
    roots = _skill_roots(listed.items)
    if roots in ([], [""]):
        return (Pending("", lambda: of_folder(path, listed)),)
    found = [_skill(path, root, listed) for root in roots]
    rest = [item for item in listed.items if not any(item.path.startswith(f"{root}/") for root in roots)]
    if rest or ".git" in listed.repositories:  # without files too: that .git was not read must be said
        found.append(Pending(".", lambda: _of_rest(path, rest, listed)))
    return tuple(found)


def of_file(path: Path) -> Subject:
    """Returns a package from its archive, or a single file as a package of one.

    Raises:
        ArchiveError: archive-…; too large, or paths that no package may have.
        NotScannableError: not-scannable; an archive of another kind.
    """
    if not path.is_file():
        raise _not_ours(path, "device, a pipe or a socket", "It has no bytes that stay the same.")
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP)) == _GZIP
    if not is_gzip:
        DEFAULT_LIMITS.check_file_size(quoted(path.name), size_bytes)
        return _of_one_file(path)
    DEFAULT_LIMITS.check_archive_size(size_bytes)
    try:
        entries = read_archive(path.read_bytes())
    except (ArchiveMalformedError, ArchiveNotCanonicalError) as error:
        raise _not_ours(path, "gzip archive", error.what) from error
    return replace(_described(path.name, Contents(entries, ()), (), ()), container=path.name)


def of_folder(folder: Path, listed: Listing, root: str = "") -> Subject:
    """Returns the package in a folder.

    Args:
        folder: where it is.
        listed: the listing of it, or of a folder above.
        root: the path of the folder within the listed one; "" or ends with "/".

    Raises:
        TooMuchToScanError: too-much-to-scan.
    """
    items = [item for item in listed.items if item.path.startswith(root)]
    contents = read(items, root)
    notes = [_left_out(".git") for path in listed.repositories if path == f"{root}.git"]
    problems, unpacked = _packing(folder, contents)
    if unpacked:
        more = f" and {len(unpacked) - _NAMED} more" if len(unpacked) > _NAMED else ""
        notes.append(f"Scanned, and not part of the package: {', '.join(unpacked[:_NAMED])}{more}.")
    return _described(folder.resolve().name, contents, notes, problems)


def _skill(folder: Path, root: str, listed: Listing) -> Pending:
    return Pending(root, lambda: of_folder(folder / root, listed, f"{root}/"))


def _of_rest(folder: Path, items: Sequence[Item], listed: Listing) -> Subject:
    contents = read(items)
    notes = ["Files that belong to no skill's folder; nothing is declared for them."]
    notes += [_left_out(path) for path in listed.repositories if path == ".git"]
    return Subject(
        f"other files in {folder.resolve().name}", contents.entries, None, contents.findings, (), tuple(notes)
    )


def _of_one_file(path: Path) -> Subject:
    data = path.read_bytes()
    kind = content.executable_kind(path.name, data)
    if data[_TAR_MAGIC_AT:].startswith(_TAR_MAGIC):
        kind = "tar archive"
    if kind.endswith("archive"):
        raise _not_ours(path, kind, "What is inside would not be seen, and not seen is not clean.")
    return Subject(
        path.name, (ArchiveEntry(path.name, data),), None, notes=("One file, and no skill's folder.",)
    )


def _skill_roots(items: Sequence[Item]) -> list[str]:
    """Returns the topmost folders that hold a SKILL.md, sorted."""
    roots: list[str] = []
    for parent in sorted({item.parent for item in items if is_skill_md(item.name)}):
        if not any(root == "" or parent.startswith(f"{root}/") for root in roots):
            roots.append(parent)
    return roots


def _left_out(path: str) -> str:
    return f"{path} was not read: it is version control's own, and packing leaves it out."


def _described(
    name: str,
    contents: Contents,
    notes: Sequence[str],
    packing: Sequence[Problem],
) -> Subject:
    """Returns a package with what its own manifest and SKILL.md say about it."""
    files = {entry.path: entry.data for entry in contents.entries}
    problems: list[Problem] = []
    manifest = _parsed(files, MANIFEST, parse_skill_manifest, problems)
    skill_md = _parsed(files, SKILL_MD, parse_skill_md, problems)
    problems += _names(manifest, skill_md)
    said = [*_declaration(files, manifest), *notes]
    label = f"{manifest.name}@{manifest.version}" if manifest else (skill_md.name if skill_md else name)
    return Subject(label, contents.entries, manifest, contents.findings, (*problems, *packing), tuple(said))


def _parsed(
    files: dict[str, bytes], name: str, parse: Callable[[bytes], T], problems: list[Problem]
) -> T | None:
    if name not in files:
        return None
    try:
        return parse(files[name])
    except TankError as error:
        problems += error.problems or (Problem(name, error.what, error.fix),)
        return None


def _declaration(files: dict[str, bytes], manifest: SkillManifest | None) -> list[str]:
    """Returns what must be said about a package that is not a whole skill of Tank's."""
    notes = []
    if SKILL_MD not in files:
        other = next((path for path in files if is_skill_md(path)), "")
        notes.append(
            f"It has {other} in place of SKILL.md, which only some systems take for the same."
            if other
            else "No SKILL.md: agents do not load it as a skill."
            if MANIFEST in files
            else "Neither SKILL.md nor skills.json: scanned as files."
        )
    if manifest is None:
        why = "skills.json cannot be used" if MANIFEST in files else "there is no skills.json"
        notes.append(f"Nothing is declared and nothing was compared, because {why}.")
    return notes


def _names(manifest: SkillManifest | None, skill_md: SkillMd | None) -> list[Problem]:
    if manifest is None or skill_md is None or skill_md.name == manifest.name.name:
        return []
    return [
        Problem(
            "SKILL.md: name",
            f"It is {quoted(skill_md.name)}, and skills.json has {quoted(str(manifest.name))}.",
            f"Set `name: {manifest.name.name}` in SKILL.md.",
        )
    ]


def _packing(folder: Path, contents: Contents) -> tuple[Sequence[Problem], list[str]]:
    """Returns why `tank publish` would not pack a folder, and the files that it would leave out."""
    paths = [entry.path for entry in contents.entries]
    data = next((entry.data for entry in contents.entries if entry.path == MANIFEST), None)
    try:
        if data is None:
            check_paths(paths)
            return (), []
        packed = {entry.path for entry in collect(folder, parse_skill_manifest(data).files)}
    except InvalidManifestError:  # reported with the manifest
        return (), []
    except TankError as error:
        return error.problems or (Problem(error.code, error.what, error.fix),), []
    except (OSError, RecursionError) as error:
        return (Problem(str(folder), f"It cannot be packed: {error}.", "Make every file readable."),), []
    return (), [path for path in paths if path not in packed]


def _not_ours(path: Path, kind: str, why: str) -> NotScannableError:
    return NotScannableError(
        f"{path} is a {kind}, and no package in Tank's form.", why=why, fix="Unpack it, and scan the folder."
    )
