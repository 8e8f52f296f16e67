"""The port that verifies a publisher's Sigstore bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tank_core.entities import Identity
from tank_core.errors import ExitCode, TankError


class BundleRefusedError(TankError):
    """The publisher's bundle is not acceptable."""

    code = "bundle-refused"
    status = 422
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class VerifiedBundle:
    """What a good bundle proves: who signed which in-toto statement, and where it is logged."""

    identity: Identity
    statement: bytes
    log_index: int


class BundleVerifier(Protocol):
    """Verifies Sigstore bundles offline against a pinned trusted root."""

    def verify(self, bundle: bytes, identities: tuple[Identity, ...]) -> VerifiedBundle:
        """Returns what the bundle proves if one of these identities made it.

        Raises:
            BundleRefusedError: anything else, the unexpected included; ``why`` has the reason.
        """
        ...
