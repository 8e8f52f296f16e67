"""The system's clock and ids."""

from __future__ import annotations

import re

from chalicelib.adapters.system import SystemClock, SystemIds


def test_the_clock_never_goes_backwards() -> None:
    readings = iter([100.9, 50.0, 101.0])
    clock = SystemClock(lambda: next(readings))
    assert [clock.now() for _ in range(3)] == [100, 100, 101]


def test_ids_are_ulids_of_their_millisecond() -> None:
    # The specification's own example of a time: 1469918176385 ms is 01ARYZ6S41.
    made = SystemIds(lambda: 1469918176.385).new_id()
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", made)
    assert made.startswith("01aryz6s41")


def test_ids_sort_by_time_made_within_a_millisecond_and_after_a_clock_set_back() -> None:
    readings = iter([5.0] * 100 + [1.0] * 100 + [6.0])
    ids = SystemIds(lambda: next(readings))
    made = [ids.new_id() for _ in range(201)]
    assert made == sorted(set(made))


def test_secrets_have_43_url_safe_characters_and_differ() -> None:
    made = {SystemIds().new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in made)
