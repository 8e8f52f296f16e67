"""The index function's Lambda entry: the only code in AWS that may sign and write the index.

An event asks for one thing: ``{"write": [names]}`` from the API and Store,
``{"resign": true}`` from the schedule, and ``adopt``, ``rebuild`` and ``key`` from an
operator. Whoever asks decides nothing about the content: documents come from the
catalog, root and targets carry people's signatures.
"""

from __future__ import annotations

import base64
from typing import Any

from chalicelib import wiring
from chalicelib.adapters.tuf.writer import TufIndexWriter

_CEREMONY_DUE_SECONDS = 30 * 24 * 3600  # people want a month to come together


class CeremonyDueError(Exception):
    """Root or targets expire soon; raised after the work was done, so that the function's alarm rings."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Does the one thing that the event asks for.

    Raises:
        ValueError: the event asks for none, or for several.
        CeremonyDueError: people must sign again within a month.
        TankError: refused; the code says why.
    """
    if len(event) != 1:
        raise ValueError("an event of the index function asks for one thing")
    ((asked, value),) = event.items()
    writer = wiring.index_writer()
    if asked == "write":
        writer.write([str(name) for name in value])
    elif asked == "resign":
        return _resign(writer)
    elif asked == "adopt":
        writer.adopt({str(path): base64.b64decode(data, validate=True) for path, data in value.items()})
    elif asked == "rebuild":
        writer.rebuild(at_least=int(value))
    elif asked == "key":
        return {"public_key": writer.online_key_pem()}
    else:
        raise ValueError(f"the index function does not know {asked[:40]!r}")
    return {"done": asked}


def _resign(writer: TufIndexWriter) -> dict[str, Any]:
    wrote = writer.resign()
    if writer.authority_expires_at() - wiring.ports().clock.now() < _CEREMONY_DUE_SECONDS:
        raise CeremonyDueError("root or targets expire within 30 days: docs/tuf-ceremony.md")
    return {"done": "resign", "wrote": wrote}
