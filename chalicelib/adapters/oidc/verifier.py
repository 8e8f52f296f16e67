"""What makes a build's OIDC token good: form, signature, issuer, audience, time, id.

PyJWT verifies the signature and nothing else. The header and the claims are checked
here, each step with its own reason, with the registry's clock, and in JSON that every
reader understands alike.

Source: RFC 7515; RFC 7519, section 5.1 (typ); RFC 8725, "JSON Web Token Best Current Practices";
OpenID Connect Core 1.0, section 3.1.3.7.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.adapters.oidc.build_claims import BUILD_ISSUERS, UnusableClaimsError, signer_claims
from chalicelib.adapters.oidc.key_sets import CachedKeys, Jwk, KeySource
from chalicelib.ports.errors import PortError
from chalicelib.ports.id_tokens import IdToken, IdTokenRefusedError
from tank_core.errors import quoted
from tank_core.signer import SignerClaims
from tank_core.strict_json import MalformedJsonError, parse_json

MAX_TOKEN_CHARACTERS = 16 * 1024  # code hosts issue some 2,000
MAX_AGE_SECONDS = (
    3600  # a build's job may run for hours, and its token with it; a ticket is asked for at once
)
LEEWAY_SECONDS = 60  # between the issuer's clock and ours
_KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
_MIN_RSA_BITS = 2048
_HEADER_FIELDS = frozenset({"alg", "kid", "typ", "x5t"})  # what the known issuers send; none leads to a key
_PARTS = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)")
_JTI = re.compile(r"[!-~]{1,255}")


class OidcVerifier:
    """The ``IdTokens`` port over PyJWT.

    Args:
        sources: issuer, one of ``BUILD_ISSUERS``, → where its keys come from; no other issuer exists.
        now: gives the time, seconds since the epoch.
    """

    def __init__(self, sources: Mapping[str, KeySource], now: Callable[[], int]) -> None:
        unmapped = sorted(sources.keys() - BUILD_ISSUERS)
        if unmapped:
            raise ValueError(f"no mapping for the claims of {unmapped[0]}")
        self._keys = {issuer: CachedKeys(source, now) for issuer, source in sources.items()}
        self._now = now

    def verify(self, token: str, audience: str) -> IdToken:
        """See ``IdTokens.verify``.

        1. It is small, and three parts of base64url.
        2. Its header names one of two algorithms, a key by its id, no type but JWT, and nothing else.
        3. Its claims are strict JSON, from a known issuer. (Not believed before step 4.)
        4. The issuer's key of that id and type made the signature.
        5. Its audience is this one alone.
        6. It is valid now, and not older than an hour.
        7. It has an id of its own, and every claim that a certificate would have.
        """
        try:
            return self._verified(token, audience)
        except (IdTokenRefusedError, PortError):
            raise
        except Exception as exc:  # Whatever else a hostile token makes a library do, it may not pass.
            raise IdTokenRefusedError.because(f"it is malformed ({type(exc).__name__})") from exc

    def _verified(self, token: str, audience: str) -> IdToken:
        if len(token) > MAX_TOKEN_CHARACTERS:  # 1
            raise _refused(f"it is oversized: {len(token)} characters, at most {MAX_TOKEN_CHARACTERS}")
        parts = _PARTS.fullmatch(token)
        if parts is None:
            raise _refused("it is malformed: not three parts of base64url")
        algorithm, key_id = _checked_header(_json(parts[1], "its header"))  # 2
        claims = _json(parts[2], "its claims")  # 3
        self._check_signature(token, claims.get("iss"), algorithm, key_id)  # 4
        _check_audience(claims.get("aud"), audience)  # 5
        expires_at = _checked_times(claims, self._now())  # 6
        return IdToken(_signer_claims(claims), _checked_id(claims.get("jti")), expires_at)  # 7

    def _check_signature(self, token: str, issuer: object, algorithm: str, key_id: str) -> None:
        keys = self._keys.get(issuer) if isinstance(issuer, str) else None
        if keys is None:
            raise _refused(f"its issuer {quoted(str(issuer))} is not one that this registry knows")
        key = keys.key(key_id)
        if key is None:
            raise _refused(f"its key {quoted(key_id)} is unknown: the issuer has none of that id")
        if not _is_signed_by(token, key, algorithm):
            raise _refused("its signature is wrong")


def _is_signed_by(token: str, key: Jwk, algorithm: str) -> bool:
    """Returns whether a key made a token's signature with its one algorithm; nothing in the token decides that."""
    import jwt  # with the first ticket: it imports cryptography, and a cold start should not pay for both

    fits = key.get("kty") == _KEY_TYPES[algorithm] and key.get("alg", algorithm) == algorithm
    if not fits or key.get("use", "sig") != "sig":
        raise _refused(f"its algorithm {algorithm} is not that of its key")
    public = jwt.PyJWK(dict(key), algorithm=algorithm).key
    if key["kty"] == "RSA" and public.key_size < _MIN_RSA_BITS:
        raise _refused(f"its key is weak: {public.key_size} bits")
    try:
        jwt.PyJWS(algorithms=[algorithm]).decode(token, key=public, algorithms=[algorithm])
    except jwt.InvalidTokenError:
        return False
    return True


