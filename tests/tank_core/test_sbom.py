"""The SBOM: valid CycloneDX, reproducible, complete or saying what it could not read."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tank_core.archive import ArchiveEntry
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.sbom import cyclonedx_bytes

MANIFEST = {
    "name": "@acme/pdf-tools",
    "version": "1.2.0+build.7",
    "description": "Reads PDF files.",
    "license": "MIT OR Apache-2.0",
    "repository": "https://git.example/acme/pdf-tools",
    "homepage": "https://pdf.example/",
    "skills": {"@acme/text": "^1.0.0", "@other/fonts": "~2.1"},
}
ENTRIES = (
    ArchiveEntry("SKILL.md", b"---\nname: pdf-tools\n---\n"),
    ArchiveEntry(
        "package.json",
        b'{"dependencies": {"left-pad": "1.3.0", "@Acme/x": "^2"}, "devDependencies": {"left-pad": "1.3.0"}}',
    ),
    ArchiveEntry(
        "scripts/requirements-dev.txt",
        b"# tools\nrequests[socks]==2.32.0 --hash=sha256:00 ; python_version > '3'\nZope.Interface >= 5 # why\n"
        b"-r other.txt\n--index-url https://pypi.example/simple\nhttps://files.example/a.whl\n"
        b"tool @ https://files.example/tool.whl\nsplit \\\n == 1.0\n\n",
    ),
    ArchiveEntry("skills.json", b"{}"),
)


def manifest(**changes: Any) -> SkillManifest:
    value = {key: item for key, item in (MANIFEST | changes).items() if item is not None}
    return parse_skill_manifest(json.dumps(value).encode())


def sbom(entries: tuple[ArchiveEntry, ...] = ENTRIES, **changes: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(cyclonedx_bytes(manifest(**changes), entries))
    return value


def components(value: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {item["bom-ref"]: item for item in value["components"] if item["type"] == kind}


def requirements(component: dict[str, Any]) -> list[str]:
    return [item["value"] for item in component["properties"] if item["name"] == "tank:requirement"]


BARE = {"description": "x", "license": None, "repository": None, "homepage": None, "skills": None}


@pytest.mark.parametrize("changes", [{}, BARE], ids=["full", "bare"])
@pytest.mark.parametrize("entries", [ENTRIES, ()], ids=["files", "empty"])
def test_sbom_is_strictly_valid_cyclonedx(changes: dict[str, Any], entries: tuple[ArchiveEntry, ...]):
    text = cyclonedx_bytes(manifest(**changes), entries).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_sbom_names_the_skill_itself():
    component = sbom()["metadata"]["component"]
    assert component["purl"] == "pkg:tank/acme/pdf-tools@1.2.0%2Bbuild.7"
    assert component["version"] == "1.2.0+build.7"
    assert component["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert [item["type"] for item in component["externalReferences"]] == ["vcs", "website"]


def test_every_file_is_listed_with_its_hash():
    files = components(sbom(), "file")
    assert list(files) == [f"file:{entry.path}" for entry in ENTRIES]
    assert {item["hashes"][0]["content"] for item in files.values()} == {
        hashlib.sha256(entry.data).hexdigest() for entry in ENTRIES
    }


def test_skill_dependencies_are_listed_with_their_ranges():
    skills = components(sbom(), "application")
    assert {ref: requirements(item) for ref, item in skills.items()} == {
        "pkg:tank/acme/text": ["^1.0.0"],
        "pkg:tank/other/fonts": ["~2.1"],
    }


def test_declared_packages_are_listed_with_exact_versions_only():
    packages = components(sbom(), "library")
    assert {ref: requirements(item) for ref, item in packages.items()} == {
        "pkg:npm/%40acme/x": ["^2"],
        "pkg:npm/left-pad@1.3.0": ["1.3.0"],
        "pkg:pypi/requests@2.32.0": ["==2.32.0"],
        "pkg:pypi/split@1.0": ["== 1.0"],
        "pkg:pypi/tool": ["@ https://files.example/tool.whl"],
        "pkg:pypi/zope-interface": [">= 5"],
    }


def test_skill_depends_on_skills_and_packages():
    graph = {item["ref"]: item.get("dependsOn", []) for item in sbom()["dependencies"]}
    needed = graph.pop("pkg:tank/acme/pdf-tools@1.2.0%2Bbuild.7")
    assert len(needed) == 8
    assert set(needed) == set(graph)


def test_package_in_two_files_is_one_component_that_names_both():
    entries = tuple(ArchiveEntry(f"{place}/requirements.txt", b"click>=8\n") for place in ("a", "b"))
    packages = components(sbom(entries), "library")
    declared_in = [
        item["value"]
        for item in packages["pkg:pypi/click"]["properties"]
        if item["name"] == "tank:declared-in"
    ]
    assert declared_in == ["a/requirements.txt", "b/requirements.txt"]


UNREADABLE = {
    "broken JSON": ("package.json", b"{"),
    "a list": ("a/package.json", b"[]"),
    "dependencies as a list": ("package.json", b'{"dependencies": []}'),
    "impossible name": ("package.json", b'{"dependencies": {"../x": "1"}}'),
    "version as a number": ("package.json", b'{"dependencies": {"x": 1}}'),
    "not UTF-8": ("requirements.txt", b"\xff"),
    "too large": ("requirements.txt", b"#" * (1024 * 1024 + 1)),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_declarations_that_cannot_be_read_are_named_as_such(case: str):
    path, data = UNREADABLE[case]
    value = sbom((ArchiveEntry(path, data),))
    file = components(value, "file")[f"file:{path}"]
    assert [item["name"] for item in file["properties"]] == ["tank:unreadable-declarations"]
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(value)) is None


def test_order_of_files_does_not_change_the_sbom():
    assert cyclonedx_bytes(manifest(), ENTRIES) == cyclonedx_bytes(manifest(), ENTRIES[::-1])


def test_serial_number_follows_name_version_and_contents():
    numbers = {
        sbom()["serialNumber"],
        sbom(version="1.2.1")["serialNumber"],
        sbom(name="@acme/pdf-tool")["serialNumber"],
        sbom((*ENTRIES, ArchiveEntry("z", b"")))["serialNumber"],
    }
    assert len(numbers) == 4
    assert sbom()["serialNumber"] == sbom()["serialNumber"]


def test_sbom_carries_no_time():
    assert "timestamp" not in sbom()["metadata"]
