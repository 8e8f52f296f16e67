"""The stand-in over HTTP: routes, limits, and refusals that say why."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.local.sigstore.keys import new_ec_key
from tests.support.local_sigstore import ALICE, BUILD, SigstoreScene
from tests.support.sigstore_api import Api

FULCIO = "/sigstore/fulcio/api/v2/signingCert"
TRUST_BUNDLE = "/sigstore/fulcio/api/v2/trustBundle"
V1 = "/sigstore/rekor-v1/api/v1/log"
V2 = "/sigstore/rekor-v2/api/v2"
TSA = "/sigstore/tsa/api/v1/timestamp"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def csr(key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    return x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())


def csr_request(data: bytes) -> bytes:
    return json.dumps({"certificateSigningRequest": b64(data)}).encode()


def key_request(key: ec.EllipticCurvePrivateKey, challenge: str, *, content: str = "") -> bytes:
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    proof = key.sign(challenge.encode(), ec.ECDSA(hashes.SHA256()))
    public_key = {"algorithm": "ECDSA", "content": content or pem}
    request = {"publicKey": public_key, "proofOfPossession": b64(proof)}
    return json.dumps({"publicKeyRequest": request}).encode()


def leaf_of(body: bytes) -> x509.Certificate:
    certificates = json.loads(body)["signedCertificateEmbeddedSct"]["chain"]["certificates"]
    assert len(certificates) == 3
    return x509.load_pem_x509_certificate(certificates[0].encode())


# Routes and limits


def test_what_is_nowhere_is_a_problem(api: Api) -> None:
    for path in ("/sigstore", "/sigstore/", "/sigstore/fulcio", "/sigstore/log.sqlite", f"{V1}/../log"):
        assert api("GET", path).status == 404
    assert api.refusal("GET", "/sigstore/fulcio.pem")[:2] == (404, "no-such-object")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", FULCIO, "POST"),
        ("POST", TRUST_BUNDLE, "GET"),
        ("DELETE", f"{V1}/entries", "GET, POST"),
        ("GET", TSA, "POST"),
        ("PUT", "/sigstore/oidc/auth", "GET, POST"),
        ("GET", "/sigstore/oidc/token", "POST"),
        ("POST", "/sigstore/ci/github/token", "GET"),
    ],
)
def test_a_path_takes_its_own_methods_only(api: Api, method: str, path: str, allowed: str) -> None:
    answer = api(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("path", [FULCIO, f"{V1}/entries", f"{V2}/log/entries", TSA, "/sigstore/oidc/token"])
def test_a_body_over_64_kib_is_refused_before_it_is_read(api: Api, path: str) -> None:
    assert api.refusal("POST", path, b" " * 65537)[:2] == (413, "request-too-large")


def test_a_query_that_can_be_read_in_two_ways_is_refused(api: Api) -> None:
    assert api.refusal("GET", f"{V1}/entries?logIndex=0&logIndex=1")[1:] == (
        "malformed-query",
        "A field is there twice.",
    )
    assert api.refusal("GET", f"{V1}/entries?logIndex=%FF")[1] == "malformed-query"
    assert (
        api.refusal("GET", f"{V1}/entries?" + "&".join(f"f{n}=1" for n in range(40)))[1] == "malformed-query"
    )


# Fulcio


@pytest.mark.parametrize("path", [FULCIO, "/api/v2/signingCert"])
def test_a_request_with_proof_gets_a_certificate_also_where_the_path_was_dropped(
    api: Api, scene: SigstoreScene, path: str
) -> None:
    key = new_ec_key()
    body = csr_request(csr(key).public_bytes(Encoding.PEM))
    answer = api("POST", path, body, authorization=f"Bearer {scene.token()}")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert leaf_of(answer.body).public_key() == key.public_key()


@pytest.mark.parametrize("is_person", [True, False])
def test_a_bare_key_with_a_signature_over_the_challenge_gets_a_certificate(
    api: Api, scene: SigstoreScene, is_person: bool
) -> None:
    issuer = scene.sigstore.tokens.person_issuer
    token = scene.token(ALICE, issuer) if is_person else scene.token()
    challenge = ALICE["email"] if is_person else BUILD.github_claims()["sub"]
    key = new_ec_key()
    answer = api("POST", FULCIO, key_request(key, str(challenge)), authorization=f"Bearer {token}")
    assert leaf_of(answer.body).public_key() == key.public_key()


def with_another_key(request: x509.CertificateSigningRequest) -> bytes:
    """Returns a request in which the key was exchanged after it was signed."""
    own, other = (
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for key in (request.public_key(), new_ec_key().public_key())
    )
    der = request.public_bytes(Encoding.DER).replace(own, other)
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM)


REQUESTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is no JSON object"),
    "a list": (b"[]", "it is no JSON object"),
    "no request": (b"{}", "neither certificateSigningRequest nor publicKeyRequest"),
    "no base64": (b'{"certificateSigningRequest": "?"}', "certificateSigningRequest is not base64"),
    "a number": (b'{"certificateSigningRequest": 1}', "certificateSigningRequest is not base64"),
    "no PKCS#10": (csr_request(b"x"), "no readable PKCS#10"),
    "an exchanged key": (csr_request(with_another_key(csr(new_ec_key()))), "its key did not sign it"),
    "no content": (b'{"publicKeyRequest": {"publicKey": {}}}', "publicKey has no content"),
    "no proof": (b'{"publicKeyRequest": {"publicKey": {"content": "x"}}}', "proofOfPossession is not base64"),
    "no key": (key_request(new_ec_key(), "x", content="x"), "no readable public key"),
    "another challenge": (key_request(new_ec_key(), "x"), "did not sign the token's subject"),
    "another curve": (
        csr_request(csr(ec.generate_private_key(ec.SECP256K1())).public_bytes(Encoding.PEM)),
        "not on P-256, P-384 or P-521",
    ),
    "an Ed25519 key": (
        csr_request(
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([]))
            .sign(ed25519.Ed25519PrivateKey.generate(), None)
            .public_bytes(Encoding.PEM)
        ),
        "not on P-256, P-384 or P-521",
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_certificate_request_is_refused_for_its_own_reason(
    api: Api, scene: SigstoreScene, name: str
) -> None:
    body, reason = REQUESTS[name]
    status, code, why = api.refusal("POST", FULCIO, body, authorization=f"Bearer {scene.token()}")
    assert (status, code) == (400, "certificate-request-refused")
    assert reason in why


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDo=", "Bearer {tank}"])
def test_without_a_token_for_sigstore_there_is_no_certificate(
    api: Api, scene: SigstoreScene, authorization: str
) -> None:
    given = authorization.format(tank=scene.token(audience="tank"))
    body = csr_request(csr(new_ec_key()).public_bytes(Encoding.PEM))
    assert api.refusal("POST", FULCIO, body, authorization=given)[:2] == (401, "identity-token-refused")


def test_a_token_whose_claims_make_no_certificate_is_refused(api: Api, scene: SigstoreScene) -> None:
    token = scene.token({**ALICE, "email_verified": False}, scene.sigstore.tokens.person_issuer)
    body = csr_request(csr(new_ec_key()).public_bytes(Encoding.PEM))
    _, code, why = api.refusal("POST", FULCIO, body, authorization=f"Bearer {token}")
    assert code == "certificate-request-refused"
    assert "not verified" in why


def test_the_trust_bundle_is_the_chain_of_the_trusted_root(api: Api, scene: SigstoreScene) -> None:
    (chain,) = json.loads(api("GET", TRUST_BUNDLE).body)["chains"]
    shown = [x509.load_pem_x509_certificate(pem.encode()) for pem in chain["certificates"]]
    assert shown == list(scene.sigstore.authority.chain)
