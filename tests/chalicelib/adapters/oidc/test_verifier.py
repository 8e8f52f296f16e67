"""OIDC tokens of builds: what is accepted, and the reason of every refusal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.oidc import OidcVerifier
from chalicelib.adapters.oidc.verifier import MAX_TOKEN_CHARACTERS
from chalicelib.ports.errors import PortError
from chalicelib.ports.id_tokens import IdTokenRefusedError
from tank_core.binding import GITHUB, differing_claims
from tank_core.signer import SignerClaims
from tests.support.build_tokens import (
    GITLAB,
    KEY_ID,
    Issuer,
    encoded,
    github_claims,
    gitlab_claims,
    hand_made,
    key_set,
    rsa_jwk,
    rsa_key,
    signed_token,
    verifier_over,
)
from tests.support.identities import build_claims
from tests.support.memory_time import MemoryClock

CLOCK = MemoryClock()


def refused(token: str, *, issuer: Issuer | None = None, clock: MemoryClock = CLOCK) -> str:
    with pytest.raises(IdTokenRefusedError) as caught:
        verifier_over(issuer or Issuer(), clock).verify(token, "tank")
    return caught.value.why


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_github_token_says_what_the_certificate_of_its_run_says(algorithm: str) -> None:
    token = signed_token(github_claims(CLOCK), algorithm)
    verified = verifier_over(Issuer(), CLOCK).verify(token, "tank")
    assert verified.claims == build_claims()
    assert (verified.jti, verified.expires_at) == ("a-token-of-its-own", CLOCK.now() + 300)


def test_a_gitlab_token_says_what_the_certificate_of_its_job_says() -> None:
    workflow = "https://gitlab.com/acme/skills//.gitlab-ci.yml@refs/tags/v1.0.0"
    certificate = SignerClaims(
        issuer=GITLAB,
        subject=workflow,
        owner="https://gitlab.com/acme",
        owner_id="1001",
        repository="https://gitlab.com/acme/skills",
        repository_id="2002",
        ref="refs/tags/v1.0.0",
        commit="c" * 40,
        workflow=workflow,
        signer_workflow=workflow,
        trigger="push",
        runner="gitlab-hosted",
        run="https://gitlab.com/acme/skills/-/jobs/9",
        visibility="private",
    )
    verified = verifier_over(Issuer(), CLOCK).verify(signed_token(gitlab_claims(CLOCK)), "tank")
    assert verified.claims == certificate
    assert differing_claims(verified.claims, certificate) == ()


def test_a_gitlab_branch_is_a_ref_below_heads() -> None:
    token = signed_token(gitlab_claims(CLOCK, ref="main", ref_type="branch"))
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").claims.ref == "refs/heads/main"


def test_a_number_is_read_as_its_digits() -> None:
    token = signed_token(github_claims(CLOCK, repository_id=2002))
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").claims == build_claims()


def test_the_audience_may_be_a_list_of_it_alone() -> None:
    token = signed_token(github_claims(CLOCK, aud=["tank"]))
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").jti


def test_a_token_without_an_environment_has_none() -> None:
    token = signed_token(github_claims(CLOCK, environment=None))
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").claims.environment == ""


BAD_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "wrong-issuer": ({"iss": "https://issuer.example"}, "its issuer “https://issuer.example” is not one"),
    "issuer-with-a-slash": ({"iss": f"{GITHUB}/"}, "is not one that this registry knows"),
    "no-issuer": ({"iss": None}, "its issuer “None” is not one"),
    "wrong-audience": ({"aud": "sigstore"}, "its audience is “sigstore”, and must be “tank” alone"),
    "two-audiences": ({"aud": ["tank", "sigstore"]}, "must be “tank” alone"),
    "no-audience": ({"aud": None}, "must be “tank” alone"),
    "audience-in-other-letters": ({"aud": "Tank"}, "must be “tank” alone"),
    "expired": ({"exp": CLOCK.now() - 60}, "it has expired."),
    "an-hour-old": ({"iat": CLOCK.now() - 3660, "exp": CLOCK.now() + 9000}, "issued more than an hour ago"),
    "issued-in-the-future": ({"iat": CLOCK.now() + 61}, "it is not yet valid"),
    "not-yet-valid": ({"nbf": CLOCK.now() + 61}, "it is not yet valid"),
    "no-expiry": ({"exp": None}, "its times iat, exp or nbf are missing"),
    "no-time-of-issue": ({"iat": None}, "its times iat, exp or nbf are missing"),
    "expiry-as-text": ({"exp": "9999999999"}, "are no whole numbers"),
    "expiry-as-a-truth-value": ({"exp": True}, "are no whole numbers"),
    "expiry-as-a-fraction": ({"exp": 1e10 + 0.5}, "are no whole numbers"),
    "no-id": ({"jti": None}, "it has no id of its own (jti)"),
    "id-of-spaces": ({"jti": "a b"}, "it has no id of its own (jti)"),
    "id-too-long": ({"jti": "x" * 256}, "it has no id of its own (jti)"),
    "no-repository-id": ({"repository_id": None}, "its claim repository_id is missing"),
    "empty-owner-id": ({"repository_owner_id": ""}, "its claim repository_owner_id is missing"),
    "owner-id-as-a-truth-value": ({"repository_owner_id": True}, "its claim repository_owner_id is missing"),
    "ref-with-a-line-break": ({"ref": "refs/heads/a\nb"}, "its claim ref is missing, or is no printable"),
    "workflow-as-a-list": ({"workflow_ref": ["a"]}, "its claim workflow_ref is missing"),
    "environment-as-a-list": ({"environment": ["a"]}, "its claim environment is missing"),
    "ref-without-end": ({"ref": "refs/heads/" + "a" * 1000}, "its claim ref is missing"),
}


@pytest.mark.parametrize("name", sorted(BAD_CLAIMS))
def test_a_signed_token_with_a_bad_claim_is_refused_with_the_reason(name: str) -> None:
    changes, reason = BAD_CLAIMS[name]
    assert reason.lower() in refused(signed_token(github_claims(CLOCK, **changes))).lower()


def test_a_gitlab_merge_request_has_no_git_ref() -> None:
    token = signed_token(gitlab_claims(CLOCK, ref_type="merge_request"))
    assert "neither branch nor tag" in refused(token)


@pytest.mark.parametrize("changes", [{"exp": CLOCK.now() - 59}, {"iat": CLOCK.now() + 60}])
def test_a_clock_may_be_off_by_a_minute(changes: dict[str, int]) -> None:
    token = signed_token(github_claims(CLOCK, **changes))
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").jti


def with_header(**changes: Any) -> Callable[[], str]:
    return lambda: signed_token(github_claims(CLOCK), **changes)


@pytest.mark.parametrize("kind", ["JWT", "jwt", "Jwt", ""])
def test_a_token_of_type_jwt_or_none_is_taken(kind: str) -> None:
    token = signed_token(github_claims(CLOCK), typ=kind)  # PyJWT leaves an empty one out
    assert verifier_over(Issuer(), CLOCK).verify(token, "tank").jti


def unsigned_token() -> str:
    return jwt.encode(github_claims(CLOCK), "", algorithm="none", headers={"kid": KEY_ID})


def keyed_with_the_public_key() -> str:
    """The classic confusion: the public key's bytes as the secret of an HMAC."""
    pem = (
        rsa_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    token = hand_made({"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, github_claims(CLOCK), b"")
    signed = token.rpartition(".")[0]
    return f"{signed}.{encoded(hmac.digest(pem, signed.encode(), hashlib.sha256))}"


def signed_by_a_stranger() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(github_claims(CLOCK), key, algorithm="RS256", headers={"kid": KEY_ID})


def with_swapped_claims() -> str:
    header, _, signature = signed_token(github_claims(CLOCK)).split(".")
    other = signed_token(github_claims(CLOCK, repository_id="666")).split(".")[1]
    return f"{header}.{other}.{signature}"


def with_a_claim_twice() -> str:
    claims = b'{"iss": "https://gitlab.com", "iss": "%s"}' % GITHUB.encode()
    return hand_made({"alg": "RS256", "kid": KEY_ID}, claims, b"x")


def es256_with_the_rsa_key() -> str:
    return signed_token(github_claims(CLOCK), "ES256", kid=KEY_ID)


def without_signature() -> str:
    return signed_token(github_claims(CLOCK)).rpartition(".")[0] + "."


BAD_FORMS: dict[str, tuple[Callable[[], str], str]] = {
    "alg-none": (unsigned_token, "its algorithm “none” is neither RS256 nor ES256"),
    "hs256-with-the-public-key": (keyed_with_the_public_key, "its algorithm “HS256” is neither"),
    "an-algorithm-we-do-not-take": (with_header(alg="PS256"), "its algorithm “PS256” is neither"),
    "algorithm-of-another-key": (es256_with_the_rsa_key, "its algorithm ES256 is not that of its key"),
    "unknown-key": (with_header(kid="key-9"), "its key “key-9” is unknown"),
    "no-key-named": (with_header(kid=""), "its header names no key"),
    "another-key-of-the-issuer": (with_header(kid="key-2"), "its algorithm RS256 is not that of its key"),
    "key-set-address": (with_header(jku="https://mallory.example/keys"), "the field “jku”"),
    "certificate-address": (with_header(x5u="https://mallory.example/c"), "the field “x5u”"),
    "own-key": (with_header(jwk=rsa_jwk()), "the field “jwk”"),
    "own-certificate": (with_header(x5c=["MII"]), "the field “x5c”"),
    "critical-extension": (with_header(crit=["exp"]), "the field “crit”"),
    "access-token": (with_header(typ="at+jwt"), "its type “at+jwt” is not JWT"),
    "media-type": (with_header(typ="application/jwt"), "its type “application/jwt” is not JWT"),
    "letter-that-only-looks-so": (with_header(typ="\u0237wt"), "is not JWT"),
    "no-text-as-type": (with_header(typ=1), "its type “1” is not JWT"),
    "null-as-type": (
        lambda: hand_made({"alg": "RS256", "kid": KEY_ID, "typ": None}, github_claims(CLOCK), b"x"),
        "its type “None” is not JWT",
    ),
    "unencoded-payload": (lambda: hand_made({"alg": "RS256", "kid": "k", "b64": False}, {}, b""), "“b64”"),
    "signed-by-a-stranger": (signed_by_a_stranger, "its signature is wrong"),
    "swapped-claims": (with_swapped_claims, "its signature is wrong"),
    "no-signature": (without_signature, "its signature is wrong"),
    "a-claim-twice": (with_a_claim_twice, "its claims are not strict JSON"),
    "oversized": (lambda: "a" * (MAX_TOKEN_CHARACTERS + 1), "it is oversized: 16385 characters"),
    "empty": (lambda: "", "not three parts of base64url"),
    "two-parts": (lambda: "a.b", "not three parts of base64url"),
    "five-parts-of-an-encrypted-one": (lambda: "a.b.c.d.e", "not three parts of base64url"),
    "with-spaces": (lambda: " " + signed_token(github_claims(CLOCK)), "not three parts of base64url"),
    "not-ascii": (lambda: "ä.b.c", "not three parts of base64url"),
    "header-is-no-json": (lambda: hand_made(b"{", {}, b""), "its header are not strict JSON"),
    "header-is-a-list": (lambda: hand_made(b"[]", {}, b""), "its header are no object"),
    "claims-are-deep": (
        lambda: hand_made({"alg": "RS256", "kid": "k"}, b'{"a":' * 200 + b"1" + b"}" * 200, b""),
        "its claims are not strict JSON",
    ),
}


@pytest.mark.parametrize("name", sorted(BAD_FORMS))
def test_a_token_of_a_bad_form_is_refused_with_the_reason(name: str) -> None:
    made, reason = BAD_FORMS[name]
    assert reason.lower() in refused(made()).lower()


def test_a_weak_key_of_the_issuer_is_refused() -> None:
    signed = hand_made({"alg": "RS256", "kid": "weak"}, github_claims(CLOCK), b"").rstrip(".")
    signature = rsa_key(1024).sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    token = f"{signed}.{encoded(signature)}"
    issuer = Issuer(key_set(rsa_jwk("weak", 1024)))
    assert refused(token, issuer=issuer) == "Its key is weak: 1024 bits."


def test_a_key_for_encryption_signs_nothing() -> None:
    issuer = Issuer(key_set(rsa_jwk(use="enc")))
    assert "is not that of its key" in refused(signed_token(github_claims(CLOCK)), issuer=issuer)


def test_a_key_set_that_cannot_be_had_is_no_refusal() -> None:
    verifier = verifier_over(Issuer(failure=PortError("away")), CLOCK)
    with pytest.raises(PortError, match="away"):
        verifier.verify(signed_token(github_claims(CLOCK)), "tank")


def test_no_key_set_is_asked_for_a_token_of_a_bad_form() -> None:
    issuer = Issuer()
    for name in ("alg-none", "key-set-address", "oversized", "empty"):
        refused(BAD_FORMS[name][0](), issuer=issuer)
    assert issuer.fetched == 0


def test_an_issuer_without_a_mapping_of_its_claims_cannot_be_configured() -> None:
    with pytest.raises(ValueError, match=r"issuer\.example"):
        OidcVerifier({"https://issuer.example": Issuer()}, CLOCK.now)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_no_flipped_byte_of_a_token_is_accepted(at: int, flip: int) -> None:
    token = bytearray(signed_token(github_claims(CLOCK), "RS256").encode())
    token[at % len(token)] ^= flip
    try:
        claims = verifier_over(Issuer(), CLOCK).verify(token.decode("latin-1"), "tank").claims
    except IdTokenRefusedError:
        return
    assert claims == build_claims()  # unused bits at the end of a part may differ


@given(st.text(max_size=200))
def test_any_text_is_refused_and_nothing_else_is_raised(text: str) -> None:
    assert refused(text)


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=4))
def test_signed_claims_of_any_shape_are_refused_and_nothing_else_is_raised(claims: dict[str, Any]) -> None:
    claims = {"iss": GITHUB, "aud": "tank"} | claims
    token = jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": KEY_ID})
    assert refused(token)
