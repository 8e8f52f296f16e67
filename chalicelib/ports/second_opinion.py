"""The port to somebody else who looks at a package: a language model, or another scanner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tank_core.archive import ArchiveEntry
from tank_core.second_opinion import Opinion


class SecondOpinion(Protocol):
    """Gives an opinion, which may only raise and add (``tank_core.second_opinion.merged``).

    Nothing depends on it: whoever asks goes on without an answer. It is bounded in time
    and size by the adapter, and never asked for more than one package at a time.
    """

    @property
    def source(self) -> str:
        """Who gives it, one word that readers of findings see; "" when nobody is asked."""
        ...

    def ask(self, entries: Sequence[ArchiveEntry]) -> Opinion:
        """Returns what the source says about a package.

        Args:
            entries: the files of the archive, as the archive policy let them through.

        Raises:
            OpinionError: it did not answer in time, or not with an opinion.
        """
        ...
