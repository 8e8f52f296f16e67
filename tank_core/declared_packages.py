"""Which PyPI and npm packages the files of a skill ask for: requirements files and package.json.

Declarations only: nothing is resolved, installed or looked up. A file of a known
name that cannot be read is reported as such, so that an SBOM never looks complete
because a file was broken.

Source: PEP 508 (names, versions, URLs); pip, "Requirements File Format";
npm, "package.json"; package-url/purl-spec for pypi and npm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from tank_core.archive import ArchiveEntry
from tank_core.shape import MalformedJsonError, parse_json

MAX_FILE_BYTES = 1024 * 1024  # lists of names; a longer one is not a declaration that people wrote
_REQUIREMENTS = re.compile(
    r"(?:.*/)?(?:requirements[^/]*\.(?:txt|in)|requirements/[^/]+\.(?:txt|in))", re.DOTALL
)
_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_PIN = re.compile(r"===?\s*([A-Za-z0-9.!+_-]+)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_OPTION = re.compile(r"\s--?[A-Za-z].*")
_NPM_NAME = re.compile(r"(?:@([a-z0-9~-][a-z0-9._~-]*)/)?([a-z0-9~-][a-z0-9._~-]*)", re.IGNORECASE)
_NPM_EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")
_NPM_GROUPS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


@dataclass(frozen=True, slots=True, order=True)
class DeclaredPackage:
    """One package that one file asks for.

    Attributes:
        purl: with the version if the file names exactly one.
        name: as its ecosystem normalises it.
        version: the exact version, or "".
        requirement: what the file says about versions, as written; may be empty.
        file: where it says so.
    """

    purl: str
    name: str
    version: str
    requirement: str
    file: str


@dataclass(frozen=True, slots=True)
class DeclaredPackages:
    """All declarations, sorted, and the files that could not be read: path → reason."""

    packages: tuple[DeclaredPackage, ...]
    unreadable: dict[str, str]


def declared_packages(entries: Iterable[ArchiveEntry]) -> DeclaredPackages:
    """Returns what the files of a package declare to need from PyPI and npm."""
    found: set[DeclaredPackage] = set()
    unreadable: dict[str, str] = {}
    for entry in entries:
        try:
            found.update(_of_file(entry))
        except _UnreadableError as exc:
            unreadable[entry.path] = str(exc)
    return DeclaredPackages(tuple(sorted(found)), dict(sorted(unreadable.items())))


class _UnreadableError(Exception):
    """A declaration file that does not have its format."""


def _of_file(entry: ArchiveEntry) -> Iterator[DeclaredPackage]:
    if _REQUIREMENTS.fullmatch(entry.path):
        yield from _from_requirements(entry.path, _text(entry))
    elif entry.path.rpartition("/")[2] == "package.json":
        yield from _from_package_json(entry)


def _text(entry: ArchiveEntry) -> str:
    if len(entry.data) > MAX_FILE_BYTES:
        raise _UnreadableError(f"it has more than {MAX_FILE_BYTES} bytes")
    try:
        return entry.data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _UnreadableError("it is not UTF-8") from exc


def _from_requirements(file: str, text: str) -> Iterator[DeclaredPackage]:
    """Yields the named requirements; options and bare URLs name no package of PyPI."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        wanted = _OPTION.sub("", _COMMENT.sub("", line)).strip()
        match = _REQUIREMENT.fullmatch(wanted)
        if match is None or wanted.startswith("-") or "://" in wanted.partition("@")[0]:
            continue
        name = re.sub(r"[-_.]+", "-", match[1]).lower()
        requirement = match[2].partition(";")[0].strip()
        pin = _PIN.fullmatch(requirement)
        yield _package(f"pkg:pypi/{name}", name, pin[1] if pin else "", requirement, file)


def _from_package_json(entry: ArchiveEntry) -> Iterator[DeclaredPackage]:
    try:
        value = parse_json(entry.data, what=entry.path, max_bytes=MAX_FILE_BYTES)
    except MalformedJsonError as exc:
        raise _UnreadableError(exc.why) from exc
    if not isinstance(value, dict):
        raise _UnreadableError("it is not an object")
    for group in _NPM_GROUPS:
        wanted = value.get(group, {})
        if not isinstance(wanted, dict):
            raise _UnreadableError(f"{group} is not an object")
        for name, requirement in wanted.items():
            yield _npm_package(name, requirement, entry.path)


def _npm_package(name: str, requirement: object, file: str) -> DeclaredPackage:
    match = _NPM_NAME.fullmatch(name)
    if match is None or not isinstance(requirement, str):
        raise _UnreadableError("it names a package that npm could not have")
    scope = f"%40{match[1].lower()}/" if match[1] else ""
    version = requirement if _NPM_EXACT.fullmatch(requirement) else ""
    return _package(f"pkg:npm/{scope}{match[2].lower()}", name, version, requirement, file)


def _package(base: str, name: str, version: str, requirement: str, file: str) -> DeclaredPackage:
    purl = f"{base}@{quote(version, safe='.-_~:')}" if version else base
    return DeclaredPackage(purl, name, version, requirement, file)
