"""What code in a package is seen to do: hosts it names, programs it starts, secrets and files it uses.

An observation is information, never a finding: it becomes one only where the
manifest does not declare it, see ``compare``. Prose is not observed: a link that a
person may follow is no access.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tank_core.analysis.observers import files, network, programs, secrets
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.source import Source

Observer = Callable[[Source], Iterable[Observation]]

OBSERVERS: tuple[Observer, ...] = (network.observe, programs.observe, secrets.observe, files.observe)
