"""Upload tickets: a build's OIDC token becomes the right to publish one skill once.

1. The OIDC token is good, for the audience “tank” alone.
2. The organisation has bindings in force for the skill, and the token's claims meet one.
3. The binding's publisher still exists and still is a member.
4. The ticket's id derives from the token's issuer and id, so that the write that makes
   it refuses a second exchange of the same token.

What a ticket is good for: one publish of one skill (``use``), for at most fifteen
minutes. Sign compares its claims with those of the certificate that signed.

Source: PyPI, "Trusted Publishers" (token exchange); decision 0009.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from chalicelib.ports.errors import ConditionFailed
from chalicelib.ports.id_tokens import IdToken, IdTokenRefusedError
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import audit_event, token_subject
from chalicelib.services.authentication import TOKEN_PREFIX, Caller, hash_of
from chalicelib.services.authorisation import Scope
from tank_core.binding import Binding, Mismatch, best_match
from tank_core.entities import Action, AuditEvent, JsonObject, Org, Token
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import SkillName
from tank_core.signer import SignerClaims
from tank_core.trusted_publishing import effective_bindings

AUDIENCE = "tank"
TICKET_SECONDS = 900


class NoBindingError(TankError):
    """No binding in force lets this identity publish the skill."""

    code = "no-binding"
    status = 403
    exit_code = ExitCode.FORBIDDEN


class TicketUsedError(TankError):
    """The ticket is good for another publish only."""

    code = "ticket-used"
    status = 403
    exit_code = ExitCode.FORBIDDEN


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A new ticket and its secret, which is shown now and never again."""

    ticket: Token
    secret: str


def exchange(ports: RegistryPorts, id_token: str, name: str) -> IssuedTicket:
    """Returns a ticket for one skill.

    Args:
        ports: the registry's world.
        id_token: as the build sent it, unverified.
        name: ``@org/name`` of the skill to be published.

    Raises:
        InvalidNameError: invalid-name.
        IdTokenRefusedError: id-token-refused; why names what is wrong with the token.
        NoBindingError: no-binding; with every way in which the nearest binding differs.
        PortError: the issuer's keys cannot be had now.
    """
    skill = SkillName.parse(name)
    verified = ports.id_tokens.verify(id_token, AUDIENCE)  # 1
    org = ports.accounts.org(skill.org)
    binding = _matching(ports, org, str(skill), verified.claims)  # 2
    if org is None or not _is_member(ports, org, binding.publisher):  # 3
        raise _no_binding(str(skill), _not_a_member(binding))
    secret = TOKEN_PREFIX + ports.ids.new_secret()
    ticket = _ticket(binding, skill, verified, secret, ports.clock.now())
    try:
        ports.accounts.put_token(ticket, _event(ports, ticket))  # 4
    except ConditionFailed as exc:
        raise IdTokenRefusedError.because("it was replayed: a ticket was given for it before") from exc
    return IssuedTicket(ticket, secret)


def use(ports: RegistryPorts, caller: Caller, publish_id: str) -> None:
    """Binds a caller's ticket to a publish, for ever; every other token passes.

    Raises:
        TicketUsedError: ticket-used; it is bound to another publish.
    """
    if not caller.token.is_ticket:
        return
    try:
        ports.accounts.use_ticket(caller.token.token_id, publish_id)
    except ConditionFailed as exc:
        raise _used() from exc


def check_unused(caller: Caller) -> None:
    """Passes when the caller has no ticket, or one that no publish was begun with.

    Two requests at once may both pass; ``use`` decides between them.

    Raises:
        TicketUsedError: ticket-used.
    """
    if caller.token.is_ticket and caller.token.publish_id:
        raise _used()


def check_own(caller: Caller, publish_id: str) -> None:
    """Passes when the caller has no ticket, or the publish is the ticket's own.

    Raises:
        TicketUsedError: ticket-used.
    """
    check_bound_to(caller.token, publish_id)


def check_bound_to(token: Token, publish_id: str) -> None:
    """Passes when a token is no ticket, or a ticket that is bound to this publish.

    Raises:
        TicketUsedError: ticket-used.
    """
    if token.is_ticket and token.publish_id != publish_id:
        raise _used()


def _matching(ports: RegistryPorts, org: Org | None, skill: str, claims: SignerClaims) -> Binding:
    in_force = effective_bindings(org.bindings, skill, ports.clock.now()) if org else ()
    if not in_force:
        raise _no_binding(skill, Problem(skill, "has no binding in force", f"`tank binding add {skill} …`"))
    found = best_match(tuple(b.binding for b in in_force), claims)
    if isinstance(found, Binding):
        return found
    raise _no_binding(skill, *(as_problem(mismatch) for mismatch in found))


def as_problem(mismatch: Mismatch) -> Problem:
    """Returns one way in which claims differ from a binding, to be shown with the others."""
    where, _, what = str(mismatch).partition(": ")
    fix = f"Publish from {mismatch.wanted}, or let an owner bind what was found."
    return Problem(where, what, fix)


def _ticket(binding: Binding, skill: SkillName, verified: IdToken, secret: str, now: int) -> Token:
    return Token(
        token_id=_ticket_id(verified),
        secret_sha256=hash_of(secret),
        publisher_id=binding.publisher,
        scopes=(Scope.PUBLISH,),
        skills=(str(skill),),
        description=f"a ticket for {verified.claims.run or verified.claims.subject}",
        created_at=now,
        expires_at=now + TICKET_SECONDS,
        claims=dict(verified.claims.to_json()),
    )


def _ticket_id(verified: IdToken) -> str:
    """Returns the id that every exchange of the same OIDC token gives; no issuer holds the separator."""
    told = f"{verified.claims.issuer}\n{verified.jti}"
    return f"ticket-{hashlib.sha256(told.encode()).hexdigest()[:40]}"


def _is_member(ports: RegistryPorts, org: Org, publisher_id: str) -> bool:
    return publisher_id in org.members and ports.accounts.publisher(publisher_id) is not None


def _event(ports: RegistryPorts, ticket: Token) -> AuditEvent:
    detail: JsonObject = {"skill": ticket.skills[0], "claims": ticket.claims}
    subject = token_subject(ticket.token_id)
    return audit_event(ports, ticket.publisher_id, Action.TICKET_CREATE, subject, detail)


def _not_a_member(binding: Binding) -> Problem:
    return Problem("publisher", f"{binding.publisher} is no member any more", "Make it a member again.")


def _no_binding(skill: str, *problems: Problem) -> NoBindingError:
    return NoBindingError(
        f"No binding of {skill} lets this identity publish.",
        why="; ".join(f"{problem.where} {problem.what}" for problem in problems) + ".",
        fix=f"Compare with `tank binding list {skill.partition('/')[0]}`; an owner adds what is missing.",
        problems=problems,
    )


def _used() -> TicketUsedError:
    return TicketUsedError(
        "The ticket is not good for this publish.",
        why="A ticket serves one publish of one skill, once.",
        fix="Ask for a new ticket with a fresh OIDC token: run `tank publish` again in the build.",
    )
