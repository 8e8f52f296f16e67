"""Bundles that are wrong in exactly one part, each made with the keys that its forger would need.

Everything else in them is honest: signed, logged and timestamped by the scene's services.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.checkpoint import signed_note
from infra.local.sigstore.keys import KeyWithChain, key_with_chain, new_ec_key
from infra.local.sigstore.rekor_v2 import NAME
from infra.local.sigstore.sct import SCT_LIST, sct_extension
from infra.local.sigstore.timestamps import TimestampAuthority
from tests.support.local_sigstore import Parts, SigstoreScene, certificate, parts, timestamp
from tests.support.memory_time import MemoryClock

Maker: TypeAlias = Callable[[SigstoreScene, bytes], bytes]
HOUR = 3600


def expired_leaf(scene: SigstoreScene, statement: bytes) -> bytes:
    """Signed an hour after the certificate was issued."""
    return _with_leaf(scene, statement, at=scene.clock.now() - HOUR)


def leaf_not_yet_valid(scene: SigstoreScene, statement: bytes) -> bytes:
    """Signed an hour before the certificate begins."""
    return _with_leaf(scene, statement, at=scene.clock.now() + HOUR)


def wrong_usage(scene: SigstoreScene, statement: bytes) -> bytes:
    """The certificate is for TLS clients, not for code signing."""
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    return _with_rebuilt_leaf(
        scene,
        statement,
        lambda leaf: scene.sigstore.authority.signed(_rebuilt(leaf, usage), now=scene.clock.now()),
    )


def no_sct(scene: SigstoreScene, statement: bytes) -> bytes:
    """The certificate was never shown to a CT log."""
    return _with_rebuilt_leaf(
        scene, statement, lambda leaf: _rebuilt(leaf).sign(_authority(scene).key, hashes.SHA256())
    )


def bad_sct(scene: SigstoreScene, statement: bytes) -> bytes:
    """The certificate timestamp was given for another certificate."""
    return _with_rebuilt_leaf(
        scene, statement, lambda leaf: _with_sct(scene, leaf, scene.sigstore.ct_key, tbs=b"another")
    )


def foreign_sct(scene: SigstoreScene, statement: bytes) -> bytes:
    """The certificate timestamp was given by a CT log that nobody knows."""
    return _with_rebuilt_leaf(scene, statement, lambda leaf: _with_sct(scene, leaf, new_ec_key()))


def foreign_authority(scene: SigstoreScene, statement: bytes) -> bytes:
    """The certificate was issued by an authority of the same name, with another key."""
    other = CertificateAuthority(
        _fresh(scene, "other-fulcio.pem"), scene.sigstore.ct_key, now=scene.clock.now()
    )
    key = new_ec_key()
    return parts(scene, statement, key=key, leaf=certificate(scene, key, authority=other)).to_bundle()


def wrong_log_key(scene: SigstoreScene, statement: bytes) -> bytes:
    """The checkpoint names the right log, and is signed with a key of somebody else."""
    made = parts(scene, statement)
    text = _checkpoint(made).partition("\n\n")[0] + "\n"
    sign = ed25519.Ed25519PrivateKey.generate().sign
    return _with_checkpoint(made, signed_note(text, NAME, scene.sigstore.rekor_v2.log_id, sign))


def checkpoint_of_another_tree(scene: SigstoreScene, statement: bytes) -> bytes:
    """The checkpoint is the log's own, of a time when the entry was not in it."""
    parts(scene, b"an entry before")
    before = scene.sigstore.rekor_v2.checkpoint().decode()
    return _with_checkpoint(parts(scene, statement), before)


def inclusion_proof_of_another_entry(scene: SigstoreScene, statement: bytes) -> bytes:
    """The inclusion proof is good, for another entry of the log."""
    made, other = parts(scene, statement), parts(scene, b"another entry")
    entry = {**made.entry, "inclusionProof": other.entry["inclusionProof"]}
    return replace(made, entry=entry).to_bundle()


def foreign_log(scene: SigstoreScene, statement: bytes) -> bytes:
    """The entry is in a log that nobody knows."""
    other = _other_scene(scene)
    made = parts(scene, statement)
    elsewhere = parts(other, statement, key=made.key, leaf=made.leaf)
    other.close()
    return replace(
        made,
        entry=elsewhere.entry,
        signature=elsewhere.signature,
        timestamps=(timestamp(scene.sigstore.timestamps, elsewhere.signature),),
    ).to_bundle()


def promise_by_another_key(scene: SigstoreScene, statement: bytes) -> bytes:
    """Rekor v1's promise is signed with a key of somebody else."""
    made = parts(scene, statement, rekor=1)
    forged = new_ec_key().sign(b"a promise", ec.ECDSA(hashes.SHA256()))
    promise = {"signedEntryTimestamp": base64.b64encode(forged).decode()}
    return replace(made, entry={**made.entry, "inclusionPromise": promise}).to_bundle()


def promise_of_another_time(scene: SigstoreScene, statement: bytes) -> bytes:
    """Rekor v1's entry states another time than the one that was promised."""
    made = parts(scene, statement, rekor=1)
    time = str(int(made.entry["integratedTime"]) + 1)
    return replace(made, entry={**made.entry, "integratedTime": time}).to_bundle()


def foreign_timestamp_authority(scene: SigstoreScene, statement: bytes) -> bytes:
    """The timestamp is of an authority of the same name, with another key."""
    made = parts(scene, statement)
    other = TimestampAuthority(_fresh(scene, "other-tsa.pem"), scene.clock)
    return replace(made, timestamps=(timestamp(other, made.signature),)).to_bundle()


