"""Which OIDC issuers vouch for people who sign for a registry.

The public Sigstore's own login page stands in for other providers, and a
certificate names the one that was chosen there, not the page. Another Sigstore's
provider is the one that its signing configuration names.

Source: Sigstore documentation, "OIDC Usage in Fulcio" and, for what their certificates name,
"Verifying Signatures", the issuers of people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tank_cli.signing.bundles import InvalidSigningConfigError, provider_of

if TYPE_CHECKING:
    from tank_cli.registry_targets import SigstoreTarget

_OF_THE_PUBLIC_SIGSTORE = frozenset(
    {
        "https://accounts.google.com",
        "https://github.com/login/oauth",
        "https://login.microsoftonline.com",
    }
)


def issuers_of_people(target: SigstoreTarget | None) -> frozenset[str]:
    """Returns the issuers that a person's certificate can name; empty when that cannot be known.

    Args:
        target: the registry's Sigstore, if it has one.
    """
    if target is None:
        return frozenset()
    if target.kind == "public":
        return _OF_THE_PUBLIC_SIGSTORE
    try:
        return frozenset({provider_of(target)})
    except InvalidSigningConfigError:
        return frozenset()  # signing will say so; what this is for is advice
