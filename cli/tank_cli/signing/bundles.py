"""From a statement and an identity to a Sigstore bundle that this machine has verified itself.

Which certificate authority, log and timestamp authority are used stands in the
registry's signing configuration, which is a verified TUF target, as is the trusted
root: nothing comes from the user's cache or from the library's defaults.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tank_cli.signing.deadline import within
from tank_core.errors import ExitCode, TankError, quoted
from tank_core.loopback import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from sigstore.models import Bundle, ClientTrustConfig

    from tank_core.bundle import VerifiedBundle

_SIGNING_SECONDS = 90.0  # three services; a log answers after it has included the entry, some ten seconds
_CONFIG_TYPE = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
_SERVICES = ("caUrls", "oidcUrls", "rekorTlogUrls", "tsaUrls")
# Nothing in which two readers of addresses find two hosts, as in https://one.example\@two.example
_PLAIN_URL = re.compile(
    r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?"
)


class SigningFailedError(TankError):
    """A service that signing needs did not do its part."""

    code = "signing-failed"
    exit_code = ExitCode.NETWORK


class OwnBundleRefusedError(TankError):
    """What was just signed is not what it should be, so it is not uploaded."""

    code = "own-bundle-refused"
    exit_code = ExitCode.INTEGRITY


class InvalidSigningConfigError(TankError):
    """The registry's signing configuration cannot be used."""

    code = "invalid-signing-config"
    exit_code = ExitCode.INTEGRITY


class SigstoreTarget(Protocol):
    """A registry's Sigstore: two documents that its offline key signed."""

    @property
    def trusted_root(self) -> bytes:
        """A Sigstore trusted root, JSON."""

    @property
    def signing_config(self) -> bytes:
        """A Sigstore signing configuration, JSON."""


def provider_of(target: SigstoreTarget) -> str:
    """Returns the base URL of the OIDC provider at which people log in.

    Raises:
        InvalidSigningConfigError: invalid-signing-config.
    """
    config = _trust_config(target)
    try:
        return str(config.signing_config.get_oidc_url())
    except Exception as error:
        raise _invalid(f"It names no OIDC provider that this version can use: {error}.") from error


def is_all_of(target: SigstoreTarget, registry: str) -> bool:
    """Returns whether every service that would learn of a signature is the registry's own, or this machine's.

    What the registry calls its Sigstore says nothing of that: a token of somebody else's provider is
    good for somebody else's log.

    Args:
        registry: its base URL.

    Raises:
        InvalidSigningConfigError: invalid-signing-config.
    """
    _trust_config(target)
    own = LOOPBACK_HOSTS | {urlsplit(registry).hostname}
    return all(urlsplit(url).hostname in own for url in _urls(json.loads(target.signing_config)))


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A bundle and what it proves. ``bundle``: JSON, to be uploaded with the archive."""

    bundle: bytes
    proven: VerifiedBundle


def signed(
    statement: bytes, token: str, target: SigstoreTarget, *, seconds: float = _SIGNING_SECONDS
) -> SignedStatement:
    """Returns a bundle over a statement.

    1. Every service is one that a token may be sent to, and there is a timestamp authority.
    2. The library gets a certificate, signs, gets a timestamp, and logs the signature.
    3. There is a timestamp: the library only warns when it got none.
    4. The bundle is verified as the registry and every client will, and holds this very statement.

    Args:
        statement: an in-toto statement, JSON.
        token: an OIDC token for the audience ``sigstore``.
        target: the registry's Sigstore.
        seconds: how long step 2 may take.

    Raises:
        InvalidSigningConfigError: invalid-signing-config.
        SigningFailedError: signing-failed.
        OwnBundleRefusedError: own-bundle-refused.
    """
    config = _trust_config(target)  # 1
    if not config.signing_config.get_tsas():
        raise _invalid(
            "It names no timestamp authority, and a signature without a timestamp counts for nothing."
        )
    try:
        bundle = within(seconds, lambda: _sign(statement, token, config))  # 2
    except Exception as error:  # nothing was uploaded yet, whatever it was
        raise _failed(error, token) from error
    if bundle.verification_material.timestamp_verification_data is None:  # 3
        raise _refused("The timestamp authority gave no timestamp.")
    return _verified(bundle.to_json().encode(), statement, target)  # 4


def _verified(bundle: bytes, statement: bytes, target: SigstoreTarget) -> SignedStatement:
    from tank_core.bundle import BundleRefusedError, verify_bundle

    try:
        proven = verify_bundle(bundle, trusted_root=target.trusted_root)
    except BundleRefusedError as error:
        raise _refused(error.why) from error
    if not hmac.compare_digest(proven.statement, statement):
        raise _refused("It holds another statement than the one that was to be signed.")
    return SignedStatement(bundle, proven)


def _sign(statement: bytes, token: str, config: ClientTrustConfig) -> Bundle:
    from sigstore.dsse import Statement
    from sigstore.oidc import IdentityToken
    from sigstore.sign import SigningContext

    context = SigningContext.from_trust_config(config)
    with context.signer(IdentityToken(token)) as signer:
        return signer.sign_dsse(Statement(statement))


def _trust_config(target: SigstoreTarget) -> ClientTrustConfig:
    from sigstore.models import ClientTrustConfig

    try:
        services = json.loads(target.signing_config)
        document = {
            "mediaType": _CONFIG_TYPE,
            "trustedRoot": json.loads(target.trusted_root),
            "signingConfig": services,
        }
        config = ClientTrustConfig.from_json(json.dumps(document))
        config.signing_config  # noqa: B018  # the library reads it here, and no earlier
        urls = list(_urls(services))
    except Exception as error:  # by whatever it is not usable
        raise _invalid(f"It is not one that this version of Tank understands: {error}.") from error
    for url in urls:
        _check_service(url)
    return config


def _urls(services: dict[str, list[dict[str, str]]]) -> Iterator[str]:
    for kind in _SERVICES:
        for service in services.get(kind, []):
            yield service["url"]


def _check_service(url: str) -> None:
    """Tokens go there: plain http is only for this machine itself, as with registries."""
    if not _PLAIN_URL.fullmatch(url):
        raise _invalid(f"Its service {quoted(url)} is not a plain address.")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS):
        raise _invalid(f"Its service {quoted(url)} is not on https.")


def _failed(error: Exception, token: str) -> SigningFailedError:
    # The library leaves the words of some refusals to the error behind it.
    words = str(error) or str(error.__cause__ or "") or type(error).__name__
    return SigningFailedError(
        "The package was not signed, so nothing was uploaded.",
        why=f"{type(error).__name__}: {words.replace(token, '…')}",
        fix="Run `tank publish` again. If it stays, ask the registry's operator whether its Sigstore is up.",
    )


def _refused(why: str) -> OwnBundleRefusedError:
    return OwnBundleRefusedError(
        "The new signature is not acceptable, so nothing was uploaded.",
        why=why,
        fix="Run `tank publish` again. If it stays, tell the registry's operator.",
    )


def _invalid(why: str) -> InvalidSigningConfigError:
    return InvalidSigningConfigError(
        "The registry's signing configuration cannot be used.",
        why=why,
        fix="Upgrade Tank; if it stays, tell the registry's operator.",
    )
