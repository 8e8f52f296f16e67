"""Sigstore bundles, verified offline with sigstore-python against a pinned trusted root.

The root is a file that the deployment ships. The library's own ``production()`` is
not used: it trusts a cache in the user's home. Importing the library costs half a
second, so it happens with the first bundle. What the library leaves unauthenticated
in a log entry is checked here, see ``complaint_about``.

Source: sigstore-python 4.5.1, ``verify/verifier.py``; Sigstore client
specification, "Verification"; Rekor v2 specification, section 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.ports.bundles import BundleRefusedError, VerifiedBundle
from tank_core.entities import Identity
from tank_core.errors import quoted
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.strict_json import MalformedJsonError, parse_json

if TYPE_CHECKING:
    from sigstore.models import Bundle, TrustedRoot

MAX_BUNDLE_BYTES = 256 * 1024  # real ones have 6 to 12 KiB
REKOR_V1 = ("dsse", "0.0.1")
REKOR_V2 = ("hashedrekord", "0.0.2")


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a bundle says about its log entry, once the library accepted the bundle.

    Attributes:
        kind: entry kind and version.
        log_id: the log's id, raw bytes; the library takes it for a hint only.
        log_index: the entry's index, outside the inclusion proof.
        integrated_time: seconds since the Unix epoch; 0 when there is none.
        has_promise: whether a signed entry timestamp is there; the library then verified
            it, and it covers ``log_id``, ``log_index`` and ``integrated_time``.
        proof_index: the index in the inclusion proof.
        proof_tree_size: the tree size in the inclusion proof.
        checkpoint: the signed note, as text; the library verified its signature and root hash.
    """

    kind: tuple[str, str]
    log_id: bytes
    log_index: int
    integrated_time: int
    has_promise: bool
    proof_index: int
    proof_tree_size: int
    checkpoint: str


def complaint_about(facts: LogFacts, known_logs: frozenset[bytes]) -> str:
    """Returns what is wrong with a log entry in ways that the library does not see, or "".

    1. The log is one of the trusted root's.
    2. The proof's tree size is the signed checkpoint's, and holds the index.
    3. Rekor v1: a promise is there, because only it authenticates index and time.
       The two indexes differ there by design: the proof counts within a shard.
    4. Rekor v2: no promise and no time, and both indexes are equal.
    """
    if facts.log_id not in known_logs:  # 1
        return "its transparency log is not one of the trusted root's"
    checkpoint_lines = facts.checkpoint.split("\n")
    if len(checkpoint_lines) < 3 or checkpoint_lines[1] != str(facts.proof_tree_size):  # 2
        return "the inclusion proof's tree size is not the signed checkpoint's"
    if not 0 <= facts.proof_index < facts.proof_tree_size:
        return "the inclusion proof's index is outside its tree"
    return _complaint_about_kind(facts)


def _complaint_about_kind(facts: LogFacts) -> str:
    if facts.kind == REKOR_V1:  # 3
        is_promised = facts.has_promise and facts.integrated_time > 0
        return (
            "" if is_promised else "it lacks the log's promise, so nothing authenticates its index and time"
        )
    if facts.kind == REKOR_V2:  # 4
        if facts.has_promise or facts.integrated_time:
            return "it carries a promise or a time, which this log never gives"
        return "" if facts.log_index == facts.proof_index else "its index is not the inclusion proof's"
    return f"its log entry is of the unknown kind {quoted('/'.join(facts.kind))}"


