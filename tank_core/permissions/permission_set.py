"""The permission set: what a skill needs, or what a project allows, as one value.

Six types of access, each a sorted list of canonical entries. The value says
nothing about which reading is meant: a declaration and a budget have the same
shape, and ``algebra`` compares them.

Source: FORMATS, "Permission shape".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from tank_core.errors import ExitCode, TankError
from tank_core.permissions import reading
from tank_core.permissions.names import ANY_PROGRAM, AnyProgram


class InvalidPermissionsError(TankError):
    """A permission object has problems; ``problems`` lists every one of them."""

    code = "invalid-permissions"
    status = 422
    exit_code = ExitCode.USAGE  # what is written is none; what is not allowed is `permission-budget`


class Access(StrEnum):
    """The six types of access, by their place in the JSON form, in its order."""

    NETWORK_OUTBOUND = "network.outbound"
    NETWORK_INBOUND = "network.inbound"
    FILESYSTEM_READ = "filesystem.read"
    FILESYSTEM_WRITE = "filesystem.write"
    SUBPROCESS = "subprocess"
    SECRETS = "secrets"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One entry of a permission set: its type, and its canonical text (``*`` for any program)."""

    type: Access
    value: str

    @property
    def json_line(self) -> str:
        """The entry as one types it into skills.json, such as ``"subprocess": ["git"]``."""
        if self.type is Access.SUBPROCESS and self.value == ANY_PROGRAM.value:
            return '"subprocess": true'
        outer, _, inner = self.type.partition(".")
        listed = json.dumps([self.value], ensure_ascii=False)
        return f'"{outer}": {{"{inner}": {listed}}}' if inner else f'"{outer}": {listed}'


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A set of permissions. Absent is none.

    Every entry is canonical, as ``from_json`` makes it; code that builds a set
    itself writes entries that way too. The lists are sorted here and hold no
    entry twice, but may hold one that another contains: see ``algebra.normalised``.
    """

    network_outbound: tuple[str, ...] = ()
    network_inbound: tuple[str, ...] = ()
    filesystem_read: tuple[str, ...] = ()
    filesystem_write: tuple[str, ...] = ()
    subprocess: tuple[str, ...] | AnyProgram = ()
    secrets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not ANY_PROGRAM:
                object.__setattr__(self, name, tuple(sorted(set(value))))

    @classmethod
    def from_json(cls, value: object, where: str) -> PermissionSet:
        """Returns the set that a parsed JSON value means, its entries canonical.

        Args:
            value: the object below ``capabilities`` or ``permissions``.
            where: its place, such as ``skills.json: capabilities``.

        Raises:
            InvalidPermissionsError: "invalid-permissions", with all problems.
        """
        lists, problems = reading.read(value, where)
        if problems:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise InvalidPermissionsError(
                f"{where} has {count}",
                why="Permissions are read strictly: what cannot be understood cannot be kept to.",
                fix=problems[0].fix,
                problems=problems,
            )
        subprocess = lists["subprocess"]
        return cls(
            network_outbound=_words(lists["network.outbound"]),
            network_inbound=_words(lists["network.inbound"]),
            filesystem_read=_words(lists["filesystem.read"]),
            filesystem_write=_words(lists["filesystem.write"]),
            subprocess=subprocess,
            secrets=_words(lists["secrets"]),
        )

    def to_json(self) -> dict[str, object]:
        """Returns the canonical JSON value: only what is there, sorted lists, ``true`` for any program."""
        network = _filled(outbound=self.network_outbound, inbound=self.network_inbound)
        filesystem = _filled(read=self.filesystem_read, write=self.filesystem_write)
        result: dict[str, object] = {}
        if network:
            result["network"] = network
        if filesystem:
            result["filesystem"] = filesystem
        if self.subprocess is ANY_PROGRAM:
            result["subprocess"] = True
        return {**result, **_filled(subprocess=_words(self.subprocess), secrets=self.secrets)}

    def values(self, access: Access) -> tuple[str, ...]:
        """Returns the entries of one type, sorted; ``("*",)`` for any program."""
        value: tuple[str, ...] | AnyProgram = getattr(self, access.name.lower())
        return (value.value,) if isinstance(value, AnyProgram) else value


NONE = PermissionSet()


def from_entries(entries: dict[Access, tuple[str, ...]]) -> PermissionSet:
    """Returns the set with these canonical entries; ``*`` below subprocess is any program."""
    programs = entries.get(Access.SUBPROCESS, ())
    return PermissionSet(
        network_outbound=entries.get(Access.NETWORK_OUTBOUND, ()),
        network_inbound=entries.get(Access.NETWORK_INBOUND, ()),
        filesystem_read=entries.get(Access.FILESYSTEM_READ, ()),
        filesystem_write=entries.get(Access.FILESYSTEM_WRITE, ()),
        subprocess=ANY_PROGRAM if ANY_PROGRAM.value in programs else programs,
        secrets=entries.get(Access.SECRETS, ()),
    )


def entries(permissions: PermissionSet) -> tuple[Entry, ...]:
    """Returns every entry of a set, by type in the order of ``Access``, then by text."""
    return tuple(Entry(access, value) for access in Access for value in permissions.values(access))


def _words(value: tuple[str, ...] | AnyProgram) -> tuple[str, ...]:
    return () if isinstance(value, AnyProgram) else value


def _filled(**lists: tuple[str, ...]) -> dict[str, object]:
    return {name: list(values) for name, values in lists.items() if values}
