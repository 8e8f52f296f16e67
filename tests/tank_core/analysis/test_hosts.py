from __future__ import annotations

import pytest

from tank_core.analysis.hosts import HostKind, is_placeholder, kind_of, mentions


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("localhost", HostKind.LOCAL),
        ("10.0.0.8", HostKind.LOCAL),
        ("192.0.2.1", HostKind.RAW_ADDRESS),
        ("2606:4700::1111", HostKind.RAW_ADDRESS),
        ("abc.ngrok.io", HostKind.DROP),
        ("github.com", HostKind.FORGE),
        ("api.github.com", HostKind.WELL_KNOWN),
        ("www.python.org", HostKind.WELL_KNOWN),
        ("notpython.org", HostKind.UNUSUAL),
        ("www.w3.org", HostKind.NAMESPACE),
    ],
)
def test_kind_of_host(host: str, kind: HostKind) -> None:
    assert kind_of(host) is kind


@pytest.mark.parametrize("registry", ["npmjs", "pypi"])
def test_public_package_registries_are_well_known(registry: str) -> None:
    assert kind_of(f"files.{registry}.org") is HostKind.WELL_KNOWN


def test_credentials_and_port_are_told_apart_from_the_host() -> None:
    (mention,) = mentions("at https://user:pw@Host.Example:8443/a?b.")
    assert (mention.host, mention.port, mention.entry) == ("host.example", 8443, "host.example:8443")


def test_template_is_no_host() -> None:
    assert list(mentions("https://{host}/x https://$HOST/x http://name/x")) == []


@pytest.mark.parametrize(
    ("host", "stands_for_one"),
    [
        ("abc.trycloudflare.com", True),
        ("xxxx-xx.ngrok-free.app", True),
        ("random-words.loca.lt", True),
        ("quiet-river-41.trycloudflare.com", False),
        ("abc.unheard-of.io", False),
    ],
)
def test_the_address_of_a_tunnel_that_stands_for_any(host, stands_for_one):
    assert is_placeholder(host) is stands_for_one
