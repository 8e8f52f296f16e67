"""How much work one question about permissions may cost.

Comparing is quadratic in the entries and, for path patterns, more than linear in
their length, while whoever writes the entries is not always whoever waits for the
answer. A question therefore has a number of steps to spend, the same on every
machine and whatever was asked before; when they are spent, everything that is not
decided yet counts as not contained, which is the safe side.
"""

from __future__ import annotations

# Enough for two sets with 128 ordinary entries in every list, twice over (see
# tests/tank_core/permissions/test_effort.py); all of it takes about half a second.
QUESTION_STEPS = 300_000
# One question about many sets: a history of versions, or the skills of a project.
MANY_SETS_STEPS = 1_500_000


class Effort:
    """The steps of one question: a pair of entries looked at, a product state, a segment compared."""

    __slots__ = ("_limit", "spent")

    def __init__(self, limit: int = QUESTION_STEPS) -> None:
        self._limit = limit
        self.spent = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether the answer must be found without further work."""
        return self.spent >= self._limit

    def spend(self, steps: int) -> None:
        """Counts steps that were taken; the last ones may exceed the limit by one pair of entries."""
        self.spent += steps
