"""Digests of bytes: ``sha512-<base64>`` for integrity and ``sha256:<hex>`` for addresses.

Integrity is what a lock pins (the form of Subresource Integrity, as npm writes
it); the SHA-256 digest is the address in object stores and OCI registries. One
spelling of each is accepted: padded standard base64, lower-case hex.

Source: FORMATS, "skills.lock"; W3C Subresource Integrity; OCI image-spec, "Digests".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import ClassVar

from tank_core.errors import ExitCode, TankError, quoted

_INTEGRITY = re.compile(r"sha512-([A-Za-z0-9+/]{86}==)")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


class InvalidDigestError(TankError):
    """A text that is not a digest of the one expected form."""

    code = "invalid-digest"


class IntegrityMismatchError(TankError):
    """Bytes that are not the bytes that were promised."""

    code = "integrity-mismatch"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.INTEGRITY


def sha512_integrity(data: bytes) -> str:
    """Returns ``sha512-<base64>`` of the bytes."""
    return _integrity_text(hashlib.sha512(data).digest())


def sha256_digest(data: bytes) -> str:
    """Returns ``sha256:<hex>`` of the bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def parse_integrity(text: str) -> bytes:
    """Returns the 64 raw bytes of ``sha512-<base64>``.

    Raises:
        InvalidDigestError: ``invalid-digest``; another algorithm, length or spelling.
    """
    match = _INTEGRITY.fullmatch(text)
    if match is None:
        raise _invalid(text, "sha512-<88 characters of base64>")
    raw = base64.b64decode(match.group(1))
    # 86 base64 characters hold four bits more than 64 bytes; only zeros there spell it canonically.
    if _integrity_text(raw) != text:
        raise _invalid(text, "sha512-<88 characters of base64>")
    return raw


def parse_digest(text: str) -> bytes:
    """Returns the 32 raw bytes of ``sha256:<hex>``.

    Raises:
        InvalidDigestError: ``invalid-digest``; another algorithm, length or spelling.
    """
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise _invalid(text, "sha256:<64 lower-case hex digits>")
    return bytes.fromhex(match.group(1))


class StreamingDigests:
    """Both digests and the size of bytes that pass by, so that a download is read once."""

    __slots__ = ("_sha256", "_sha512", "size_bytes")

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()
        self.size_bytes = 0

    def update(self, chunk: bytes) -> None:
        """Adds the next bytes of the stream."""
        self._sha256.update(chunk)
        self._sha512.update(chunk)
        self.size_bytes += len(chunk)

    @property
    def integrity(self) -> str:
        """``sha512-<base64>`` of everything so far."""
        return _integrity_text(self._sha512.digest())

    @property
    def digest(self) -> str:
        """``sha256:<hex>`` of everything so far."""
        return f"sha256:{self._sha256.hexdigest()}"


def check_integrity(expected: str, actual: str, what: str) -> None:
    """Compares two digests of the same form, in constant time.

    Args:
        expected: ``sha512-<base64>`` or ``sha256:<hex>``, from a lock or an index.
        actual: the same of the bytes at hand.
        what: what was hashed, such as ``the archive of @acme/pdf 1.0.0``.

    Raises:
        InvalidDigestError: ``invalid-digest``; the expected text has neither form.
        IntegrityMismatchError: ``integrity-mismatch``.
    """
    if expected.startswith("sha256:"):
        parse_digest(expected)
    else:
        parse_integrity(expected)
    if not hmac.compare_digest(expected.encode(), actual.encode()):
        raise IntegrityMismatchError(
            f"{what} is not what was promised",
            why=f"expected {quoted(expected)}, found {quoted(actual)}",
            fix="Do not use these bytes. Try once more; if it stays, tell the registry's security contact.",
        )


def _integrity_text(raw: bytes) -> str:
    return f"sha512-{base64.b64encode(raw).decode('ascii')}"


def _invalid(text: str, form: str) -> InvalidDigestError:
    return InvalidDigestError(
        f"{quoted(text)} is not a digest of the expected form",
        why=f"The one accepted form is {form}.",
        fix="Copy the digest again from where it came, whole.",
    )
