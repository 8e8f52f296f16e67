"""Host patterns of the ``network`` permissions, in canonical form.

Outbound: a host name, ``*.`` and a name (its subdomains of any depth, not the name
itself), an IP address, or ``*`` for any host; then a port, or none for any port.
Inbound: an address to listen on, which is an IP address, ``localhost`` or ``*``;
then a port, or none for any. ``0.0.0.0`` and ``[::]`` listen on every address of
their family, so they contain those.

Canonical: lower case, no dot at the end, names beyond ASCII as their IDNA A-labels,
IPv6 compressed and in brackets, an IPv4 address mapped into IPv6 as IPv4. Nothing
is resolved: a name never contains an address.

Source: FORMATS, "Permission shape"; RFC 1123, 2.1; RFC 3490; RFC 5952;
WHATWG URL, "ends in a number checker", for names that a client would read as IPv4.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from tank_core.permissions.refusal import InvalidEntryError

ANY_HOST = "*"
_SUBDOMAINS = "*."
_MAX_NAME = 253  # characters of a host name, RFC 1035 2.3.4 without the root's dot
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_NOT_A_HOST = frozenset("/@?#%\\ ")
# IDNA 2003 and 2008 map these to different names; the dots are read as dots by some only.
_AMBIGUOUS = frozenset("ßẞς\u200c\u200d\u3002\uff0e\uff61")
_ALL_OF_FAMILY = {"0.0.0.0": 4, "[::]": 6}  # noqa: S104 - an address that is compared, not bound


@dataclass(frozen=True, slots=True)
class HostPattern:
    """A host pattern; ``port`` None is any port."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> HostPattern:
        """Returns the outbound pattern that a text means.

        Raises:
            InvalidEntryError: it means none.
        """
        return _outbound(text)

    def contains(self, other: HostPattern) -> bool:
        """Returns whether every host and port of the other pattern is one of this pattern's."""
        return self.port in (None, other.port) and _host_contains(self.host, other.host)


@dataclass(frozen=True, slots=True)
class ListenPattern:
    """An inbound address; ``port`` None is any port."""

    address: str
    port: int | None = None

    def __str__(self) -> str:
        return self.address if self.port is None else f"{self.address}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> ListenPattern:
        """Returns the inbound pattern that a text means.

        Raises:
            InvalidEntryError: it means none.
        """
        return _inbound(text)

    def contains(self, other: ListenPattern) -> bool:
        """Returns whether listening as this pattern says includes listening as the other does."""
        return self.port in (None, other.port) and _address_contains(self.address, other.address)


@lru_cache(maxsize=4096)
def _outbound(text: str) -> HostPattern:
    host, port = _split_port(text)
    if host == ANY_HOST or host.startswith("["):
        return HostPattern(host, port)
    if host.startswith(_SUBDOMAINS):
        name = _name(host.removeprefix(_SUBDOMAINS))
        if _ends_in_number(name):
            raise InvalidEntryError("asks for subdomains of an address", "write the address alone")
        return HostPattern(_limited(_SUBDOMAINS + name), port)
    return HostPattern(_name_or_ipv4(host), port)


@lru_cache(maxsize=4096)
def _inbound(text: str) -> ListenPattern:
    host, port = _split_port(text)
    if host == ANY_HOST or host.startswith("["):
        return ListenPattern(host, port)
    name = _name_or_ipv4(host)
    if name != "localhost" and not _is_ipv4(name):
        raise InvalidEntryError(
            "is not an address to listen on", "write an IP address, localhost or *, such as 127.0.0.1:8080"
        )
    return ListenPattern(name, port)


def _split_port(text: str) -> tuple[str, int | None]:
    """Returns the host, IPv6 already canonical and in brackets, and the port."""
    if "://" in text or _NOT_A_HOST & set(text):
        raise InvalidEntryError("is not a host", "write the host and port alone, such as api.example.com:443")
    if text.count(":") > 1 and not text.startswith("["):
        return _ipv6(text), None
    if text.startswith("["):
        address, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise InvalidEntryError("has brackets that do not hold an IPv6 address", "write it as [::1]:8080")
        return _ipv6(address), _port(rest[1:]) if rest else None
    host, colon, port = text.partition(":")
    return host, _port(port) if colon else None


def _port(text: str) -> int:
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise InvalidEntryError(
            "has no port from 1 to 65535", "write such a port, or leave it out for any port"
        )
    return int(text)


def _ipv6(text: str) -> str:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        raise InvalidEntryError("is not an IPv6 address", "write it as [::1]:8080") from None
    mapped = address.ipv4_mapped
    return f"[{address.compressed}]" if mapped is None else str(mapped)


def _name_or_ipv4(text: str) -> str:
    if _is_ipv4(text):
        return text
    name = _limited(_name(text))
    if _ends_in_number(name) and not _is_ipv4(name):
        raise InvalidEntryError(
            "is a number that clients would read as some IPv4 address", "write all four parts in decimal"
        )
    return name


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _ends_in_number(name: str) -> bool:
    return _NUMBER.fullmatch(name.rpartition(".")[2]) is not None


def _name(text: str) -> str:
    """Returns a host name in lower case, without the dot at the end, its labels in ASCII."""
    labels = text.removesuffix(".").split(".")
    return ".".join(_label(label) for label in labels)


def _label(text: str) -> str:
    label = text.lower() if text.isascii() else _a_label(text)
    if not _LABEL.fullmatch(label):
        raise InvalidEntryError(
            "is not a host name", "write a name such as api.example.com, or *.example.com"
        )
    return label


def _a_label(text: str) -> str:
    if _AMBIGUOUS & set(text):
        raise InvalidEntryError(
            "has a character that clients encode in different ways", "write the name's xn-- form"
        )
    try:
        return text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidEntryError("cannot be encoded as a host name", "write the name's xn-- form") from None


def _limited(name: str) -> str:
    if len(name) > _MAX_NAME:
        raise InvalidEntryError(f"is longer than {_MAX_NAME} characters", "write a name that exists")
    return name


def _host_contains(outer: str, inner: str) -> bool:
    if outer in (ANY_HOST, inner):
        return True
    # ".example.com" ends "a.example.com" and "*.a.example.com" alike, but never "*.example.com"'s apex.
    return outer.startswith(_SUBDOMAINS) and inner.endswith(outer[1:])


def _address_contains(outer: str, inner: str) -> bool:
    if outer in (ANY_HOST, inner):
        return True
    family = _ALL_OF_FAMILY.get(outer)
    return family is not None and family == _family(inner)


def _family(address: str) -> int | None:
    if address.startswith("["):
        return 6
    return 4 if _is_ipv4(address) else None
