"""The software bill of materials of a skill: CycloneDX 1.6, the same bytes for the same package.

Lists every file with its hash, the skills it depends on, and the PyPI and npm
packages that its files declare. No time and no random serial number: the serial
number derives from the package's name and its tree hash, so that the SBOM of a
version can be made again and compared.

Source: CycloneDX 1.6 JSON (ECMA-424); package-url/purl-spec.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from tank_core import canonical
from tank_core.archive import ArchiveEntry, tree_hash
from tank_core.declared_packages import DeclaredPackage, declared_packages

if TYPE_CHECKING:
    from tank_core.manifest import SkillManifest

JsonObject = dict[str, object]
MEDIA_TYPE = "application/vnd.cyclonedx+json"


def cyclonedx_bytes(manifest: SkillManifest, entries: Sequence[ArchiveEntry]) -> bytes:
    """Returns the SBOM of a package as canonical JSON.

    Args:
        manifest: the one in the archive.
        entries: all files of the archive, in any order.
    """
    declared = declared_packages(entries)
    skill = manifest.name.purl(manifest.version)
    needed = [*_skill_components(manifest), *_package_components(declared.packages)]
    files = [_file_component(entry, declared.unreadable) for entry in _sorted(entries)]
    return canonical.compact(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": _serial_number(skill, entries),
            "version": 1,
            "metadata": {"component": _skill_itself(manifest, skill)},
            "components": [*needed, *files],
            "dependencies": [
                {"ref": skill, "dependsOn": sorted(str(component["bom-ref"]) for component in needed)},
                *({"ref": component["bom-ref"]} for component in needed),
            ],
        }
    )


def _serial_number(purl: str, entries: Iterable[ArchiveEntry]) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{purl}#{tree_hash(entries)}").urn


def _sorted(entries: Iterable[ArchiveEntry]) -> list[ArchiveEntry]:
    return sorted(entries, key=lambda entry: entry.path.encode())


def _skill_itself(manifest: SkillManifest, purl: str) -> JsonObject:
    references = (("vcs", manifest.repository), ("website", manifest.homepage))
    component: JsonObject = {
        "type": "application",
        "bom-ref": purl,
        "group": f"@{manifest.name.org}",
        "name": manifest.name.name,
        "version": str(manifest.version),
        "purl": purl,
        "description": manifest.description,
        "externalReferences": [{"type": kind, "url": url} for kind, url in references if url],
        "licenses": [{"expression": manifest.license}] if manifest.license else [],
    }
    return {key: value for key, value in component.items() if value}


def _skill_components(manifest: SkillManifest) -> list[JsonObject]:
    """Returns the skills it depends on, as asked for: a range is not a version."""
    return [
        {
            "type": "application",
            "bom-ref": f"pkg:tank/{name.org}/{name.name}",
            "group": f"@{name.org}",
            "name": name.name,
            "purl": f"pkg:tank/{name.org}/{name.name}",
            "properties": [_property("requirement", str(wanted))],
        }
        for name, wanted in sorted(manifest.skills.items())
    ]


def _package_components(packages: Sequence[DeclaredPackage]) -> list[JsonObject]:
    """Returns one component per package URL, whichever files declare it."""
    return [
        _package_component(purl, list(same))
        for purl, same in groupby(packages, key=lambda package: package.purl)
    ]


def _package_component(purl: str, declarations: list[DeclaredPackage]) -> JsonObject:
    requirements = sorted({package.requirement for package in declarations if package.requirement})
    files = sorted({package.file for package in declarations})
    component: JsonObject = {
        "type": "library",
        "bom-ref": purl,
        "name": declarations[0].name,
        "version": declarations[0].version,
        "purl": purl,
        "properties": [
            *(_property("requirement", requirement) for requirement in requirements),
            *(_property("declared-in", file) for file in files),
        ],
    }
    return {key: value for key, value in component.items() if value}


def _file_component(entry: ArchiveEntry, unreadable: dict[str, str]) -> JsonObject:
    component: JsonObject = {
        "type": "file",
        "bom-ref": f"file:{entry.path}",
        "name": entry.path,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(entry.data).hexdigest()}],
    }
    if entry.path in unreadable:
        component["properties"] = [_property("unreadable-declarations", unreadable[entry.path])]
    return component


def _property(name: str, value: str) -> JsonObject:
    return {"name": f"tank:{name}", "value": value}
