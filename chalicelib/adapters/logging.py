"""Structured logs for operators; the one importer of aws-lambda-powertools.

One JSON object per line on stdout, where Lambda picks it up.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TextIO

from aws_lambda_powertools import Logger

from chalicelib.ports.request_log import RequestLine


class StructuredLog:
    """The ``RequestLog`` port over Powertools' logger."""

    def __init__(self, level: str, *, stream: TextIO | None = None, service: str = "tank-registry") -> None:
        """Takes how and where to write; for one service the first in a process decides.

        Args:
            level: the least that is written, such as ``INFO``.
            stream: None is stdout.
            service: the name in every line.
        """
        self._logger = Logger(service=service, level=level, stream=stream)

    def answered(self, line: RequestLine) -> None:
        """See ``RequestLog.answered``."""
        self._logger.info("request", extra=asdict(line))

    def broke(self, line: RequestLine, error: BaseException) -> None:
        """See ``RequestLog.broke``."""
        self._logger.error("internal error", extra=asdict(line), exc_info=error)
