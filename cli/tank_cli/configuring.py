"""What is configured, and where each value comes from: option, environment, project, user, built in.

A token is never shown, only whether there is one.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tank_cli import atomic, credentials
from tank_cli.config import POLICY_KEYS, SAFE_PROJECTS, USER_KEYS, Config, read_config_file, registry_url
from tank_cli.context import Context
from tank_cli.project import ForeignProjectError, find
from tank_cli.user_policy import policy_of
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.manifest import AuditPolicy

USER, PROJECT, BUILT_IN, OPTION = (
    "user (config.json)",
    "project (skills.json)",
    "built in",
    "option (--registry)",
)
_VARIABLES = {
    "semgrep": ("TANK_SEMGREP",),
    "ca-file": ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    "config-dir": ("TANK_HOME", "XDG_CONFIG_HOME"),
    "cache-dir": ("TANK_HOME", "XDG_CACHE_HOME"),
    "data-dir": ("TANK_HOME", "XDG_DATA_HOME"),
}


class ConfigKeyError(TankError):
    """A key of the configuration does not exist, or cannot be set there, or holds nothing."""

    code = "config-key"
    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. ``value``: "" when nothing is set; ``note``: what else a person should know."""

    key: str
    value: str
    source: str
    note: str = ""

    @property
    def is_secret(self) -> bool:
        """Whether the value is only whether there is one."""
        return self.key == "token"

    def to_json(self) -> dict[str, object]:
        """Returns the setting as a JSON object; a token has no value there."""
        shown = None if self.is_secret or not self.value else self.value
        return {
            "key": self.key,
            "value": shown,
            "is_set": bool(self.value),
            "source": self.source,
            "note": self.note,
        }


def settings(context: Context) -> tuple[Setting, ...]:
    """Returns every setting, in a fixed order.

    Raises:
        InvalidConfigError: invalid-config.
        InvalidManifestError: invalid-manifest.
        UnsafeCredentialsError: unsafe-credentials.
    """
    config, environment = context.config, context.surroundings.environment
    stored = read_config_file(config.config_file)
    return (
        _registry(config, environment, stored),
        _token(config),
        _safe_projects(stored),
        *_policy(policy_of(stored), _project_policy(context)),
        *_from_environment(config, environment),
    )


def setting(context: Context, key: str) -> Setting:
    """Returns one setting.

    Raises:
        ConfigKeyError: config-key.
    """
    found = settings(context)
    for one in found:
        if one.key == key:
            return one
    raise _unknown(key, [one.key for one in found])


def store(config: Config, key: str, value: str | None) -> bool:
    """Sets a key in the user's configuration, or with None takes it out; returns whether that changed anything.

    Raises:
        ConfigKeyError: config-key; it is not one that can be set there.
        InvalidConfigError: invalid-config; the value is not one of the key.
        InvalidRegistryUrlError: invalid-registry-url.
    """
    _check_settable(key)
    before = read_config_file(config.config_file)
    after = {name: text for name, text in before.items() if name != key}
    if value is not None:
        after[key] = registry_url(value) if key == "registry" else value
        policy_of(after)
    if after == before:
        return False
    atomic.write(config.config_file, json.dumps(after, indent=2, sort_keys=True).encode() + b"\n")
    return True


def _check_settable(key: str) -> None:
    if key in USER_KEYS:
        return
    if key == "token":
        raise ConfigKeyError(
            "A token is not part of the configuration.",
            why="It lies in a file of its own that only you can read, and belongs to one registry.",
            fix="tank login, or set TANK_TOKEN",
        )
    if key in _VARIABLES:
        raise ConfigKeyError(
            f"{key} cannot be set in the configuration.",
            why="Only the environment says that.",
            fix=f"Set {_VARIABLES[key][0]}.",
        )
    raise _unknown(key, [*USER_KEYS, *_VARIABLES])


def _unknown(key: str, known: list[str]) -> ConfigKeyError:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.4)
    return ConfigKeyError(
        f"There is no setting {quoted(key)}.",
        why=f"The settings are {', '.join(known)}.",
        fix=f"Did you mean {nearest[0]}?" if nearest else "tank config ls",
    )


def _registry(config: Config, environment: Mapping[str, str], stored: Mapping[str, str]) -> Setting:
    effective = config.configured_registry
    places = (
        ("environment (TANK_REGISTRY)", environment.get("TANK_REGISTRY", "")),
        (USER, stored.get("registry", "")),
    )
    source, text = next(((place, text) for place, text in places if text), (OPTION, ""))
    is_from_there = bool(text) and registry_url(text) == effective
    return Setting("registry", effective, (source if is_from_there else OPTION) if effective else "")


def _token(config: Config) -> Setting:
    if config.token:
        return Setting("token", "set", "environment (TANK_TOKEN)")
    registry = config.configured_registry
    is_stored = bool(registry) and bool(credentials.token_for(config, registry))
    return Setting("token", "set", "user (credentials.json)") if is_stored else Setting("token", "", "")


def _safe_projects(stored: Mapping[str, str]) -> Setting:
    paths = stored.get(SAFE_PROJECTS, "")
    return Setting(SAFE_PROJECTS, paths, USER if paths else "")


def _project_policy(context: Context) -> AuditPolicy:
    try:
        project = find(context.cwd, context.config)
    except ForeignProjectError:  # which asks nothing of anybody, and is let in by a setting
        return AuditPolicy()
    return project.manifest().audit if project.manifest_path.is_file() else AuditPolicy()


def _policy(user: AuditPolicy, project: AuditPolicy) -> Iterator[Setting]:
    """Yields what counts of the policy: the stricter of both."""
    effective = user.stricter(project).to_json()
    for key in POLICY_KEYS:
        name = key.removeprefix("audit.")
        value, asked, of_user = (
            policy.get(name) for policy in (effective, project.to_json(), user.to_json())
        )
        if value is None:
            yield Setting(key, "", "")
        elif value == of_user and asked not in (None, value):
            yield Setting(key, _text(value), USER, f"skills.json asks for {_text(asked)}, which is less")
        else:
            yield Setting(key, _text(value), USER if value == of_user else PROJECT)


def _text(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _from_environment(config: Config, environment: Mapping[str, str]) -> Iterator[Setting]:
    values = {
        "semgrep": config.semgrep,
        "ca-file": config.ca_bundle,
        "config-dir": str(config.config_dir),
        "cache-dir": str(config.cache_dir),
        "data-dir": str(config.data_dir),
    }
    for key, variables in _VARIABLES.items():
        named = next((name for name in variables if environment.get(name)), "")
        source = f"environment ({named})" if named else BUILT_IN
        yield Setting(key, values[key], source if values[key] else "")
