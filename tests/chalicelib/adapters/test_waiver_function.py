from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.waiver_function import FunctionWaiverIssuer, event_of, waiver_in
from chalicelib.ports.errors import PortError
from chalicelib.services import keys
from pipeline.handlers import waive
from tank_core.waiver_statement import WaiverRefusedError, verify_waiver
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.sample_waivers import ARCHIVE, a_waiver


@dataclass
class FunctionOnHand:
    """Runs the handler where Lambda would."""

    error: str = ""
    events: list[Any] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> Any:
        assert FunctionName == "tank-waive"
        self.events.append(json.loads(Payload))
        if self.error:
            body: dict[str, Any] = {"errorType": "PortError", "errorMessage": self.error}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(body).encode())}
        return {"Payload": io.BytesIO(json.dumps(waive.handler(self.events[-1], None)).encode())}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> MemoryWorld:
    made = memory_world()
    monkeypatch.setattr(wiring, "_provided", made.ports())
    return made


def issuer(client: FunctionOnHand) -> FunctionWaiverIssuer:
    return FunctionWaiverIssuer(client, "tank-waive")  # type: ignore[arg-type]  # a fake of what is called


def test_the_function_signs_and_stores_exactly_what_was_asked_for(world: MemoryWorld) -> None:
    digest = issuer(FunctionOnHand()).issue(a_waiver())
    envelope = world.blobs.get(keys.blob(digest), max_bytes=100_000)
    trusted = {world.signer.key_id(): world.signer.public_key_pem()}
    assert verify_waiver(envelope, trusted, **ARCHIVE) == a_waiver()


def test_a_failure_of_the_function_is_a_failure_of_the_port(world: MemoryWorld) -> None:
    with pytest.raises(PortError, match="kms did not answer"):
        issuer(FunctionOnHand("kms did not answer")).issue(a_waiver())


def test_the_function_signs_nothing_that_no_reader_would_accept(world: MemoryWorld) -> None:
    with pytest.raises(WaiverRefusedError):
        waive.handler(event_of(replace(a_waiver(), expires_at=a_waiver().granted_at)), None)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"sign": "anything"},
        {"issue": "anything"},
        {"issue": {}},
        {**event_of(a_waiver()), "more": 1},
        {"issue": {**event_of(a_waiver())["issue"], "predicateType": "x"}},
        {"issue": {**event_of(a_waiver())["issue"], "line": "3"}},
        {"issue": {**event_of(a_waiver())["issue"], "line": True}},
        {"issue": {**event_of(a_waiver())["issue"], "reason": 7}},
    ],
)
def test_an_event_that_asks_for_anything_else_is_refused(world: MemoryWorld, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="waiver"):
        waive.handler(event, None)


def test_an_event_is_read_back_as_it_was_made() -> None:
    assert waiver_in(json.loads(json.dumps(event_of(a_waiver())))) == a_waiver()
