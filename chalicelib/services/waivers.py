"""Which waivers there are for exactly these bytes, and which of them count.

Who decides a verdict (Score, and a rescan) takes only what ``verified`` gives: recorded as granted
and not revoked, signed by the registry's key, about these very bytes, in force now.
Everything else counts for nothing. Who only shows what the registry recorded takes
``stated``, because the API holds no key material to verify with; every client
verifies for itself.

What a published version names of its waivers is derived from the appeals, by ``settle``.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.ports.errors import ConditionFailed, Missing, PortError, TooLarge
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from tank_core.entities import Appeal, AppealState, SkillVersion, WaiverReference
from tank_core.integrity import sha256_digest
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.waiver_statement import MAX_WAIVER_BYTES, WaiverRefusedError, verify_waiver
from tank_core.waivers import Waiver

_ATTEMPTS = 5  # each one more means that another decision was written in that moment


@dataclass(frozen=True, slots=True)
class Archive:
    """The bytes that a waiver is about, under their name."""

    name: str
    version: str
    digest: str
    integrity: str


def are_claimed(ports: RegistryPorts, archive: Archive) -> bool:
    """Returns whether a waiver is recorded for these bytes; whether it counts is not asked."""
    return any(appeal.is_waiver for appeal in _granted(ports, archive))


def verified(ports: RegistryPorts, archive: Archive) -> Mapping[str, Waiver]:
    """Returns the waivers that count now, by the digest of their envelope.

    Raises:
        PortError: a store or the signer did not answer.
    """
    claimed = [appeal for appeal in _granted(ports, archive) if appeal.is_waiver]
    if not claimed:
        return {}
    trusted, now = trusted_keys(ports), ports.clock.now()
    found = ((a.waiver_digest, _verified(ports, archive, a, trusted)) for a in claimed)
    return {digest: waiver for digest, waiver in sorted(found) if waiver and waiver.is_in_force(now)}


def stated(ports: RegistryPorts, version: SkillVersion) -> tuple[Waiver, ...]:
    """Returns the waivers of a version that the registry recorded and that are in force, unverified."""
    archive, now = archive_of(version), ports.clock.now()
    waivers = (
        waiver_of(ports.settings.public_url, appeal)
        for appeal in _granted(ports, archive)
        if appeal.is_waiver
    )
    return tuple(waiver for waiver in waivers if waiver.is_in_force(now))


def settle(ports: RegistryPorts, name: str, version: str) -> bool:
    """Brings what a version names in line with its appeals; for after a write that changed either.

    Where that changes anything, the verdict was given without it, and the version is due for a rescan.

    Returns:
        Whether the version is published.

    Raises:
        PortError: it kept changing.
    """
    for _ in range(_ATTEMPTS):
        stored = ports.catalog.version(name, version)
        if stored is None:
            return False
        wanted = _references(ports, stored, {r.digest: r for r in stored.waivers if r.counted})
        if stored.waivers == wanted:
            return True
        try:
            ports.catalog.set_waivers(name, version, wanted, before=stored.waivers)
        except ConditionFailed:
            continue  # a rescan, or another decision, was faster: start from what it left
    raise PortError(f"the waivers of {name}@{version} kept changing")


def named(ports: RegistryPorts, version: SkillVersion) -> tuple[WaiverReference, ...]:
    """Returns what a version that is judged anew names before that; to be read before ``verified``.

    What is granted or revoked after it is not named as it is then, so that ``settle`` finds a difference.
    """
    return _references(ports, version, {})


def counting(references: Iterable[WaiverReference], digests: Iterable[str]) -> tuple[WaiverReference, ...]:
    """Returns references, sorted, with those of some digests, which the verdict rests on, marked or added."""
    present = {reference.digest: reference for reference in references}
    counted = {d: replace(present.get(d, WaiverReference(d)), counted=True) for d in digests}
    return tuple(reference for _, reference in sorted({**present, **counted}.items()))


def trusted_keys(ports: RegistryPorts) -> Mapping[str, str]:
    """Returns the attestation keys whose word counts: today's, and earlier ones that clients still trust."""
    return {**ports.settings.earlier_keys, ports.signer.key_id(): ports.signer.public_key_pem()}


def archive_of(version: SkillVersion) -> Archive:
    """Returns the bytes of a published version."""
    return Archive(version.name, version.version, version.digest, version.integrity)


def waiver_of(registry: str, appeal: Appeal) -> Waiver:
    """Returns what a granted appeal grants. ``registry``: its base URL."""
    return Waiver(
        name=SkillName.parse(appeal.name),
        version=Version.parse(appeal.version),
        digest=appeal.digest,
        integrity=appeal.integrity,
        rule_id=appeal.rule_id,
        file=appeal.file,
        line=appeal.line,
        registry=registry,
        appellant=appeal.appellant,
        granted_by=appeal.decided_by,
        reason=appeal.decision,
        granted_at=appeal.decided_at or 0,
        expires_at=appeal.expires_at or 0,
    )


def _granted(ports: RegistryPorts, archive: Archive) -> tuple[Appeal, ...]:
    """Returns the appeals about exactly these bytes that were granted, revoked ones too."""
    appeals = ports.appeals.of_version(archive.name, archive.version)
    return tuple(
        appeal
        for appeal in appeals
        if appeal.state is AppealState.GRANTED
        and (appeal.digest, appeal.integrity) == (archive.digest, archive.integrity)
    )


def _verified(
    ports: RegistryPorts, archive: Archive, appeal: Appeal, trusted: Mapping[str, str]
) -> Waiver | None:
    try:
        envelope = ports.blobs.get(keys.blob(appeal.waiver_digest), max_bytes=MAX_WAIVER_BYTES)
    except (Missing, TooLarge, ValueError):
        return None
    if not hmac.compare_digest(sha256_digest(envelope), appeal.waiver_digest):
        return None
    try:
        return verify_waiver(
            envelope,
            trusted,
            name=SkillName.parse(archive.name),
            version=Version.parse(archive.version),
            digest=archive.digest,
            integrity=archive.integrity,
        )
    except WaiverRefusedError:
        return None


def _references(
    ports: RegistryPorts, version: SkillVersion, counted: Mapping[str, WaiverReference]
) -> tuple[WaiverReference, ...]:
    """Returns what a version must name: every granted waiver, and those that its verdict rests on in any case."""
    granted = {
        appeal.waiver_digest: WaiverReference(
            digest=appeal.waiver_digest,
            counted=appeal.waiver_digest in counted,
            revoked_at=appeal.revoked_at,
            revocation=appeal.revocation,
        )
        for appeal in _granted(ports, archive_of(version))
    }
    return tuple(reference for _, reference in sorted({**counted, **granted}.items()))
