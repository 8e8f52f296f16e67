"""What a caller may do: scopes of the token, its skill patterns, and roles in organisations.

All three must allow it. No scope means no right; a token limited to skills has
no right outside them; a role is looked up at every request, so that removing a
member works at once.

Source: PEERS, row 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.authentication import Caller
from tank_core.entities import Org, Role, Token
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName

PATTERN = re.compile(r"@[a-z0-9]+(?:-[a-z0-9]+)*/(?:\*|[a-z0-9]+(?:-[a-z0-9]+)*)")


class Scope(StrEnum):
    """What a token can be good for."""

    PUBLISH = "publish"  # publish versions, see their state, drive them again
    MANAGE = "manage"  # yank, deprecate
    ORG = "org"  # create organisations, change members
    TOKENS = "tokens"  # create, list and revoke the publisher's tokens
    REGISTRY_ADMIN = "registry-admin"  # create publishers, take versions down


class ForbiddenError(TankError):
    """The caller is known and has no right to this."""

    code = "forbidden"
    status = 403
    exit_code = ExitCode.FORBIDDEN


class TokensForbiddenError(TankError):
    """The organisation takes no tokens, only tickets of bound builds."""

    code = "tokens-forbidden"
    status = 403
    exit_code = ExitCode.FORBIDDEN


def require_scope(caller: Caller, scope: Scope) -> None:
    """Passes when the token has the scope.

    Raises:
        ForbiddenError: forbidden; names the scope.
    """
    if scope not in caller.token.scopes:
        raise ForbiddenError(
            f"The token lacks the scope “{scope}”.",
            why="A token can do only what its scopes name.",
            fix=f"Create a token with `tank token create --scope {scope}` and log in with it.",
        )


def require_everywhere(caller: Caller, scope: Scope) -> None:
    """Passes when the token has the scope and is not limited to some skills.

    Raises:
        ForbiddenError: forbidden; names the scope, or the limit.
    """
    require_scope(caller, scope)
    if caller.token.skills:
        raise _outside_patterns(caller, "this, which concerns more than those skills")


def require_skill(ports: RegistryPorts, caller: Caller, scope: Scope, name: SkillName) -> Org:
    """Passes when the caller may act on a skill of an organisation they belong to.

    Returns:
        The organisation.

    Raises:
        ForbiddenError: forbidden; names the scope, pattern or role that is missing.
    """
    require_scope(caller, scope)
    require_pattern(caller, name)
    return _membership(ports, caller, name.org, frozenset({Role.OWNER, Role.PUBLISHER}))


def require_publishing(ports: RegistryPorts, caller: Caller, name: SkillName) -> Org:
    """Passes when the caller may publish a skill, with a token of the kind that its organisation allows.

    Returns:
        The organisation.

    Raises:
        ForbiddenError: forbidden; names the scope, pattern or role that is missing.
        TokensForbiddenError: tokens-forbidden; the organisation takes tickets only.
    """
    org = require_skill(ports, caller, Scope.PUBLISH, name)
    check_token_rule(org, caller.token, ports.clock.now())
    return org


def check_token_rule(org: Org, token: Token, now: int) -> None:
    """Passes unless an organisation forbids tokens and this one is no ticket.

    Raises:
        TokensForbiddenError: tokens-forbidden.
    """
    if not token.is_ticket and org.token_rule.forbids_at(now):
        raise TokensForbiddenError(
            f"@{org.org} does not publish with tokens.",
            why="Its owners decided that only bound builds publish, because a token can be stolen.",
            fix=f"Publish from a bound build; `tank binding list @{org.org}` shows which ones there are.",
        )


def require_owner(ports: RegistryPorts, caller: Caller, org: str) -> Org:
    """Passes when the caller owns the organisation and the token may manage it.

    Raises:
        ForbiddenError: forbidden; names the scope, pattern or role that is missing.
    """
    _require_scope_for_org(caller, org)
    return _membership(ports, caller, org, frozenset({Role.OWNER}))


def require_owner_or_former(ports: RegistryPorts, caller: Caller, org: str) -> Org:
    """Passes when the caller owns the organisation, or may still cancel what is announced there.

    Raises:
        ForbiddenError: forbidden; names the scope, pattern or role that is missing.
    """
    _require_scope_for_org(caller, org)
    found = ports.accounts.org(org)
    if found is not None and caller.publisher_id in found.former_owners_at(ports.clock.now()):
        return found
    return _membership(ports, caller, org, frozenset({Role.OWNER}))


def require_registry_admin(caller: Caller) -> None:
    """Passes when the publisher is a registry admin and the token says so too.

    Raises:
        ForbiddenError: forbidden.
    """
    require_scope(caller, Scope.REGISTRY_ADMIN)
    if not caller.publisher.is_registry_admin:
        raise ForbiddenError(
            f"{caller.publisher_id} is not an admin of this registry.",
            why="The token's scope counts only while its publisher has the role.",
            fix="Ask the registry's operator.",
        )


def require_pattern(caller: Caller, name: SkillName) -> None:
    """Passes when the token is not limited, or limited to patterns that cover this skill.

    Raises:
        ForbiddenError: forbidden; names the patterns.
    """
    if caller.token.skills and not covers_any(caller.token.skills, str(name)):
        raise _outside_patterns(caller, str(name))


def covers_any(patterns: Iterable[str], wanted: str) -> bool:
    """Returns whether one of the patterns covers a name, or every name of a pattern."""
    org = wanted.partition("/")[0]
    return any(pattern in (wanted, f"{org}/*") for pattern in patterns)


def _require_scope_for_org(caller: Caller, org: str) -> None:
    require_scope(caller, Scope.ORG)
    if caller.token.skills and f"@{org}/*" not in caller.token.skills:
        raise _outside_patterns(caller, f"the whole of @{org}")


def _membership(ports: RegistryPorts, caller: Caller, org_name: str, roles: frozenset[Role]) -> Org:
    org = ports.accounts.org(org_name)
    if org is not None and org.members.get(caller.publisher_id) in roles:
        return org
    wanted = " or ".join(sorted(roles))
    if org is None:
        raise ForbiddenError(
            f"There is no organisation @{org_name}.",
            why="Every skill belongs to an organisation, and only its members publish there.",
            fix=f"Create it with `tank org create {org_name}`, or correct the name.",
        )
    raise ForbiddenError(
        f"{caller.publisher_id} has no role “{wanted}” in @{org_name}.",
        why="Only members with that role may do this.",
        fix=f"Ask an owner of @{org_name} for `tank org member set {org_name} {caller.publisher_id} …`.",
    )


def _outside_patterns(caller: Caller, wanted: str) -> ForbiddenError:
    return ForbiddenError(
        f"The token does not cover {wanted}.",
        why=f"It is limited to {', '.join(caller.token.skills)}.",
        fix="Use a token without that limit.",
    )
