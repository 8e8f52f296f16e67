"""Two published versions of a skill side by side: files, permissions, publisher, findings, verdict.

Both archives are verified exactly as an install verifies them, by the same code:
integrity, attestation, and the publisher's signature where there is one. Whoever looks
at what changed must not be shown other bytes than those that would be installed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tank_cli.installer.locking import changes_of_hands, locked_skill
from tank_cli.installer.verification import Verifier
from tank_core.absence import VersionNotFoundError, WithdrawnError
from tank_core.entities import Availability
from tank_core.findings import Finding
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.permissions import PermissionSet, difference
from tank_core.semver import Version
from tank_core.strict_json import parse_json
from tank_core.tree_diff import FileChange, file_changes

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_core.index import IndexDocument, IndexVersion

_MAX_FINDINGS_BYTES = 4 * 1024 * 1024  # as much as the registry's API gives out


@dataclass(frozen=True, slots=True)
class FindingsChange:
    """The findings that only one of two versions has. A line number alone makes no new finding."""

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is not the same in two versions.

    Attributes:
        old: the line that a lock has, or would have, of the one; ``new`` of the other.
        hands: each way in which the new one comes from somebody else, as a sentence.
        findings: None when the registry does not give them out, which is not none.
    """

    name: SkillName
    old: LockedSkill
    new: LockedSkill
    files: tuple[FileChange, ...]
    gained: PermissionSet
    lost: PermissionSet
    hands: tuple[str, ...]
    findings: FindingsChange | None


def entry_of(document: IndexDocument, version: Version) -> IndexVersion:
    """Returns one version, whose bytes can be had.

    Raises:
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn.
    """
    found = document.version(version)
    if found is None:
        raise VersionNotFoundError.of(document.name, version)
    if found.availability is Availability.WITHDRAWN:
        raise WithdrawnError.of(document.name, version, found.availability_reason)
    return found


def compared(
    connection: Connection,
    name: SkillName,
    old: IndexVersion,
    new: IndexVersion,
) -> Comparison:
    """Returns what is not the same in two versions.

    Args:
        connection: to their registry.
        name: the skill.
        old: what the signed index says of the one, ``new`` of the other.

    Raises:
        TankError: whatever would keep either of them from being installed.
    """
    before, after = locked_skill(old), locked_skill(new)
    verifier = Verifier.of(connection)
    return Comparison(
        name,
        before,
        after,
        file_changes(verifier.entries(name, before), verifier.entries(name, after)),
        difference(after.capabilities, before.capabilities),
        difference(before.capabilities, after.capabilities),
        changes_of_hands(before, after),
        _findings_change(connection, old, new),
    )


def _findings_change(connection: Connection, old: IndexVersion, new: IndexVersion) -> FindingsChange | None:
    from tank_cli.client.blobs import BlobUnavailableError
    from tank_cli.client.transport import NetworkError

    try:
        before, after = (_findings(connection, entry.findings_digest) for entry in (old, new))
        return findings_change(before, after)
    except (BlobUnavailableError, NetworkError, LookupError, ValueError, TypeError):
        return None  # said as such; other bytes than the index names are refused


def _findings(connection: Connection, digest: str) -> tuple[Finding, ...]:
    """Returns the findings of a version; their document has the digest that the signed index names."""
    data = connection.cache.blob_or(
        digest,
        lambda: connection.blobs().get(
            digest, max_bytes=_MAX_FINDINGS_BYTES, what="the document of findings"
        ),
    )
    document: Any = parse_json(data, what="the findings", max_bytes=_MAX_FINDINGS_BYTES)
    return tuple(Finding.from_json(item) for item in document["findings"])


def findings_change(old: Iterable[Finding], new: Iterable[Finding]) -> FindingsChange:
    """Returns what only one side has; the same text found again in the same file counts as often as it is there."""
    before, after = list(old), list(new)
    return FindingsChange(_only(after, before), _only(before, after))


def _only(these: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    left: Mapping[tuple[str, ...], int] = Counter(map(_identity, others))
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in sorted(these):
        identity = _identity(finding)
        seen[identity] += 1
        if seen[identity] > left.get(identity, 0):
            found.append(finding)
    return tuple(sorted(found, key=lambda f: (-f.severity, f)))


def _identity(finding: Finding) -> tuple[str, ...]:
    """Returns what stays the same when lines move."""
    evidence = " ".join(finding.evidence.split())
    return finding.rule_id, finding.file, finding.title, finding.provenance, evidence
