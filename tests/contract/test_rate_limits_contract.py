"""The contract of ``chalicelib.ports.rate_limits``."""

from __future__ import annotations

from chalicelib.ports.rate_limits import Allowance
from tests.support.ports_under_test import PortsUnderTest
from tests.support.race import winners

WINDOW_START = 1_750_000_020  # a multiple of 60


def test_requests_are_counted_down_and_then_refused(ports: PortsUnderTest) -> None:
    taken = [
        ports.rate_limits.take("ada", limit=2, window_seconds=60, now=WINDOW_START + n) for n in range(4)
    ]
    assert taken == [
        Allowance(2, 1, 60, True),
        Allowance(2, 0, 59, True),
        Allowance(2, 0, 58, False),
        Allowance(2, 0, 57, False),
    ]


def test_the_next_window_begins_anew(ports: PortsUnderTest) -> None:
    for _ in range(3):
        ports.rate_limits.take("ada", limit=1, window_seconds=60, now=WINDOW_START + 59)
    fresh = ports.rate_limits.take("ada", limit=1, window_seconds=60, now=WINDOW_START + 60)
    assert fresh == Allowance(1, 0, 60, True)


def test_callers_do_not_share_a_count(ports: PortsUnderTest) -> None:
    ports.rate_limits.take("ada", limit=1, window_seconds=60, now=WINDOW_START)
    assert ports.rate_limits.take("bob", limit=1, window_seconds=60, now=WINDOW_START).allowed


def test_every_one_of_many_requests_at_once_is_counted(ports: PortsUnderTest) -> None:
    take = lambda: ports.rate_limits.take("ada", limit=100, window_seconds=60, now=WINDOW_START)  # noqa: E731
    assert len(winners([take] * 8)) == 8
    assert take().remaining == 91
