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
