"""What the registry already has decides whether a version may follow: the checks before an upload.

The registry decides for itself; this tells the publisher earlier.
"""

from __future__ import annotations

from tank_cli.client.index_reader import IndexReader
from tank_cli.publishing.prepare import Prepared
from tank_core.absence import SkillNotFoundError, UnknownDependencyError
from tank_core.entities import Availability
from tank_core.errors import Problem
from tank_core.escalation import check_escalation
from tank_core.index import IndexVersion
from tank_core.names import SkillName
from tank_core.publish import VersionConflictError
from tank_core.ranges import Range


def check_history(package: Prepared, index: IndexReader) -> bool:
    """Checks a package against what is published; returns whether exactly it is published already.

    Raises:
        VersionConflictError: version-conflict.
        CapabilityEscalationError: capability-escalation.
        UnknownDependencyError: unknown-dependency; with every such dependency.
        NetworkError: network-error.
    """
    manifest = package.manifest
    versions = _versions(manifest.name, index)
    same = next((v for v in versions if v.version == manifest.version), None)
    if same is not None:
        if same.digest == package.digest:
            return True
        raise VersionConflictError(
            f"{package.label} is published with other bytes.",
            why="A version is written once, so that nobody's lock ever changes its meaning.",
            fix="Raise `version` in skills.json.",
        )
    # A withdrawn version's index entry no longer says what it declared; the registry still knows.
    known = [v for v in versions if v.availability is not Availability.WITHDRAWN]
    check_escalation(manifest.version, manifest.capabilities, [(v.version, v.capabilities) for v in known])
    problems = [
        p for n, r in sorted(manifest.skills.items()) if (p := _unresolved(n, r, _versions(n, index)))
    ]
    if problems:
        raise UnknownDependencyError(
            "A dependency cannot be resolved.",
            why="A name that does not exist could be taken by somebody else later.",
            fix=problems[0].fix,
            problems=tuple(problems),
        )
    return False


def _versions(name: SkillName, index: IndexReader) -> tuple[IndexVersion, ...]:
    try:
        return index.fetch(name).versions
    except SkillNotFoundError:
        return ()


def _unresolved(name: SkillName, wanted: Range, versions: tuple[IndexVersion, ...]) -> Problem | None:
    available = [v.version for v in versions if v.availability is Availability.AVAILABLE]
    if wanted.highest(available) is not None:
        return None
    have = ", ".join(str(version) for version in available[-5:]) or "none"
    return Problem(
        f"skills.json: skills.{name}",
        f"no published version is in the range “{wanted}” (published: {have})",
        "Correct the name or the range, or publish the dependency first.",
    )
