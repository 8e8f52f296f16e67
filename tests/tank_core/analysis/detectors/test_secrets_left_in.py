"""Whole keys and pairs open something by themselves; names, ends and placeholders do not."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tank_core.analysis.detectors.secrets_left_in import keys_left_in
from tests.support.sources import package_with


def _random(size: int) -> str:
    """Returns text like that of a key: base64 of digests, the same in each run."""
    digests = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(20))
    return base64.b64encode(digests).decode()[:size]


def _key(kind: str = "RSA ", newline: str = "\n") -> str:
    text = _random(400)
    body = newline.join(text[at : at + 64] for at in range(0, len(text), 64))
    return newline.join((f"-----BEGIN {kind}PRIVATE KEY-----", body, f"-----END {kind}PRIVATE KEY-----"))


_ID = "AKIAQ3EGRQZ7WJ2LTMNB"


@pytest.mark.parametrize(
    "text",
    [
        _key(),
        _key(""),
        f'{{"key": "{_key("OPENSSH ", chr(92) + "n")}"}}',
        _key().replace("64", "AAAAAAAA"),
        f"id = {_ID}\nsecret = {_random(40)}\n",
    ],
)
def test_whole_key_is_found(text: str) -> None:
    assert [hit.line for hit in keys_left_in(package_with({"config.txt": text}))] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        _key().replace("\n", "\nEXAMPLE", 1),
        _key("PUBLIC ").replace("PUBLIC PRIVATE", "PUBLIC"),
        f"id = {_ID}\nsha1 = {hashlib.sha1(b'', usedforsecurity=False).hexdigest()}\n",
        f"id = AKIAIOSFODNN7EXAMPLE\nsecret = {_random(40)}\n",
        f"id = {_ID}\n" + "\n" * 400 + _random(40),
    ],
)
def test_name_end_digest_or_placeholder_is_left_alone(text: str) -> None:
    assert list(keys_left_in(package_with({"config.txt": text}))) == []
