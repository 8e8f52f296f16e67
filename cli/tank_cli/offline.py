"""Where commands that only tell something get the index from: the registry, or what was kept of it.

Nothing that installs comes through here: an install uses what was kept only where the
person says so (``client.kept_first``), because it may hide a takedown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from tank_cli.client.transport import NetworkError

if TYPE_CHECKING:
    from tank_cli.client.connection import Connection
    from tank_cli.client.index_reader import IndexReader
    from tank_cli.client.kept_metadata import Age
    from tank_cli.context import Context
    from tank_core.names import SkillName


def index_of(
    context: Context, connection: Connection, names: Collection[SkillName], *, offline: bool
) -> tuple[IndexReader, Age | None]:
    """Returns the reader of the index, with some documents read; and its age where it is as it was kept.

    From then on the connection asks nobody for anything.

    A registry that cannot be reached is said, with the age of what is told instead.

    Args:
        context: of the command.
        connection: to the registry.
        names: of the skills that will be looked at.
        offline: whether to ask nobody.

    Raises:
        NotKeptError: not-kept; nothing was kept either.
        TankError: the index is refused.
    """
    from tank_cli.client.kept_metadata import NotKeptError

    why = "The registry was not asked."
    if not offline:
        try:
            return _asked(connection, names), None
        except NetworkError as error:
            why = error.what
            with contextlib.suppress(NotKeptError):
                return _kept(context, connection, names, why)
            raise
    return _kept(context, connection, names, why)


def index_document(age: Age | None) -> dict[str, object]:
    """Returns as a JSON object how an index was read. ``age``: where it is as it was kept."""
    return {
        "offline": age is not None,
        "signed_at": age.signed_at if age else None,
        "age_seconds": age.seconds if age else None,
        "expired": age.is_expired if age else False,
    }


def _asked(connection: Connection, names: Collection[SkillName]) -> IndexReader:
    index = connection.index()
    connection.metadata().refresh()
    index.prefetch(names)
    return index


def _kept(
    context: Context, connection: Connection, names: Collection[SkillName], why: str
) -> tuple[IndexReader, Age]:
    connection.go_offline()
    index, age = connection.kept_index()
    index.prefetch(names)
    context.console.warn(f"{why} What follows is as the registry signed it, {age.told}.")
    return index, age