class SigstoreVerifier:
    """The ``BundleVerifier`` port over sigstore-python.

    Args:
        trusted_root_path: the pinned trusted root, a JSON file; "" refuses every bundle.
    """

    def __init__(self, trusted_root_path: str) -> None:
        self._trusted_root_path = trusted_root_path

    @cached_property
    def _root(self) -> TrustedRoot:
        from sigstore.models import TrustedRoot

        try:
            return TrustedRoot.from_file(self._trusted_root_path)
        except Exception as exc:  # A missing file and a malformed one alike; the path is not the publisher's.
            raise _refused("This registry's Sigstore trusted root cannot be read") from exc

    def verify(self, bundle: bytes, identities: tuple[Identity, ...]) -> VerifiedBundle:
        """See ``BundleVerifier.verify``.

        1. A trusted root is configured, and somebody's signature is expected.
        2. The bundle is small, and JSON that every reader understands alike.
        3. The library accepts certificate, time, log entry and signature, and the
           certificate has issuer and subject of one of the identities, exactly.
        4. The payload is an in-toto statement.
        5. The log entry holds together where the library does not look.
        """
        _check_identities(identities)  # 1
        if not self._trusted_root_path:
            raise _refused("This registry has no Sigstore trusted root, so it can verify no bundle")
        try:
            parse_json(bundle, what="the bundle", max_bytes=MAX_BUNDLE_BYTES)  # 2
        except MalformedJsonError as exc:
            raise _refused(f"{exc.what}: {exc.why}") from exc
        try:
            return self._verified(bundle, identities)
        except BundleRefusedError:
            raise
        except Exception as exc:  # The library's refusals have many types; none of them may pass.
            raise _refused(f"{type(exc).__name__}: {quoted(str(exc))}") from exc

    def _verified(self, data: bytes, identities: tuple[Identity, ...]) -> VerifiedBundle:
        from sigstore.models import Bundle
        from sigstore.verify import Verifier
        from sigstore.verify.policy import AnyOf
        from sigstore.verify.policy import Identity as IdentityPolicy

        verifier = Verifier(trusted_root=self._root)
        bundle = Bundle.from_json(data)
        policies = [IdentityPolicy(identity=known.subject, issuer=known.issuer) for known in identities]
        payload_type, statement = verifier.verify_dsse(bundle, AnyOf([*policies]))  # 3
        if payload_type != PAYLOAD_TYPE:  # 4
            raise _refused(f"Its payload type is {quoted(payload_type)}, not {PAYLOAD_TYPE}")
        facts = _log_facts(bundle)
        complaint = complaint_about(facts, _known_logs(self._root))  # 5
        if complaint:
            raise _refused(f"The bundle was logged, but {complaint}")
        return VerifiedBundle(_signer(bundle, identities), statement, facts.log_index)


def _check_identities(identities: tuple[Identity, ...]) -> None:
    """Refuses an empty list, and empty fields, which the library would read as "any issuer"."""
    if not identities:
        raise _refused("No identity is bound to this publisher, so no signature can be the publisher's")
    if any(not known.issuer or not known.subject for known in identities):
        raise _refused("An identity that is bound to this publisher lacks its issuer or its subject")


def _signer(bundle: Bundle, identities: tuple[Identity, ...]) -> Identity:
    """Returns the first identity that the certificate of an accepted bundle has."""
    from sigstore.errors import VerificationError
    from sigstore.verify.policy import Identity as IdentityPolicy

    for known in identities:
        try:
            IdentityPolicy(identity=known.subject, issuer=known.issuer).verify(bundle.signing_certificate)
        except VerificationError:
            continue
        return known
    raise _refused("Its certificate has none of the publisher's identities")


# sigstore 4.5.1 has no public access to log entries and logs. Reading the very objects that it
# verified is safer than reading the JSON a second time; a test with real bundles pins the names.
def _log_facts(bundle: Bundle) -> LogFacts:
    entry = bundle.log_entry._inner
    proof = entry.inclusion_proof
    if proof is None or proof.checkpoint is None:
        raise _refused("The bundle lacks an inclusion proof with a checkpoint")
    return LogFacts(
        kind=(entry.kind_version.kind, entry.kind_version.version),
        log_id=bytes(entry.log_id.key_id),
        log_index=int(entry.log_index),
        integrated_time=int(entry.integrated_time or 0),
        has_promise=entry.inclusion_promise is not None,
        proof_index=int(proof.log_index),
        proof_tree_size=int(proof.tree_size),
        checkpoint=proof.checkpoint.envelope,
    )


def _known_logs(root: TrustedRoot) -> frozenset[bytes]:
    return frozenset(bytes(log.log_id.key_id) for log in root._inner.tlogs if log.log_id)


def _refused(why: str) -> BundleRefusedError:
    return BundleRefusedError(
        "The Sigstore bundle is not acceptable.",
        why=f"{why}.",
        fix="Sign again with `tank publish`, with an identity that is bound to the publisher.",
    )
