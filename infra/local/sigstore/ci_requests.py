"""The bearer secret with which a build asks for its tokens, as on a GitHub runner.

It carries the build's claims under a MAC, so that the server that answers needs no
list of builds. Only who can read the data folder can make one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from pathlib import Path

from infra.local.durable import secret_file
from tank_core import canonical
from tank_core.errors import ExitCode, TankError
from tank_core.shape import MalformedJsonError, parse_json

LIFE_SECONDS = 900
_MAX_BYTES = 8192
_KEY_BYTES = 32


class BuildSecretRefusedError(TankError):
    """The bearer secret for a build's tokens is not good now."""

    code = "build-secret-refused"
    status = 401
    exit_code = ExitCode.FORBIDDEN


class BuildSecrets:
    """Makes and reads the secrets of builds."""

    def __init__(self, path: Path) -> None:
        """Args: path: the MAC key's file, made when it is not there; raises ExposedFileError."""
        self._key = secret_file(path, lambda: secrets.token_bytes(_KEY_BYTES))

    def made(self, claims: dict[str, object], *, now: int) -> str:
        """Returns a secret for a build's claims, good for fifteen minutes."""
        body = canonical.compact({"claims": claims, "expires_at": now + LIFE_SECONDS})
        return f"{_text(body)}.{_text(self._mac(body))}"

    def read(self, secret: str, *, now: int) -> dict[str, object]:
        """Returns the claims that a secret was made for.

        Raises:
            BuildSecretRefusedError: build-secret-refused; not ours, or its time is over.
        """
        body_text, _, mac_text = secret.partition(".")
        body, mac = _bytes(body_text), _bytes(mac_text)
        if not hmac.compare_digest(mac, self._mac(body)):
            raise _refused("it was not made with this registry's data folder")
        try:
            document = parse_json(body, what="the build secret", max_bytes=_MAX_BYTES)
        except MalformedJsonError as exc:
            raise _refused("it is malformed") from exc
        if not isinstance(document, dict) or not isinstance(document.get("claims"), dict):
            raise _refused("it is malformed")
        if now >= int(document["expires_at"]):
            raise _refused("its fifteen minutes are over")
        return dict(document["claims"])

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _refused(reason: str) -> BuildSecretRefusedError:
    return BuildSecretRefusedError(
        "This build gets no token.",
        why=f"The bearer secret of the request is not good: {reason}.",
        fix="Make a new one with `python -m infra.local ci-identity`.",
    )
