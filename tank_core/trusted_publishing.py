"""An organisation's rules on who may publish, and from when on a change of them counts.

Bindings belong to the organisation; those that name one skill replace the others
for that skill. Whatever would let somebody new in counts only after a delay, so
that an owner whose account was taken over has the time to see it announced and to
cancel it. Whatever only keeps somebody out counts at once.

While nothing of the organisation that the binding covers is published, there is
nothing to take over: the first bindings count at once, and the first version can
come from a build.

Source: notes on trusted publishing in the design of record; PyPI, "pending publishers".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tank_core.binding import Binding


@dataclass(frozen=True, slots=True)
class OrgBinding:
    """One binding of an organisation.

    Attributes:
        binding_id: unique in the registry.
        skill: ``@org/name`` that it overrides the organisation's bindings for; "" for all others.
        added_by: the publisher id of the owner who asked for it.
        effective_at: seconds since the epoch from which on it counts.
        ends_at: seconds since the epoch from which on it counts no more; None while nobody removed it.
    """

    binding_id: str
    binding: Binding
    added_by: str
    added_at: int
    effective_at: int
    skill: str = ""
    ends_at: int | None = None

    def counts_at(self, now: int) -> bool:
        """Returns whether it is in force at a time."""
        return self.effective_at <= now and not self.has_ended_at(now)

    def has_ended_at(self, now: int) -> bool:
        """Returns whether it was removed and will never count again."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class TokenRule:
    """Whether an organisation's skills may be published with tokens.

    ``is_forbidden_until``: seconds since the epoch; set while a decision to allow tokens
    again is announced and waits.
    """

    is_forbidden: bool = False
    is_forbidden_until: int | None = None

    def forbids_at(self, now: int) -> bool:
        """Returns whether a token may not publish at a time."""
        return self.is_forbidden and (self.is_forbidden_until is None or now < self.is_forbidden_until)


def effective_bindings(bindings: tuple[OrgBinding, ...], skill: str, now: int) -> tuple[OrgBinding, ...]:
    """Returns the bindings in force for one skill: its own ones if it has any, else the organisation's.

    Args:
        bindings: all of the organisation's.
        skill: ``@org/name``.
        now: seconds since the epoch.
    """
    in_force = [binding for binding in bindings if binding.counts_at(now)]
    own = tuple(binding for binding in in_force if binding.skill == skill)
    return own or tuple(binding for binding in in_force if not binding.skill)


def kept(bindings: tuple[OrgBinding, ...], now: int) -> tuple[OrgBinding, ...]:
    """Returns the bindings that count or will count; the audit trail remembers the others."""
    return tuple(binding for binding in bindings if not binding.has_ended_at(now))


def rule_set(rule: TokenRule, now: int, *, is_forbidden: bool, delay_seconds: int) -> TokenRule:
    """Returns the rule on tokens after a decision: forbidding counts at once, allowing again after the delay.

    Asking again for what is announced does not move its time.
    """
    if is_forbidden:
        return TokenRule(is_forbidden=True)
    if not rule.forbids_at(now):
        return TokenRule()
    until = now + delay_seconds
    if rule.is_forbidden_until is not None:
        until = min(until, rule.is_forbidden_until)
    return TokenRule(is_forbidden=True, is_forbidden_until=until) if until > now else TokenRule()


def added(
    bindings: tuple[OrgBinding, ...], new: OrgBinding, *, delay_seconds: int, is_first_use: bool
) -> tuple[OrgBinding, ...]:
    """Returns the bindings with one more, which counts after the delay.

    ``is_first_use``: nothing that it covers is published and nobody is bound for it, so it counts at once.
    """
    wait = 0 if is_first_use else delay_seconds
    return (*bindings, replace(new, effective_at=new.added_at + wait))


def removed(
    bindings: tuple[OrgBinding, ...], binding_id: str, now: int, *, delay_seconds: int
) -> tuple[OrgBinding, ...]:
    """Returns the bindings without one: at once, unless that would let somebody else in.

    Taking away the last binding in force for its skills would allow what no binding
    allows, or what the organisation's bindings allow; that waits. Others that will end
    themselves do not stand in for it: removing two one after the other must not be
    quicker than removing the last.

    One that does not count yet goes at once. As it may be what was to follow another
    one's announced end, such ends then wait the whole delay again: else whoever cancels
    it in the last minute would leave a skill to anybody's token.

    Args:
        bindings: all of the organisation's, this one among them.
        binding_id: of the one to take away.
        now: seconds since the epoch.
        delay_seconds: 0 where nothing that it covers is published.
    """
    target = next(binding for binding in bindings if binding.binding_id == binding_id)
    until = now + delay_seconds
    if not target.counts_at(now):
        return tuple(_ending_at(b, now) if b is target else _lasting_until(b, now, until) for b in bindings)
    is_last = not any(
        b.counts_at(now) and b.ends_at is None
        for b in bindings
        if b is not target and b.skill == target.skill
    )
    return tuple(_ending_at(b, until if is_last else now) if b is target else b for b in bindings)


def _ending_at(binding: OrgBinding, time: int) -> OrgBinding:
    """Returns a binding that ends then, or when it was announced to end, whichever is first."""
    return replace(binding, ends_at=time if binding.ends_at is None else min(time, binding.ends_at))


def _lasting_until(binding: OrgBinding, now: int, until: int) -> OrgBinding:
    """Returns a binding whose announced end, if it is in force and has one, is no earlier than ``until``."""
    if binding.ends_at is None or not binding.counts_at(now):
        return binding
    return replace(binding, ends_at=max(binding.ends_at, until))
