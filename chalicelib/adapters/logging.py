"""Structured logs for operators; the one importer of aws-lambda-powertools.

One JSON object per line on stdout, where Lambda picks it up; ``TANK_LOG_LEVEL``
chooses how much (``WARNING`` keeps the embedded registry's terminal quiet).
"""

from __future__ import annotations

import os
from dataclasses import asdict

from aws_lambda_powertools import Logger

from chalicelib.ports.request_log import RequestLine


class StructuredLog:
    """The ``RequestLog`` port over Powertools' logger."""

    def __init__(self, service: str = "tank-registry") -> None:
        self._logger = Logger(service=service, level=os.environ.get("TANK_LOG_LEVEL", "INFO"))

    def answered(self, line: RequestLine) -> None:
        """See ``RequestLog.answered``."""
        self._logger.info("request", extra=asdict(line))

    def broke(self, line: RequestLine, error: BaseException) -> None:
        """See ``RequestLog.broke``."""
        self._logger.error("internal error", extra=asdict(line), exc_info=error)
