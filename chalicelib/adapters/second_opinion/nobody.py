"""The double that stands where no second opinion was configured."""

from __future__ import annotations

from collections.abc import Sequence

from tank_core.archive import ArchiveEntry
from tank_core.second_opinion import Opinion, OpinionError


class Nobody:
    """The ``SecondOpinion`` of a registry that asks nobody; asked all the same, it says so loudly."""

    @property
    def source(self) -> str:
        """Nobody."""
        return ""

    def ask(self, entries: Sequence[ArchiveEntry]) -> Opinion:
        """Raises OpinionError: an empty opinion would look like a good one."""
        raise OpinionError("no second opinion is configured")
