"""Whose address is counted: the viewer's behind our CDN, and the peer's for all who only say so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.api.client_address import client_address
from chalicelib.settings import Settings
from tests.support.api_client import ApiClient
from tests.support.scene import scene

SECRET = "s" * 43
PEER = "203.0.113.9"


def headers(viewer: str, secret: str = SECRET) -> dict[str, str]:
    return {"x-tank-edge": secret, "x-tank-viewer": viewer}


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:0DB8:0:0:0:0:0:7", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_viewers_address_counts_when_our_cdn_tells_it(told: str, counted: str) -> None:
    assert client_address(headers(told), PEER, SECRET) == counted


@pytest.mark.parametrize(
    "shown", ["", "s" * 42, "s" * 44, "S" * 43, f"{SECRET}, {SECRET}", "ß" * 43, "\udcff"]
)
def test_who_calls_the_api_directly_cannot_choose_an_address(shown: str) -> None:
    assert client_address(headers("198.51.100.7", shown), PEER, SECRET) == PEER


def test_without_the_proof_no_header_is_believed() -> None:
    claims = dict.fromkeys(
        ("x-tank-viewer", "x-forwarded-for", "cloudfront-viewer-address", "x-real-ip", "true-client-ip"),
        "198.51.100.7",
    )
    assert client_address(claims, PEER, SECRET) == PEER


@pytest.mark.parametrize("shown", ["", SECRET])
def test_where_there_is_no_cdn_an_empty_secret_proves_nothing(shown: str) -> None:
    assert client_address(headers("198.51.100.7", shown), PEER, "") == PEER


def test_the_cdns_other_headers_are_not_taken_for_its_word() -> None:
    told = {
        **headers("198.51.100.7"),
        "x-forwarded-for": "192.0.2.1",
        "cloudfront-viewer-address": "192.0.2.1:1",
    }
    assert client_address(told, PEER, SECRET) == "198.51.100.7"


@pytest.mark.parametrize(
    "told",
    ["", "198.51.100.7, 192.0.2.1", "198.51.100.7:443", "[2001:db8::7]", "2001:db8::7:443:x", "me", "7"],
)
def test_what_is_not_one_address_leaves_the_peers(told: str) -> None:
    assert client_address(headers(told), PEER, SECRET) == PEER


@pytest.fixture
def api() -> ApiClient:
    settings = Settings(public_url="https://registry.example", requests_per_minute=1, edge_secret=SECRET)
    return ApiClient(scene(settings))


def test_strangers_behind_one_edge_do_not_share_a_limit(api: ApiClient) -> None:
    asked = ("198.51.100.7", "198.51.100.8", "198.51.100.7")
    replies = [api("GET", "/v1/health", x_tank_edge=SECRET, x_tank_viewer=told) for told in asked]
    assert [reply.status for reply in replies] == [200, 200, 429]


def test_guessing_tokens_under_made_up_addresses_is_limited(api: ApiClient) -> None:
    replies = [
        api("GET", "/v1/whoami", secret="tank_" + "a" * 43, x_tank_viewer=f"198.51.100.{n}") for n in range(2)
    ]
    assert [reply.status for reply in replies] == [401, 429]


def test_a_rotated_secret_refuses_nobody(api: ApiClient) -> None:
    ports = api.registry.ports
    api.registry.ports = replace(ports, settings=replace(ports.settings, edge_secret="n" * 43))
    assert api("GET", "/v1/health", x_tank_edge=SECRET, x_tank_viewer="198.51.100.7").status == 200


def test_the_secret_is_not_shown_with_the_settings_nor_logged(api: ApiClient) -> None:
    api("GET", "/v1/health", x_tank_edge=SECRET, x_tank_viewer="198.51.100.7")
    assert SECRET not in repr(api.registry.ports.settings) + repr(api.log)
    assert api.log.lines[-1].caller == "address:198.51.100.7"