def timestamp_after_the_leaf(scene: SigstoreScene, statement: bytes) -> bytes:
    """The timestamp is of an hour later, when the certificate has expired."""
    return _with_timestamp_at(scene, statement, scene.clock.now() + HOUR)


def timestamp_before_the_leaf(scene: SigstoreScene, statement: bytes) -> bytes:
    """The timestamp is of an hour earlier, when there was no certificate."""
    scene.clock.move(2 * HOUR)  # an authority that is not older than its timestamps would be wrong twice
    return _with_timestamp_at(scene, statement, scene.clock.now() - HOUR)


def timestamp_of_another_signature(scene: SigstoreScene, statement: bytes) -> bytes:
    """The timestamp is good, for another signature."""
    made = parts(scene, statement)
    return replace(made, timestamps=(timestamp(scene.sigstore.timestamps, b"another"),)).to_bundle()


def no_timestamp(scene: SigstoreScene, statement: bytes) -> bytes:
    """There is no timestamp, and Rekor v2 promises no time."""
    return replace(parts(scene, statement), timestamps=()).to_bundle()


def signature_by_another_key(scene: SigstoreScene, statement: bytes) -> bytes:
    """The statement was exchanged after it was signed."""
    return replace(parts(scene, b"what was signed"), statement=statement).to_bundle()


def foreign_sigstore(scene: SigstoreScene, statement: bytes) -> bytes:
    """An honest bundle of another Sigstore altogether, as a staging one is to production."""
    other = _other_scene(scene)
    made = parts(other, statement).to_bundle()
    other.close()
    return made


BAD_BUNDLES: Mapping[str, Maker] = {
    maker.__name__.replace("_", "-"): maker
    for maker in (
        expired_leaf,
        leaf_not_yet_valid,
        wrong_usage,
        no_sct,
        bad_sct,
        foreign_sct,
        foreign_authority,
        wrong_log_key,
        checkpoint_of_another_tree,
        inclusion_proof_of_another_entry,
        foreign_log,
        promise_by_another_key,
        promise_of_another_time,
        foreign_timestamp_authority,
        timestamp_after_the_leaf,
        timestamp_before_the_leaf,
        timestamp_of_another_signature,
        no_timestamp,
        signature_by_another_key,
        foreign_sigstore,
    )
}


def _with_leaf(scene: SigstoreScene, statement: bytes, *, at: int) -> bytes:
    key = new_ec_key()
    return parts(scene, statement, key=key, leaf=certificate(scene, key, at=at)).to_bundle()


def _with_rebuilt_leaf(
    scene: SigstoreScene, statement: bytes, rebuild: Callable[[x509.Certificate], x509.Certificate]
) -> bytes:
    key = new_ec_key()
    return parts(scene, statement, key=key, leaf=rebuild(certificate(scene, key))).to_bundle()


def _rebuilt(leaf: x509.Certificate, *other: x509.ExtensionType) -> x509.CertificateBuilder:
    """Returns a certificate to be like another one, without its timestamp, with some extensions replaced."""
    replaced = {extension.oid: extension for extension in other}
    key = leaf.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(leaf.subject)
        .issuer_name(leaf.issuer)
        .public_key(key)
        .serial_number(leaf.serial_number)
        .not_valid_before(leaf.not_valid_before_utc)
        .not_valid_after(leaf.not_valid_after_utc)
    )
    for extension in leaf.extensions:
        if extension.oid != SCT_LIST:
            value = replaced.get(extension.oid, extension.value)
            builder = builder.add_extension(value, critical=extension.critical)
    return builder


def _with_sct(
    scene: SigstoreScene, leaf: x509.Certificate, log: ec.EllipticCurvePrivateKey, tbs: bytes = b""
) -> x509.Certificate:
    held, builder = _authority(scene), _rebuilt(leaf)
    signed = tbs or builder.sign(held.key, hashes.SHA256()).tbs_certificate_bytes
    sct = sct_extension(log, held.chain[0], signed, at_milliseconds=scene.clock.now() * 1000)
    return builder.add_extension(sct, critical=False).sign(held.key, hashes.SHA256())


def _with_timestamp_at(scene: SigstoreScene, statement: bytes, at: int) -> bytes:
    made = parts(scene, statement)
    authority = TimestampAuthority(scene.folder / "timestamps.pem", MemoryClock(at))
    return replace(made, timestamps=(timestamp(authority, made.signature),)).to_bundle()


def _with_checkpoint(made: Parts, envelope: str) -> bytes:
    proof = {**made.entry["inclusionProof"], "checkpoint": {"envelope": envelope}}
    return replace(made, entry={**made.entry, "inclusionProof": proof}).to_bundle()


def _checkpoint(made: Parts) -> str:
    proof: dict[str, Any] = made.entry["inclusionProof"]
    return str(proof["checkpoint"]["envelope"])


def _authority(scene: SigstoreScene) -> KeyWithChain:
    def never() -> KeyWithChain:
        raise AssertionError("the scene has an authority")

    return key_with_chain(scene.folder / "fulcio.pem", never)


def _fresh(scene: SigstoreScene, name: str) -> Path:
    path = scene.folder / name
    path.unlink(missing_ok=True)
    return path


def _other_scene(scene: SigstoreScene) -> SigstoreScene:
    return SigstoreScene(scene.folder / "elsewhere", MemoryClock(scene.clock.now()))
