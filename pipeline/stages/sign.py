"""Sign: who published these bytes, and are they the announced ones.

1. Recompute both digests from the stored bytes (PEERS, hole 2).
2. The publisher still may publish under this organisation, and the token that began
   the publish was not revoked since.
3. Where the publisher has bound identities, a bundle is expected: a missing one
   is a refusal (PEERS, hole 22).
4. A bundle that was announced is verified against the pinned trusted root and the
   publisher's bound identities, and its statement must be about this archive.

The registry's own attestation is not made here but by Store, over what was
really decided.
"""

from __future__ import annotations

from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from pipeline.execution import StageInput, StageOutput, refusing
from pipeline.package import Upload, read_upload
from tank_core import integrity, provenance
from tank_core.entities import Publisher
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName
from tank_core.publish import Stage


class PublisherNotAuthorisedError(TankError):
    """The publisher may not publish under this organisation any more."""

    code = "publisher-not-authorised"
    status = 403
    exit_code = ExitCode.FORBIDDEN


class TokenRevokedError(TankError):
    """The token that began the publish was revoked before the archive arrived."""

    code = "token-revoked"
    status = 403
    exit_code = ExitCode.FORBIDDEN


class MissingSignatureError(TankError):
    """A signature is expected and there is none."""

    code = "missing-signature"
    status = 422
    exit_code = ExitCode.INTEGRITY


class BundleMismatchError(TankError):
    """The uploaded bundle is not the announced one."""

    code = "bundle-mismatch"
    status = 422
    exit_code = ExitCode.INTEGRITY


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Returns the digests that the registry computed, and who signed.

    Raises:
        StageRejected: one of the errors above, ``upload-mismatch``,
            ``bundle-refused`` or ``provenance-mismatch``.
    """
    with refusing(Stage.SIGN):
        upload = read_upload(given, ports)
        publisher = _publisher(given, ports)
        _check_token(given, ports)
        facts = {"digest": upload.digest, "integrity": upload.integrity, "bundle_digest": "", "signed_by": ""}
        if given.publish.bundle_digest:
            facts["signed_by"] = _verify_bundle(given, ports, publisher, upload)
            facts["bundle_digest"] = given.publish.bundle_digest
        elif publisher.identities:
            raise _missing_signature(publisher)
    who = (
        f"signed by {facts['signed_by']}"
        if facts["signed_by"]
        else f"by {publisher.publisher_id}, not signed"
    )
    return StageOutput(f"{upload.digest[:19]}… {who}", dict(facts))


def _publisher(given: StageInput, ports: RegistryPorts) -> Publisher:
    name = SkillName.parse(given.publish.name)
    publisher = ports.accounts.publisher(given.publish.publisher_id)
    org = ports.accounts.org(name.org)
    if publisher is None or org is None or publisher.publisher_id not in org.members:
        who = given.publish.publisher_id
        raise PublisherNotAuthorisedError(
            f"{who} is not a member of @{name.org}.",
            why="Membership is checked again when the archive arrives; it may have ended since the upload began.",
            fix=f"Ask an owner of @{name.org}: `tank org member set {name.org} {who} publisher`.",
        )
    return publisher


def _check_token(given: StageInput, ports: RegistryPorts) -> None:
    """A token that expired since the publish began was good when it mattered; a revoked one was taken away."""
    token = ports.accounts.token(given.publish.token_id)
    if token is None or token.revoked_at is not None:
        raise TokenRevokedError(
            "The token that began this publish was revoked.",
            why="Whoever revokes a token wants nothing more to come from it.",
            fix="Run `tank login` with a good token, then `tank publish` again.",
        )


def _verify_bundle(given: StageInput, ports: RegistryPorts, publisher: Publisher, upload: Upload) -> str:
    """Returns the subject that signed, after the bundle and its statement proved right."""
    bundle = _read_bundle(given, ports)
    verified = ports.bundles.verify(bundle, publisher.identities)
    provenance.check_publisher_statement(
        verified.statement,
        name=SkillName.parse(given.publish.name),
        version=given.publish.version,
        archive_integrity=upload.integrity,
        digest=upload.digest,
    )
    return verified.identity.subject


def _read_bundle(given: StageInput, ports: RegistryPorts) -> bytes:
    publish = given.publish
    try:
        data = ports.blobs.get(keys.incoming_bundle(publish.publish_id), max_bytes=publish.bundle_size_bytes)
    except (Missing, TooLarge) as error:
        raise _bundle_mismatch("It was not uploaded, or it is larger than announced.") from error
    if integrity.sha256_digest(data) != publish.bundle_digest:
        raise _bundle_mismatch("Its SHA-256 differs from the announced one.")
    return data


def _bundle_mismatch(why: str) -> BundleMismatchError:
    return BundleMismatchError(
        "The signature bundle is not the announced one.",
        why=why,
        fix="Run `tank publish` again; the bundle must be uploaded before the archive.",
    )


def _missing_signature(publisher: Publisher) -> MissingSignatureError:
    subjects = ", ".join(sorted(identity.subject for identity in publisher.identities))
    return MissingSignatureError(
        "This publisher signs its packages, and this one is not signed.",
        why=f"{publisher.publisher_id} is bound to {subjects}; a missing signature would hide a stolen token.",
        fix="Publish from the bound identity, so that `tank publish` can sign.",
    )
