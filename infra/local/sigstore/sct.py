"""Signed certificate timestamps, embedded in a certificate.

A real CT log signs over the certificate as it will be without the timestamp. So the
certificate is made twice: once without, to get those bytes, and once with the
extension at the very end, which is where a verifier takes it out again.

Source: RFC 6962, sections 3.2 and 3.3.
"""

from __future__ import annotations

import struct

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local.sigstore.keys import key_id

SCT_LIST = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_V1, _CERTIFICATE_TIMESTAMP, _PRECERT_ENTRY = 0, 0, 1
_SHA256, _ECDSA = 4, 3  # TLS 1.2 numbers


def sct_extension(
    log: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, tbs: bytes, *, at_milliseconds: int
) -> x509.UnrecognizedExtension:
    """Returns the extension with one timestamp.

    Args:
        log: the CT log's key.
        issuer: the certificate that signs the leaf; its key is part of what is signed.
        tbs: the leaf's TBSCertificate, DER, without this extension.
        at_milliseconds: since the Unix epoch.
    """
    entry = key_id(issuer.public_key()) + len(tbs).to_bytes(3, "big") + tbs
    head = struct.pack("!BBQH", _V1, _CERTIFICATE_TIMESTAMP, at_milliseconds, _PRECERT_ENTRY)
    signature = log.sign(head + entry + b"\x00\x00", ec.ECDSA(hashes.SHA256()))
    timestamp = (
        struct.pack("!B32sQH", _V1, key_id(log.public_key()), at_milliseconds, 0)
        + struct.pack("!BBH", _SHA256, _ECDSA, len(signature))
        + signature
    )
    listed = struct.pack("!HH", len(timestamp) + 2, len(timestamp)) + timestamp
    return x509.UnrecognizedExtension(SCT_LIST, asn1.encode_der(listed))
