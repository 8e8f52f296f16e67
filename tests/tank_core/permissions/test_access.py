from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.permissions import (
    ANY_PROGRAM,
    NONE,
    Mode,
    PermissionSet,
    allows_host,
    allows_listening,
    allows_path,
    allows_program,
    allows_secret,
    contains,
    union,
)
from tests.support.strategies_permissions import permission_sets

GRANTED = PermissionSet(
    network_outbound=("*.example.com:443", "api.example", "[2001:db8::1]"),
    network_inbound=("0.0.0.0:8080",),
    filesystem_read=("./src/**",),
    filesystem_write=("./out/*",),
    subprocess=("git",),
    secrets=("A_TOKEN",),
)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("a.example.com", 443, True),
        ("A.Example.com.", 443, True),
        ("a.example.com", 80, False),
        ("example.com", 443, False),
        ("api.example", 1, True),
        ("2001:db8:0::1", 22, True),
        ("2001:db8::2", 22, False),
        ("*.example.com", 443, False),
        ("api.example", 0, False),
        ("api.example", 70000, False),
        ("", 443, False),
        ("api.example/", 443, False),
    ],
)
def test_hosts(host: str, port: int, expected: bool) -> None:
    assert allows_host(GRANTED, host, port) is expected


def test_a_pattern_is_never_a_host_even_when_any_is_allowed() -> None:
    anywhere = PermissionSet(network_outbound=("*",), network_inbound=("*",))
    assert allows_host(anywhere, "198.51.100.7", 80)
    assert not allows_host(anywhere, "*", 80)
    assert not allows_listening(anywhere, "*", 80)


@pytest.mark.parametrize(
    ("address", "port", "expected"),
    [("127.0.0.1", 8080, True), ("127.0.0.1", 8081, False), ("::1", 8080, False), ("a b", 8080, False)],
)
def test_listening(address: str, port: int, expected: bool) -> None:
    assert allows_listening(GRANTED, address, port) is expected


@pytest.mark.parametrize(
    ("path", "mode", "expected"),
    [
        ("./src/a/b.py", Mode.READ, True),
        ("./src/a/b.py", Mode.WRITE, False),
        ("./out/a", Mode.WRITE, True),
        ("./out/a/b", Mode.WRITE, False),
        ("./src/../.env", Mode.READ, False),
        ("/src/a", Mode.READ, False),
    ],
)
def test_paths(path: str, mode: Mode, expected: bool) -> None:
    assert allows_path(GRANTED, path, mode) is expected


def test_programs_and_secrets_are_exact() -> None:
    assert allows_program(GRANTED, "git")
    assert not allows_program(GRANTED, "gitk")
    assert allows_program(PermissionSet(subprocess=ANY_PROGRAM), "anything")
    assert allows_secret(GRANTED, "A_TOKEN")
    assert not allows_secret(GRANTED, "A_TOKEN_2")


def test_none_allows_nothing() -> None:
    assert not allows_host(NONE, "api.example", 443)
    assert not allows_listening(NONE, "127.0.0.1", 1)
    assert not allows_path(NONE, "./a", Mode.READ)
    assert not allows_program(NONE, "git")
    assert not allows_secret(NONE, "A")


@given(
    permission_sets,
    permission_sets,
    st.sampled_from(["example", "a.example", "b.a.example", "192.0.2.1", "2001:db8::1"]),
    st.sampled_from(["./a", "./ab/b", "/a/a/b", "~/b", "skill:/"]),
)
def test_a_containing_set_allows_whatever_the_contained_one_allows(
    wider: PermissionSet, inner: PermissionSet, host: str, path: str
) -> None:
    outer = union(wider, inner)
    assert contains(outer, inner)
    for port in (22, 80, 443):
        assert allows_host(outer, host, port) >= allows_host(inner, host, port)
    for mode in Mode:
        assert allows_path(outer, path, mode) >= allows_path(inner, path, mode)
