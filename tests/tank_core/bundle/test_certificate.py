"""Claims are read strictly, and a certificate that says anything in two ways is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.sigstore.authority import certificate_template, fulcio_extensions, key_usage
from infra.local.sigstore.keys import new_ec_key
from tank_core.bundle import BundleRefusedError
from tank_core.bundle.certificate import EXTENSIONS, claims_of, utf8_string
from tests.support.bundle_refusals import why_refused
from tests.support.local_bundles import BundleScene
from tests.support.local_sigstore import NOW

ISSUER = "https://issuer.example"
KEY = new_ec_key()
BUILD = x509.UniformResourceIdentifier("https://code.example/acme/skills/release.yml@refs/heads/main")
PERSON = x509.RFC822Name("jo@acme.example")
Build = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


def raw(number: int, der: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}"), der)


def certificate(
    *extensions: x509.UnrecognizedExtension, names: tuple[x509.GeneralName, ...] = (PERSON,)
) -> x509.Certificate:
    start = datetime.fromtimestamp(NOW, UTC)
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
    made = certificate_template(
        x509.Name([]), KEY.public_key(), issuer, KEY.public_key(), (start, start + timedelta(minutes=10))
    )
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=True)
    for extension in extensions:
        made = made.add_extension(extension, critical=False)
    return made.sign(KEY, hashes.SHA256())


def why(*extensions: x509.UnrecognizedExtension, names: tuple[x509.GeneralName, ...] = (PERSON,)) -> str:
    with pytest.raises(BundleRefusedError) as caught:
        claims_of(certificate(*extensions, names=names))
    return caught.value.why


def test_a_person_is_an_issuer_and_an_address() -> None:
    claims = claims_of(certificate(*fulcio_extensions([(1, ISSUER), (8, ISSUER)])))
    assert (claims.issuer, claims.subject, claims.is_machine) == (ISSUER, "jo@acme.example", False)


@pytest.mark.parametrize("claim", sorted(set(EXTENSIONS) - {"issuer"}))
def test_each_claim_comes_from_its_own_extension(claim: str) -> None:
    made = certificate(*fulcio_extensions([(8, ISSUER), (EXTENSIONS[claim], "value")]), names=(BUILD,))
    assert claims_of(made).to_json() == {"issuer": ISSUER, "subject": BUILD.value, claim: "value"}


def test_the_bare_issuer_of_old_certificates_is_enough() -> None:
    assert claims_of(certificate(*fulcio_extensions([(1, ISSUER)]))).issuer == ISSUER


def test_two_issuers_that_differ_are_refused() -> None:
    assert "its two extensions for the issuer differ" in why(
        *fulcio_extensions([(1, ISSUER), (8, ISSUER + "/")])
    )


def test_a_certificate_without_an_issuer_is_refused() -> None:
    assert why() == "certificate: lacks issuer."


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ((PERSON, BUILD), "certificate: it has 2 subject alternative names, not one"),
        ((PERSON, PERSON), "certificate: it has 2 subject alternative names, not one"),
        ((x509.DNSName("acme.example"),), "certificate: its subject is neither an e-mail address nor a URI"),
        (
            (x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.7"), b"\x0c\x01a"),),
            "certificate: its subject is neither an e-mail address nor a URI",
        ),
    ],
)
def test_a_certificate_has_exactly_one_name_of_a_known_kind(
    names: tuple[x509.GeneralName, ...], reason: str
) -> None:
    assert why(*fulcio_extensions([(8, ISSUER)]), names=names).startswith(reason)


UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "a tag alone": b"\x0c",
    "another tag, PrintableString": b"\x13\x01a",
    "bare text": b"value",
    "longer than said": b"\x0c\x01ab",
    "shorter than said": b"\x0c\x03ab",
    "two strings": b"\x0c\x01a\x0c\x01b",
    "indefinite length": b"\x0c\x80a\x00\x00",
    "length in two bytes where one does": b"\x0c\x81\x01a",
    "length with a leading zero": b"\x0c\x82\x00\x80" + b"a" * 128,
    "length of length without bytes": b"\x0c\x84",
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_extension_that_is_not_one_der_string_is_refused(case: str) -> None:
    reason = why(*fulcio_extensions([(8, ISSUER)]), raw(15, UNREADABLE[case]))
    assert reason == "certificate: an extension is not one DER UTF8String."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "certificate: repository_id is not UTF-8."),
        (b"4711\n", "certificate: repository_id is not a printable text"),
        (b"47\x0011", "certificate: repository_id is not a printable text"),
        ("\u202e4711".encode(), "certificate: repository_id is not a printable text"),
    ],
)
def test_a_claim_that_would_mislead_who_reads_it_is_refused(content: bytes, reason: str) -> None:
    assert why(*fulcio_extensions([(8, ISSUER)]), raw(15, bytes([12, len(content)]) + content)).startswith(
        reason
    )


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_what_was_encoded_is_read(content: bytes) -> None:
    size = len(content)
    header = (
        bytes([12, size])
        if size < 128
        else bytes([12, 129, size])
        if size < 256
        else bytes([12, 130, *divmod(size, 256)])
    )
    assert utf8_string(header + content) == content
    with pytest.raises(BundleRefusedError):
        utf8_string(header + content + b"\x00")


@given(st.binary(max_size=12))
@settings(deadline=None)
def test_reading_any_bytes_gives_a_content_that_they_end_with_or_refuses(der: bytes) -> None:
    try:
        content = utf8_string(der)
    except BundleRefusedError:
        return
    assert der[0] == 12
    assert der.endswith(content)


USAGES: dict[str, tuple[x509.KeyUsage, list[x509.ObjectIdentifier], str]] = {
    "not for signing": (
        key_usage(key_cert_sign=True),
        [ExtendedKeyUsageOID.CODE_SIGNING],
        "certificate",
    ),
    "not for code": (
        key_usage(digital_signature=True),
        [ExtendedKeyUsageOID.SERVER_AUTH],
        "certificate: it is not one for signing code",
    ),
}


@pytest.mark.parametrize("case", USAGES)
def test_a_certificate_for_another_purpose_is_refused(sigstore: BundleScene, case: str) -> None:
    usage, purposes, reason = USAGES[case]
    assert why_refused(signed_with(sigstore, usage, purposes), sigstore.trusted_root).startswith(reason)


def signed_with(
    sigstore: BundleScene, usage: x509.KeyUsage, purposes: list[x509.ObjectIdentifier]
) -> dict[str, object]:
    start = datetime.fromtimestamp(NOW, UTC)
    issuer = sigstore.sigstore.authority.chain[0]
    made = certificate_template(
        x509.Name([]),
        KEY.public_key(),
        issuer.subject,
        issuer.public_key(),  # type: ignore[arg-type]
        (start, start + timedelta(minutes=10)),
    )
    made = (
        made.add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([PERSON]), critical=True)
        .add_extension(*fulcio_extensions([(8, ISSUER)]), critical=False)
    )
    return sigstore.sign(key=KEY, leaf=sigstore.sigstore.authority.signed(made, now=NOW))


def test_the_same_certificate_for_the_right_purpose_is_accepted(sigstore: BundleScene) -> None:
    import json

    from tank_core.bundle import verify_bundle

    bundle = signed_with(sigstore, key_usage(digital_signature=True), [ExtendedKeyUsageOID.CODE_SIGNING])
    verified = verify_bundle(json.dumps(bundle).encode(), trusted_root=sigstore.trusted_root)
    assert verified.claims.subject == PERSON.value
