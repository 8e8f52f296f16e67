from __future__ import annotations

import pytest

from chalicelib.services.rate_limiting import RateLimitedError, address_caller, take, token_caller
from chalicelib.settings import Settings
from tests.support.scene import Scene, scene


@pytest.fixture
def narrow() -> Scene:
    return scene(Settings(public_url="https://registry.example", requests_per_minute=2))


def test_requests_are_counted_down_and_then_refused(narrow: Scene) -> None:
    assert [take(narrow.ports, "token:a").remaining for _ in range(2)] == [1, 0]
    with pytest.raises(RateLimitedError) as caught:
        take(narrow.ports, "token:a")
    assert 0 < caught.value.allowance.reset_seconds <= 60
    assert str(caught.value.allowance.reset_seconds) in caught.value.fix


def test_a_new_window_starts_afresh(narrow: Scene) -> None:
    for _ in range(2):
        take(narrow.ports, "token:a")
    narrow.world.clock.move(60)
    assert take(narrow.ports, "token:a").remaining == 1


def test_callers_do_not_share_a_count(narrow: Scene) -> None:
    for _ in range(2):
        take(narrow.ports, token_caller("a"))
    take(narrow.ports, token_caller("b"))
    take(narrow.ports, address_caller("a"))


def test_an_ipv6_line_has_one_count_for_all_its_addresses() -> None:
    own = {address_caller(f"2001:db8:1:2:{n:x}::{n:x}") for n in range(1, 50)}
    assert own == {"address:2001:db8:1:2::/64"}
    assert address_caller("2001:db8:1:3::1") not in own


def test_an_ipv4_address_has_one_count_however_it_is_written() -> None:
    assert address_caller("::ffff:192.0.2.1") == address_caller("192.0.2.1") == "address:192.0.2.1"
    assert address_caller("192.0.2.2") != address_caller("192.0.2.1")


@pytest.mark.parametrize("text", ["", "192.0.2.1:80", "192.0.2.1, 192.0.2.2", "[::1]", "x" * 5000])
def test_all_that_is_no_address_has_one_count_together(text: str) -> None:
    assert address_caller(text) == "address:unknown"
