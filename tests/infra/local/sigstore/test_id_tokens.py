"""OIDC tokens: what the stand-in mints, and the reason for which it takes no other."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.local.sigstore.id_tokens import IdentityTokenRefusedError
from infra.local.sigstore.keys import rsa_key
from infra.local.sigstore.principal import GITHUB, GITLAB
from tests.support.local_sigstore import BUILD, SigstoreScene


def claims_of(token: str) -> dict[str, object]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def forged(scene: SigstoreScene, key: object = None, algorithm: str = "RS256", **changed: object) -> str:
    """Returns a token with changed claims, signed with the issuer's own key unless told otherwise."""
    claims = {
        key: value for key, value in {**claims_of(scene.token()), **changed}.items() if value is not None
    }
    return jwt.encode(claims, key or rsa_key(scene.folder / "oidc.pem"), algorithm=algorithm)  # type: ignore[arg-type]


def stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def by_hand(scene: SigstoreScene, algorithm: str) -> str:
    """Returns a token that no library would make: unsigned, or with the public key as a shared secret."""
    header = _part(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    signed = f"{header}.{scene.token().split('.')[1]}"
    key = rsa_key(scene.folder / "oidc.pem").public_key()
    secret = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.digest(secret, signed.encode(), "sha256") if algorithm == "HS256" else b""
    return f"{signed}.{_part(mac)}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


REFUSED: dict[str, tuple[Callable[[SigstoreScene], str], str]] = {
    "another audience": (lambda s: s.token(audience="tank"), "its audience is not sigstore"),
    "two audiences": (lambda s: forged(s, aud=["sigstore", "tank"]), "its audience is not sigstore"),
    "a list of one": (lambda s: forged(s, aud=["sigstore"]), "its audience is not sigstore"),
    "a stranger's key": (lambda s: forged(s, stranger()), "did not sign it"),
    "no signature": (lambda s: by_hand(s, "none"), "did not sign it"),
    "the public key as a secret": (lambda s: by_hand(s, "HS256"), "did not sign it"),
    "another RSA algorithm": (lambda s: forged(s, algorithm="RS512"), "did not sign it"),
    "another issuer": (lambda s: forged(s, iss="https://issuer.example"), "its issuer is not one"),
    "expired": (lambda s: forged(s, exp=s.clock.now()), "it has expired"),
    "issued later": (lambda s: forged(s, iat=s.clock.now() + 1), "it is not valid yet"),
    "begins later": (lambda s: forged(s, nbf=s.clock.now() + 1), "it is not valid yet"),
    "no expiry": (lambda s: forged(s, exp=None), "it has no exp"),
    "no id": (lambda s: forged(s, jti=None), "it has no jti"),
    "a time that is no number": (lambda s: forged(s, exp=True), "times are not whole numbers"),
    "too large": (lambda s: "a" * 8193, "larger than any real one"),
    "not a token": (lambda s: "a.b", "did not sign it"),
    "nothing": (lambda s: "", "did not sign it"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_token_is_refused_for_its_own_reason(scene: SigstoreScene, name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(IdentityTokenRefusedError) as refused:
        scene.sigstore.tokens.verified(make(scene), "sigstore")
    assert reason in refused.value.why


def test_a_token_is_good_for_ten_minutes_and_not_a_second_longer(scene: SigstoreScene) -> None:
    token = scene.token()
    scene.clock.move(599)
    assert scene.sigstore.tokens.verified(token, "sigstore")["repository"] == BUILD.repository
    scene.clock.move(1)
    with pytest.raises(IdentityTokenRefusedError, match="not acceptable"):
        scene.sigstore.tokens.verified(token, "sigstore")


def test_every_token_has_an_id_of_its_own(scene: SigstoreScene) -> None:
    assert len({str(claims_of(scene.token())["jti"]) for _ in range(5)}) == 5


def test_the_key_set_verifies_the_tokens_of_all_three_issuers(scene: SigstoreScene) -> None:
    sets = scene.sigstore.issuer_keys()
    assert sets.keys() == {GITHUB, GITLAB, "http://registry.example:8470/sigstore/oidc"}
    for issuer, keys in sets.items():
        token = scene.token(issuer=issuer, audience="tank")
        (key,) = jwt.PyJWKSet.from_json(keys.decode()).keys
        assert key.key_id == jwt.get_unverified_header(token)["kid"]
        found = jwt.decode(token, key, ["RS256"], audience="tank", options={"verify_exp": False})
        assert found["iss"] == issuer


def test_the_key_set_holds_no_private_number(scene: SigstoreScene) -> None:
    (key,) = json.loads(scene.sigstore.tokens.jwks())["keys"]
    assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}


def test_key_files_are_their_owners_only(scene: SigstoreScene) -> None:
    secrets = {path.name: path.stat().st_mode & 0o777 for path in Path(scene.folder).glob("*.[ps]e[mc]*")}
    assert secrets == dict.fromkeys(
        [
            "builds.secret",
            "ct-log.pem",
            "fulcio.pem",
            "oidc.pem",
            "rekor-v1.pem",
            "rekor-v2.pem",
            "timestamps.pem",
        ],
        0o600,
    )
    assert Path(scene.folder).stat().st_mode & 0o777 == 0o700
