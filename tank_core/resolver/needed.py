"""What a person would have to accept for a resolution to exist, when that is all that stands against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tank_core.consent import Acceptance, Consent
from tank_core.names import SkillName
from tank_core.resolver.explanation import NoResolutionError
from tank_core.semver import Version

_MAX_ROUNDS = 16  # each lets in what the refusal before it named; a person reads no longer list


def needed_consent(
    refusal: NoResolutionError, resolve: Callable[[Consent], Mapping[SkillName, Version]], consent: Consent
) -> tuple[Acceptance, ...]:
    """Returns the acceptances without which there is no resolution, and with which there is one.

    Only versions that the refusals name are let in, so that nobody is asked to accept
    more than the conflict needs.

    Args:
        refusal: of the resolution with what is accepted so far.
        resolve: returns the versions that are chosen with a consent, all else the same.
        consent: what is accepted so far.

    Returns:
        Sorted; empty where no consent helps.
    """
    offered = consent
    for _ in range(_MAX_ROUNDS):
        more = refusal.acceptable - offered.given
        if not more:
            return ()
        offered = offered.joined(more)
        try:
            chosen = resolve(offered)
        except NoResolutionError as again:
            refusal = again
            continue
        asked = offered.given - consent.given
        return tuple(sorted(accepts for accepts in asked if chosen.get(accepts.name) == accepts.version))
    return ()
