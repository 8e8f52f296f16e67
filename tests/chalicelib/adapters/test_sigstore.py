"""The registry's verifier: the pinned file, and nothing else, decides whom it trusts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.adapters.sigstore import SigstoreVerifier
from chalicelib.ports.bundles import BundleRefusedError
from tests.support.real_bundles import PRODUCTION_ROOT, PROJECT, bundle_of, encoded, needs_sdist


def refusal(bundle: bytes, root: str) -> BundleRefusedError:
    with pytest.raises(BundleRefusedError) as caught:
        SigstoreVerifier(root).verify(bundle)
    return caught.value


def test_without_a_trusted_root_every_bundle_is_refused() -> None:
    assert refusal(b"{}", root="").why == "It has no Sigstore trusted root."


def test_trusted_root_that_is_not_there_refuses_without_naming_its_path(tmp_path: Path) -> None:
    refused = refusal(b"{}", root=str(tmp_path / "root.json"))
    assert refused.why == "Its Sigstore trusted root cannot be read."
    assert str(tmp_path) not in f"{refused.what}{refused.fix}"


@needs_sdist
@pytest.mark.parametrize("content", [b"", b"{}", b'{"mediaType": "x"}', b"\xff", b"[" * 100])
def test_malformed_trusted_root_refuses_every_bundle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "root.json"
    path.write_bytes(content)
    assert "trusted root: it cannot be read" in refusal(encoded(bundle_of()), root=str(path)).why


@needs_sdist
def test_a_publish_needs_a_timestamp_and_the_promise_of_the_log_is_not_enough(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    path.write_bytes(PRODUCTION_ROOT)
    why = refusal(encoded(bundle_of()), root=str(path)).why
    assert why == "timestamp: there is none that a trusted authority signed."


@needs_sdist
def test_the_trusted_root_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    path.write_bytes(PRODUCTION_ROOT)
    verifier = SigstoreVerifier(str(path))
    for _ in range(2):
        with pytest.raises(BundleRefusedError, match="bundle-refused") as caught:
            verifier.verify(encoded(bundle_of()))
        assert caught.value.why.startswith("timestamp")
        path.write_bytes(b"replaced after the first bundle")


def test_importing_the_adapter_does_not_import_the_library() -> None:
    program = "import sys, chalicelib.adapters.sigstore; sys.exit('sigstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=False).returncode == 0
