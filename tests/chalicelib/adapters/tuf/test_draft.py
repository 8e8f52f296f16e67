"""A round is composed only if its readers, and the round after it, will take it."""

from __future__ import annotations

import pytest

from chalicelib.ports.errors import PortError
from tank_core import tuf_layout
from tests.support.signed_registry import NAME, SignedRegistry


def test_names_that_fill_a_bin_stop_no_other_name(
    signed: SignedRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names can be chosen by the bin that they fall into, and a bin that nobody reads could never be mended."""
    role = tuf_layout.bin_of(tuf_layout.index_target(NAME))
    fellow = next(
        name
        for name in (f"@acme/fellow-{number}" for number in range(100_000))
        if tuf_layout.bin_of(tuf_layout.index_target(name)) == role
    )
    blobs = signed.scene.world.blobs
    present = next(key for key in blobs.current if key.endswith(f".{role}.json"))
    size_bytes = len(blobs.get(present, max_bytes=tuf_layout.MAX_TARGETS_BYTES))
    monkeypatch.setattr(tuf_layout, "MAX_TARGETS_BYTES", size_bytes + 10)
    signed.publish("1.0.0", fellow)
    with pytest.raises(PortError, match=f"{role} is full"):
        signed.writer.write([fellow])
    signed.publish("1.1.0")
    signed.writer.write([NAME])
    assert signed.reader().document(NAME, now=signed.now) == signed.document()
