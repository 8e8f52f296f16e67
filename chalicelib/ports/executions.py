"""The port that starts the publish state machine."""

from __future__ import annotations

from typing import Protocol

from tank_core.entities import JsonObject


class Executions(Protocol):
    """Starts executions of ``pipeline/publish.asl.json``."""

    def start(self, name: str, document: JsonObject) -> None:
        """Starts the execution of this name, durably; the same name twice starts one only.

        ``name``: the publish id, or ``<publish id>-<n>`` for a re-drive.
        """
        ...
