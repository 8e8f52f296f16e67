"""Where configuration, cache and data lie, as text: what start-up must know before anything is imported.

``TANK_HOME`` puts all three below one directory; without it the XDG variables decide.

Source: XDG Base Directory Specification 0.8.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as typing's, without loading it
if TYPE_CHECKING:
    from collections.abc import Mapping


def home_of(environment: Mapping[str, str]) -> str:
    """Returns the home directory."""
    return environment.get("HOME") or os.path.expanduser("~")


def directories(environment: Mapping[str, str]) -> tuple[str, str, str]:
    """Returns the directories of configuration, cache and data."""
    base = environment.get("TANK_HOME")
    if base:
        return os.path.join(base, "config"), os.path.join(base, "cache"), os.path.join(base, "data")
    home = home_of(environment)

    def xdg(name: str, default: str) -> str:
        value = environment.get(name, "")
        return os.path.join(value if value.startswith("/") else os.path.join(home, default), "tank")

    return (
        xdg("XDG_CONFIG_HOME", ".config"),
        xdg("XDG_CACHE_HOME", ".cache"),
        xdg("XDG_DATA_HOME", ".local/share"),
    )


def project_key(root: str) -> str:
    """Returns the name of what belongs to a project outside of it. ``root``: resolved."""
    import hashlib

    return hashlib.sha256(os.fsencode(root)).hexdigest()


def journal_of(data: str, root: str) -> str:
    """Returns where a project's journal lies while a change of it is under way. ``data``: the directory of data."""
    return os.path.join(data, "journals", project_key(root))
