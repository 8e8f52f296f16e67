"""The port that verifies OIDC tokens of builds, which are exchanged for upload tickets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tank_core.errors import ExitCode, TankError
from tank_core.signer import SignerClaims


class IdTokenRefusedError(TankError):
    """The OIDC token is not one that a ticket can be given for."""

    code = "id-token-refused"
    status = 401
    exit_code = ExitCode.FORBIDDEN

    @classmethod
    def because(cls, reason: str) -> IdTokenRefusedError:
        """Returns the refusal. ``reason``: half a sentence that says what is wrong with the token."""
        return cls(
            "The OIDC token is not acceptable.",
            why=f"{reason[0].upper()}{reason[1:]}.",
            fix="Ask the build's OIDC provider for a fresh token with the audience “tank”, and use it once.",
        )


@dataclass(frozen=True, slots=True)
class IdToken:
    """What a good token proves.

    Attributes:
        claims: under the names that Fulcio gives them, so that they equal a certificate's of the same run.
        jti: the token's id, unique within its issuer.
        expires_at: seconds since the epoch.
    """

    claims: SignerClaims
    jti: str
    expires_at: int


class IdTokens(Protocol):
    """Verifies OIDC tokens against the keys of the issuers that the registry knows."""

    def verify(self, token: str, audience: str) -> IdToken:
        """Returns what the token proves.

        Whether it was exchanged before, and whether its claims may publish, is the caller's question.

        Args:
            token: as a client sent it, of any length and content.
            audience: the only one that the token may have.

        Raises:
            IdTokenRefusedError: id-token-refused, for anything unexpected; ``why`` has the reason.
            PortError: the issuer's keys cannot be had now.
        """
        ...
