"""Where Tank looks and whom it talks to: option, then environment, then user configuration.

A project file can set none of it. Where configuration, cache and data lie: ``places``.

Source: PEERS, "Habits people bring".
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tank_cli import atomic, places, store
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.loopback import LOOPBACK_HOSTS

_HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f:.]+")  # as a lock can name it, and as every reader of URLs reads it

POLICY_KEYS = ("audit.min_score", "audit.min_release_age", "audit.require_provenance")
SAFE_PROJECTS = "safe-projects"
USER_KEYS = ("registry", SAFE_PROJECTS, *POLICY_KEYS)  # of config.json; ``user_policy`` reads the last ones


class InvalidConfigError(TankError):
    """The user configuration cannot be used."""

    code = "invalid-config"
    exit_code = ExitCode.USAGE


class InvalidRegistryUrlError(TankError):
    """A registry's address is not one that Tank talks to."""

    code = "invalid-registry-url"
    exit_code = ExitCode.USAGE


class NoRegistryError(TankError):
    """No registry is configured."""

    code = "no-registry"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Config:
    """What the person decided, validated.

    Attributes:
        configured_registry: base URL without a trailing slash; "" when none is set.
        token: the token of the environment; "" when there is none.
        semgrep: a path to semgrep given by the environment; "" to look on PATH.
        ca_bundle: a file of PEM certificates to trust in place of the usual ones; "" for those.
        search_path: the directories of PATH, as one string.
        safe_projects: projects of other users that the person works in all the same.
        link_mode: how unpacked files get from the cache into projects, one of ``store.MODES``.
    """

    config_dir: Path
    cache_dir: Path
    data_dir: Path
    home: Path
    configured_registry: str = ""
    token: str = ""
    semgrep: str = ""
    ca_bundle: str = ""
    search_path: str = ""
    link_mode: str = store.AUTO
    safe_projects: tuple[str, ...] = ()

    @property
    def registry(self) -> str:
        """The base URL of the registry.

        Raises:
            NoRegistryError: no-registry.
        """
        if not self.configured_registry:
            raise NoRegistryError(
                "No registry is configured.",
                why="Tank has no built-in registry; you say whom you trust.",
                fix="tank trust URL --fingerprint sha256:…, or --registry URL, or TANK_REGISTRY=URL; without a "
                "network, trust it from a file of `tank vendor`: add --from FILE to the first",
            )
        return self.configured_registry

    @property
    def config_file(self) -> Path:
        """The user configuration."""
        return self.config_dir / "config.json"

    @property
    def agents_file(self) -> Path:
        """Agents that the person added to the table."""
        return self.config_dir / "agents.json"

    @property
    def cache_seal(self) -> Path:
        """The key under which this user notes what was verified: not in the cache, which may come from anybody."""
        return self.config_dir / "cache.key"

    @property
    def global_root(self) -> Path:
        """The project that ``--global`` works on."""
        return self.data_dir / "global"


def load(environment: Mapping[str, str], *, registry_option: str | None = None) -> Config:
    """Returns the configuration.

    Raises:
        InvalidConfigError: invalid-config; the configuration file is not usable.
        InvalidRegistryUrlError: invalid-registry-url.
    """
    home = Path(places.home_of(environment))
    config_dir, cache_dir, data_dir = map(Path, places.directories(environment))
    stored = read_config_file(config_dir / "config.json")
    registry = registry_option or environment.get("TANK_REGISTRY") or stored.get("registry", "")
    return Config(
        config_dir,
        cache_dir,
        data_dir,
        home,
        registry_url(registry) if registry else "",
        environment.get("TANK_TOKEN", ""),
        environment.get("TANK_SEMGREP", ""),
        environment.get("SSL_CERT_FILE") or environment.get("REQUESTS_CA_BUNDLE") or "",
        environment.get("PATH", ""),
        _link_mode(environment.get("TANK_LINK_MODE", "")),
        tuple(filter(None, stored.get(SAFE_PROJECTS, "").split(os.pathsep))),
    )


def _link_mode(text: str) -> str:
    if text and text not in store.MODES:
        raise InvalidConfigError(
            f"TANK_LINK_MODE is {quoted(text)}.",
            why="It says how unpacked files get from the cache into projects.",
            fix=f"Set it to one of {', '.join(store.MODES)}, or unset it.",
        )
    return text or store.AUTO


def read_config_file(path: Path) -> dict[str, str]:
    """Returns the settings in a configuration file; none when there is no file.

    Raises:
        InvalidConfigError: invalid-config; not JSON, an unknown key, or a wrong type.
    """
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError) as error:
        raise _invalid(path, f"It is not JSON: {error}.") from error
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise _invalid(path, "It must be an object of strings.")
    unknown = sorted(set(value) - set(USER_KEYS))
    if unknown:
        raise _invalid(path, f"Unknown key {quoted(unknown[0])}; the keys are {', '.join(USER_KEYS)}.")
    return value


def _invalid(path: Path, why: str) -> InvalidConfigError:
    return InvalidConfigError(f"{path} cannot be used.", why=why, fix=f"Edit or remove {path}.")


def set_default_registry(config: Config, registry: str) -> None:
    """Writes a registry into the user configuration."""
    stored = read_config_file(config.config_file) | {"registry": registry}
    atomic.write(config.config_file, json.dumps(stored, indent=2, sort_keys=True).encode() + b"\n")


def registry_url(text: str) -> str:
    """Returns a registry's base URL in the one form used as a key: no trailing slash, lower-case host.

    Raises:
        InvalidRegistryUrlError: invalid-registry-url; not https (plain http only on loopback),
            or it carries a user, a query or a fragment.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _bad_url(text, str(error)) from error
    if parts.scheme not in ("http", "https") or not host:
        raise _bad_url(text, "It must start with https://.")
    if not _HOST.fullmatch(host):
        raise _bad_url(
            text, "Its host may hold letters, digits, dots and dashes only; others have an xn-- form."
        )
    if parts.scheme == "http" and host not in LOOPBACK_HOSTS:
        raise _bad_url(text, "Plain http is only accepted on this machine itself.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _bad_url(text, "It may hold no user, query or fragment.")
    authority = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{authority}{f':{port}' if port else ''}{parts.path.rstrip('/')}"


def _bad_url(text: str, why: str) -> InvalidRegistryUrlError:
    return InvalidRegistryUrlError(
        f"{quoted(text)} is not a registry's address.", why=why, fix="Give one such as https://tank.example"
    )
