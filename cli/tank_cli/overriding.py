"""How the project's overrides are told: in lists, after an install, and to programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tank_core.overrides import Overridden


def lines(found: Iterable[Overridden]) -> Iterator[str]:
    """Yields one line for each override that has an effect, with whoever asks for something else."""
    for one in found:
        against = ", ".join(f"{name} asks for {asked}" for name, asked in one.against)
        yield f"{one.name} {one.version}: skills.json sets {one.wanted}" + (f"; {against}" if against else "")
