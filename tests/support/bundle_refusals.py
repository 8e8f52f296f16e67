"""Verifying a bundle that must be refused, and changing one part of a good one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tank_core.bundle import BundleRefusedError, verify_bundle

Bundle = dict[str, Any]


def why_refused(bundle: Bundle | bytes, root: bytes, *, needs_timestamp: bool = True) -> str:
    """Returns the reason of a refusal; fails when there is none."""
    data = bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode()
    with pytest.raises(BundleRefusedError) as caught:
        verify_bundle(data, trusted_root=root, needs_timestamp=needs_timestamp)
    return caught.value.why


def entry(bundle: Bundle) -> dict[str, Any]:
    """Returns the one log entry of a bundle."""
    found: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return found


def proof(bundle: Bundle) -> dict[str, Any]:
    """Returns the inclusion proof of a bundle."""
    found: dict[str, Any] = entry(bundle)["inclusionProof"]
    return found


def flip(holder: dict[str, Any], key: str, position: int = -1) -> None:
    """Changes one bit of a base64 text."""
    data = bytearray(base64.b64decode(holder[key]))
    data[position] ^= 1
    holder[key] = base64.b64encode(data).decode()


def count_up(holder: dict[str, Any], key: str) -> None:
    """Adds one to a number in a text."""
    holder[key] = str(int(holder[key]) + 1)


def replace_in(holder: dict[str, Any], key: str, old: bytes, new: bytes) -> None:
    """Replaces bytes within a base64 text that has them."""
    data = base64.b64decode(holder[key])
    assert old in data
    holder[key] = base64.b64encode(data.replace(old, new)).decode()
