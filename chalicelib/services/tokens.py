"""Tokens: made, listed, revoked. A token hands out no more than it has, and always expires.

The secret leaves once, in the answer that made it; only its hash is kept.

Source: PEERS, row 8.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.audit_events import audit_event, token_subject
from chalicelib.services.authentication import TOKEN_PREFIX, Caller, hash_of
from chalicelib.services.authorisation import PATTERN, ForbiddenError, Scope, covers_any, require_scope
from tank_core.entities import Action, Token
from tank_core.errors import ExitCode, Problem, TankError, quoted

MAX_TTL_SECONDS = 366 * 24 * 3600
MIN_TTL_SECONDS = 60


class InvalidTokenRequestError(TankError):
    """The scopes, patterns or lifetime asked for are not acceptable."""

    code = "invalid-token-request"
    status = 422


class TokenNotFoundError(TankError):
    """The caller has no such token."""

    code = "token-not-found"
    status = 404
    exit_code = ExitCode.NOT_FOUND


@dataclass(frozen=True, slots=True)
class TokenOrder:
    """What is asked of a new token. ``ttl_seconds`` None: the registry's default."""

    scopes: tuple[str, ...]
    skills: tuple[str, ...]
    description: str
    ttl_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token and its secret, which is shown now and never again."""

    token: Token
    secret: str


def create(ports: RegistryPorts, caller: Caller, order: TokenOrder) -> IssuedToken:
    """Makes a token for the caller, within what the caller's own token may do and for no longer than it lives.

    Raises:
        InvalidTokenRequestError: invalid-token-request; with all problems.
        ForbiddenError: forbidden; a scope or pattern that the caller's token has not.
    """
    require_scope(caller, Scope.TOKENS)
    _check_order(order)
    _check_within(caller.token, order)
    return issue(
        ports, caller.publisher_id, order, actor=caller.publisher_id, not_after=caller.token.expires_at
    )


def list_own(ports: RegistryPorts, caller: Caller) -> tuple[Token, ...]:
    """Returns the caller's tokens, newest first; of tickets only those that are good now, because builds leave many.

    Raises:
        ForbiddenError: forbidden.
    """
    require_scope(caller, Scope.TOKENS)
    now = ports.clock.now()
    own = ports.accounts.tokens_of(caller.publisher_id)
    return tuple(token for token in own if not token.is_ticket or now < token.expires_at)


def revoke(ports: RegistryPorts, caller: Caller, token_id: str) -> None:
    """Revokes one of the caller's tokens; a second time changes nothing.

    A token may always revoke itself, so that a leaked one can be stopped with what leaked.

    Raises:
        ForbiddenError: forbidden.
        TokenNotFoundError: token-not-found; also for somebody else's.
    """
    if token_id != caller.token.token_id:
        require_scope(caller, Scope.TOKENS)
    token = ports.accounts.token(token_id)
    if token is None or token.publisher_id != caller.publisher_id:
        raise TokenNotFoundError(
            f"You have no token {quoted(token_id)}.",
            why="A publisher sees and revokes only their own tokens.",
            fix="See yours with `tank token list`.",
        )
    event = audit_event(ports, caller.publisher_id, Action.TOKEN_REVOKE, token_subject(token_id))
    ports.accounts.revoke_token(token_id, ports.clock.now(), event)


def issue(
    ports: RegistryPorts, publisher_id: str, order: TokenOrder, *, actor: str, not_after: int | None = None
) -> IssuedToken:
    """Makes a token without asking whether the actor may; callers have decided that.

    ``not_after``: the time, since the epoch, beyond which it never lives.
    """
    secret = TOKEN_PREFIX + ports.ids.new_secret()
    now = ports.clock.now()
    expires_at = now + (order.ttl_seconds or ports.settings.token_ttl_seconds)
    token = Token(
        token_id=ports.ids.new_id(),
        secret_sha256=hash_of(secret),
        publisher_id=publisher_id,
        scopes=tuple(sorted(set(order.scopes))),
        skills=tuple(sorted(set(order.skills))),
        description=order.description,
        created_at=now,
        expires_at=expires_at if not_after is None else min(expires_at, not_after),
    )
    detail = {"publisher": publisher_id, "scopes": list(token.scopes), "skills": list(token.skills)}
    event = audit_event(ports, actor, Action.TOKEN_CREATE, token_subject(token.token_id), detail)
    ports.accounts.put_token(token, event)
    return IssuedToken(token, secret)


def _check_order(order: TokenOrder) -> None:
    problems = [
        Problem("scopes", f"{quoted(scope)} is no scope.", f"Use of {', '.join(sorted(Scope))}.")
        for scope in order.scopes
        if scope not in set(Scope)
    ]
    problems += [
        Problem("skills", f"{quoted(pattern)} is no pattern.", "Write @org/name or @org/*.")
        for pattern in order.skills
        if not PATTERN.fullmatch(pattern)
    ]
    if not order.scopes:
        problems.append(
            Problem("scopes", "There are none.", "Name what the token is for: no scope, no right.")
        )
    if order.ttl_seconds is not None and not MIN_TTL_SECONDS <= order.ttl_seconds <= MAX_TTL_SECONDS:
        limits = f"Choose {MIN_TTL_SECONDS} to {MAX_TTL_SECONDS} seconds."
        problems.append(Problem("ttl_seconds", f"{order.ttl_seconds} is out of bounds.", limits))
    if problems:
        raise InvalidTokenRequestError(
            "The token cannot be made as asked.",
            why="Scopes and patterns have a fixed form, and every token expires.",
            fix="Mend what is listed.",
            problems=tuple(problems),
        )


def _check_within(own: Token, order: TokenOrder) -> None:
    extra = sorted(set(order.scopes) - set(own.scopes))
    extra += sorted(pattern for pattern in order.skills if own.skills and not covers_any(own.skills, pattern))
    if own.skills and not order.skills:
        extra.append("all skills")
    if extra:
        raise ForbiddenError(
            f"Your token cannot hand out: {', '.join(extra)}.",
            why="A token gives a new one only what it has itself.",
            fix="Use a token that has them.",
        )
