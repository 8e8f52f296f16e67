# ruff: noqa: S104 - addresses are compared here, nothing is bound
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.permissions.hosts import HostPattern, ListenPattern
from tank_core.permissions.refusal import InvalidEntryError
from tests.support.strategies_permissions import host_patterns, listen_patterns


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("API.Example.COM", "api.example.com"),
        ("api.example.com.", "api.example.com"),
        ("*.Example.com:443", "*.example.com:443"),
        ("*", "*"),
        ("*:443", "*:443"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-KVA.example", "xn--bcher-kva.example"),
        ("192.0.2.1:80", "192.0.2.1:80"),
        ("１92.0.2.1", "192.0.2.1"),
        ("::1", "[::1]"),
        ("[2001:DB8:0::1]:443", "[2001:db8::1]:443"),
        ("[::ffff:192.0.2.1]:80", "192.0.2.1:80"),
        ("localhost:8080", "localhost:8080"),
        ("my_bucket.example", "my_bucket.example"),
    ],
)
def test_outbound_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(HostPattern.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "https://example.com",
        "example.com/path",
        "user@example.com",
        "a b",
        "a..b",
        "-a.example",
        "a-.example",
        "a.*.example",
        "*a.example",
        "**.example",
        "*.",
        "*.192.0.2.1",
        "example.com:0",
        "example.com:080",
        "example.com:65536",
        "example.com:",
        "example.com:https",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "1.2.3.4.5",
        "[::1",
        "[::1]x",
        "[example.com]",
        "fe80::1%eth0",
        "straße.example",
        "a\u200db.example",
        "example\u3002com",
        "a" * 64 + ".example",
        ("a" * 60 + ".") * 5 + "example",
        "exam\u202eple.com",
        "10.0.0.0/8",
    ],
)
def test_outbound_refuses_what_is_no_host(text: str) -> None:
    with pytest.raises(InvalidEntryError):
        HostPattern.parse(text)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "*.b.example.com", True),
        ("*.example.com", "example.com", False),
        ("*.example.com", "badexample.com", False),
        ("*.b.example.com", "*.example.com", False),
        ("example.com", "*.example.com", False),
        ("*", "192.0.2.1:80", True),
        ("*", "*.example.com", True),
        ("*:443", "*.example.com:443", True),
        ("*:443", "example.com", False),
        ("example.com", "example.com:443", True),
        ("example.com:443", "example.com", False),
        ("example.com:443", "example.com:80", False),
        ("192.0.2.1", "192.0.2.10", False),
        ("*.example", "*", False),
    ],
)
def test_outbound_containment(outer: str, inner: str, expected: bool) -> None:
    assert HostPattern.parse(outer).contains(HostPattern.parse(inner)) is expected


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("0.0.0.0:80", "127.0.0.1:80", True),
        ("0.0.0.0", "[::1]", False),
        ("[::]", "[::1]:80", True),
        ("[::]", "127.0.0.1", False),
        ("0.0.0.0", "localhost", False),
        ("*", "localhost:80", True),
        ("*", "0.0.0.0", True),
        ("127.0.0.1", "0.0.0.0", False),
        ("127.0.0.1:80", "127.0.0.1", False),
        ("localhost", "localhost:80", True),
    ],
)
def test_inbound_containment(outer: str, inner: str, expected: bool) -> None:
    assert ListenPattern.parse(outer).contains(ListenPattern.parse(inner)) is expected


@pytest.mark.parametrize(
    "text", ["example.com:80", "*.example.com", "*.0.0.1", "localhost:0", "tcp://127.0.0.1"]
)
def test_inbound_refuses_what_one_cannot_listen_on(text: str) -> None:
    with pytest.raises(InvalidEntryError):
        ListenPattern.parse(text)


@given(host_patterns)
def test_parsing_a_canonical_outbound_entry_changes_nothing(text: str) -> None:
    assert str(HostPattern.parse(text)) == text


@given(listen_patterns)
def test_parsing_a_canonical_inbound_entry_changes_nothing(text: str) -> None:
    assert str(ListenPattern.parse(text)) == text


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        pattern = HostPattern.parse(text)
    except InvalidEntryError:
        return
    assert HostPattern.parse(str(pattern)) == pattern
    assert str(pattern).isascii()


@given(host_patterns, host_patterns, host_patterns)
def test_outbound_containment_is_transitive(first: str, second: str, third: str) -> None:
    a, b, c = (HostPattern.parse(text) for text in (first, second, third))
    if a.contains(b) and b.contains(c):
        assert a.contains(c)
