from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.adapters.index_function import FunctionIndexWriter
from chalicelib.ports.errors import PortError


class Busy(Exception):
    """What Lambda raises when the function's one execution is taken."""


@dataclass
class FakeLambda:
    """Answers with what stands in the list, in order; the last one for ever."""

    answers: list[Any]
    events: list[Any] = field(default_factory=list)

    class exceptions:
        TooManyRequestsException = Busy

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:
        assert FunctionName == "tank-index"
        self.events.append(json.loads(Payload))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return {**answer, "Payload": io.BytesIO(json.dumps(answer["Payload"]).encode())}


DONE = {"StatusCode": 200, "Payload": {"done": "write"}}


def writer(client: FakeLambda, patience: float = 20.0) -> tuple[FunctionIndexWriter, list[float]]:
    """Returns a writer whose time passes only while it sleeps."""
    slept: list[float] = []
    made = FunctionIndexWriter(
        client,  # type: ignore[arg-type]  # a fake of the one method that is called
        "tank-index",
        patience_seconds=patience,
        sleep=slept.append,
        monotonic=lambda: sum(slept),
    )
    return made, slept


def test_names_go_in_one_call_sorted_and_once() -> None:
    client = FakeLambda([DONE])
    writer(client)[0].write(["@acme/b", "@acme/a", "@acme/b"])
    assert client.events == [{"write": ["@acme/a", "@acme/b"]}]


def test_no_names_call_nothing() -> None:
    client = FakeLambda([DONE])
    writer(client)[0].write([])
    assert client.events == []


def test_who_is_throttled_waits_longer_each_time_and_is_served() -> None:
    client = FakeLambda([Busy(), Busy(), Busy(), DONE])
    index, slept = writer(client)
    index.write(["@acme/a"])
    assert len(client.events) == 4
    assert 0.05 <= slept[0] <= 0.1
    assert 0.2 <= slept[2] <= 0.4


def test_who_is_throttled_for_too_long_says_so_within_its_time() -> None:
    client = FakeLambda([Busy()])
    index, slept = writer(client, patience=5.0)
    with pytest.raises(PortError, match="busy for too long"):
        index.write(["@acme/a"])
    assert sum(slept) <= 5.0


def test_a_failure_of_the_function_is_told_in_its_own_words() -> None:
    failed = {"errorType": "IndexTamperedError", "errorMessage": "not the one that was written last"}
    client = FakeLambda([{"StatusCode": 200, "FunctionError": "Unhandled", "Payload": failed}])
    with pytest.raises(PortError, match="IndexTamperedError: not the one that was written last"):
        writer(client)[0].write(["@acme/a"])


def test_no_answer_is_an_error_of_the_port() -> None:
    client = FakeLambda([ReadTimeoutError(endpoint_url="https://lambda.example")])
    with pytest.raises(PortError, match="ReadTimeoutError"):
        writer(client)[0].write(["@acme/a"])


@pytest.mark.parametrize(
    ("act", "event"),
    [
        (
            lambda index: index.adopt({"tuf/1.root.json": b"{}"}),
            {"adopt": {"tuf/1.root.json": base64.b64encode(b"{}").decode()}},
        ),
        (lambda index: index.rebuild(at_least=7), {"rebuild": 7}),
    ],
)
def test_what_operators_ask_for(act: Callable[[FunctionIndexWriter], None], event: dict[str, Any]) -> None:
    client = FakeLambda([DONE])
    act(writer(client)[0])
    assert client.events == [event]


def test_an_operator_gets_the_key_to_be_named_in_a_root() -> None:
    client = FakeLambda([{"StatusCode": 200, "Payload": {"public_key": "PEM"}}])
    assert writer(client)[0].online_key_pem() == "PEM"