def _json(part: str, what: str) -> Mapping[str, Any]:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = parse_json(data, what=what, max_bytes=MAX_TOKEN_CHARACTERS)
    except (binascii.Error, MalformedJsonError) as exc:
        raise _refused(f"it is malformed: {what} are not strict JSON") from exc
    if not isinstance(value, dict):
        raise _refused(f"it is malformed: {what} are no object")
    return value


def _checked_header(header: Mapping[str, Any]) -> tuple[str, str]:
    unknown = sorted(header.keys() - _HEADER_FIELDS)
    if unknown:
        raise _refused(f"its header has the field {quoted(unknown[0])}, which may lead to another key")
    kind = header.get("typ", "JWT")
    # Issuers sign other things with the same keys, such as access tokens (at+jwt); those are no identities.
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise _refused(f"its type {quoted(str(kind))} is not JWT")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in _KEY_TYPES:
        raise _refused(f"its algorithm {quoted(str(algorithm))} is neither RS256 nor ES256")
    if not isinstance(key_id, str) or not key_id:
        raise _refused("its header names no key")
    return algorithm, key_id


def _check_audience(found: object, wanted: str) -> None:
    if found not in (wanted, [wanted]):
        raise _refused(f"its audience is {quoted(str(found))}, and must be {quoted(wanted)} alone")


def _checked_times(claims: Mapping[str, Any], now: int) -> int:
    """Returns when the token expires."""
    issued_at, expires_at = claims.get("iat"), claims.get("exp")
    not_before = claims.get("nbf", issued_at)
    if type(issued_at) is not int or type(expires_at) is not int or type(not_before) is not int:
        raise _refused("its times iat, exp or nbf are missing, or are no whole numbers")
    if now >= expires_at + LEEWAY_SECONDS:
        raise _refused("it has expired")
    if now >= issued_at + MAX_AGE_SECONDS + LEEWAY_SECONDS:
        raise _refused("it has expired: it was issued more than an hour ago")
    if max(issued_at, not_before) > now + LEEWAY_SECONDS:
        raise _refused("it is not yet valid")
    return expires_at


def _checked_id(jti: object) -> str:
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise _refused("it has no id of its own (jti), so nothing would show that it is used twice")
    return jti


def _signer_claims(claims: Mapping[str, Any]) -> SignerClaims:
    try:
        return signer_claims(claims)
    except UnusableClaimsError as exc:
        raise _refused(str(exc)) from exc


def _refused(reason: str) -> IdTokenRefusedError:
    return IdTokenRefusedError.because(reason)
