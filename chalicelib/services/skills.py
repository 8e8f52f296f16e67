"""What readers see of skills and versions. Reading changes nothing, and counts nothing.

A withdrawn version is listed with its reason, so that its users can learn of it,
and everything else about it is refused.

Source: PEERS, rows 5, 6, 9 and 20.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from chalicelib.ports.errors import Missing, PortError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from chalicelib.services.availability import readable_version
from tank_core.absence import SkillNotFoundError
from tank_core.entities import JsonObject, Page, Skill, SkillVersion
from tank_core.errors import ExitCode, TankError
from tank_core.search import query_terms

MAX_DOCUMENT_BYTES = 4 * 1024 * 1024  # a Lambda answers with at most 6 MiB
_ATTESTATION_BYTES = 256 * 1024


class DocumentTooLargeError(TankError):
    """The document does not fit into an answer of the API."""

    code = "document-too-large"
    status = 413
    exit_code = ExitCode.FAILURE


@dataclass(frozen=True, slots=True)
class SkillView:
    """A skill and all its versions, highest first."""

    skill: Skill
    versions: tuple[SkillVersion, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search; ``version`` is the latest, None when there is no stable one."""

    skill: Skill
    version: SkillVersion | None


@dataclass(frozen=True, slots=True)
class AuditView:
    """What the registry concluded about a version, and its signed statement of that."""

    version: SkillVersion
    items: tuple[JsonObject, ...]  # of the score: points and reason
    attestation: JsonObject  # the DSSE envelope


def skill(ports: RegistryPorts, name: str) -> SkillView:
    """Returns a skill with its versions.

    Raises:
        SkillNotFoundError: skill-not-found.
    """
    found = ports.catalog.skill(name)
    if found is None:
        raise SkillNotFoundError.named(name)
    return SkillView(found, tuple(reversed(ports.catalog.versions(name))))


def version(ports: RegistryPorts, name: str, version: str) -> SkillVersion:
    """Returns one version.

    Raises:
        SkillNotFoundError: skill-not-found.
        VersionNotFoundError: version-not-found.
        WithdrawnError: version-withdrawn.
    """
    return readable_version(ports, name, version)


def findings(ports: RegistryPorts, name: str, version: str) -> tuple[SkillVersion, JsonObject]:
    """Returns a version and the document of its findings, as Score wrote it.

    Raises:
        SkillNotFoundError, VersionNotFoundError, WithdrawnError: as ``version``.
        DocumentTooLargeError: document-too-large; the fix has its address.
    """
    stored = readable_version(ports, name, version)
    return stored, _document(ports, stored.findings_digest, MAX_DOCUMENT_BYTES)


def audit(ports: RegistryPorts, name: str, version: str) -> AuditView:
    """Returns the itemised score, the verdict and the attestation of a version.

    Raises:
        SkillNotFoundError, VersionNotFoundError, WithdrawnError: as ``version``.
        DocumentTooLargeError: document-too-large.
    """
    stored, scored = findings(ports, name, version)
    attestation = _document(ports, stored.attestation_digest, _ATTESTATION_BYTES)
    return AuditView(stored, tuple(scored.get("items", ())), attestation)


def search(ports: RegistryPorts, text: str, *, cursor: str, limit: int) -> Page[Hit]:
    """Returns the skills that a query finds, best first, with the security facts of their latest version.

    Raises:
        InvalidCursor: the cursor is from elsewhere.
    """
    page = ports.catalog.search(query_terms(text), cursor=cursor, limit=limit)
    hits = (Hit(s, ports.catalog.version(s.name, s.latest) if s.latest else None) for s in page.items)
    return Page(tuple(hits), page.cursor)


def _document(ports: RegistryPorts, digest: str, max_bytes: int) -> JsonObject:
    """Returns a JSON document by digest; that it is missing is our fault, never "no findings"."""
    key = keys.blob(digest)
    described = ports.blobs.head(key)
    if described is None:
        raise Missing(key)
    if described.size_bytes > max_bytes:
        address = f"{ports.settings.public_url}/{key.removeprefix(keys.PUBLIC)}"
        raise DocumentTooLargeError(
            f"The document has {described.size_bytes} bytes.",
            why=f"The API answers with at most {max_bytes}.",
            fix=f"Get it from {address}.",
        )
    value = json.loads(ports.blobs.get(key, max_bytes=max_bytes))
    if not isinstance(value, dict):
        raise PortError(f"{key} is not a JSON object")
    return value
