"""The trusted roots of the public Sigstore instances, as they came with the library.

They are part of the installed package, like its code, and are read from there: never
from the library's cache in the user's home, which anybody with that home can change and
no upgrade replaces.

Source: sigstore-python 4.5.1, ``sigstore/_store``.
"""

from __future__ import annotations

from importlib.resources import files

PRODUCTION = "tuf-repo-cdn.sigstore.dev"
STAGING = "tuf-repo-cdn.sigstage.dev"


def public_root(instance: str = PRODUCTION) -> bytes:
    """Returns the trusted root of ``PRODUCTION`` or ``STAGING``, JSON."""
    return files("sigstore").joinpath("_store", f"https%3A%2F%2F{instance}", "trusted_root.json").read_bytes()
