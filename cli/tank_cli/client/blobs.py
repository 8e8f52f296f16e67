"""Immutable bytes by digest, from the object store or its CDN; no function is on this path."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from tank_cli.client.problems import registry_error
from tank_cli.client.transport import Request, ResponseTooLargeError, Transport
from tank_core.errors import ExitCode, TankError
from tank_core.integrity import StreamingDigests

_PROBLEM_BYTES = 16 * 1024  # a refusal has some hundred, which is more than the smallest archive


class BlobUnavailableError(TankError):
    """The registry no longer gives out some bytes."""

    code = "blob-unavailable"
    exit_code = ExitCode.VERDICT


class BlobMismatchError(TankError):
    """Downloaded bytes are not the ones that were asked for."""

    code = "blob-mismatch"
    exit_code = ExitCode.INTEGRITY


class BlobStore:
    """Reads blobs of one registry.

    Args:
        transport: how to talk.
        registry: base URL without a trailing slash.
        told: called with the number of bytes that arrived, by whichever thread they arrived in;
            with a negative one when an attempt begins anew.
    """

    def __init__(
        self, transport: Transport, registry: str, told: Callable[[int], None] | None = None
    ) -> None:
        self._transport = transport
        self._registry = registry
        self._told = told

    def get(self, digest: str, *, max_bytes: int, what: str, integrity: str = "") -> bytes:
        """Returns the bytes with a digest, hashed while they arrive.

        Args:
            digest: ``sha256:<hex>``.
            max_bytes: a limit; reading stops there.
            what: what the bytes are, for messages.
            integrity: ``sha512-<base64>`` that the bytes must have as well; "" for none.

        Raises:
            BlobUnavailableError: blob-unavailable; not, or no longer, given out.
            BlobMismatchError: blob-mismatch.
            NetworkError: network-error.
            RegistryError: any other refusal.
        """
        url = f"{self._registry}/blobs/sha256/{digest.removeprefix('sha256:')}"
        digests = StreamingDigests()
        size_bytes = 0

        def start() -> Callable[[bytes], None]:
            nonlocal digests, size_bytes
            digests = StreamingDigests()
            if self._told and size_bytes:
                self._told(-size_bytes)
            size_bytes = 0
            return see

        def see(chunk: bytes) -> None:
            nonlocal size_bytes
            digests.update(chunk)
            size_bytes += len(chunk)
            if self._told:
                self._told(len(chunk))

        request = Request("GET", url, max_bytes=max(max_bytes, _PROBLEM_BYTES), resumes=True)
        try:
            answer = self._transport.send(request, on_chunk=start)
        except ResponseTooLargeError as error:
            raise _mismatch(what, digest, f"more than {max_bytes} bytes") from error
        if answer.status in (404, 410):
            raise _unavailable(what)
        if answer.status != 200:
            raise registry_error(answer, url)
        if len(answer.body) > max_bytes:
            raise _mismatch(what, digest, f"more than {max_bytes} bytes")
        same = hmac.compare_digest(digests.digest, digest)
        if not same or (integrity and not hmac.compare_digest(digests.integrity, integrity)):
            raise _mismatch(what, digest, digests.digest)
        return answer.body


def _unavailable(what: str) -> BlobUnavailableError:
    return BlobUnavailableError(
        f"The registry does not give out {what}.",
        why="It was withdrawn, or it was never there: the lock may come from another registry.",
        fix="Run `tank audit` to see why, then `tank update` to move to another version.",
    )


def _mismatch(what: str, expected: str, actual: str) -> BlobMismatchError:
    return BlobMismatchError(
        f"{what} is not what the lock names.",
        why=f"Expected {expected}, got {actual}. Somebody between you and the registry changed it, or "
        "the registry did.",
        fix="Try another network. If it stays, do not install it, and tell the registry's operator.",
    )
