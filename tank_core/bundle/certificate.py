"""What a Fulcio certificate says of its holder, as ``SignerClaims``.

Read from a certificate that the library already verified. It has policies for some
of the extensions only; here each is decoded strictly: one DER UTF8String that fills
the whole extension, and one subject alternative name. What is not read as a claim is
not used by anybody.

Source: Fulcio, docs/oid-info.md; X.690, sections 8.1.3 and 10.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tank_core.bundle.refusal import refused
from tank_core.signer import SignerClaims

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

FULCIO = "1.3.6.1.4.1.57264.1"
RAW_ISSUER = 1  # the issuer as bare bytes, in certificates of every age
# The extension's last number, for each claim that is a DER UTF8String.
EXTENSIONS = {
    "issuer": 8,
    "signer_workflow": 9,
    "runner": 11,
    "repository": 12,
    "commit": 13,
    "ref": 14,
    "repository_id": 15,
    "owner": 16,
    "owner_id": 17,
    "workflow": 18,
    "trigger": 20,
    "run": 21,
    "visibility": 22,
    "environment": 23,
}
_UTF8_STRING = 0x0C


def claims_of(certificate: Certificate) -> SignerClaims:
    """Returns every claim of a certificate.

    1. Exactly one subject alternative name, an e-mail address or a URI.
    2. Each extension is one UTF8String.
    3. The issuer's two forms are equal where both are there.

    Raises:
        BundleRefusedError: ``bundle-refused``, for anything else.
    """
    extensions = _extensions(certificate)
    found = {"subject": _subject(certificate)}  # 1
    for claim, number in EXTENSIONS.items():  # 2
        if number in extensions:
            found[claim] = _text(utf8_string(extensions[number]), claim)
    if RAW_ISSUER in extensions:  # 3
        raw = _text(extensions[RAW_ISSUER], "issuer")
        if found.setdefault("issuer", raw) != raw:
            raise refused("certificate: its two extensions for the issuer differ")
    try:
        return SignerClaims.from_json(found)
    except ValueError as exc:
        raise refused(f"certificate: {exc}") from exc


def utf8_string(der: bytes) -> bytes:
    """Returns the content of one DER UTF8String that is all there is.

    Raises:
        BundleRefusedError: ``bundle-refused``, for another tag, a length that is not
            the shortest form or not the content's, and anything after it.
    """
    if len(der) >= 2 and der[0] == _UTF8_STRING:
        header = 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)
        content = der[header:]
        if der[1:header] == _length(len(content)):
            return content
    raise refused("certificate: an extension is not one DER UTF8String")


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _text(content: bytes, claim: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise refused(f"certificate: {claim} is not UTF-8") from exc


def _extensions(certificate: Certificate) -> dict[int, bytes]:
    """Returns Fulcio's extensions by their last number; x509 itself refuses one that is there twice."""
    from cryptography.x509 import UnrecognizedExtension

    found: dict[int, bytes] = {}
    for extension in certificate.extensions:
        family, _, number = extension.oid.dotted_string.rpartition(".")
        if family == FULCIO and isinstance(extension.value, UnrecognizedExtension):
            found[int(number)] = extension.value.value
    return found


def _subject(certificate: Certificate) -> str:
    from cryptography.x509 import RFC822Name, SubjectAlternativeName, UniformResourceIdentifier

    names = list(certificate.extensions.get_extension_for_class(SubjectAlternativeName).value)
    if len(names) != 1:
        raise refused(f"certificate: it has {len(names)} subject alternative names, not one")
    if not isinstance(names[0], (RFC822Name, UniformResourceIdentifier)):
        raise refused("certificate: its subject is neither an e-mail address nor a URI")
    return names[0].value
