"""Runs the same thing in several threads at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chalicelib.ports.errors import ConditionFailed


def winners(contenders: Sequence[Callable[[], object]]) -> list[int]:
    """Returns which contenders did not fail with ConditionFailed; any other error is raised."""
    barrier = threading.Barrier(len(contenders))

    def contend(number: int) -> int | None:
        barrier.wait(timeout=10)
        try:
            contenders[number]()
        except ConditionFailed:
            return None
        return number

    with ThreadPoolExecutor(len(contenders)) as pool:
        ended = list(pool.map(contend, range(len(contenders))))
    return [number for number in ended if number is not None]
