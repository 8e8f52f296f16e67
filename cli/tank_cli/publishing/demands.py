"""What an organisation demands of a publish: which identities sign for a skill, and whether tokens will do.

Bindings are public, so nobody needs a token to learn them. The registry decides for
itself, at Sign; this tells the publisher before anything is signed, because what
was signed stands in a log.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tank_cli.client.api import Api
from tank_cli.render import minute
from tank_core.binding import Binding, Mismatch
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import SkillName
from tank_core.signer import SignerClaims
from tank_core.trusted_publishing import OrgBinding, effective_bindings
from tank_core.wire.bindings import BindingList, OrgBindingDocument


class IdentityNotBoundError(TankError):
    """The identity that signs, or would sign, is not bound for the skill."""

    code = "identity-not-bound"
    exit_code = ExitCode.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Demands:
    """What counts for one skill now.

    Attributes:
        name: the skill.
        bindings: those in force; one of them must have signed, when there is any.
        forbids_tokens: only a ticket may publish.
        announced_for: seconds since the epoch; from when on the next binding counts that does not yet.
    """

    name: SkillName
    bindings: tuple[Binding, ...]
    forbids_tokens: bool
    announced_for: int | None = None

    def of_publisher(self, publisher: str) -> tuple[Binding, ...]:
        """Returns the bindings of identities that act as a publisher.

        Raises:
            IdentityNotBoundError: identity-not-bound; there is none.
        """
        found = tuple(binding for binding in self.bindings if binding.publisher == publisher)
        if not found:
            acting = ", ".join(sorted({binding.publisher for binding in self.bindings}))
            why = f"Bound identities act as {acting}." if acting else "No binding is in force for it."
            raise not_bound(self.name, f"No identity that acts as {publisher} may sign for it. {why}")
        return found


def demands_of(api: Api, name: SkillName, now: int) -> Demands:
    """Returns what counts for a skill.

    Args:
        api: one that needs no token.
        name: the skill, published or not.
        now: seconds since the epoch.

    Raises:
        RegistryError: there is no such organisation.
        InvalidBindingError: invalid-binding; the registry sent one that binds nothing.
        NetworkError: network-error.
    """
    listed = api.get(f"/orgs/{quote(name.org, safe='')}/bindings", BindingList)
    bindings = tuple(_org_binding(item) for item in listed.items)
    in_force = effective_bindings(bindings, str(name), now)
    waiting = (item.effective_at for item in bindings if item.skill in ("", str(name)))
    announced_for = min((time for time in waiting if time > now), default=None)
    in_force_now = tuple(item.binding for item in in_force)
    return Demands(name, in_force_now, listed.token_rule.forbidden, announced_for)


def check_identity(name: SkillName, bindings: tuple[Binding, ...], claims: SignerClaims) -> None:
    """Passes when claims meet one of some bindings.

    An environment that the claims do not name is not compared: certificates can lack it, and
    the registry then takes it from the ticket.

    Raises:
        IdentityNotBoundError: identity-not-bound, with the mismatches of the nearest binding.
    """
    nearest = min((_unmet(binding, claims) for binding in bindings), key=len)
    if nearest:
        problems = tuple(
            Problem(f"claim {m.claim}", f"is {m.found or 'nothing'}, bound is {m.wanted}", _FIX)
            for m in nearest
        )
        raise not_bound(name, f"{claims.subject} is not bound: {nearest[0]}.", problems)


_FIX = "Sign as one that is bound, or ask an owner to bind this one."


def not_bound(name: SkillName, why: str, problems: tuple[Problem, ...] = ()) -> IdentityNotBoundError:
    """Returns the error for an identity that may not sign for a skill."""
    return IdentityNotBoundError(
        f"This identity may not sign for {name}, so nothing was uploaded.",
        why=why,
        fix=f"See who may: tank binding list @{name.org}   (an owner adds one with `tank binding add`)",
        problems=problems,
    )


def nothing_bound(demands: Demands) -> IdentityNotBoundError:
    """Returns the error for a CI job that would sign where no binding says whose its signature is."""
    name, announced_for = demands.name, demands.announced_for
    if announced_for is None:
        why = "A CI job signs what it publishes, and nothing says that this one may."
        first = f"An owner binds it: `tank binding add @{name.org}` (docs/publishing-from-ci.md)."
    else:
        why = f"A binding is announced, and counts from {minute(announced_for)} on."
        first = f"Wait until then; see `tank binding list @{name.org}`."
    return IdentityNotBoundError(
        f"No binding is in force for {name}, so nothing was signed.",
        why=why,
        fix=f"{first} {_otherwise(demands)}",
    )


def _otherwise(demands: Demands) -> str:
    if demands.forbids_tokens:
        return f"Nothing else will do: @{demands.name.org} forbids publishing with tokens."
    return "Or publish unsigned, with a stored token: --no-sign"


def _unmet(binding: Binding, claims: SignerClaims) -> tuple[Mismatch, ...]:
    mismatches = binding.mismatches(claims)
    return tuple(m for m in mismatches if m.claim != "environment" or claims.environment)


def _org_binding(item: OrgBindingDocument) -> OrgBinding:
    return OrgBinding(
        item.binding_id,
        Binding.from_json(item.binding.model_dump()),
        item.added_by,
        item.added_at,
        item.effective_at,
        skill=item.skill,
        ends_at=item.ends_at,
    )
