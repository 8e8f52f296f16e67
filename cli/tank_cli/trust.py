"""Pinned registry keys: whose attestations this machine accepts.

A registry's key is pinned by its fingerprint, given by a person who learned it
elsewhere, or shown to one who agrees. Nothing that a project or the registry
itself says can change a pin afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tank_cli import atomic
from tank_cli.config import Config
from tank_core.errors import ExitCode, TankError


class UntrustedRegistryError(TankError):
    """No key is pinned for a registry."""

    code = "untrusted-registry"
    exit_code = ExitCode.INTEGRITY


class UnknownFingerprintError(TankError):
    """The registry does not offer the key that the person asked for."""

    code = "unknown-fingerprint"
    exit_code = ExitCode.INTEGRITY


class InvalidTrustError(TankError):
    """The file of pinned keys cannot be used."""

    code = "invalid-trust-file"
    exit_code = ExitCode.INTEGRITY


@dataclass(frozen=True, slots=True)
class TrustStore:
    """The pinned keys of each registry: base URL → key id → public key in PEM."""

    path: Path
    keys: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, config: Config) -> TrustStore:
        """Returns what is pinned.

        Raises:
            InvalidTrustError: invalid-trust-file; a damaged file is never read as an empty one.
        """
        path = config.config_dir / "trust.json"
        try:
            value = json.loads(path.read_bytes())
        except FileNotFoundError:
            return cls(path, {})
        except ValueError as error:
            raise _invalid(path) from error
        if not isinstance(value, dict) or not all(_is_keys(keys) for keys in value.values()):
            raise _invalid(path)
        return cls(path, value)

    def keys_of(self, registry: str) -> Mapping[str, str]:
        """Returns a registry's pinned keys, key id → PEM.

        Raises:
            UntrustedRegistryError: untrusted-registry; none is pinned.
        """
        keys = self.keys.get(registry)
        if not keys:
            raise UntrustedRegistryError(
                f"No key is pinned for {registry}.",
                why="Tank trusts keys, not servers; without one it cannot tell the registry's word "
                "from anybody else's.",
                fix=f"tank trust {registry} --fingerprint sha256:…   (ask the registry's operator for it)",
            )
        return keys

    def pin(self, registry: str, key_id: str, pem: str) -> TrustStore:
        """Returns the store with one more key for a registry, written to disk."""
        keys = {**self.keys, registry: {**self.keys.get(registry, {}), key_id: pem}}
        return self._written(keys)

    def replace(self, registry: str, key_id: str, pem: str) -> TrustStore:
        """Returns the store with this key as the registry's only one, written to disk."""
        return self._written({**self.keys, registry: {key_id: pem}})

    def _written(self, keys: Mapping[str, Mapping[str, str]]) -> TrustStore:
        atomic.write(self.path, json.dumps(keys, indent=2, sort_keys=True).encode() + b"\n")
        return TrustStore(self.path, keys)


def _is_keys(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(pem, str) for pem in value.values())


def _invalid(path: Path) -> InvalidTrustError:
    return InvalidTrustError(
        f"{path} cannot be used.",
        why="It is not the JSON that `tank trust` writes.",
        fix=f"Remove it, and pin your registries again: rm {path}",
    )
