"""What a detector reports: a place and its evidence. How bad it is stands in the rule."""

from __future__ import annotations

from dataclasses import dataclass

from tank_core.analysis.evidence import shown
from tank_core.analysis.source import Source


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One match of a detector.

    Attributes:
        file: path inside the package; empty for the package as a whole.
        line: 1-based line; 0 for the whole file.
        evidence: escaped and shortened.
        provenance: of the source, see ``Source``.
    """

    file: str
    line: int
    evidence: str
    provenance: str = ""


def hit_at(source: Source, offset: int, *, evidence: str = "") -> Hit:
    """Returns a hit at an offset of a source; the evidence is its line unless given."""
    line = source.line_at(offset)
    if not evidence:
        # Bounded on both sides: a minified file may be one line of a megabyte.
        before = source.text[max(0, offset - 60) : offset].rpartition("\n")[2]
        evidence = before + source.text[offset : offset + 400].partition("\n")[0]
    return Hit(source.file, line, shown(evidence), source.provenance)


def hit_on_line(source: Source, local_line: int, *, evidence: str = "") -> Hit:
    """Returns a hit on a 1-based line of a source; the evidence is that line unless given."""
    text = evidence or source.local_line(local_line)
    return Hit(source.file, source.line_of(local_line), shown(text), source.provenance)
