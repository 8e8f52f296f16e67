"""The signature of a publish: whether there is one, by whom, and how it comes about.

Decided first, from what is known without signing anything; then done, as late as
possible, because an identity's token lives for minutes and what was signed stands
in a log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.context import Context
from tank_cli.publishing.access import Access
from tank_cli.publishing.demands import Demands, check_identity, not_bound
from tank_cli.publishing.prepare import Prepared
from tank_cli.signing import consent
from tank_cli.signing.ambient import SIGNING_AUDIENCE, Ambient, absence
from tank_core.binding import Binding
from tank_core.errors import ExitCode, TankError
from tank_core.provenance import publisher_statement

if TYPE_CHECKING:
    from tank_cli.registry_targets import SigstoreTarget


class NoSigstoreError(TankError):
    """A signature is needed, and the registry names no Sigstore to make it with."""

    code = "no-sigstore"
    exit_code = ExitCode.INTEGRITY


class Way(StrEnum):
    """How a publish is signed."""

    UNSIGNED = auto()
    GIVEN = auto()
    BUILD = auto()
    PERSON = auto()


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about signing.

    Attributes:
        sign: whether to; None leaves it to what there is.
        bundle: one that was made elsewhere.
        on_other_device: log in with a link and a code.
        agreed: to an entry in a public log.
    """

    sign: bool | None = None
    bundle: Path | None = None
    on_other_device: bool = False
    agreed: bool = False


def way_of(
    options: Options,
    demands: Demands,
    ambient: Ambient | None,
    environment: Mapping[str, str],
    *,
    has_terminal: bool,
) -> Way:
    """Decides how a publish is signed.

    A CI job with an identity signs, and so does everybody where a binding is in force; who
    says otherwise is heard.

    Raises:
        IdentityUnavailableError: identity-unavailable; a signature is needed and nobody can give it.
    """
    if options.bundle is not None:
        return Way.GIVEN
    wanted = options.sign if options.sign is not None else ambient is not None or bool(demands.bindings)
    if not wanted:
        return Way.UNSIGNED
    if ambient is not None:
        return Way.BUILD
    if not has_terminal:
        raise absence(environment)
    return Way.PERSON


def bundle_of_build(
    context: Context,
    package: Prepared,
    access: Access,
    demands: Demands,
    target: SigstoreTarget,
    ambient: Ambient,
) -> bytes:
    """Signs as the CI job; returns the bundle.

    Raises:
        IdentityUnavailableError: identity-unavailable.
        IdentityNotBoundError: identity-not-bound.
        SigningFailedError: signing-failed.
        OwnBundleRefusedError: own-bundle-refused.
    """
    bindings = demands.of_publisher(access.publisher)
    context.console.say(f"Signing {package.label} as this {ambient.service} job")
    return _signed(context, package, bindings, target, ambient.token(SIGNING_AUDIENCE))


def bundle_of_person(
    context: Context,
    package: Prepared,
    access: Access,
    demands: Demands,
    target: SigstoreTarget,
    options: Options,
) -> bytes:
    """Lets the person log in, and signs as them; returns the bundle.

    Raises:
        IdentityNotBoundError: identity-not-bound.
        PublicLogDeclinedError: public-log-declined.
        InvalidSigningConfigError: invalid-signing-config.
        IdentityUnavailableError: identity-unavailable.
        SigningFailedError: signing-failed.
        OwnBundleRefusedError: own-bundle-refused.
    """
    from tank_cli.signing.bundles import is_all_of, provider_of
    from tank_cli.signing.person import claims_of, log_in

    name = package.manifest.name
    bindings = demands.of_publisher(access.publisher)
    if not any(binding.subject for binding in bindings):
        raise not_bound(name, f"Only builds are bound for it: {', '.join(b.workflow for b in bindings)}.")
    registry = context.config.registry
    if target.kind == "public" or not is_all_of(target, registry):
        consent.obtain(context, registry, package.label, assumed=options.agreed)
    context.console.say(f"Signing {package.label}: log in to say who you are")
    token = log_in(provider_of(target), on_other_device=options.on_other_device)
    check_identity(name, bindings, claims_of(token))
    return _signed(context, package, bindings, target, token)


def statement_of(package: Prepared) -> bytes:
    """Returns what is signed of a package."""
    manifest = package.manifest
    return publisher_statement(manifest.name, manifest.version, package.integrity, package.digest)


def no_sigstore(registry: str) -> NoSigstoreError:
    """Returns the error for a registry without a Sigstore."""
    return NoSigstoreError(
        f"Nothing can be signed for {registry}.",
        why="What its operator signed about it names no Sigstore.",
        fix="Use --no-sign; for a skill with a binding, ask the operator for a Sigstore.",
    )


def _signed(
    context: Context, package: Prepared, bindings: tuple[Binding, ...], target: SigstoreTarget, token: str
) -> bytes:
    from tank_cli.signing.bundles import signed

    made = signed(statement_of(package), token, target)
    check_identity(package.manifest.name, bindings, made.proven.claims)
    log = made.proven.log
    context.console.say(f"Signed by {made.proven.claims.signer}; entry {log.index} of log {log.log_id[:12]}…")
    return made.bundle
