"""Store: make the version readable, all at once.

1. The uploaded version's bytes become the public blob of their digest.
2. Manifest, findings, SBOM and bundle become public blobs of theirs.
3. The registry attests what was really decided (SLSA VSA, DSSE, P-256), with what Sign
   read from the publisher's bundle and the binding that it met.
4. The version is mirrored as an OCI artifact, with its documents as referrers.
5. One transaction: version, skill and audit event. This is the commit point:
   nothing before it names the version to a reader.
6. The skill's ``latest``, the version's waivers and the index document, derived from what was recorded.
7. The publish is published.

A crash anywhere runs the stage again: 1 to 4 are content-addressed or harmless to
repeat, 5 is conditional, 6 is derived.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from chalicelib.ports.artifacts import Artifact
from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys, waivers
from chalicelib.services.availability import latest_of, settle_latest
from pipeline.execution import (
    SBOM,
    SCORE,
    ExecutionError,
    StageInput,
    StageOutput,
    matter_of,
    read_document,
)
from pipeline.judging import POLICY_DIGEST, policy_uri, signed_statement, unwaived_verdict
from pipeline.package import MANIFEST, file_named, read_upload
from tank_core import attestation, canonical, integrity, oci, provenance
from tank_core.archive import ArchiveEntry, read_archive, tree_hash
from tank_core.attestation import VerificationSummary
from tank_core.entities import Action, AuditEvent, JsonObject, Skill, SkillVersion, WaiverReference
from tank_core.findings import Verdict
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.publish import Stage
from tank_core.sbom import MEDIA_TYPE as SBOM_TYPE
from tank_core.signature import Signature


@dataclass(frozen=True, slots=True)
class _Decided:
    """Everything that the earlier stages established, read once."""

    archive: bytes
    entries: tuple[ArchiveEntry, ...]
    manifest: SkillManifest
    score: JsonObject
    sbom: bytes
    bundle: bytes
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class _Digests:
    """The public documents of a version, by digest."""

    manifest: str
    findings: str
    sbom: str
    bundle: str
    capabilities: str


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Publishes the version and returns where it is."""
    publish = given.publish
    recorded = ports.catalog.version(publish.name, publish.version)
    if recorded is None:
        recorded = _publish(given, ports)
    elif recorded.publish_id != publish.publish_id:
        raise ExecutionError(f"{publish.name}@{publish.version} was published by {recorded.publish_id}")
    settle_latest(ports, publish.name)
    waivers.settle(ports, publish.name, publish.version)
    ports.index.write([publish.name])
    return StageOutput(
        f"published as {recorded.package_ref}",
        {"digest": recorded.digest, "package_ref": recorded.package_ref},
    )


def _publish(given: StageInput, ports: RegistryPorts) -> SkillVersion:
    decided = _read(given, ports)
    digests = _write_blobs(given, ports, decided)
    envelope = _attest(given, ports, decided, digests)
    attestation_digest = _put_blob(ports, envelope)
    reference = ports.artifacts.push(_artifact(given, decided, envelope))
    version = _version(given, ports, decided, digests, attestation_digest, reference)
    event = AuditEvent(
        event_id=ports.ids.new_id(),
        at=version.published_at,
        actor=version.publisher_id,
        action=Action.PUBLISH,
        subject=f"skill:{version.name}@{version.version}",
        detail={"digest": version.digest, "verdict": str(version.verdict), "publish_id": version.publish_id},
    )
    _record(given, ports, version, event)
    return version


def _record(given: StageInput, ports: RegistryPorts, version: SkillVersion, event: AuditEvent) -> None:
    """Commits; a lost race with our own earlier attempt is what a repeated step expects."""
    try:
        ports.catalog.record(version, _skill(ports, version), given.publish, event)
    except ConditionFailed:
        winner = ports.catalog.version(version.name, version.version)
        if winner is None or winner.publish_id != version.publish_id:
            raise


def _read(given: StageInput, ports: RegistryPorts) -> _Decided:
    upload = read_upload(given, ports)
    entries = read_archive(upload.data)
    return _Decided(
        archive=upload.data,
        entries=entries,
        manifest=parse_skill_manifest(file_named(entries, MANIFEST)),
        score=read_document(given, ports, SCORE),
        sbom=base64.b64decode(str(read_document(given, ports, SBOM)["base64"])),
        bundle=_bundle(given, ports),
        signature=_signature(given),
    )


def _bundle(given: StageInput, ports: RegistryPorts) -> bytes:
    publish = given.publish
    if not publish.bundle_digest:
        return b""
    data = ports.blobs.get(keys.incoming_bundle(publish.publish_id), max_bytes=publish.bundle_size_bytes)
    if integrity.sha256_digest(data) != publish.bundle_digest:
        raise ExecutionError(f"the bundle of {publish.publish_id} changed after Sign")
    return data


def _signature(given: StageInput) -> Signature | None:
    """Returns who signed, as Sign found it for this very attempt; None when nobody did."""
    publish, said = given.publish, given.facts_of(Stage.SIGN)
    changed = sorted(key for key, value in matter_of(publish).items() if said.get(key) != value)
    if changed:
        raise ExecutionError(f"Sign saw another {' and '.join(changed)} of {publish.publish_id}")
    if bool(said.get("signature")) != bool(publish.bundle_digest):
        raise ExecutionError(f"Sign says of {publish.publish_id} that there is a signature or a bundle only")
    try:
        return Signature.from_json(said["signature"]) if publish.bundle_digest else None
    except ValueError as error:
        raise ExecutionError(f"the signature of {publish.publish_id} is malformed: {error}") from error


