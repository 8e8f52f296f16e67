"""The pinned root of each registry, and what was verified with it the last time.

A registry's TUF root is pinned by its fingerprint, given by a person who learned it
elsewhere, or shown to one who agrees. Nothing that a project or the registry
itself says can change a pin afterwards: later roots count only as a chain from it.

All of it lies in the configuration, never in the cache: what was seen last is what
an old index is recognised by.

Source: TUF specification 1.0.31, section 5.2 (trusted root) and 5.3 (root rotation).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from tank_cli import atomic
from tank_cli.config import Config
from tank_cli.registry_targets import RegistryDocumentRefusedError, RegistryTargets, parse_registry_targets
from tank_core.errors import ExitCode, TankError

_MAX_NAME = 64  # characters of a host that a folder's name shows


class UntrustedRegistryError(TankError):
    """No root is pinned for a registry."""

    code = "untrusted-registry"
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class RegistryTrust:
    """What is kept about one registry.

    Attributes:
        registry: base URL without a trailing slash.
        place: the folder; ``root.json`` in it is the pin.
        older_pins: where earlier versions of Tank kept the keys that they pinned.
    """

    registry: str
    place: Path
    older_pins: Path

    @classmethod
    def of(cls, config: Config, registry: str) -> RegistryTrust:
        """Returns what is kept about a registry; nothing is read yet."""
        host = re.sub(r"[^a-z0-9.-]", "-", urlsplit(registry).netloc)[:_MAX_NAME]
        digest = hashlib.sha256(registry.encode()).hexdigest()[:32]
        place = config.config_dir / "registries" / f"{host}-{digest}"
        return cls(registry, place, config.config_dir / "trust.json")

    @property
    def lock(self) -> Path:
        """Held while anything below ``place`` changes; beside it, because ``place`` may be replaced."""
        return self.place.with_name(f"{self.place.name}.lock")

    @property
    def metadata(self) -> Path:
        """The newest TUF metadata that was verified; rebuilt from the registry when it is lost."""
        return self.place / "metadata"

    @property
    def verified(self) -> Path:
        """What the operator says of the registry, as last verified; fetched again when it is lost."""
        return self.place / "verified.json"

    @property
    def learnt(self) -> Path:
        """The targets that came from a vendor file: apart from the index's, which belong together."""
        return self.place / "targets-from-file.json"

    @property
    def is_pinned(self) -> bool:
        """Whether a person trusts this registry."""
        return self._root.exists()

    def root(self) -> bytes:
        """Returns the pinned root.

        Raises:
            UntrustedRegistryError: untrusted-registry; none is pinned.
        """
        try:
            return self._root.read_bytes()
        except FileNotFoundError as error:
            raise self._untrusted() from error

    def targets(self) -> RegistryTargets | None:
        """Returns what was last verified about the registry; None when it is lost, and must be fetched again.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        if not self.is_pinned:
            raise self._untrusted()
        try:
            return parse_registry_targets(self.contents())
        except RegistryDocumentRefusedError:
            return None

    def contents(self) -> Mapping[str, bytes]:
        """Returns the verified bytes of each target about the registry, by path; empty when they are lost."""
        try:
            stored = json.loads(self.verified.read_bytes())
            return {str(path): base64.b64decode(text, validate=True) for path, text in stored.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError, binascii.Error):
            return {}

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Keeps verified targets, all in one file, so that they always belong together."""
        texts = {path: base64.b64encode(data).decode() for path, data in sorted(contents.items())}
        atomic.write(self.verified, json.dumps(texts, indent=2).encode() + b"\n")

    def pin(self, root: bytes) -> None:
        """Pins a root."""
        atomic.write(self._root, root)

    def staged(self) -> RegistryTrust:
        """Returns an empty place beside this one, in which a root can be tried before it replaces the pin."""
        name = f".{self.place.name}.{os.urandom(6).hex()}"
        return replace(self, place=self.place.with_name(name))

    def become(self, staged: RegistryTrust) -> None:
        """Replaces all that is kept by what a staged place holds. The lock must be held."""
        old = self.staged()
        with contextlib.suppress(FileNotFoundError):
            self.place.rename(old.place)
        staged.place.rename(self.place)
        old.forget()

    def forget(self) -> None:
        """Removes all that is kept."""
        shutil.rmtree(self.place, ignore_errors=True)

    @property
    def _root(self) -> Path:
        return self.place / "root.json"

    def _untrusted(self) -> UntrustedRegistryError:
        why = "Tank trusts roots, not servers; without one it cannot tell the registry's word from anybody else's."
        if self._had_older_pin():
            why = (
                "An earlier Tank pinned one key of it. Now the registry's root is pinned, which vouches for its "
                "keys and for its index."
            )
        return UntrustedRegistryError(
            f"No root is pinned for {self.registry}.",
            why=why,
            fix=f"tank trust {self.registry} --fingerprint sha256:…   (ask the registry's operator for it)",
        )

    def _had_older_pin(self) -> bool:
        try:
            return self.registry in json.loads(self.older_pins.read_bytes())
        except (OSError, ValueError, TypeError):
            return False
