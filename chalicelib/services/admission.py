"""Whose signature counts: what an organisation's bindings say to one publish and the bundle it came with.

Called by Sign, with facts that are already verified: the bundle by
``tank_core.bundle``, its statement by ``tank_core.provenance``. A ticket that was
good when it was given, and a token that was allowed when the publish began, are
looked at again, because bindings, rules and members may have changed since.

Source: decisions 0006 and 0009.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.ports.bundles import VerifiedBundle
from chalicelib.services.tickets import as_problem
from chalicelib.settings import Settings
from tank_core.binding import Binding, best_match, differing_claims
from tank_core.entities import Org, Publish, Token
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.signature import Signature
from tank_core.signer import SignerClaims
from tank_core.trusted_publishing import effective_bindings

CLOCK_TOLERANCE_SECONDS = 300  # between the timestamp authority's clock and the registry's


class MissingSignatureError(TankError):
    """A signature is expected and there is none."""

    code = "missing-signature"
    status = 422
    exit_code = ExitCode.INTEGRITY


class UnboundSignatureError(TankError):
    """There is a signature, or a build's ticket, and no binding says whose it is."""

    code = "unbound-signature"
    status = 422
    exit_code = ExitCode.INTEGRITY


class BindingMismatchError(TankError):
    """The signer is none that is bound to the publisher."""

    code = "binding-mismatch"
    status = 403
    exit_code = ExitCode.INTEGRITY


class TicketMismatchError(TankError):
    """The ticket was given for another run than the one that signed."""

    code = "ticket-mismatch"
    status = 403
    exit_code = ExitCode.INTEGRITY


class StaleSignatureError(TankError):
    """The signature was not made for this publish, but long before or after it began."""

    code = "stale-signature"
    status = 422
    exit_code = ExitCode.INTEGRITY


def check_unsigned(org: Org, publish: Publish, token: Token, now: int) -> None:
    """Passes when a publish may come without a signature: nobody is bound for the skill, nor came with a ticket.

    Raises:
        MissingSignatureError: missing-signature.
        UnboundSignatureError: unbound-signature; the ticket's binding ended meanwhile.
    """
    in_force = effective_bindings(org.bindings, publish.name, now)
    if in_force:
        who = ", ".join(sorted({_shown(bound.binding) for bound in in_force}))
        raise MissingSignatureError(
            f"{publish.name} is signed by a bound identity, and this version is not signed.",
            why=f"Bound is {who}; without a signature a stolen token would be enough.",
            fix="Publish from a bound identity, so that `tank publish` can sign.",
        )
    if token.is_ticket:
        raise _unbound(publish)


def check_bound(org: Org, publish: Publish, now: int) -> None:
    """Passes when somebody is bound for the skill, so that a signature can be somebody's.

    Raises:
        UnboundSignatureError: unbound-signature.
    """
    if not effective_bindings(org.bindings, publish.name, now):
        raise _unbound(publish)


def admitted(
    org: Org, publish: Publish, token: Token, verified: VerifiedBundle, *, now: int, settings: Settings
) -> Signature:
    """Returns the signature of a publish whose signer is bound to its publisher.

    1. The claims are the certificate's; an environment that it does not name is the ticket's.
    2. One of the bindings in force for the skill, for this very publisher, is met.
    3. The ticket, if there is one, was given to the run that signed.
    4. The signature was made for this publish, and not long before it.

    Raises:
        BindingMismatchError: binding-mismatch; one problem per claim of the nearest binding.
        TicketMismatchError: ticket-mismatch; names the claims.
        StaleSignatureError: stale-signature.
    """
    given_for = SignerClaims.from_json(token.claims) if token.is_ticket else None
    claims = verified.claims  # 1
    if given_for is not None and not claims.environment:
        claims = replace(claims, environment=given_for.environment)
    binding = _matched(org, publish, claims, now)  # 2
    if given_for is not None:
        _check_one_run(given_for, verified.claims)  # 3
    _check_time(publish, verified.log.signed_at, settings)  # 4
    return Signature(claims, binding, verified.log)


def _matched(org: Org, publish: Publish, claims: SignerClaims, now: int) -> Binding:
    in_force = [bound.binding for bound in effective_bindings(org.bindings, publish.name, now)]
    own = tuple(binding for binding in in_force if binding.publisher == publish.publisher_id)
    found = best_match(own, claims)
    if isinstance(found, Binding):
        return found
    others = ", ".join(sorted({binding.publisher for binding in in_force}))
    nobody = Problem("publisher", f"is {publish.publisher_id}, bound are {others}", "Publish as one of them.")
    raise _mismatch(claims, tuple(as_problem(m) for m in found) if own else (nobody,))


def _check_one_run(given_for: SignerClaims, certificate: SignerClaims) -> None:
    differing = differing_claims(given_for, certificate)
    if differing:
        raise TicketMismatchError(
            "The signature is not of the run that the ticket was given to.",
            why=f"They differ in {', '.join(differing)}.",
            fix="Sign and publish in one job of one run: `tank publish` does both.",
        )


def _check_time(publish: Publish, signed_at: int, settings: Settings) -> None:
    """The archive and its bundle are announced when a publish begins, so the signature is older, and not by much.

    As long before as an attempt may wait for its upload: a build that signs first and
    publishes in a later step has that time, and a bundle of an unpublished version that
    leaked, such as one from a public log, is good for no longer. A failed attempt that
    is driven again keeps its beginning, and so its signature.
    """
    earliest = publish.created_at - settings.publish_ttl_seconds - CLOCK_TOLERANCE_SECONDS
    if not earliest <= signed_at <= publish.created_at + CLOCK_TOLERANCE_SECONDS:
        difference = signed_at - publish.created_at
        when = f"{abs(difference)} seconds {'before' if difference < 0 else 'after'} the publish began"
        raise StaleSignatureError(
            "The signature was not made for this publish.",
            why=f"It was made {when}; at most {settings.publish_ttl_seconds} before are accepted.",
            fix="Run `tank publish` again, so that it signs anew.",
        )


def _mismatch(claims: SignerClaims, problems: tuple[Problem, ...]) -> BindingMismatchError:
    return BindingMismatchError(
        f"The signer {claims.subject} is not bound.",
        why="; ".join(f"{problem.where}: {problem.what}" for problem in problems) + ".",
        fix="Publish from a bound identity, or let an owner bind this one with `tank binding add`.",
        problems=problems,
    )


def _unbound(publish: Publish) -> UnboundSignatureError:
    return UnboundSignatureError(
        f"No binding in force says who signs {publish.name}.",
        why="A signature proves who made it, and only a binding says that this is the publisher.",
        fix=f"Let an owner run `tank binding add {publish.name} …` first, or publish without a signature.",
    )


def _shown(binding: Binding) -> str:
    return binding.subject or f"{binding.workflow} (repository {binding.repository_id})"
