"""Who the caller is, in full."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.authentication import Caller
from chalicelib.services.publishers import bootstrap_admin
from tank_core.entities import Org

__all__ = ["WhoAmI", "bootstrap_admin", "whoami"]


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """The caller and the organisations they belong to, sorted by name."""

    caller: Caller
    orgs: tuple[Org, ...]


def whoami(ports: RegistryPorts, caller: Caller) -> WhoAmI:
    """Returns the publisher, the token's rights, and the organisations."""
    return WhoAmI(caller, ports.accounts.orgs_of(caller.publisher_id))
