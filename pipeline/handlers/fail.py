"""Records a failure of ours: the publish ends failed and can be driven again.

The publisher is told that it is not their fault and which stage it was, but no
inner detail: that is in the log and in the execution's own history.
"""

from __future__ import annotations

from typing import Any

from chalicelib import wiring
from chalicelib.services import publish_progress


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Records that the registry could not finish this publish."""
    error = event.get("error")
    kind = str(error.get("Error", "unknown")) if isinstance(error, dict) else "no outcome"
    message = f"The registry could not finish this publish ({kind[:80]}). It is not your package's fault."
    publish_progress.fail(wiring.ports(), str(event["publish_id"]), message)
    return {"recorded": "failed"}
