"""Validate: the package is what it says, and declares what it does.

1. The archive's own skills.json and SKILL.md, and nothing that a client posted,
   are the manifest; a posted one that differs is a refusal (PEERS, hole 3).
2. Name and version are the reserved ones.
3. Every dependency exists and has a version in range.
4. Capabilities do not escalate without the version bump that they need.
5. Declared against observed capabilities, and the name against established ones of other
   publishers: findings.
6. The SBOM.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import imitations, index_room
from pipeline.execution import (
    ANALYSIS,
    COMPARISON,
    SBOM,
    StageInput,
    StageOutput,
    counted,
    read_document,
    refusing,
    write_document,
)
from pipeline.package import MANIFEST, SKILL_MD, file_named, read_entries
from tank_core import canonical
from tank_core.absence import UnknownDependencyError
from tank_core.analysis.compare import declared_against_observed
from tank_core.analysis.report import AnalysisReport
from tank_core.entities import SkillVersion
from tank_core.errors import Problem, TankError, quoted
from tank_core.escalation import check_escalation
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.permissions import PermissionSet
from tank_core.publish import Stage
from tank_core.sbom import cyclonedx_bytes
from tank_core.semver import Version
from tank_core.skill_md import SkillMd, parse_skill_md

_NOTES_SHOWN = 3  # of the one line that a publisher sees; all are in the findings document


class ManifestMismatchError(TankError):
    """The archive's manifest is not the announced one, or not of the reserved version."""

    code = "manifest-mismatch"
    status = 422


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Returns what was validated; findings are in ``comparison.json``, the SBOM in ``sbom.json``.

    Raises:
        StageRejected: ``missing-file``, ``invalid-manifest``, ``invalid-skill-md``,
            ``manifest-mismatch``, ``unknown-dependency``, ``index-full`` or ``capability-escalation``.
    """
    publish_id = given.publish.publish_id
    with refusing(Stage.VALIDATE):
        entries = read_entries(given, ports)
        manifest = parse_skill_manifest(file_named(entries, MANIFEST))
        skill_md = parse_skill_md(file_named(entries, SKILL_MD))
        _check_identity(given, manifest, skill_md)
        _check_dependencies(manifest, ports)
        published = ports.catalog.versions(given.publish.name)
        index_room.check(given.publish.name, published, manifest.to_json())
        _check_capabilities(manifest, published)
    report = AnalysisReport.from_json(read_document(given, ports, ANALYSIS))
    compared = declared_against_observed(manifest.capabilities, report.observed, report.unknown)
    imitated = imitations.find(ports, given.publish)
    findings = {"findings": [finding.to_json() for finding in (*imitated, *compared)]}
    sbom = cyclonedx_bytes(manifest, entries)
    documents = write_document(ports, publish_id, COMPARISON, findings) | write_document(
        ports, publish_id, SBOM, {"base64": base64.b64encode(sbom).decode("ascii")}
    )
    notes = f"{counted(len(compared), 'note')} on capabilities"
    notes += "".join(f"; {finding.evidence}" for finding in imitated)
    rules = "".join(f"; {finding.file}: {finding.title}" for finding in compared[:_NOTES_SHOWN])
    return StageOutput(f"manifest and SBOM are good, {notes}{rules}", documents=documents)


def _check_identity(given: StageInput, manifest: SkillManifest, skill_md: SkillMd) -> None:
    publish = given.publish
    problems = []
    if (str(manifest.name), str(manifest.version)) != (publish.name, publish.version):
        found = quoted(f"{manifest.name}@{manifest.version}")
        problems.append(_differs("name and version", f"the archive says {found}"))
    if skill_md.name != manifest.name.name:
        problems.append(
            Problem(
                "SKILL.md: name",
                f"it is {quoted(skill_md.name)}, skills.json has {quoted(manifest.name.name)} as its last part",
                f"Set `name: {manifest.name.name}` in the front matter.",
            )
        )
    if canonical.compact(publish.client_manifest) != canonical.compact(manifest.to_json()):
        problems.append(_differs("manifest", "the announced manifest differs from the one in the archive"))
    if problems:
        raise ManifestMismatchError(
            "The archive is not the package that was announced.",
            why="What users read and agents load is the archive; only its own manifest counts.",
            fix="Publish with `tank publish`, which announces exactly what it packed.",
            problems=tuple(problems),
        )


def _differs(part: str, detail: str) -> Problem:
    return Problem(
        f"skills.json: {part}", detail, "Make the announced and the packed manifest the same file."
    )


def _check_dependencies(manifest: SkillManifest, ports: RegistryPorts) -> None:
    problems = []
    for name, wanted in sorted(manifest.skills.items()):
        known = [v for v in ports.catalog.versions(str(name)) if v.is_resolvable]
        if wanted.highest([Version.parse(v.version) for v in known]) is None:
            have = ", ".join(v.version for v in known[-5:]) or "none"
            problems.append(
                Problem(
                    f"skills.json: skills.{name}",
                    f"no published version is in the range {quoted(str(wanted))} (published: {have})",
                    "Correct the name or the range, or publish the dependency first.",
                )
            )
    if problems:
        raise UnknownDependencyError(
            "A dependency cannot be resolved.",
            why="A name that does not exist could be taken by somebody else later.",
            fix="See each dependency below.",
            problems=tuple(problems),
        )


def _check_capabilities(manifest: SkillManifest, published: Sequence[SkillVersion]) -> None:
    """Compares with every version ever published, yanked and withdrawn ones included."""
    history = [
        (Version.parse(v.version), PermissionSet.from_json(v.capabilities, v.version)) for v in published
    ]
    check_escalation(manifest.version, manifest.capabilities, history)
