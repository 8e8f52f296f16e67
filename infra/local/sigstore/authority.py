"""The certificate authority: a root, an intermediate, and leaves that live ten minutes.

The root's key signs twice and is then forgotten; the intermediate's stays. Extended
key usage is not critical on the intermediate and the leaf, as in Fulcio.

Source: Fulcio, docs/certificate-specification.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.local.sigstore.keys import KeyWithChain, key_with_chain, new_ec_key
from infra.local.sigstore.principal import RAW_EXTENSIONS, Principal
from infra.local.sigstore.sct import sct_extension

ORGANISATION = "Tank local Sigstore, for one machine"
LEAF_SECONDS = 600
_CA_YEARS = 10
_FULCIO_ARC = "1.3.6.1.4.1.57264.1"


class CertificateAuthority:
    """Issues signing certificates with an embedded certificate timestamp."""

    def __init__(self, path: Path, ct_log: ec.EllipticCurvePrivateKey, *, now: int) -> None:
        """Reads or makes the authority.

        Args:
            path: PEM file with the intermediate's key and both certificates.
            ct_log: the key that signs certificate timestamps.
            now: seconds since the Unix epoch; from when on a new authority is valid.

        Raises:
            ExposedFileError: others may read the file.
            UnusableKeyError: the file holds something else.
        """
        held = key_with_chain(path, lambda: _new_authority(now))
        self._key = held.key
        self._ct_log = ct_log
        self.chain = held.chain

    def issue(self, key: ec.EllipticCurvePublicKey, principal: Principal, *, now: int) -> x509.Certificate:
        """Returns a certificate for a key that its holder has proved to hold.

        Args:
            key: the leaf's public key.
            principal: whom it is for.
            now: seconds since the Unix epoch.
        """
        return self.signed(_leaf(key, principal, self.chain[0], now), now=now)

    def signed(self, leaf: x509.CertificateBuilder, *, now: int) -> x509.Certificate:
        """Returns a certificate with its timestamp as the last extension."""
        without = leaf.sign(self._key, hashes.SHA256())
        timestamp = sct_extension(
            self._ct_log, self.chain[0], without.tbs_certificate_bytes, at_milliseconds=now * 1000
        )
        return leaf.add_extension(timestamp, critical=False).sign(self._key, hashes.SHA256())


def certificate_template(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePublicKey,
    lifetime: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    """Returns a certificate to be, with what all of them have: serial, validity and key identifiers."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(lifetime[0])
        .not_valid_after(lifetime[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def ca_template(
    common_name: str,
    key: ec.EllipticCurvePublicKey,
    issuer: tuple[str, ec.EllipticCurvePublicKey],
    *,
    now: int,
    path_length: int,
) -> x509.CertificateBuilder:
    """Returns an authority's certificate to be, valid for ten years."""
    start = datetime.fromtimestamp(now, UTC)
    lifetime = (start, start + timedelta(days=365 * _CA_YEARS))
    constraints = x509.BasicConstraints(ca=True, path_length=path_length)
    template = certificate_template(
        distinguished(common_name), key, distinguished(issuer[0]), issuer[1], lifetime
    )
    return template.add_extension(constraints, critical=True).add_extension(
        key_usage(key_cert_sign=True, crl_sign=True), critical=True
    )


def distinguished(common_name: str) -> x509.Name:
    """Returns a name within this machine's organisation."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def key_usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    """Returns a key usage with these bits and no other."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _new_authority(now: int) -> KeyWithChain:
    root_key, key = new_ec_key(), new_ec_key()
    root_issuer = ("root", root_key.public_key())
    root = ca_template("root", root_key.public_key(), root_issuer, now=now, path_length=1)
    intermediate = ca_template(
        "intermediate", key.public_key(), root_issuer, now=now, path_length=0
    ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
    signed = [template.sign(root_key, hashes.SHA256()) for template in (intermediate, root)]
    return KeyWithChain(key, tuple(signed))


def _leaf(
    key: ec.EllipticCurvePublicKey, principal: Principal, issuer: x509.Certificate, now: int
) -> x509.CertificateBuilder:
    start = datetime.fromtimestamp(now, UTC)
    lifetime = (start, start + timedelta(seconds=LEAF_SECONDS))
    issuer_key = issuer.public_key()
    assert isinstance(issuer_key, ec.EllipticCurvePublicKey)  # noqa: S101  # ours; for the type checker
    name = x509.RFC822Name if principal.is_person else x509.UniformResourceIdentifier
    leaf = (
        certificate_template(x509.Name([]), key, issuer.subject, issuer_key, lifetime)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectAlternativeName([name(principal.name)]), critical=True)
    )
    for extension in fulcio_extensions(principal.extensions):
        leaf = leaf.add_extension(extension, critical=False)
    return leaf


def fulcio_extensions(texts: Sequence[tuple[int, str]]) -> list[x509.UnrecognizedExtension]:
    """Returns the extensions that tell of the token: 1 to 6 as they are, later ones as DER UTF8String."""
    return [
        x509.UnrecognizedExtension(
            x509.ObjectIdentifier(f"{_FULCIO_ARC}.{number}"),
            text.encode() if number in RAW_EXTENSIONS else asn1.encode_der(text),
        )
        for number, text in texts
    ]
