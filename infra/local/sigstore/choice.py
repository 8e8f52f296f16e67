"""Which Sigstore an embedded registry uses, and what its clients are to trust for it.

``local``: this machine's own. ``public``: the public instance, by the roots that came
with the library; they are code, and no cache of anybody replaces them. ``none``: no
bundle can be verified, so every one is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from infra.local.durable import write_durably
from infra.local.sigstore.stand_in import LocalSigstore
from tank_core.bundle.public_roots import PRODUCTION, public_root

_MAX_ROOT_BYTES = 1024 * 1024


class SigstoreChoice(StrEnum):
    """Whose Sigstore."""

    LOCAL = "local"
    PUBLIC = "public"
    NONE = "none"


class UnusableTrustedRootError(Exception):
    """The file given as trusted root cannot be one."""


@dataclass(frozen=True, slots=True)
class SigstoreTrust:
    """What clients get to verify and to sign with.

    Attributes:
        kind: ``local``, ``public`` or "".
        trusted_root: JSON; b"" when the registry has no Sigstore.
        signing_config: JSON; b"" when nobody can sign for it.
    """

    kind: str = ""
    trusted_root: bytes = b""
    signing_config: bytes = b""


def sigstore_trust(
    choice: SigstoreChoice, local: LocalSigstore | None, trusted_root_file: str = ""
) -> SigstoreTrust:
    """Returns what clients get.

    Args:
        choice: whose Sigstore.
        local: the services, for ``LOCAL``.
        trusted_root_file: an operator's own trusted root, which replaces the choice's; "" for none.

    Raises:
        UnusableTrustedRootError: the file cannot be read, or is far too large.
    """
    given = _read(trusted_root_file) if trusted_root_file else b""
    if local is not None:
        return SigstoreTrust(choice, given or local.trusted_root_bytes(), local.signing_config_bytes())
    if choice is SigstoreChoice.PUBLIC:
        return SigstoreTrust(choice, given or public_root(), _public_signing_config())
    return SigstoreTrust("", given)


def kept_trusted_root(trust: SigstoreTrust, path: Path) -> str:
    """Keeps the trusted root in a file for this registry's own verifier; returns its path, or "".

    Args:
        trust: of this start.
        path: in a folder that exists, is its owner's only, and is locked for this server.
    """
    if not trust.trusted_root:
        return ""
    if not path.exists() or path.read_bytes() != trust.trusted_root:
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)  # of a start that was killed
        write_durably(path, trust.trusted_root, temporary=temporary)
    return str(path)


def _public_signing_config() -> bytes:
    folder = files("sigstore").joinpath("_store", f"https%3A%2F%2F{PRODUCTION}")
    return folder.joinpath("signing_config.v0.2.json").read_bytes()


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_MAX_ROOT_BYTES + 1)
    except OSError as exc:
        raise UnusableTrustedRootError(f"the trusted root {path} cannot be read: {exc.strerror}") from exc
    if not data or len(data) > _MAX_ROOT_BYTES:
        raise UnusableTrustedRootError(f"the trusted root {path} is empty, or no trusted root is as large")
    return data
