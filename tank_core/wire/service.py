"""The service itself over HTTP."""

from __future__ import annotations

from typing import Literal

from tank_core.wire.base import AnswerModel


class HealthDocument(AnswerModel):
    """The API answers."""

    status: Literal["ok"] = "ok"
    registry: str
