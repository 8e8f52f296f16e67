"""The port that verifies a publisher's Sigstore bundle."""

from __future__ import annotations

from typing import Protocol

from tank_core.bundle import BundleRefusedError, VerifiedBundle

__all__ = ["BundleRefusedError", "BundleVerifier", "VerifiedBundle"]


class BundleVerifier(Protocol):
    """Verifies Sigstore bundles offline against the registry's pinned trusted root."""

    def verify(self, bundle: bytes) -> VerifiedBundle:
        """Returns what the bundle proves; whether its signer may publish is for the caller to decide.

        Raises:
            BundleRefusedError: ``bundle-refused``, for anything unexpected; ``why`` has the reason.
        """
        ...
