"""Tokens, kept apart from the configuration in a file that only its owner can read.

The environment wins over the file. A token is bound to one registry's base URL
and sent nowhere else.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from tank_cli import atomic
from tank_cli.config import Config
from tank_core.errors import ExitCode, TankError


class UnsafeCredentialsError(TankError):
    """The credentials file cannot be trusted."""

    code = "unsafe-credentials"
    exit_code = ExitCode.FORBIDDEN


class InvalidTokenError(TankError):
    """What was given as a token cannot be one."""

    code = "invalid-token"
    exit_code = ExitCode.USAGE


class NotLoggedInError(TankError):
    """A command needs a token and there is none."""

    code = "not-logged-in"
    exit_code = ExitCode.FORBIDDEN


def token_for(config: Config, registry: str) -> str:
    """Returns the token for a registry; "" when there is none.

    Raises:
        UnsafeCredentialsError: unsafe-credentials.
    """
    return config.token or _read(_path(config)).get(registry, "")


def require_token(config: Config, registry: str) -> str:
    """Returns the token for a registry.

    Raises:
        NotLoggedInError: not-logged-in.
        UnsafeCredentialsError: unsafe-credentials.
    """
    token = token_for(config, registry)
    if not token:
        raise NotLoggedInError(
            f"You are not logged in to {registry}.",
            why="This command acts in your name, and there is no token to prove it.",
            fix=f"tank login --registry {registry}, or set TANK_TOKEN",
        )
    return check_token(token)


def check_token(text: str) -> str:
    """Returns a token without surrounding space.

    Raises:
        InvalidTokenError: invalid-token; it cannot be a token, so it is not sent anywhere.
    """
    token = text.strip()
    if not token.startswith("tank_") or not token.isascii() or not token.replace("-", "_").isidentifier():
        raise InvalidTokenError(
            "That is not a token.",
            why="A token starts with tank_ and holds letters, digits, - and _ only.",
            fix="Copy the whole token; `tank token create` shows it once.",
        )
    return token


def store(config: Config, registry: str, token: str) -> None:
    """Keeps a token for a registry, in place of the one before."""
    tokens = _read(_path(config)) | {registry: token}
    _write(config, tokens)


def forget(config: Config, registry: str) -> bool:
    """Removes a registry's token; returns whether there was one."""
    tokens = _read(_path(config))
    if registry not in tokens:
        return False
    del tokens[registry]
    _write(config, tokens)
    return True


def _path(config: Config) -> Path:
    return config.config_dir / "credentials.json"


def _write(config: Config, tokens: dict[str, str]) -> None:
    data = json.dumps(tokens, indent=2, sort_keys=True).encode() + b"\n"
    atomic.write(_path(config), data, mode=0o600)


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            value = json.loads(file.read(1 << 20))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _unsafe(path, "It is not JSON.", f"Remove it and run `tank login` again: rm {path}") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise _unsafe(path, "Other users of this machine can read it.", f"chmod 600 {path}")
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise _unsafe(
            path, "It must be an object of strings.", f"Remove it and run `tank login` again: rm {path}"
        )
    return value


def _unsafe(path: Path, why: str, fix: str) -> UnsafeCredentialsError:
    return UnsafeCredentialsError(f"{path} cannot be used.", why=why, fix=fix)
