"""A bundle's bytes to the library's object, and what that object says about its log entry.

The library reads leniently: two spellings of every key, base64 with anything between
its letters, numbers with blanks. Another reader would see another bundle in the same
bytes. So what the library read is written again, and must be what was there.

Source: sigstore protobuf-specs, ``sigstore_bundle.proto``; sigstore-models, ``_core.py``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tank_core.bundle.log_entry import V1_KINDS, V2_KINDS, LogFacts
from tank_core.bundle.refusal import refused
from tank_core.errors import quoted
from tank_core.strict_json import MalformedJsonError, parse_json

if TYPE_CHECKING:
    from sigstore.models import Bundle

MAX_BUNDLE_BYTES = 256 * 1024  # real ones have 6 to 12 KiB


def read_bundle(data: bytes) -> Bundle:
    """Returns the bundle.

    1. It is small, and JSON that every reader understands alike.
    2. The library reads it: one known format, one certificate, one log entry with its proof.
    3. Written again it is the same: no second spelling of a field, a number or a byte.
    4. Formats before 0.3 carry a chain; a root in it would be one that the bundle brings itself.

    Raises:
        BundleRefusedError: ``bundle-refused``; other exceptions of the library are for ``refusing``.
    """
    from sigstore.models import Bundle

    document = strict_json(data, "the bundle")  # 1
    bundle = Bundle.from_json(data)  # 2
    if json.loads(bundle.to_json()) != _without_nulls(document):  # 3
        raise refused("format: a field or a value is not spelled the one way in which bundles spell it")
    _refuse_root(bundle)  # 4
    return bundle


def strict_json(data: bytes, what: str) -> object:
    """Returns the value of a JSON document that is part of a bundle, or the bundle itself."""
    try:
        return parse_json(data, what=what, max_bytes=MAX_BUNDLE_BYTES)
    except MalformedJsonError as exc:
        raise refused(f"format: {exc.what}: {exc.why.rstrip('.')}") from exc


# sigstore 4.5.1 has no public access to log entries. Reading the very object that it verified
# is safer than reading the JSON a second time; a test with real bundles pins the names.
def entry_facts(bundle: Bundle) -> LogFacts:
    """Returns what the bundle says about its log entry.

    Raises:
        BundleRefusedError: ``bundle-refused``, for an entry of a kind that is not verified here.
    """
    entry = bundle.log_entry._inner
    proof = entry.inclusion_proof
    if proof.checkpoint is None:
        raise refused("checkpoint: it is missing")
    kind = f"{entry.kind_version.kind}/{entry.kind_version.version}"
    if kind not in V1_KINDS | V2_KINDS:
        raise refused(f"log entry: it is of the unknown kind {quoted(kind)}")
    return LogFacts(
        kind=kind,
        body_kind=_body_kind(entry.canonicalized_body),
        log_id=bytes(entry.log_id.key_id),
        log_index=int(entry.log_index),
        integrated_time=int(entry.integrated_time or 0),
        has_promise=entry.inclusion_promise is not None,
        proof_index=int(proof.log_index),
        proof_tree_size=int(proof.tree_size),
        checkpoint=proof.checkpoint.envelope,
    )


def _refuse_root(bundle: Bundle) -> None:
    from cryptography.x509 import load_der_x509_certificate

    chain = bundle._inner.verification_material.x509_certificate_chain
    for message in chain.certificates[1:] if chain else ():
        certificate = load_der_x509_certificate(message.raw_bytes)
        if certificate.issuer == certificate.subject:
            raise refused("certificate chain: it brings a root of its own")


def _body_kind(body: bytes) -> str:
    value = strict_json(body, "the log entry's body")
    if not isinstance(value, dict):
        raise refused("log entry: its body is no object")
    return f"{value.get('kind')}/{value.get('apiVersion')}"


def _without_nulls(value: object) -> object:
    # In protobuf's JSON a null is a field that is not there, and the library writes none.
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
