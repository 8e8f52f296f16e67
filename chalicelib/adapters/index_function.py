"""The index writer as the API and Store see it in AWS: a call of the one function that may write the index.

The function runs once at a time (reserved concurrency 1), so a call that comes
while another runs is throttled and tried again here, with pauses that grow and
differ between callers, until the caller's own time is nearly over. Every call is
harmless to repeat: the function reads the catalog, not the call.

Source: Lambda API reference, Invoke (TooManyRequestsException, FunctionError).
"""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import port_errors
from chalicelib.ports.errors import PortError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0


class FunctionIndexWriter:
    """The ``IndexWriter`` port over one Lambda function, and what operators ask of it."""

    def __init__(
        self,
        client: LambdaClient,
        function: str,
        *,
        patience_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes the function's name and how long a caller may wait for its turn."""
        self._client = client
        self._function = function
        self._patience_seconds = patience_seconds
        self._sleep = sleep
        self._monotonic = monotonic

    def write(self, names: Sequence[str]) -> None:
        """See ``IndexWriter.write``."""
        if names:
            self._invoke({"write": sorted(set(names))})

    def adopt(self, files: Mapping[str, bytes]) -> None:
        """Publishes what a ceremony signed; for operators.

        Raises:
            PortError: refused; the message has the function's own words.
        """
        encoded = {path: base64.b64encode(data).decode("ascii") for path, data in files.items()}
        self._invoke({"adopt": encoded})

    def rebuild(self, *, at_least: int = 0) -> None:
        """Writes the whole index from the catalog; for operators.

        Raises:
            PortError: refused; the message has the function's own words.
        """
        self._invoke({"rebuild": at_least})

    def online_key_pem(self) -> str:
        """Returns the public half of the key that signs the index; for operators.

        Raises:
            PortError: the function did not answer.
        """
        return str(self._invoke({"key": True})["public_key"])

    def _invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        payload = json.dumps(event).encode()
        deadline = self._monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            with port_errors("invoke the index function"):
                try:
                    answer = self._client.invoke(FunctionName=self._function, Payload=payload)
                except self._client.exceptions.TooManyRequestsException:
                    answer = None
            if answer is not None:
                return _result(answer)
            wait = pause * (0.5 + random.random() / 2)  # noqa: S311  # jitter
            if self._monotonic() + wait > deadline:
                raise PortError("the index function was busy for too long")
            self._sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _result(answer: Any) -> dict[str, Any]:
    """Returns what the function returned.

    Raises:
        PortError: it failed; its error type and message are ours, and free of secrets.
    """
    body = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError"):
        raise PortError(f"the index function: {body.get('errorType')}: {body.get('errorMessage')}")
    return dict(body)
