"""A bundle that is wrong in any part is refused for that part, in both generations of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.bundle_refusals import Bundle, count_up, entry, flip, proof, replace_in, why_refused
from tests.support.local_bundles import STATEMENT, BundleScene
from tests.support.local_sigstore import NOW

both_logs = pytest.mark.parametrize("rekor", [1, 2])


def without_timestamp(bundle: Bundle) -> None:
    del bundle["verificationMaterial"]["timestampVerificationData"]


def timestamps(bundle: Bundle) -> Any:
    return bundle["verificationMaterial"]["timestampVerificationData"]["rfc3161Timestamps"]


def material(bundle: Bundle) -> Any:
    return bundle["verificationMaterial"]


def signature(bundle: Bundle) -> Any:
    return bundle["dsseEnvelope"]["signatures"][0]


def other_checkpoint_size(bundle: Bundle) -> None:
    lines = proof(bundle)["checkpoint"]["envelope"].split("\n")
    lines[1] = str(int(lines[1]) + 1)
    proof(bundle)["checkpoint"]["envelope"] = "\n".join(lines)


TAMPERED: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "statement": (
        lambda b: replace_in(b["dsseEnvelope"], "payload", b'"x"', b'"y"'),
        "signature: the certificate's key did not make it over this statement",
    ),
    "payload type": (lambda b: b["dsseEnvelope"].update(payloadType="text/plain"), "signature:"),
    # A timestamp is over the signature, so it speaks first.
    "signature": (lambda b: flip(signature(b), "sig"), "timestamp: no trusted authority made it over this"),
    "two signatures": (
        lambda b: b["dsseEnvelope"].update(signatures=b["dsseEnvelope"]["signatures"] * 2),
        "signature: there is not exactly one",
    ),
    "no signature": (
        lambda b: b["dsseEnvelope"].update(signatures=[]),
        "signature: there is not exactly one",
    ),
    "empty signature": (lambda b: signature(b).update(sig=""), "signature: it is empty"),
    "no envelope": (lambda b: b.pop("dsseEnvelope"), "format:"),
    "two contents": (
        lambda b: b.update(messageSignature={"signature": signature(b)["sig"]}),
        "format:",
    ),
    "certificate": (
        lambda b: flip(material(b)["certificate"], "rawBytes"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "certificate's claims": (
        lambda b: replace_in(material(b)["certificate"], "rawBytes", b"acme/skills", b"evil/skills"),
        "certificate chain: it does not lead to a trusted authority",
    ),
    "no certificate": (lambda b: material(b).pop("certificate"), "format:"),
    "certificate of other bytes": (
        lambda b: material(b).update(certificate={"rawBytes": "AAAA"}),
        "certificate: it is malformed",
    ),
    "no timestamp": (without_timestamp, "timestamp: there is none"),
    "empty timestamps": (lambda b: timestamps(b).clear(), "timestamp: there is none"),
    "timestamp's signature": (lambda b: flip(timestamps(b)[0], "signedTimestamp"), "timestamp: "),
    "timestamp of other bytes": (
        lambda b: timestamps(b)[0].update(signedTimestamp="AAAA"),
        "timestamp: it is malformed",
    ),
    "timestamp twice": (lambda b: timestamps(b).append(timestamps(b)[0]), "timestamp: it is there twice"),
    "33 timestamps": (lambda b: timestamps(b).extend(timestamps(b) * 32), "timestamp: there are too many"),
    "no log entry": (lambda b: material(b).update(tlogEntries=[]), "log entry: there is not exactly one"),
    "two log entries": (
        lambda b: material(b).update(tlogEntries=material(b)["tlogEntries"] * 2),
        "log entry: there is not exactly one",
    ),
    "log id": (lambda b: flip(entry(b)["logId"], "keyId"), "log entry: its log is none of the trusted root's"),
    "kind": (lambda b: entry(b)["kindVersion"].update(kind="intoto"), "log entry: it is of the unknown kind"),
    "version": (lambda b: entry(b)["kindVersion"].update(version="0.0.9"), "log entry: it is of an unknown"),
    "body": (lambda b: flip(entry(b), "canonicalizedBody", 5), "inclusion proof: it does not lead to its root"),
    "no body": (lambda b: entry(b).pop("canonicalizedBody"), "format:"),
    "no proof": (lambda b: entry(b).pop("inclusionProof"), "format:"),
    "proof's index": (lambda b: proof(b).update(logIndex="0"), "inclusion proof: "),
    "proof's index outside": (lambda b: proof(b).update(logIndex=proof(b)["treeSize"]), "format:"),
    "proof's tree size": (lambda b: count_up(proof(b), "treeSize"), "inclusion proof: "),
    "proof's hash": (lambda b: proof(b)["hashes"].reverse(), "inclusion proof: it does not lead to its root"),
    "proof without a hash": (lambda b: proof(b)["hashes"].pop(), "inclusion proof: it does not fit its index"),
    "proof's root hash": (lambda b: flip(proof(b), "rootHash"), "inclusion proof: it does not lead to its"),
    "no checkpoint": (lambda b: proof(b).pop("checkpoint"), "inclusion proof: it, or its checkpoint, is missing"),
    "checkpoint's size": (other_checkpoint_size, "checkpoint: its signature is not the log's"),
    "name of the checkpoint's signer": (
        lambda b: proof(b)["checkpoint"].update(
            envelope=proof(b)["checkpoint"]["envelope"].replace("\u2014 r", "\u2014 s")
        ),
        "checkpoint: the log's signature is under another name",
    ),
    "checkpoint without signature": (
        lambda b: proof(b)["checkpoint"].update(envelope=proof(b)["checkpoint"]["envelope"].split("\n\n")[0]),
        "checkpoint: it is malformed",
    ),
    "checkpoint of nothing": (lambda b: proof(b)["checkpoint"].update(envelope=""), "checkpoint: it is malformed"),
    "media type": (lambda b: b.update(mediaType="application/json"), "format:"),
    "unknown field": (lambda b: b.update(trust="me"), "format:"),
    "public key": (lambda b: material(b).update(publicKey={"hint": "x"}), "format:"),
}  # fmt: skip


@both_logs
@pytest.mark.parametrize("case", TAMPERED)
def test_a_tampered_bundle_is_refused_for_the_part(sigstore: BundleScene, rekor: int, case: str) -> None:
    change, reason = TAMPERED[case]
    bundle = sigstore.sign(rekor=rekor)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root).startswith(reason)


TAMPERED_V1: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "index": (lambda b: count_up(entry(b), "logIndex"), "log entry: the log's promise is not about this entry"),
    "time": (lambda b: count_up(entry(b), "integratedTime"), "log entry: the log's promise is not about this"),
    "promise": (
        lambda b: flip(entry(b)["inclusionPromise"], "signedEntryTimestamp"),
        "log entry: the log's promise is not about this entry",
    ),
    "no promise": (lambda b: entry(b).pop("inclusionPromise"), "log entry: it lacks the log's promise"),
    "no time": (lambda b: entry(b).pop("integratedTime"), "log entry: it lacks the log's promise"),
    "time of 0": (lambda b: entry(b).update(integratedTime="0"), "log entry: it lacks the log's promise"),
    "time that no clock has": (lambda b: entry(b).update(integratedTime=str(2**64 - 1)), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", TAMPERED_V1)
def test_a_tampered_rekor_v1_entry_is_refused(sigstore: BundleScene, case: str) -> None:
    change, reason = TAMPERED_V1[case]
    bundle = sigstore.sign(rekor=1)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root).startswith(reason)


TAMPERED_V2: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "index": (lambda b: count_up(entry(b), "logIndex"), "log entry: its index is not the inclusion proof's"),
    "time": (
        lambda b: entry(b).update(integratedTime=str(NOW)),
        "log entry: it carries a promise or a time",
    ),
    "promise": (
        lambda b: entry(b).update(inclusionPromise={"signedEntryTimestamp": "AAAA"}),
        "log entry: it carries a promise or a time",
    ),
    "promise and time": (
        lambda b: entry(b).update(integratedTime=str(NOW), inclusionPromise={"signedEntryTimestamp": "AAAA"}),
        "log entry: it carries a time, which such a log never gives",
    ),
}


@pytest.mark.parametrize("case", TAMPERED_V2)
def test_a_tampered_rekor_v2_entry_is_refused(sigstore: BundleScene, case: str) -> None:
    change, reason = TAMPERED_V2[case]
    bundle = sigstore.sign(rekor=2)
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root).startswith(reason)


# Each part of the bundle, taken from another good bundle of the same signer.
PARTS: dict[str, tuple[Callable[[Bundle, Bundle], Any], str]] = {
    "envelope": (lambda b, other: b.update(dsseEnvelope=other["dsseEnvelope"]), "timestamp: no trusted"),
    "signature": (
        lambda b, other: b["dsseEnvelope"].update(signatures=other["dsseEnvelope"]["signatures"]),
        "timestamp: no trusted",
    ),
    "certificate": (
        lambda b, other: material(b).update(certificate=material(other)["certificate"]),
        "signature: the certificate's key did not make it",
    ),
    "log entry": (
        lambda b, other: material(b).update(tlogEntries=material(other)["tlogEntries"]),
        "log entry: it is about another",
    ),
    "inclusion proof": (
        lambda b, other: entry(b).update(inclusionProof=proof(other)),
        "inclusion proof: it does not lead to its root hash",
    ),
    "checkpoint": (
        lambda b, other: proof(b).update(checkpoint=proof(other)["checkpoint"]),
        "checkpoint: its root hash is not the inclusion proof's",
    ),
    "body": (
        lambda b, other: entry(b).update(canonicalizedBody=entry(other)["canonicalizedBody"]),
        "inclusion proof: it does not lead to its root hash",
    ),
    "timestamp": (
        lambda b, other: material(b).update(
            timestampVerificationData=material(other)["timestampVerificationData"]
        ),
        "timestamp: no trusted authority made it over this signature",
    ),
}


@both_logs
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_another_bundle_is_refused(sigstore: BundleScene, rekor: int, part: str) -> None:
    change, reason = PARTS[part]
    other = sigstore.sign(STATEMENT.replace(b'"x"', b'"z"'), rekor=rekor)
    bundle = sigstore.sign(rekor=rekor)
    change(bundle, other)
    assert why_refused(bundle, sigstore.trusted_root).startswith(reason)
