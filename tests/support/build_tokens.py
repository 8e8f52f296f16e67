"""OIDC tokens as code hosts issue them to builds, good and bad, and the issuer's key set."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from chalicelib.adapters.oidc import OidcVerifier
from tank_core.binding import GITHUB
from tests.support.memory_time import MemoryClock

GITLAB = "https://gitlab.com"
KEY_ID = "key-1"
EC_KEY_ID = "key-2"


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Returns one key for all tests: making one takes a while, and none is ever told."""
    return _rsa_key(bits)


@cache
def _rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(key_id: str = KEY_ID, bits: int = 2048, **changes: Any) -> dict[str, Any]:
    told = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(bits).public_key(), as_dict=True)
    return {**told, "kid": key_id, "alg": "RS256", "use": "sig", **changes}


def ec_jwk(key_id: str = EC_KEY_ID) -> dict[str, Any]:
    told = jwt.algorithms.ECAlgorithm.to_jwk(ec_key().public_key(), as_dict=True)
    return {**told, "kid": key_id, "use": "sig"}


def key_set(*keys: Mapping[str, Any]) -> bytes:
    return json.dumps({"keys": list(keys)}).encode()


@dataclass(slots=True)
class Issuer:
    """A key set that a test can change or break, and that counts how often it was fetched."""

    document: bytes = field(default_factory=lambda: key_set(rsa_jwk(), ec_jwk()))
    fetched: int = 0
    failure: Exception | None = None

    def __call__(self) -> bytes:
        self.fetched += 1
        if self.failure is not None:
            raise self.failure
        return self.document


def verifier_over(issuer: Issuer, clock: MemoryClock) -> OidcVerifier:
    return OidcVerifier({GITHUB: issuer, GITLAB: issuer}, clock.now)


def github_claims(clock: MemoryClock, **changes: Any) -> dict[str, Any]:
    """Returns what GitHub says of the run that ``identities.build_claims`` describes; None removes a claim."""
    now = clock.now()
    claims = {
        "iss": GITHUB,
        "aud": "tank",
        "sub": "repo:acme/skills:environment:release",
        "jti": "a-token-of-its-own",
        "iat": now,
        "nbf": now - 5,
        "exp": now + 300,
        "repository": "acme/skills",
        "repository_id": "2002",
        "repository_owner": "acme",
        "repository_owner_id": "1001",
        "repository_visibility": "public",
        "ref": "refs/tags/v1.0.0",
        "ref_type": "tag",
        "sha": "c" * 40,
        "workflow_ref": "acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
        "job_workflow_ref": "acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0",
        "event_name": "push",
        "runner_environment": "github-hosted",
        "environment": "release",
        "run_id": "7",
        "run_attempt": "1",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def gitlab_claims(clock: MemoryClock, **changes: Any) -> dict[str, Any]:
    now = clock.now()
    claims = {
        "iss": GITLAB,
        "aud": "tank",
        "sub": "project_path:acme/skills:ref_type:tag:ref:v1.0.0",
        "jti": "a-token-of-its-own",
        "iat": now,
        "nbf": now - 5,
        "exp": now + 300,
        "project_path": "acme/skills",
        "project_id": "2002",
        "project_visibility": "private",
        "namespace_path": "acme",
        "namespace_id": "1001",
        "ref": "v1.0.0",
        "ref_type": "tag",
        "sha": "c" * 40,
        "ci_config_ref_uri": "gitlab.com/acme/skills//.gitlab-ci.yml@refs/tags/v1.0.0",
        "pipeline_source": "push",
        "runner_environment": "gitlab-hosted",
        "job_id": "9",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def signed_token(claims: Mapping[str, Any], algorithm: str = "RS256", **header: Any) -> str:
    """Returns a token that the issuer's key of this algorithm signed. ``header``: changes of it."""
    key: Any = ec_key() if algorithm == "ES256" else rsa_key()
    key_id = EC_KEY_ID if algorithm == "ES256" else KEY_ID
    return jwt.encode(dict(claims), key, algorithm=algorithm, headers={"kid": key_id} | header)


def hand_made(header: Mapping[str, Any] | bytes, claims: Mapping[str, Any] | bytes, signature: bytes) -> str:
    """Returns a token that no library would make."""
    parts = [p if isinstance(p, bytes) else json.dumps(p).encode() for p in (header, claims)]
    return ".".join(encoded(part) for part in (*parts, signature))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
