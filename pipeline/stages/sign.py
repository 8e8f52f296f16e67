"""Sign: who published these bytes, and are they the announced ones.

1. Recompute both digests from the stored bytes (PEERS, hole 2).
2. The publisher still is a member of the organisation.
3. The token that began the publish was not revoked since, a ticket is this publish's
   own, and the organisation takes tokens of its kind.
4. Where somebody is bound for the skill, a bundle is expected: a missing one is a
   refusal (PEERS, hole 22). Where nobody is, a bundle is refused: nothing says whose it is.
5. The bundle is the announced one, and verifies against the pinned trusted root.
6. Its statement is about this archive under this name and version, and nothing else.
7. Its signer is bound to the publisher, and signed for this publish.

A version that this very publish has recorded was decided when Store recorded it: driven
again, because its index was not written, it keeps that decision, whatever member, token
or binding changed since. Refusing it then would leave it half published.

The registry's own attestation is not made here but by Store, over what was
really decided.
"""

from __future__ import annotations

from chalicelib.ports.bundles import BundleRefusedError, VerifiedBundle
from chalicelib.ports.errors import Missing, TooLarge
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import admission, keys, tickets
from chalicelib.services.authorisation import check_token_rule
from pipeline.execution import ExecutionError, StageInput, StageOutput, matter_of, refusing
from pipeline.package import Upload, read_upload
from tank_core import integrity, provenance
from tank_core.entities import Org, Token
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.names import SkillName
from tank_core.publish import Stage
from tank_core.signature import Signature


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


class BundleMismatchError(TankError):
    """The uploaded bundle is not the announced one."""

    code = "bundle-mismatch"
    status = 422
    exit_code = ExitCode.INTEGRITY


def run(given: StageInput, ports: RegistryPorts) -> StageOutput:
    """Returns the digests that the registry computed, and who signed.

    Raises:
        StageRejected: one of the errors above or of ``services.admission``,
            ``upload-mismatch``, ``tokens-forbidden``, ``ticket-used``,
            ``bundle-refused`` or ``provenance-mismatch``.
        ExecutionError: the attempt was changed by somebody else than the API.
    """
    publish = given.publish
    with refusing(Stage.SIGN):
        upload = read_upload(given, ports)  # 1
        recorded = ports.catalog.version(publish.name, publish.version)
        if recorded is not None and recorded.publish_id == publish.publish_id:
            signature = Signature.from_json(recorded.signature) if recorded.signature else None
        else:
            signature = _decided(given, ports, upload)
    signed_by = str(signature.claims.signer) if signature else ""
    who = (
        f"signed by {signature.claims.signer.short}"
        if signature
        else f"by {publish.publisher_id}, not signed"
    )
    facts = {
        **matter_of(publish),  # its digests are those of the stored bytes: step 1
        "signed_by": signed_by,
        "signature": signature.to_json() if signature else {},
    }
    return StageOutput(f"{upload.digest[:19]}… {who}", facts)


def _decided(given: StageInput, ports: RegistryPorts, upload: Upload) -> Signature | None:
    """Returns the accepted signature, or None where none is expected and there is none."""
    org = _organisation(given, ports)  # 2
    token = _token(given, ports, org)  # 3
    return _signature(given, ports, org, token, upload)  # 4 to 7


def _organisation(given: StageInput, ports: RegistryPorts) -> Org:
    name, who = SkillName.parse(given.publish.name), given.publish.publisher_id
    org = ports.accounts.org(name.org)
    if org is None or who not in org.members or ports.accounts.publisher(who) is None:
        raise PublisherNotAuthorisedError(
            f"{who} is not a member of @{name.org}.",
            why="Membership is checked again when the archive arrives; it may have ended since the upload began.",
            fix=f"Ask an owner of @{name.org}: `tank org member set {name.org} {who} publisher`.",
        )
    return org


def _token(given: StageInput, ports: RegistryPorts, org: Org) -> Token:
    """A token that expired since the publish began was good when it mattered; a revoked one was taken away."""
    token = ports.accounts.token(given.publish.token_id)
    if token is None or token.revoked_at is not None:
        raise TokenRevokedError(
            "The token that began this publish was revoked.",
            why="Whoever revokes a token wants nothing more to come from it.",
            fix="Run `tank login` with a good token, then `tank publish` again.",
        )
    if token.publisher_id != given.publish.publisher_id:
        raise ExecutionError(f"the attempt {given.publish.publish_id} stands on somebody else's token")
    tickets.check_bound_to(token, given.publish.publish_id)
    check_token_rule(org, token, ports.clock.now())
    return token


def _signature(
    given: StageInput, ports: RegistryPorts, org: Org, token: Token, upload: Upload
) -> Signature | None:
    publish, now = given.publish, ports.clock.now()
    if not publish.bundle_digest:  # 4
        admission.check_unsigned(org, publish, token, now)
        return None
    admission.check_bound(org, publish, now)
    verified = _verified(given, ports)  # 5
    provenance.check_publisher_statement(  # 6
        verified.statement,
        name=SkillName.parse(publish.name),
        version=publish.version,
        archive_integrity=upload.integrity,
        digest=upload.digest,
    )
    return admission.admitted(org, publish, token, verified, now=now, settings=ports.settings)  # 7


def _verified(given: StageInput, ports: RegistryPorts) -> VerifiedBundle:
    verified = ports.bundles.verify(_read_bundle(given, ports))
    if verified.payload_type != provenance.PAYLOAD_TYPE:
        raise BundleRefusedError(
            "The signature bundle holds no statement.",
            why=f"Its payload type is {quoted(verified.payload_type)}, not {provenance.PAYLOAD_TYPE}.",
            fix="Sign with `tank publish`.",
        )
    return verified


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
