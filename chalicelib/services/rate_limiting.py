"""How many requests a caller has left, and the refusal when there are none.

A caller is a token, or an address when no good token came. Counting is the
port's; this module decides who is counted, and the numbers.

Source: draft-ietf-httpapi-ratelimit-headers; RFC 6585 section 4 (429); RFC 4291
sections 2.5.4 (the 64 bits of an interface) and 2.5.5.2 (IPv4 written as IPv6).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from chalicelib.ports.rate_limits import Allowance
from chalicelib.ports.registry import RegistryPorts
from tank_core.errors import ExitCode, TankError

WINDOW_SECONDS = 60
_SUBSCRIBER_BITS = 64  # what one IPv6 line gets at least; its holder has all addresses below


class RateLimitedError(TankError):
    """The caller asked too often in this window."""

    code = "rate-limited"
    status = 429
    exit_code = ExitCode.NETWORK

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"More than {allowance.limit} requests in {WINDOW_SECONDS} seconds.",
            why="The registry counts requests per token, or per address without one, so that all are served.",
            fix=f"Wait {allowance.reset_seconds} seconds and try again.",
        )
        self.allowance = allowance


def token_caller(token_id: str) -> str:
    """Returns the name under which a token's requests are counted."""
    return f"token:{token_id}"


def address_caller(address: str) -> str:
    """Returns the name under which the requests without a good token from an address are counted.

    An IPv6 address counts as its /64. All that is no address has one count together.
    """
    parsed = parsed_address(address)
    if isinstance(parsed, IPv6Address):
        return f"address:{IPv6Network((int(parsed), _SUBSCRIBER_BITS), strict=False)}"
    return f"address:{parsed or 'unknown'}"


def parsed_address(text: str) -> IPv4Address | IPv6Address | None:
    """Returns an address, an IPv4 one that is written as IPv6 as itself; None for all that is not one alone."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def take(ports: RegistryPorts, caller: str) -> Allowance:
    """Counts one request and returns what is left.

    Raises:
        RateLimitedError: rate-limited; knows when the window ends.
    """
    allowance = ports.rate_limits.take(
        caller,
        limit=ports.settings.requests_per_minute,
        window_seconds=WINDOW_SECONDS,
        now=ports.clock.now(),
    )
    if not allowance.allowed:
        raise RateLimitedError(allowance)
    return allowance
