"""Asks for a second opinion, if this registry has one, and says what came of it.

No failure of whoever is asked may fail a publish, hold it up for longer than the
adapter's own limit, or make anything of our findings less. So everything that comes
out of the adapter that is not an opinion means the same: not available.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.ports.registry import RegistryPorts
from tank_core.analysis.evidence import shown
from tank_core.archive import ArchiveEntry
from tank_core.entities import JsonObject
from tank_core.findings import Finding
from tank_core.second_opinion import OpinionError, merged


@dataclass(frozen=True, slots=True)
class Heard:
    """The findings that count, and what to tell about the opinion.

    ``line``: for the publisher; "" when nobody is asked. ``document``: for the findings document.
    """

    findings: tuple[Finding, ...]
    line: str
    document: JsonObject


def hear(ports: RegistryPorts, entries: Sequence[ArchiveEntry], findings: Sequence[Finding]) -> Heard:
    """Returns findings with what a second opinion adds and raises; never raises, never less than was given."""
    ours, source = tuple(findings), ports.second_opinion.source
    if not source:
        return Heard(ours, "", {"state": "off"})
    try:
        opinion = ports.second_opinion.ask(entries)
        result = merged(ours, opinion, {entry.path for entry in entries})
    except OpinionError as error:
        return _unavailable(ours, source, str(error))
    except Exception as error:  # whatever it is, it is the opinion's failure and not the publish's
        return _unavailable(ours, source, type(error).__name__)
    counts = {"raised": result.raised, "added": result.added, "ignored": result.ignored}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number) or "nothing to add"
    document: JsonObject = {"source": source, "state": "heard", **counts}
    return Heard(result.findings, f"second opinion ({source}): {told}", document)


def _unavailable(findings: tuple[Finding, ...], source: str, why: str) -> Heard:
    document: JsonObject = {"source": source, "state": "not_available", "why": shown(why)}
    return Heard(findings, f"second opinion ({source}) not available: {shown(why)}", document)
