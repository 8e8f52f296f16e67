from __future__ import annotations

import io
import json

from chalicelib.adapters.logging import StructuredLog
from chalicelib.ports.request_log import RequestLine

LINE = RequestLine("id1", "GET", "/v1/search", 200, "", "address:192.0.2.1")


def test_a_request_is_one_json_line() -> None:
    stream = io.StringIO()
    StructuredLog("INFO", stream=stream, service="test-info").answered(LINE)
    written = json.loads(stream.getvalue())
    assert (written["request_id"], written["route"], written["status"]) == ("id1", "/v1/search", 200)


def test_what_broke_is_written_with_its_stack_at_any_level() -> None:
    stream = io.StringIO()
    log = StructuredLog("WARNING", stream=stream, service="test-warning")
    log.answered(LINE)
    try:
        raise ValueError("the cause")
    except ValueError as exc:
        log.broke(LINE, exc)
    written = json.loads(stream.getvalue())
    assert "the cause" in written["exception"]
    assert written["level"] == "ERROR"
