"""Hosts in text: every URL literal, and what kind of host it names.

The kinds say how ordinary it is for a skill to name the host, nothing about who
runs it. Lists are data of this module, short on purpose: a host that is on none of
them is simply ``UNUSUAL``, and rules that weigh it need a second fact.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tank_core.analysis import host_lists

_URL = re.compile(
    r"(?i)\b(?P<scheme>https?|wss?|ftp|tcp)://(?:[^\s/@\"'`<>]{1,80}@)?"
    r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9_][a-z0-9._-]{0,252})(?P<port>:\d{1,5})?(?P<path>/[^\s\"'`<>)\]}]*+)?"
)


# With the secret written out: whoever publishes it receives what is sent there.
_WEBHOOK = re.compile(
    r"(?:discord(?:app)?\.com/api/webhooks/\d{6,}|api\.telegram\.org/bot\d{6,}|hooks\.slack\.com/services/T\w{6,}/)"
)


class HostKind(StrEnum):
    """How ordinary it is to name a host."""

    LOCAL = "this machine or a private network"
    NAMESPACE = "an identifier, not an address"
    WELL_KNOWN = "a well-known host"
    FORGE = "a well-known host that anybody may upload to"
    RAW_ADDRESS = "a public address without a name"
    DROP = "a host for dumping, tunnelling or short links"
    HOSTED = "a name below a platform where anybody may have one"
    UNUSUAL = "an unusual host"


@dataclass(frozen=True, slots=True)
class Mention:
    """One URL in a text. ``port`` is 0 when the URL names none."""

    scheme: str
    host: str
    port: int
    path: str
    offset: int

    @property
    def url(self) -> str:
        """The URL without credentials."""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{self.host}{port}{self.path}"

    @property
    def kind(self) -> HostKind:
        """How ordinary the host is; an incoming webhook of a chat service is a place to dump data."""
        return HostKind.DROP if _WEBHOOK.match(self.host + self.path) else kind_of(self.host)

    @property
    def entry(self) -> str:
        """The entry below ``network.outbound`` that allows it."""
        return f"{self.host}:{self.port}" if self.port else self.host


# Of mail, with the host that it goes to.
MAIL_ADDRESS = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4})\b", re.IGNORECASE
)
STRANGE = frozenset({HostKind.UNUSUAL, HostKind.HOSTED, HostKind.RAW_ADDRESS, HostKind.DROP})
DUMPS = frozenset({HostKind.RAW_ADDRESS, HostKind.DROP})


_PLACEHOLDER = re.compile(
    r"(?:(?:www|api|app|blog|docs|shop|cdn|mail|staging|dev|test)\.)?example\.(?:com|org|net)|(?:[\w-]+\.)*(?:your|"
    r"my)[\w-]*\.[\w.]+|"
    r"(?:[\w-]+\.)*(?:domain|yourdomain|mydomain|site|website|target|company|custom-registry|placeholder|host|"
    r"server)\.(?:com|org|net|io|local|tld|dev)|"
    r"(?:abc[-\d]{0,4}|xyz|x{3,}(?:-x+)*|foo|random[\w-]{0,20}|subdomain|some(?:thing)?[\w-]{0,20})\."
    r"(?:trycloudflare\.com|ngrok(?:-free)?\.\w{2,4}|(?:\w{2}\.)?ngrok\.io|loca\.lt|serveo\.net)"
)


def is_placeholder(host: str) -> bool:
    """Returns whether a host in prose stands for one that the reader is to fill in."""
    return bool(_PLACEHOLDER.fullmatch(host))


def mentions(text: str) -> Iterator[Mention]:
    """Yields every URL with a literal host, in its order."""
    for match in _URL.finditer(text):
        host = match["host"].lower().rstrip(".").strip("[]")
        if "." not in host and ":" not in host and host != "localhost":
            continue
        port = int(match["port"][1:]) if match["port"] else 0
        yield Mention(match["scheme"].lower(), host, port, match["path"] or "", match.start())


_BARE = re.compile(
    r"(?i)(?:\bhost(?:name)?\b|\bHTTPS?Connection\s*\(|\b(?:create_)?connect(?:ion)?\s*\(\(?|\bPeerAddr\b|"
    r"\bTCPSocket\.(?:new|open)\b|\bfsockopen\s*\(|"
    r"\bDial\s*\(\s*[\"']tcp[\"']\s*,|\bTcpClient\b)\W{0,6}[\"'](?P<host>(?:[a-z0-9-]{1,63}\.){1,6}(?:[a-z]{2,24}|"
    r"\d{1,3}))(?P<port>:\d{1,5})?[\"']"
)


def reached(text: str) -> Iterator[Mention]:
    """Yields every URL, and every host that code connects to without one, in no order."""
    yield from mentions(text)
    for match in _BARE.finditer(text):
        port = int(match["port"][1:]) if match["port"] else 0
        yield Mention("tcp", match["host"].lower(), port, "", match.start("host"))


@lru_cache(maxsize=4096)  # every rule asks of every mention
def kind_of(host: str) -> HostKind:
    """Returns how ordinary it is to name a host. ``host``: lower case, without a port."""
    address = _address(host)
    if address is not None:
        # The documentation networks are not global, but samples use them as public addresses.
        documentation = any(
            address in network for network in _DOCUMENTATION if network.version == address.version
        )
        return HostKind.RAW_ADDRESS if address.is_global or documentation else HostKind.LOCAL
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan", ".test")):
        return HostKind.LOCAL
    for kind, names in _KINDS:
        if any(host == name or host.endswith("." + name) for name in names):
            return kind
    return HostKind.UNUSUAL


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


_DOCUMENTATION = (
    ipaddress.ip_network("192.0.2.0/24"),
    ipaddress.ip_network("198.51.100.0/24"),
    ipaddress.ip_network("203.0.113.0/24"),
    ipaddress.ip_network("2001:db8::/32"),
)

_KINDS: tuple[tuple[HostKind, tuple[str, ...]], ...] = (
    (HostKind.NAMESPACE, host_lists.NAMESPACES),
    (HostKind.DROP, host_lists.DROPS),
    (
        HostKind.WELL_KNOWN,
        ("api.github.com", "cli.github.com", "fnm.vercel.app", "hacker-news.firebaseio.com"),
    ),
    (HostKind.HOSTED, host_lists.HOSTED),
    (HostKind.FORGE, host_lists.FORGES),
    (HostKind.WELL_KNOWN, host_lists.WELL_KNOWN),
)
