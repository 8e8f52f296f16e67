"""Sigstore bundles, verified against the trusted root that the deployment ships.

The verification itself is ``tank_core.bundle``, the same as in every client; here is
only where the root comes from. The library's own ``production()`` is not used: it
trusts a cache in the user's home.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from tank_core.bundle import BundleRefusedError, VerifiedBundle, verify_bundle


class SigstoreVerifier:
    """The ``BundleVerifier`` port over ``tank_core.bundle``.

    Args:
        trusted_root_path: the pinned trusted root, a JSON file; "" refuses every bundle.
    """

    def __init__(self, trusted_root_path: str) -> None:
        self._trusted_root_path = trusted_root_path

    @cached_property
    def _trusted_root(self) -> bytes:
        if not self._trusted_root_path:
            raise _unusable("It has no Sigstore trusted root.")
        try:
            return Path(self._trusted_root_path).read_bytes()
        except OSError as exc:  # The path is not the publisher's to know.
            raise _unusable("Its Sigstore trusted root cannot be read.") from exc

    def verify(self, bundle: bytes) -> VerifiedBundle:
        """See ``BundleVerifier.verify``."""
        return verify_bundle(bundle, trusted_root=self._trusted_root)


def _unusable(why: str) -> BundleRefusedError:
    return BundleRefusedError(
        "This registry can verify no bundle.",
        why=why,
        fix="Ask its operator to configure one.",
    )
