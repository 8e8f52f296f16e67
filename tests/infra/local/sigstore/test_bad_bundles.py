"""Each lie that the support module can tell is refused, for its own reason, by sigstore-python itself."""

from __future__ import annotations

import pytest
from sigstore.errors import Error
from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier
from sigstore.verify.policy import UnsafeNoOp

from tests.support.bad_bundles import BAD_BUNDLES
from tests.support.local_sigstore import SigstoreScene, parts

REASONS = {
    "expired-leaf": "certificate chain|expired at time of signing",
    "leaf-not-yet-valid": "certificate chain|expired at time of signing",
    "wrong-usage": "code signing",
    "no-sct": "does not contain a signed certificate timestamp",
    "bad-sct": "SCT verify failed",
    "foreign-sct": "SCT verify failed",
    "foreign-authority": "certificate chain",
    "wrong-log-key": "checkpoint: invalid signature",
    "checkpoint-of-another-tree": "invalid root hash signature",
    "inclusion-proof-of-another-entry": "inclusion proof contains invalid root hash",
    "foreign-log": "checkpoint: invalid signature",
    "promise-by-another-key": "invalid inclusion promise",
    "promise-of-another-time": "invalid inclusion promise",
    "foreign-timestamp-authority": "not enough sources of verified time",
    "timestamp-after-the-leaf": "certificate chain|expired at time of signing",
    "timestamp-before-the-leaf": "certificate chain|expired at time of signing",
    "timestamp-of-another-signature": "not enough sources of verified time",
    "no-timestamp": "inclusion promise or signed timestamp",
    "signature-by-another-key": "invalid signature",
    "foreign-sigstore": "not enough sources of verified time",
}


def verify(scene: SigstoreScene, bundle: bytes) -> None:
    path = scene.folder / "root.json"
    path.write_bytes(scene.trusted_root)
    Verifier(trusted_root=TrustedRoot.from_file(str(path))).verify_dsse(
        Bundle.from_json(bundle), UnsafeNoOp()
    )


def test_every_lie_has_a_reason() -> None:
    assert BAD_BUNDLES.keys() == REASONS.keys()


@pytest.mark.parametrize("rekor", [1, 2])
def test_the_honest_bundle_verifies(scene: SigstoreScene, rekor: int) -> None:
    verify(scene, parts(scene, b"{}", rekor=rekor).to_bundle())


@pytest.mark.parametrize("name", sorted(BAD_BUNDLES))
def test_a_lie_is_refused_for_its_own_reason(scene: SigstoreScene, name: str) -> None:
    bad = BAD_BUNDLES[name](scene, b"{}")
    with pytest.raises(Error) as refused:
        verify(scene, bad)
    assert any(reason in str(refused.value) for reason in REASONS[name].split("|")), str(refused.value)
