"""Where versions are mirrored as OCI artifacts, when it is not the data folder."""

from __future__ import annotations

from chalicelib.adapters.oci import OciRegistry

_LOOPBACK = ("127.", "localhost", "[::1]", "::1")


def mirror(address: str) -> OciRegistry | None:
    """Returns the registry at ``host[:port][/prefix]``, plain http on loopback; None for no address."""
    if not address:
        return None
    return OciRegistry(address, insecure=address.startswith(_LOOPBACK))
