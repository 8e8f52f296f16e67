"""Glob languages over paths: does a pattern match, does one pattern contain another.

A path is a sequence of segments, none of them empty. A pattern is a sequence of
segment patterns: ``**`` stands for any number of segments, none included; in
every other segment ``*`` stands for any run of characters. Nothing else is
special. What a segment may hold, and which root it hangs on, is for ``paths``.

Matching runs a nondeterministic automaton over the path written as
``/segment/segment``. Containment is language inclusion, decided on the product of
the inner pattern's automaton with the outer one's subset construction, kept small
by two observations:

1. Only characters that a reachable state of the outer automaton names can tell
   its states apart; all others behave alike, so one symbol stands for them.
2. From a state that loops (a ``*``, or inside a segment of a ``**``) every word
   that an earlier state could still accept is accepted too, so the earlier states
   are dropped: the leftmost match of a wildcard is as good as any.

Source: Hopcroft, Motwani, Ullman, "Introduction to Automata Theory", 2.3 and 4.4;
De Wulf et al., "Antichains: a new algorithm for checking universality", CAV 2006.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

Segments = tuple[str, ...]

ANY_SEGMENTS = "**"
_SLASH = "/"
_NOT_SLASH = ""  # the label of an edge that every character but the slash takes
_OTHER = "\0"  # the character that no pattern names: control characters are refused in patterns

# The subset construction is exponential only in the wildcards after a ``**``, and
# patterns are limited to a few (``paths.MAX_WILDCARDS``). Whoever reaches this many
# product states wrote a pattern for that purpose, and is told "not contained".
_MAX_PRODUCT_STATES = 5_000


class Automaton:
    """The automaton of one pattern without two ``**`` in a row; state sets are the bits of an int."""

    __slots__ = ("_closure", "_edges", "_weaker", "accepting", "start")

    def __init__(self, segments: Segments) -> None:
        self._edges: list[list[tuple[str, int]]] = [[]]
        self._closure: list[int] = [1]
        self._weaker: dict[int, int] = {}  # looping state -> the earlier states it makes superfluous
        for segment in segments:
            if segment == ANY_SEGMENTS:
                self._add_any_segments()
            else:
                self._add_segment(segment)
        last = len(self._edges) - 1
        self.accepting = 1 << last
        self.start = self._pruned(self._closure[0])

    def _add_state(self) -> int:
        state = len(self._edges)
        self._edges.append([])
        self._closure.append(1 << state)
        return state

    def _add_any_segments(self) -> None:
        """Appends ``('/' [^/]+)*``: at a boundary, after the slash, and inside the segment."""
        boundary = len(self._edges) - 1
        opened, inside, after = self._add_state(), self._add_state(), self._add_state()
        self._edges[boundary].append((_SLASH, opened))
        self._edges[opened].append((_NOT_SLASH, inside))
        self._edges[inside].append((_NOT_SLASH, inside))
        # The boundary may be left without a segment, and come back to after one.
        self._closure[boundary] |= 1 << after
        self._closure[inside] |= 1 << boundary | 1 << after
        # Not so the boundary: it cannot go on in the segment that an earlier state is still inside of.
        for state in (opened, inside):
            self._weaker[state] = (1 << boundary) - 1

    def _add_segment(self, segment: str) -> None:
        """Appends ``/`` and the segment's characters; a lone ``*`` needs one character at least."""
        opened = self._add_state()
        self._edges[opened - 1].append((_SLASH, opened))
        if segment == "*":
            inside = self._add_state()
            self._edges[opened].append((_NOT_SLASH, inside))
            self._loop(inside, opened)
            return
        state = opened
        for character in segment:
            if character == "*":
                self._loop(state, opened)
            else:
                following = self._add_state()
                self._edges[state].append((character, following))
                state = following

    def _loop(self, state: int, opened: int) -> None:
        self._edges[state].append((_NOT_SLASH, state))
        self._weaker[state] = ((1 << state) - 1) & ~((1 << opened) - 1)

    def _pruned(self, states: int) -> int:
        for looping, weaker in self._weaker.items():
            if states >> looping & 1:
                states &= ~weaker
        return states

    def labels(self, states: int) -> set[str]:
        """Returns the labels of all edges that leave these states."""
        return {label for state in _bits(states) for label, _ in self._edges[state]}

    def step(self, states: int, character: str) -> int:
        """Returns the states after one more character; 0 when no word can follow."""
        reached = 0
        for state in _bits(states):
            for label, target in self._edges[state]:
                if label == character or (label == _NOT_SLASH and character != _SLASH):
                    reached |= self._closure[target]
        return self._pruned(reached)


@lru_cache(maxsize=4096)
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
    states = machine.start
    for segment in path:
        for character in _SLASH + segment:
            states = machine.step(states, character)
        if not states:
            return False
    return bool(states & machine.accepting)


@lru_cache(maxsize=16384)
def includes(outer: Segments, inner: Segments) -> bool:
    """Returns whether the outer pattern matches every path that the inner one matches.

    Exact up to a limit of work, and beyond it false: never true when a path of the
    inner pattern is not the outer's.
    """
    if outer == inner:
        return True
    wide, narrow = automaton(outer), automaton(inner)
    seen: dict[int, list[int]] = {}
    pending = [(state, wide.start) for state in _bits(narrow.start)]
    for _ in range(_MAX_PRODUCT_STATES):
        if not pending:
            return True
        state, states = pending.pop()
        if not states or (1 << state & narrow.accepting and not states & wide.accepting):
            return False
        if any(smaller & states == smaller for smaller in seen.setdefault(state, [])):
            continue  # a set with fewer ways to accept is on trial already
        seen[state].append(states)
        for character in _characters(narrow.labels(1 << state), wide.labels(states)):
            after = wide.step(states, character)
            pending.extend((target, after) for target in _bits(narrow.step(1 << state, character)))
    return False


def _characters(taken: set[str], distinguished: set[str]) -> set[str]:
    """Returns one character for each way the inner automaton can move and the outer can tell apart."""
    characters = taken - {_NOT_SLASH}
    if _NOT_SLASH in taken:
        characters |= distinguished - {_NOT_SLASH, _SLASH}
        characters.add(_OTHER)
    return characters


def _bits(states: int) -> Iterator[int]:
    while states:
        lowest = states & -states
        yield lowest.bit_length() - 1
        states ^= lowest
