"""Bytes that are no bundle, or not the same bundle to every reader, are refused before anything is verified."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tank_core.bundle import MAX_BUNDLE_BYTES
from tests.support.bundle_refusals import Bundle, entry, proof, why_refused
from tests.support.local_bundles import BundleScene

NO_BUNDLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "format: the bundle is not well-formed JSON"),
    "not UTF-8": (b"\xff", "format: the bundle is not well-formed JSON (line 1, column 1): It is not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "format: the bundle is not well-formed JSON"),
    "a list": (b"[]", "format:"),
    "null": (b"null", "format:"),
    "an empty object": (b"{}", "format: “mediaType” is not as it must be, “Field required”"),
    "another type": (b'{"mediaType":1}', "format: “mediaType”"),
    "deep": (b"[" * 65 + b"]" * 65, "format: the bundle is not well-formed JSON: Its values are nested more"),
    "very deep": (b'{"a":' * 30_000, "format: the bundle is not well-formed JSON"),
    "cut off": (b'{"mediaType":"', "format: the bundle is not well-formed JSON"),
    "NaN": (b'{"a":NaN}', "format: the bundle is not well-formed JSON"),
    "a number of 5000 digits": (b'{"a":' + b"9" * 5000 + b"}", "format: the bundle is not well-formed JSON"),
    "half a surrogate pair": (b'{"a":"\\ud800"}', "format: the bundle is not well-formed JSON"),
    "trailing words": (b"{} {}", "format: the bundle is not well-formed JSON"),
}


@pytest.mark.parametrize("case", NO_BUNDLE)
def test_bytes_that_are_no_bundle_are_refused(case: str) -> None:
    data, reason = NO_BUNDLE[case]
    assert why_refused(data, b"{}").startswith(reason)


def test_a_bundle_above_the_limit_is_refused_before_it_is_parsed(sigstore: BundleScene) -> None:
    good = json.dumps(sigstore.sign()).encode()
    padded = good + b" " * (MAX_BUNDLE_BYTES + 1 - len(good))
    assert "It has 262145 bytes; the limit is 262144" in why_refused(padded, sigstore.trusted_root)


def test_a_key_that_stands_twice_is_refused(sigstore: BundleScene) -> None:
    twice = json.dumps(sigstore.sign())[:-1] + ',"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}'
    assert "stands twice" in why_refused(twice.encode(), sigstore.trusted_root)


def rename(holder: dict[str, Any], old: str, new: str) -> None:
    holder[new] = holder.pop(old)


def also(holder: dict[str, Any], old: str, new: str) -> None:
    holder[new] = holder[old]


def respell(holder: dict[str, Any], key: str, change: Callable[[str], str]) -> None:
    holder[key] = change(holder[key])


SPELLED = "format: a field or a value is not spelled the one way in which bundles spell it"
# All of these mean the very same to the library, and something else, or nothing, to another reader.
RESPELLED: dict[str, tuple[Callable[[Bundle], Any], str]] = {
    "another spelling of a key": (lambda b: rename(b, "dsseEnvelope", "dsse_envelope"), SPELLED),
    "both spellings of a key": (lambda b: also(b, "dsseEnvelope", "dsse_envelope"), "format:"),
    "a line break in base64": (
        lambda b: respell(b["dsseEnvelope"], "payload", lambda text: f"{text[:8]}\n{text[8:]}"),
        SPELLED,
    ),
    "blanks after base64": (lambda b: respell(b["dsseEnvelope"], "payload", lambda text: text + "  "), SPELLED),
    "words within base64": (
        lambda b: respell(entry(b)["logId"], "keyId", lambda text: "-" + text),
        SPELLED,
    ),
    "a number with a sign": (lambda b: respell(entry(b), "logIndex", lambda text: "+" + text), SPELLED),
    "a number with a zero": (lambda b: respell(entry(b), "logIndex", lambda text: "0" + text), SPELLED),
    "a number with a blank": (lambda b: respell(proof(b), "treeSize", lambda text: text + " "), SPELLED),
    "a number with an underscore": (lambda b: respell(proof(b), "treeSize", lambda text: "1_000_000"), SPELLED),
    "digits of another script": (lambda b: respell(proof(b), "treeSize", lambda text: "\u0661" * 6), SPELLED),
    "a number that is none": (lambda b: entry(b).update(logIndex=1), "format:"),
    "a negative number": (lambda b: entry(b).update(logIndex="-1"), "format:"),
    "an enormous number": (lambda b: entry(b).update(logIndex="9" * 5000), "format:"),
}  # fmt: skip


@pytest.mark.parametrize("case", RESPELLED)
def test_a_second_spelling_of_the_same_bundle_is_refused(sigstore: BundleScene, case: str) -> None:
    change, reason = RESPELLED[case]
    bundle = sigstore.sign()
    change(bundle)
    assert why_refused(bundle, sigstore.trusted_root).startswith(reason)


def test_base64_with_other_last_bits_is_refused(sigstore: BundleScene) -> None:
    bundle = sigstore.sign(b'{"padding":"needs it"} ')  # 23 bytes: four bits of the last digit mean nothing
    payload: str = bundle["dsseEnvelope"]["payload"]
    last = payload.rstrip("=")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = payload.replace(f"{last}=", f"{alphabet[alphabet.index(last) + 1]}=")
    assert other != payload
    assert base64.b64decode(other) == base64.b64decode(payload)
    bundle["dsseEnvelope"]["payload"] = other
    assert why_refused(bundle, sigstore.trusted_root).startswith(SPELLED)


def test_a_field_that_is_null_is_a_field_that_is_not_there(sigstore: BundleScene) -> None:
    from tank_core.bundle import verify_bundle

    bundle = {**sigstore.sign(), "messageSignature": None}
    assert verify_bundle(json.dumps(bundle).encode(), trusted_root=sigstore.trusted_root)


def old_format(bundle: Bundle, *certificates: str) -> Bundle:
    """Returns a bundle of format 0.2, which holds a chain in place of one certificate."""
    material = dict(bundle["verificationMaterial"])
    leaf = material.pop("certificate")
    material["x509CertificateChain"] = {"certificates": [leaf, *({"rawBytes": raw} for raw in certificates)]}
    media_type = "application/vnd.dev.sigstore.bundle+json;version=0.2"
    return {**bundle, "mediaType": media_type, "verificationMaterial": material}


def test_an_old_format_may_bring_intermediates_and_no_root(sigstore: BundleScene) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    from tank_core.bundle import verify_bundle

    intermediate, root = (
        base64.b64encode(item.public_bytes(Encoding.DER)).decode()
        for item in sigstore.sigstore.authority.chain
    )
    good = json.dumps(old_format(sigstore.sign(), intermediate)).encode()
    assert verify_bundle(good, trusted_root=sigstore.trusted_root)
    bad = old_format(sigstore.sign(), intermediate, root)
    assert why_refused(bad, sigstore.trusted_root) == "certificate chain: it brings a root of its own."
