"""A publisher's signature, as the registry attests it and as the index tells it.

What was read from the certificate, which binding it met, and where it is logged.
It says who signed; whether the skill is any good is another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tank_core.binding import Binding
from tank_core.errors import TankError
from tank_core.signer import LogEntry, SignerClaims


@dataclass(frozen=True, slots=True)
class Signature:
    """One accepted signature.

    Attributes:
        claims: of the certificate; an environment that it lacks comes from the upload's token.
        binding: the one that the claims met when the version was published.
        log: where the signature is logged.
    """

    claims: SignerClaims
    binding: Binding
    log: LogEntry

    def to_json(self) -> dict[str, object]:
        """Returns the signature as a JSON object."""
        return {"claims": self.claims.to_json(), "binding": self.binding.to_json(), "log": self.log.to_json()}

    @classmethod
    def from_json(cls, value: object) -> Signature:
        """Returns what ``to_json`` wrote.

        Raises:
            ValueError: any other shape.
        """
        if not isinstance(value, Mapping) or set(value) != {"claims", "binding", "log"}:
            raise ValueError("a signature has claims, binding and log")
        try:
            binding = Binding.from_json(value["binding"])
        except TankError as error:
            raise ValueError(error.why) from error
        return cls(SignerClaims.from_json(value["claims"]), binding, LogEntry.from_json(value["log"]))
