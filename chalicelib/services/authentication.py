"""Who is asking: from the Authorization header to a caller.

Every reason to refuse ends in one error with one text, so that an answer never
tells a guesser how close the guess was. Only an expired or revoked token, which
proves that its holder once had it, is named.

Source: RFC 6750, section 2.1 (bearer tokens).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from chalicelib.ports.registry import RegistryPorts
from tank_core.entities import Publisher, Token
from tank_core.errors import ExitCode, TankError

TOKEN_PREFIX = "tank_"  # lets secret scanners of code hosts find a leaked token  # noqa: S105
_HEADER = re.compile(r"[Bb]earer +(tank_[A-Za-z0-9_-]{43})")


class NotAuthenticatedError(TankError):
    """No token, or none that counts."""

    code = "not-authenticated"
    status = 401
    exit_code = ExitCode.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Caller:
    """A publisher, acting with one of their tokens."""

    publisher: Publisher
    token: Token

    @property
    def publisher_id(self) -> str:
        """The publisher's id, the actor of audit events."""
        return self.publisher.publisher_id


def authenticate(ports: RegistryPorts, authorization: str | None) -> Caller:
    """Returns the caller that an Authorization header proves.

    Raises:
        NotAuthenticatedError: not-authenticated; no header, or no token that is good now.
    """
    if not authorization:
        raise _refusal("This needs a token.", "The request has no Authorization header.")
    match = _HEADER.fullmatch(authorization.strip())
    if match is None:
        raise _refusal(
            "The token is not valid.", "The Authorization header is not “Bearer tank_…” as issued."
        )
    secret_sha256 = hash_of(match[1])
    token = ports.accounts.token_by_secret(secret_sha256)
    if token is None or not hmac.compare_digest(token.secret_sha256, secret_sha256):
        raise _refusal("The token is not valid.", "This registry knows no such token.")
    _check_alive(token, ports.clock.now())
    publisher = ports.accounts.publisher(token.publisher_id)
    if publisher is None:
        raise _refusal("The token is not valid.", "This registry knows no such token.")
    return Caller(publisher, token)


def hash_of(secret: str) -> str:
    """Returns what is stored of a token. ``secret``: with its prefix, 256 bits of entropy, so no salt."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def _check_alive(token: Token, now: int) -> None:
    if token.revoked_at is not None:
        raise _refusal("The token is revoked.", f"Token {token.token_id} was revoked.")
    if now >= token.expires_at:
        raise _refusal("The token has expired.", f"Token {token.token_id} was issued for a limited time.")


def _refusal(what: str, why: str) -> NotAuthenticatedError:
    return NotAuthenticatedError(what, why=why, fix="Run `tank login` with a token that is valid now.")
