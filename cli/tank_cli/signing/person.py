"""The identity of a person: a login in the browser, here or on another device.

The provider is the one that the registry's signing configuration names. Who logged
in is read from the token without verifying it: that is the certificate authority's
part, and the certificate is verified afterwards. It is read here so that a login
with another account ends before anything stands in a public log.
"""

from __future__ import annotations

import contextlib
import sys

from tank_cli.signing.ambient import IdentityUnavailableError
from tank_cli.signing.deadline import within
from tank_core.signer import SignerClaims

_LOGIN_SECONDS = 300.0  # providers end a login after five to ten minutes


def log_in(provider: str, *, on_other_device: bool, seconds: float = _LOGIN_SECONDS) -> str:
    """Returns a token of the person who logs in.

    Args:
        provider: base URL of the OIDC provider.
        on_other_device: show a link and ask for the code that it leads to, and open no browser.
        seconds: how long to wait for the person.

    Raises:
        IdentityUnavailableError: identity-unavailable; nobody logged in, or the provider refused.
    """

    def token() -> str:
        from sigstore.oidc import Issuer

        # The library asks for the code on stdout, which belongs to data.
        with contextlib.redirect_stdout(sys.stderr):
            return str(Issuer(provider).identity_token(force_oob=on_other_device))

    try:
        return within(seconds, token)
    except TimeoutError as error:
        raise _unavailable(f"Nobody logged in within {seconds:g} seconds.") from error
    except Exception as error:  # whatever the provider answered, there is no identity
        raise _unavailable(f"{provider} gave no identity: {_words(error)}.") from error


def claims_of(token: str) -> SignerClaims:
    """Returns who a person's token says they are: issuer and subject, as a certificate will name them.

    Raises:
        IdentityUnavailableError: identity-unavailable; it is no token for signing.
    """
    from sigstore.oidc import IdentityToken

    try:
        identity = IdentityToken(token)
    except Exception as error:  # malformed, expired, or for somebody else: no identity
        raise _unavailable(f"The provider's token is of no use: {_words(error)}.") from error
    return SignerClaims(identity.federated_issuer, identity.identity)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


def _unavailable(why: str) -> IdentityUnavailableError:
    return IdentityUnavailableError(
        "There is no identity to sign with.",
        why=why,
        fix="Run `tank publish` again; with --device where this machine has no browser.",
    )
