"""The questions of the sandbox: may this skill reach, open, start or read exactly this?

Anything that cannot be understood is refused. The sandbox resolves links and
``..`` before it asks, because only it knows the machine.
"""

from __future__ import annotations

from enum import StrEnum

from tank_core.permissions.hosts import ANY_HOST, HostPattern, ListenPattern
from tank_core.permissions.names import AnyProgram
from tank_core.permissions.paths import PathPattern
from tank_core.permissions.permission_set import PermissionSet
from tank_core.permissions.refusal import InvalidEntryError


class Mode(StrEnum):
    """How a path is opened. Writing does not include reading."""

    READ = "read"
    WRITE = "write"


def allows_host(permissions: PermissionSet, host: str, port: int) -> bool:
    """Returns whether a connection to this host and port is allowed.

    Args:
        permissions: what the skill may do.
        host: the name as the program gave it, before it is resolved, or an IP address.
        port: 1 to 65535.
    """
    try:
        wanted = HostPattern.parse(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except InvalidEntryError:
        return False
    if ANY_HOST in wanted.host:
        return False  # a pattern is not a host
    return any(HostPattern.parse(entry).contains(wanted) for entry in permissions.network_outbound)


def allows_listening(permissions: PermissionSet, address: str, port: int) -> bool:
    """Returns whether listening on this IP address (or ``localhost``) and port is allowed."""
    try:
        wanted = ListenPattern.parse(f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    except InvalidEntryError:
        return False
    if wanted.address == ANY_HOST:
        return False
    return any(ListenPattern.parse(entry).contains(wanted) for entry in permissions.network_inbound)


def allows_path(permissions: PermissionSet, path: str, mode: Mode) -> bool:
    """Returns whether opening this path is allowed.

    Args:
        permissions: what the skill may do.
        path: resolved, written from one of the four roots: ``./a``, ``skill:/a``, ``~/a``, ``/a``.
        mode: how it is opened.
    """
    patterns = permissions.filesystem_read if mode is Mode.READ else permissions.filesystem_write
    return any(PathPattern.parse(pattern).matches(path) for pattern in patterns)


def allows_program(permissions: PermissionSet, program: str) -> bool:
    """Returns whether starting the program of this name is allowed."""
    programs = permissions.subprocess
    return isinstance(programs, AnyProgram) or program in programs


def allows_secret(permissions: PermissionSet, variable: str) -> bool:
    """Returns whether reading this environment variable is allowed."""
    return variable in permissions.secrets
