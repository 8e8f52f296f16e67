"""Facts: what one text does that matters for an attack, whatever its language.

A fact says that something is there (reads a private key, sends data out, runs what it
decodes), never that it is wrong; honest programs are full of them. ``chains`` joins
facts of one text, or of texts that belong together, into what is wrong.
"""

from __future__ import annotations

from tank_core.analysis.facts.fact import Fact, FactKind
from tank_core.analysis.facts.reading import facts_of

__all__ = ["Fact", "FactKind", "facts_of"]
