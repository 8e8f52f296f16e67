"""The verification of a bundle, offline, against a pinned trusted root.

The library does the cryptography. This module decides in which order, with which
services of the root, at which time, and what of the result may be believed.

Source: Sigstore client specification, "Verification"; sigstore-python 4.5.1,
``verify/verifier.py``; docs/decisions/0007-one-bundle-verifier.md.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tank_core.bundle import trusted_root as roots
from tank_core.bundle.certificate import claims_of
from tank_core.bundle.document import MAX_BUNDLE_BYTES, entry_facts, read_bundle, strict_json
from tank_core.bundle.log_entry import first_complaint
from tank_core.bundle.reasons import refusing
from tank_core.bundle.refusal import BundleRefusedError, refused
from tank_core.bundle.times import established_times
from tank_core.errors import quoted
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.signer import LogEntry, SignerClaims

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore.models import Bundle
    from sigstore.verify import Verifier

__all__ = [
    "MAX_BUNDLE_BYTES",
    "PAYLOAD_TYPE",
    "VerifiedArtifact",
    "VerifiedBundle",
    "load",
    "prepare",
    "verify_artifact",
    "verify_bundle",
]


@dataclass(frozen=True, slots=True)
class VerifiedArtifact:
    """What a good bundle proves about its signer.

    Attributes:
        claims: of the certificate. Whether their holder may sign is another question.
        log: where the signature is logged, and its verified time.
    """

    claims: SignerClaims
    log: LogEntry


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """What a good bundle with a statement proves.

    Attributes:
        claims: of the certificate. Whether their holder may sign is another question.
        payload_type: always ``application/vnd.in-toto+json``.
        statement: the signed bytes. What they are about is another question.
        log: where the signature is logged, and its verified time.
    """

    claims: SignerClaims
    payload_type: str
    statement: bytes
    log: LogEntry


def load() -> None:
    """Loads the library, which the first verification would do."""
    import sigstore.verify  # noqa: F401


def prepare(trusted_root: bytes) -> None:
    """Reads a root, which the first verification would do; refuses nothing."""
    from sigstore.verify import Verifier

    with contextlib.suppress(BundleRefusedError):
        Verifier(trusted_root=roots.read(trusted_root))


def verify_bundle(bundle: bytes, *, trusted_root: bytes, needs_timestamp: bool = True) -> VerifiedBundle:
    """Returns what a bundle with a DSSE envelope proves.

    1. It is small, strict JSON, and one bundle to every reader, with one log entry and one signature.
    2. Its log is one of the trusted root's.
    3. Its times are signed by a trusted authority, and the certificate was valid at each.
    4. The trusted root is cut to the services that were valid then; the log is one of them.
    5. The library accepts certificate chain, SCT, inclusion proof, checkpoint, promise,
       signature, and the log entry's body.
    6. The log entry holds together where the library does not look.
    7. The payload is an in-toto statement.
    8. The certificate's claims are read, strictly.

    Args:
        bundle: a Sigstore bundle, JSON, at most 256 KiB.
        trusted_root: a Sigstore trusted root, JSON, pinned by the caller.
        needs_timestamp: False also takes the time in Rekor v1's promise for enough, as for bundles
            that were made before there were timestamps.

    Raises:
        BundleRefusedError: ``bundle-refused``, for anything else; ``why`` names the part.
    """
    with refusing():
        read = read_bundle(bundle)  # 1
        return _verified_bundle(read, trusted_root, needs_timestamp)


def verify_artifact(
    bundle: bytes, *, artifact_sha256: bytes, trusted_root: bytes, needs_timestamp: bool = True
) -> VerifiedArtifact:
    """Returns who signed an artifact, or a statement that names it as one of its subjects.

    The steps are those of ``verify_bundle``. A message signature is over the artifact; in a
    statement, one subject's sha256 is the artifact's.

    Args:
        artifact_sha256: 32 raw bytes.

    Raises:
        BundleRefusedError: ``bundle-refused``, for anything else; ``why`` names the part.
    """
    with refusing():
        read = read_bundle(bundle)
        if read._inner.dsse_envelope is None:
            return _verified_message(read, artifact_sha256, trusted_root, needs_timestamp)
        verified = _verified_bundle(read, trusted_root, needs_timestamp)
        if not _names(verified.statement, artifact_sha256.hex()):
            raise refused("statement: the artifact is none of its subjects")
        return VerifiedArtifact(verified.claims, verified.log)


def _verified_bundle(bundle: Bundle, trusted_root: bytes, needs_timestamp: bool) -> VerifiedBundle:
    content: list[tuple[str, bytes]] = []
    proven = _proven(
        bundle,
        trusted_root,
        needs_timestamp,
        lambda verifier, policy: content.append(verifier.verify_dsse(bundle, policy)),
    )
    payload_type, statement = content[0]
    if payload_type != PAYLOAD_TYPE:  # 7
        raise refused(f"statement: its type is {quoted(payload_type)}, not {PAYLOAD_TYPE}")
    return VerifiedBundle(proven.claims, payload_type, statement, proven.log)


def _verified_message(
    bundle: Bundle, artifact_sha256: bytes, trusted_root: bytes, needs_timestamp: bool
) -> VerifiedArtifact:
    from sigstore.hashes import Hashed
    from sigstore_models.common.v1 import HashAlgorithm

    artifact = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=artifact_sha256)
    return _proven(
        bundle,
        trusted_root,
        needs_timestamp,
        lambda verifier, policy: verifier.verify_artifact(artifact, bundle, policy),
    )


def _proven(
    bundle: Bundle,
    trusted_root: bytes,
    needs_timestamp: bool,
    verify: Callable[[Verifier, _ReadsClaims], None],
) -> VerifiedArtifact:
    """Steps 2 to 6 and 8; ``verify`` is the library's part, for one kind of content."""
    from sigstore.verify import Verifier

    root, facts = roots.read(trusted_root), entry_facts(bundle)
    if facts.log_id not in roots.log_ids(root):  # 2
        raise refused("log entry: its log is none of the trusted root's; it comes from another Sigstore")
    times = established_times(Verifier(trusted_root=root), bundle, needs_timestamp=needs_timestamp)  # 3
    issued = bundle.signing_certificate.not_valid_before_utc
    root = roots.in_service(root, issued=issued, signed=times.all)  # 4
    if facts.log_id not in roots.log_ids(root):
        raise refused("log entry: its log was not in service when the signature was made")
    policy = _ReadsClaims()
    verify(Verifier(trusted_root=root), policy)  # 5
    if complaint := first_complaint(facts):  # 6
        raise refused(complaint)
    log = LogEntry(facts.log_id.hex(), facts.log_index, facts.kind, times.signed_at)
    return VerifiedArtifact(policy.claims(), log)  # 8


class _ReadsClaims:
    """The library's policy on the certificate: its claims can be read.

    Who may sign is decided with the claims and exact bindings; the library's policies know less.
    """

    def __init__(self) -> None:
        self._claims: SignerClaims | None = None

    def verify(self, cert: Certificate) -> None:
        """Refuses a certificate whose claims cannot be read."""
        self._claims = claims_of(cert)

    def claims(self) -> SignerClaims:
        """Returns the claims of the certificate that the library verified."""
        if self._claims is None:
            raise refused("certificate: the library did not look at its claims")
        return self._claims


def _names(statement: bytes, sha256: str) -> bool:
    """Returns whether a subject of the statement has this digest, hex."""
    value = strict_json(statement, "the statement")
    subjects = value.get("subject") if isinstance(value, dict) else None
    if not isinstance(subjects, list):
        raise refused("statement: it has no list of subjects")
    digests = [subject.get("digest") for subject in subjects if isinstance(subject, dict)]
    found = [str(digest.get("sha256")) for digest in digests if isinstance(digest, dict)]
    return any(hmac.compare_digest(hex_digest.encode(), sha256.encode()) for hex_digest in found)
