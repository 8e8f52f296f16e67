"""What must hold before an organisation forbids publishing with tokens.

Only a ticket publishes then, only a bound build gets one, and allowing tokens again
waits: without a binding the organisation would lock itself out for the whole delay.

Source: decision 0009, ``docs/decisions/0009-bindings-wait.md``.
"""

from __future__ import annotations

from tank_core.entities import Org
from tank_core.errors import TankError
from tank_core.trusted_publishing import OrgBinding


class NobodyCouldPublishError(TankError):
    """Without tokens nobody could publish for the organisation."""

    code = "nobody-could-publish"
    status = 409


def check_builds_publish(org: Org, now: int) -> None:
    """Passes when a build is bound that could publish at least one skill without a stored token.

    A binding for one skill will do: which other skills nobody can publish then is for the owner to judge.

    Args:
        org: the organisation as it is.
        now: seconds since the epoch.

    Raises:
        NobodyCouldPublishError: nobody-could-publish.
    """
    if not any(_is_of_build(org, each) and each.counts_at(now) for each in org.bindings):
        raise _nobody(org, now)


def _is_of_build(org: Org, bound: OrgBinding) -> bool:
    """Returns whether it is a build's that acts as a member: people get no ticket, and neither do others' builds."""
    return not bound.binding.subject and bound.binding.publisher in org.members


def _nobody(org: Org, now: int) -> NobodyCouldPublishError:
    announced = any(_is_of_build(org, each) and each.effective_at > now for each in org.bindings)
    rest = (
        f"Wait until the announced one counts: `tank binding list @{org.org}`."
        if announced
        else f"Bind a build first: `tank binding add @{org.org}` (docs/publishing-from-ci.md)."
    )
    return NobodyCouldPublishError(
        f"Nobody could publish for @{org.org} any more, so tokens stay allowed.",
        why="Without tokens only builds publish, no build's binding is in force, and allowing tokens again waits.",
        fix=rest,
    )
