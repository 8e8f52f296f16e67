"""OIDC tokens: what this machine's issuer mints, and what it takes back from a requester.

One key signs for all issuers that the stand-in plays, the well-known CI issuers
included: with their real names every later decision is the production one. Only
who trusts this machine's root is deceived by that, which is why nobody else may.

Source: OpenID Connect Core 1.0, section 2; RFC 7519; RFC 8725.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.ports.clock import Clock
from infra.local.sigstore.keys import key_id
from infra.local.sigstore.principal import GITHUB, GITLAB, Claims
from tank_core import canonical
from tank_core.errors import ExitCode, TankError

LIFE_SECONDS = 600
SIGSTORE = "sigstore"
AUDIENCES = frozenset({SIGSTORE, "tank"})
_MAX_TOKEN_CHARACTERS = 8192  # real ones stay below 3,000
_ALGORITHM = "RS256"
_REQUIRED = ["iss", "sub", "aud", "iat", "exp", "jti"]


class IdentityTokenRefusedError(TankError):
    """The local Sigstore takes no such OIDC token."""

    code = "identity-token-refused"
    status = 401
    exit_code = ExitCode.FORBIDDEN


class IdTokens:
    """Mints and verifies OIDC tokens with one key."""

    def __init__(self, key: rsa.RSAPrivateKey, person_issuer: str, clock: Clock) -> None:
        """Args: person_issuer: URL of this machine's own issuer, which vouches for publishers."""
        self._key = key
        self._clock = clock
        self._key_id = key_id(key.public_key()).hex()[:16]
        self.person_issuer = person_issuer

    @property
    def issuers(self) -> frozenset[str]:
        """The issuers that this key signs for."""
        return frozenset({self.person_issuer, GITHUB, GITLAB})

    def mint(self, issuer: str, claims: Claims, audience: str) -> str:
        """Returns a token that is good for ten minutes.

        Args:
            issuer: one of ``issuers``.
            claims: without iss, aud, jti and times.
            audience: the only one.
        """
        now = self._clock.now()
        times = {"iat": now, "nbf": now, "exp": now + LIFE_SECONDS}
        given = {**claims, **times, "iss": issuer, "aud": audience, "jti": str(uuid.uuid4())}
        return jwt.encode(given, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id})

    def verified(self, token: str, audience: str) -> Mapping[str, object]:
        """Returns the claims of a good token.

        1. The token is small, and signed by this machine's key with its one algorithm.
        2. All claims that later steps rely on are there.
        3. The issuer is one that the key signs for, the audience this one alone.
        4. It is valid now.

        Raises:
            IdentityTokenRefusedError: identity-token-refused; ``why`` has the reason.
        """
        if len(token) > _MAX_TOKEN_CHARACTERS:  # 1
            raise _refused("it is larger than any real one")
        try:
            claims: dict[str, object] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=[_ALGORITHM],
                options={  # times are step 4, with the registry's clock
                    "require": _REQUIRED,
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.MissingRequiredClaimError as exc:  # 2
            raise _refused(f"it has no {exc.claim}") from exc
        except jwt.PyJWTError as exc:
            raise _refused("this machine's issuer did not sign it") from exc
        if claims["iss"] not in self.issuers:  # 3
            raise _refused("its issuer is not one of this machine's")
        if claims["aud"] != audience:
            raise _refused(f"its audience is not {audience}")
        self._check_times(claims)  # 4
        return claims

    def jwks(self) -> bytes:
        """Returns the key set, JSON."""
        numbers = self._key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": _ALGORITHM, "kid": self._key_id}
        return canonical.compact({"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]})

    def _check_times(self, claims: Mapping[str, object]) -> None:
        now = self._clock.now()
        times = [claims["iat"], claims.get("nbf", claims["iat"]), claims["exp"]]
        if not all(type(time) is int for time in times):
            raise _refused("its times are not whole numbers")
        issued, begins, expires = (int(str(time)) for time in times)
        if now >= expires:
            raise _refused("it has expired")
        if now < max(issued, begins):
            raise _refused("it is not valid yet")


def _number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refused(reason: str) -> IdentityTokenRefusedError:
    return IdentityTokenRefusedError(
        "The OIDC token is not acceptable.",
        why=f"The local Sigstore refuses it: {reason}.",
        fix="Get a fresh token from this registry's issuer, for the audience “sigstore”.",
    )
