"""The port that makes a decision a signed record."""

from __future__ import annotations

from typing import Protocol

from tank_core.waivers import Waiver


class WaiverIssuer(Protocol):
    """Signs waivers with the registry's attestation key, and nothing else."""

    def issue(self, waiver: Waiver) -> str:
        """Signs a waiver and stores its envelope as a public blob, for good.

        Issuing the same waiver again may give another envelope, because a signature is
        random; only the one that an appeal names is a waiver.

        Returns:
            The envelope's digest, ``sha256:<hex>``.

        Raises:
            WaiverRefusedError: waiver-refused; it is not one that a reader would accept.
            PortError: the key or the store did not answer.
        """
        ...
