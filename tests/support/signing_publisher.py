"""A publisher who signs: a local Sigstore's bundles, and what the registry should attest of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from infra.local.sigstore.ci_builds import Build
from tank_core.bundle import verify_bundle
from tank_core.signature import Signature
from tests.support.local_sigstore import ALICE, BUILD, SigstoreScene, bundle
from tests.support.signatures import binding_of

Sign = Callable[[bytes], tuple[bytes, Signature]]
PERSONS_ISSUER = "https://login.example"


def signing(scene: SigstoreScene, publisher: str, build: Build | None = BUILD, *, rekor: int = 2) -> Sign:
    """Returns what signs statements, and tells the truth about it.

    Args:
        scene: the Sigstore.
        publisher: the publisher that its identity is bound to.
        build: who signs; None for a person.
    """
    claims: Any = ALICE if build is None else build.github_claims()
    issuer = {"issuer": PERSONS_ISSUER} if build is None else {}

    def sign(statement: bytes) -> tuple[bytes, Signature]:
        made = bundle(scene, statement, claims, rekor=rekor, **issuer)
        return made, signature_of(scene, made, publisher)

    return sign


def signature_of(scene: SigstoreScene, made: bytes, publisher: str) -> Signature:
    """Returns what Sign would say of a good bundle, with a binding that it meets."""
    verified = verify_bundle(made, trusted_root=scene.trusted_root)
    return Signature(verified.claims, binding_of(verified.claims, publisher), verified.log)
