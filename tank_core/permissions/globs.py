"""Glob languages over paths: does a pattern match, does one pattern contain another.

A path is a sequence of segments, none of them empty. A pattern is a sequence of
segment patterns: ``**`` stands for any number of segments, none included; in
every other segment ``*`` stands for any run of characters, and alone for any
segment. Nothing else is special. What a segment may hold, and which root it hangs
on, is for ``paths``.

Matching runs a nondeterministic automaton that reads whole segments. Containment
is language inclusion, decided on the product of the inner pattern's automaton with
the outer one's subset construction, kept small by three observations:

1. A character that the outer pattern does not name is read by its wildcards only,
   and they read anything else in its place. So one such character stands for
   whatever the inner pattern's ``*`` may be, and one such segment, ``UNNAMED``, for
   each segment of its ``**``. The star itself is that character: it is none in an
   outer pattern.
2. From a state that loops (at a ``**``) every path that an earlier state could still
   accept is accepted too, so the earlier states are dropped: the leftmost match of
   a wildcard is as good as any.
3. Of two sets of outer states on trial beside one inner state, only the smaller counts.

Source: Hopcroft, Motwani, Ullman, "Introduction to Automata Theory", 2.3 and 4.4;
De Wulf et al., "Antichains: a new algorithm for checking universality", CAV 2006.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

Segments = tuple[str, ...]

ANY_SEGMENTS = "**"
ANY_SEGMENT = "*"
UNNAMED = "\0"  # a segment that no pattern names: control characters are refused in patterns

# Ordinary patterns take some ten steps; the worst that a search found within the limits
# on wildcards and segments (``paths``) took 3,800. Whoever reaches this many wrote a
# pattern for that purpose, and is told "not contained".
_MAX_STEPS = 20_000


class Inclusion(NamedTuple):
    """An answer, and the steps that it took: the same for the same patterns, always."""

    holds: bool
    steps: int


class _Wildcard(NamedTuple):
    """A segment with a ``*`` beside other characters: its state's bit, and what is between the stars."""

    state: int
    first: str
    middle: tuple[str, ...]
    last: str

    def reads(self, segment: str) -> bool:
        """Returns whether it matches, each part as far left as it goes."""
        if not segment.startswith(self.first):
            return False
        position, end = len(self.first), len(segment) - len(self.last)
        for part in self.middle:
            found = segment.find(part, position, end)
            if found < 0:
                return False
            position = found + len(part)
        return position <= end and segment.endswith(self.last)


class Automaton:
    """The automaton of one pattern; state ``n`` has read n segments, sets of states are bits of an int.

    Attributes:
        named: the segment patterns without ``**``; the last state follows the last of them.
        loops: the states at which a ``**`` stands, and any segment may be read.
        accepting: the last state, as a set.
        steps_per_segment: the work of ``readers``, in texts that it compares.
    """

    __slots__ = ("_any", "_literals", "_wildcards", "accepting", "loops", "named", "steps_per_segment")

    def __init__(self, segments: Segments) -> None:
        self.named = tuple(segment for segment in segments if segment != ANY_SEGMENTS)
        self.accepting = 1 << len(self.named)
        self.loops = 0
        self._any = 0  # the states that a lone ``*`` follows
        self._literals: dict[str, int] = {}
        self._wildcards: list[_Wildcard] = []
        self.steps_per_segment = 1
        state = 1
        for segment in segments:
            if segment == ANY_SEGMENTS:
                self.loops |= state
            else:
                self._add_segment(segment, state)
                state <<= 1

    def _add_segment(self, segment: str, state: int) -> None:
        if segment == ANY_SEGMENT:
            self._any |= state
        elif "*" in segment:
            first, *middle, last = segment.split("*")
            self._wildcards.append(_Wildcard(state, first, tuple(middle), last))
            self.steps_per_segment += 1 + len(middle)
        else:
            self._literals[segment] = self._literals.get(segment, 0) | state

    def readers(self, segment: str) -> int:
        """Returns the states that can go on by reading this segment, a ``*`` in it being any character."""
        states = self._any | self._literals.get(segment, 0)
        for wildcard in self._wildcards:
            if wildcard.reads(segment):
                states |= wildcard.state
        return states

    def step(self, states: int, readers: int) -> int:
        """Returns the states after a segment with these readers; 0 when no path can follow."""
        looping = states & self.loops
        reached = (states & readers) << 1 | looping
        latest = (reached & self.loops).bit_length()
        return reached >> latest - 1 << latest - 1 if latest else reached


@lru_cache(maxsize=1024)
def automaton(segments: Segments) -> Automaton:
    """Returns the automaton of a pattern, made once."""
    return Automaton(segments)


def matches(pattern: Segments, path: Segments) -> bool:
    """Returns whether the pattern matches the path.

    Args:
        pattern: segment patterns.
        path: literal segments, none of them empty; a ``*`` in one is only a character.
    """
    machine = automaton(pattern)
    states = 1
    for segment in path:
        states = machine.step(states, machine.readers(segment))
        if not states:
            return False
    return bool(states & machine.accepting)


def includes(outer: Segments, inner: Segments) -> bool:
    """Returns whether the outer pattern matches every path that the inner one matches.

    Exact up to a limit of work, and beyond it false: never true when a path of the
    inner pattern is not the outer's.
    """
    return inclusion(outer, inner).holds


def inclusion(outer: Segments, inner: Segments) -> Inclusion:
    """Returns what ``includes`` does, and the number of steps: product states and segments compared."""
    if outer == inner:
        return Inclusion(holds=True, steps=1)
    if _parts_early(outer, inner):
        return Inclusion(holds=False, steps=1)
    wide, narrow = automaton(outer), automaton(inner)
    last = len(narrow.named)
    unnamed = wide.readers(UNNAMED)
    readers: dict[int, int] = {}  # inner state -> the outer states that can read what it reads
    seen: list[list[int]] = [[] for _ in range(last + 1)]
    pending = [(0, 1)]
    steps = 0
    while pending and steps < _MAX_STEPS:
        state, states = pending.pop()
        rivals = seen[state]
        steps += 1 + len(rivals)
        if not states or (state == last and not states & wide.accepting):
            return Inclusion(holds=False, steps=steps)
        if any(smaller & states == smaller for smaller in rivals):
            continue  # a set with fewer ways to accept is on trial already
        rivals.append(states)
        if narrow.loops >> state & 1:
            pending.append((state, wide.step(states, unnamed)))
        if state < last:
            if state not in readers:
                steps += wide.steps_per_segment
                readers[state] = wide.readers(narrow.named[state])
            pending.append((state + 1, wide.step(states, readers[state])))
    return Inclusion(holds=not pending, steps=steps)


def _parts_early(outer: Segments, inner: Segments) -> bool:
    """Returns whether a literal of the outer pattern follows what both begin with, and not of the inner one.

    Most pairs of ordinary patterns are told apart here.
    """
    for position, segment in enumerate(outer):
        if segment == ANY_SEGMENTS:
            return False
        if inner[position : position + 1] != (segment,):
            return "*" not in segment
    return False
