"""Who asks, at the embedded registry: the peer, or whom its own proxy names."""

from __future__ import annotations

import socket

import pytest

from chalicelib.settings import Settings
from infra.local.__main__ import _parser, _serve_options
from infra.local.server import _server
from infra.local.web.messages import Request, Response
from infra.local.web.site import Site
from infra.local.web.wsgi import application

VIEWER = "198.51.100.7"


def told(peer: str, forwarded: str | None, *, is_behind_proxy: bool = True) -> str:
    """Returns the address that an endpoint is told."""
    seen: list[str] = []

    def endpoint(request: Request) -> Response:
        seen.append(request.address)
        return Response(204)

    environ = {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": "/v1/health",
        "REMOTE_ADDR": peer,
        "HTTP_X_FORWARDED_FOR": forwarded,
        "wsgi.input": None,
    }
    given = {name: value for name, value in environ.items() if value is not None or name == "wsgi.input"}
    list(application(endpoint, is_behind_proxy=is_behind_proxy)(given, lambda *_: None))
    return seen[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize(
    "forwarded", [VIEWER, f"192.0.2.1, {VIEWER}", f"192.0.2.1,{VIEWER}", f"x, , {VIEWER} "]
)
def test_a_proxy_on_this_machine_is_believed_about_its_own_client_only(peer: str, forwarded: str) -> None:
    assert told(peer, forwarded) == VIEWER


def test_no_proxy_is_believed_that_the_operator_did_not_name() -> None:
    assert told("127.0.0.1", VIEWER, is_behind_proxy=False) == "127.0.0.1"


@pytest.mark.parametrize("peer", ["192.0.2.9", "2001:db8::9", "10.0.0.1", "126.0.0.1"])
def test_a_peer_elsewhere_cannot_choose_an_address(peer: str) -> None:
    assert told(peer, VIEWER) == peer


@pytest.mark.parametrize(
    "forwarded", [None, "", ",", f"{VIEWER},", f"{VIEWER}:443", "unknown", "[2001:db8::7]"]
)
def test_what_does_not_end_with_an_address_leaves_the_proxys_own(forwarded: str | None) -> None:
    assert told("127.0.0.1", forwarded) == "127.0.0.1"


def test_a_proxy_is_named_with_the_option_only() -> None:
    words = ["serve", "--data", "d"]
    assert not _serve_options(_parser().parse_args(words)).is_behind_proxy
    assert _serve_options(_parser().parse_args([*words, "--behind-proxy"])).is_behind_proxy


@pytest.mark.parametrize(("is_behind_proxy", "seen"), [(True, VIEWER), (False, "127.0.0.1")])
def test_the_server_hands_the_header_through_only_behind_a_proxy(is_behind_proxy: bool, seen: str) -> None:
    """Through waitress itself, which by itself takes such headers away, and joins those that came twice."""
    addresses: list[str] = []

    def endpoint(request: Request) -> Response:
        addresses.append(request.address)
        return Response(204)

    site = Site(endpoint, endpoint, endpoint)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = _server(site, listening, Settings(public_url=""), is_behind_proxy=is_behind_proxy)
        app = server.application
        server.close()
    environ = {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": "/v1/health",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_FORWARDED_FOR": f"192.0.2.1, {VIEWER}",
        "wsgi.input": None,
    }
    list(app(environ, lambda *_: None))
    assert addresses == [seen]
