"""What a package is seen to do: hosts it talks to, programs it starts, secrets and files it uses.

An observation is information, never a finding: it becomes one only where the
manifest does not declare it, see ``compare``. A link that a person may follow is no
access; prose that tells the agent to call an address is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from tank_core.analysis.observers import files, network, programs, secrets
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.view import ALONE, View, view_of
from tank_core.analysis.source import Source


class Observer(Protocol):
    """Reads one source; the view holds what the other files of the package say."""

    def __call__(self, source: Source, view: View = ALONE) -> Iterable[Observation]:
        """Yields what the source is seen to do."""
        ...


OBSERVERS: tuple[Observer, ...] = (network.observe, programs.observe, secrets.observe, files.observe)


def observe_package(sources: Iterable[Source]) -> Iterator[tuple[Source, Observation]]:
    """Yields everything that the sources of one package are seen to do, in their order."""
    listed = tuple(sources)
    view = view_of(listed)
    for source in listed:
        for observe in OBSERVERS:
            for observation in observe(source, view):
                yield source, observation


__all__ = ["ALONE", "OBSERVERS", "Observation", "Observer", "View", "observe_package", "view_of"]
