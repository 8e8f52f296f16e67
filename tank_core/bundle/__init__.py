"""Sigstore bundles: bytes in, verified facts out; the same for the registry and every client.

Nothing here decides whose signature counts: that is ``tank_core.binding``. Nothing
here opens a socket, a cache or a home: the trusted root is an argument. This package
is the one place of the verifying side that imports sigstore, and only with the first
bundle, because the import costs half a second.

Source: docs/decisions/0007-one-bundle-verifier.md.
"""

from tank_core.bundle.refusal import BundleRefusedError
from tank_core.bundle.verification import (
    MAX_BUNDLE_BYTES,
    PAYLOAD_TYPE,
    VerifiedArtifact,
    VerifiedBundle,
    load,
    prepare,
    verify_artifact,
    verify_bundle,
)

__all__ = [
    "MAX_BUNDLE_BYTES",
    "PAYLOAD_TYPE",
    "BundleRefusedError",
    "VerifiedArtifact",
    "VerifiedBundle",
    "load",
    "prepare",
    "verify_artifact",
    "verify_bundle",
]