def _write_blobs(given: StageInput, ports: RegistryPorts, decided: _Decided) -> _Digests:
    ports.blobs.copy(
        given.key,
        keys.blob(given.publish.digest),
        source_version_id=given.version_id,
        cache_control=keys.IMMUTABLE,
    )
    return _Digests(
        manifest=_put_blob(ports, file_named(decided.entries, MANIFEST)),
        findings=_put_blob(ports, canonical.compact(decided.score)),
        sbom=_put_blob(ports, decided.sbom),
        bundle=_put_blob(ports, decided.bundle) if decided.bundle else "",
        capabilities=integrity.sha256_digest(canonical.compact(decided.manifest.capabilities.to_json())),
    )


def _put_blob(ports: RegistryPorts, data: bytes) -> str:
    """Stores public immutable bytes and returns their digest."""
    digest = integrity.sha256_digest(data)
    ports.blobs.put(
        keys.blob(digest), data, content_type="application/octet-stream", cache_control=keys.IMMUTABLE
    )
    return digest


def _attest(given: StageInput, ports: RegistryPorts, decided: _Decided, digests: _Digests) -> bytes:
    publish = given.publish
    summary = VerificationSummary(
        name=decided.manifest.name,
        version=decided.manifest.version,
        digest=publish.digest,
        integrity=publish.integrity,
        verifier=ports.settings.public_url,
        time_verified=ports.clock.now(),
        policy_uri=policy_uri(ports),
        policy_digest=POLICY_DIGEST,
        publisher=publish.publisher_id,
        bundle_digest=digests.bundle,
        manifest_digest=digests.manifest,
        findings_digest=digests.findings,
        sbom_digest=digests.sbom,
        capabilities_digest=digests.capabilities,
        verdict=Verdict(decided.score["verdict"]),
        score=decided.score["value"],
        signature=decided.signature,
    )
    return signed_statement(ports, summary)


def _artifact(given: StageInput, decided: _Decided, envelope: bytes) -> Artifact:
    manifest = decided.manifest
    referrers = [
        oci.attestation_referrer(envelope, predicate_type=attestation.PREDICATE_TYPE),
        oci.sbom_referrer(decided.sbom, media_type=SBOM_TYPE),
    ]
    if decided.signature:
        signed_at = decided.signature.log.signed_at
        kind = provenance.PREDICATE_TYPE  # Sign accepts no other
        referrers.append(oci.bundle_referrer(decided.bundle, predicate_type=kind, signed_at=signed_at))
    annotations = {
        "org.opencontainers.image.title": str(manifest.name),
        "org.opencontainers.image.version": str(manifest.version),
        "org.opencontainers.image.description": manifest.description,
        "org.opencontainers.image.licenses": manifest.license,
    }
    return Artifact(
        repository=f"{manifest.name.org}/{manifest.name.name}",
        tag=str(manifest.version).replace("+", "_"),
        archive=decided.archive,
        annotations={key: value for key, value in sorted(annotations.items()) if value},
        referrers=tuple(referrers),
    )


def _version(
    given: StageInput,
    ports: RegistryPorts,
    decided: _Decided,
    digests: _Digests,
    attestation_digest: str,
    reference: str,
) -> SkillVersion:
    publish, manifest = given.publish, decided.manifest
    # Without it, which no release since has, the version is scanned again soon: that loses nothing.
    rule_set = str(given.earlier.get(Stage.ANALYZE, {}).get("rule_set", ""))
    return SkillVersion(
        name=publish.name,
        version=publish.version,
        published_at=ports.clock.now(),
        publish_id=publish.publish_id,
        publisher_id=publish.publisher_id,
        size_bytes=publish.size_bytes,
        integrity=publish.integrity,
        digest=publish.digest,
        tree_hash=tree_hash(decided.entries),
        description=manifest.description,
        license=manifest.license,
        keywords=manifest.keywords,
        capabilities=manifest.capabilities.to_json(),
        dependencies={str(name): str(wanted) for name, wanted in sorted(manifest.skills.items())},
        audit_score=decided.score["value"],
        verdict=Verdict(decided.score["verdict"]),
        manifest_digest=digests.manifest,
        findings_digest=digests.findings,
        sbom_digest=digests.sbom,
        attestation_digest=attestation_digest,
        bundle_digest=digests.bundle,
        signature=decided.signature.to_json() if decided.signature else {},
        package_ref=reference,
        unwaived_verdict=unwaived_verdict(decided.score),
        waivers=tuple(WaiverReference(digest, counted=True) for digest in decided.score.get("waivers", ())),
        rule_set=rule_set,
        settled_rule_set=rule_set,
    )


def _skill(ports: RegistryPorts, version: SkillVersion) -> Skill:
    """Returns the skill as it will be; its description and keywords are those of the latest version."""
    before = ports.catalog.skill(version.name)
    latest = latest_of((*ports.catalog.versions(version.name), version))
    speaks = version if before is None or latest == version.version else before
    return Skill(
        name=version.name,
        created_at=before.created_at if before else version.published_at,
        updated_at=version.published_at,
        description=speaks.description,
        keywords=speaks.keywords,
        latest=latest,
    )
