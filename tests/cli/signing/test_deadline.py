"""Calls end in time, with what they returned or raised."""

from __future__ import annotations

import threading

import pytest

from tank_cli.signing.deadline import within


def test_a_result_comes_through() -> None:
    assert within(5, lambda: 7) == 7


def test_an_error_comes_through_as_itself() -> None:
    def fail() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        within(5, fail)


def test_a_late_call_is_given_up_and_keeps_no_process_alive() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError, match=r"within 0\.01 seconds"):
        within(0.01, release.wait)
    late = [thread for thread in threading.enumerate() if thread.name == "tank-signing"]
    assert all(thread.daemon for thread in late)
    release.set()
    for thread in late:
        thread.join(5)
