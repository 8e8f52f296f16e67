"""The port that makes what the catalog says readable: index documents and the metadata that signs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class IndexWriter(Protocol):
    """Writes the signed index. There is one writer per registry, and it takes one round at a time."""

    def write(self, names: Sequence[str]) -> None:
        """Brings the index documents of these skills up to date with the catalog.

        When it returns, a client that refreshes sees what the catalog said at the
        call, or something newer. All names go into one round; the documents are built
        from the catalog alone, so a repetition is harmless.

        Args:
            names: ``@org/name`` each; none writes nothing.

        Raises:
            PortError: readers may still see the state before; call again.
        """
        ...
