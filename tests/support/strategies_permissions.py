"""Hypothesis strategies for permissions: few names, so that entries meet and contain each other."""

from __future__ import annotations

from hypothesis import strategies as st

from tank_core.permissions import ANY_PROGRAM, PermissionSet
from tank_core.permissions.globs import ANY_SEGMENTS, Segments
from tank_core.permissions.paths import PathPattern

_NAMES = (
    "example",
    "a.example",
    "b.a.example",
    "*.example",
    "*.a.example",
    "192.0.2.1",
    "[2001:db8::1]",
    "*",
)
_ADDRESSES = ("127.0.0.1", "0.0.0.0", "192.0.2.1", "[::1]", "[::]", "localhost", "*")  # noqa: S104 - compared, not bound
_PORTS = ("", ":80", ":443")

segment_patterns = st.sampled_from(["a", "b", "*", "a*", "*b", "*ab", "a*b", "*a*", ANY_SEGMENTS])
glob_segments = st.lists(segment_patterns, max_size=4).map(tuple)
roots = st.sampled_from(["./", "skill:/", "~/", "/"])
literal_segments = st.text("abx", min_size=1, max_size=4)


@st.composite
def path_patterns(draw: st.DrawFn) -> str:
    """Canonical path patterns."""
    text = draw(roots) + "/".join(draw(glob_segments))
    return str(PathPattern.parse(text))


@st.composite
def paths_of(draw: st.DrawFn, pattern: Segments) -> Segments:
    """Paths that a pattern matches, made by putting something in the place of each wildcard."""
    path: list[str] = []
    for segment in pattern:
        if segment == ANY_SEGMENTS:
            path.extend(draw(st.lists(literal_segments, max_size=3)))
        elif segment == "*":
            path.append(draw(literal_segments))
        else:
            first, *rest = segment.split("*")
            path.append(first + "".join(draw(st.text("abx", max_size=3)) + part for part in rest))
    return tuple(path)


def _combined(*parts: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.tuples(*(st.sampled_from(part) for part in parts)).map("".join)


host_patterns = _combined(_NAMES, _PORTS)
listen_patterns = _combined(_ADDRESSES, _PORTS)
programs = st.sampled_from(["git", "jq", "node"])
variables = st.sampled_from(["A_TOKEN", "B_TOKEN"])


def _few(entries: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(entries, max_size=3).map(tuple)


permission_sets = st.builds(
    PermissionSet,
    network_outbound=_few(host_patterns),
    network_inbound=_few(listen_patterns),
    filesystem_read=_few(path_patterns()),
    filesystem_write=_few(path_patterns()),
    subprocess=st.just(ANY_PROGRAM) | _few(programs),
    secrets=_few(variables),
)
