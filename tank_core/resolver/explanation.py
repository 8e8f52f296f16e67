"""Tells a person why a resolution is impossible, as a chain of facts from skills.json onwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import ClassVar

from tank_core.consent import Acceptance
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.resolver.facts import Fact, NoneEligible, Requirement
from tank_core.resolver.universe import Universe, runs

_SHOWN_VERSIONS = 5  # of one skill in one sentence; the newest matter
_SHOWN_SENTENCES = 8  # in ``why``; ``problems`` has them all


class NoResolutionError(TankError):
    """No choice of versions satisfies all requirements; ``problems`` is the chain of facts.

    ``acceptable``: what of the versions that were ruled out a person may accept, which need not be enough.
    """

    code = "no-resolution"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.LOCK
    acceptable: frozenset[Acceptance] = frozenset()


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person could change in skills.json, each alone, to end a conflict.

    Attributes:
        roots: ranges to write in ``skills``.
        dropped: overrides to remove.
        added: overrides to write, where nothing milder helps.
    """

    roots: Mapping[SkillName, str]
    dropped: tuple[SkillName, ...] = ()
    added: Mapping[SkillName, str] = field(default_factory=dict)


def explained(
    facts: tuple[Fact, ...],
    roots: Mapping[SkillName, Range],
    universe: Universe,
    changes: Changes,
    typed: Collection[SkillName] = (),
) -> NoResolutionError:
    """Returns the error that tells a proof.

    Args:
        facts: the proof, in any order.
        roots: the project's own dependencies.
        universe: the versions that the proof speaks of.
        changes: what would end the conflict.
        typed: the roots that stand on the command line, and not yet in skills.json.
    """
    problems = tuple(_problems(_in_order(facts), roots, universe, typed))
    asked = sorted(fact.dependency for fact in facts if isinstance(fact, Requirement) and not fact.dependent)
    why = "; ".join(f"{problem.where} {problem.what}" for problem in problems[:_SHOWN_SENTENCES])
    error = NoResolutionError(
        f"No versions satisfy what {_listed(map(str, asked))} need{'s' * (len(asked) == 1)}.",
        why=why + ("; and so on." if len(problems) > _SHOWN_SENTENCES else "."),
        fix=_fix(changes, tuple(_objections(facts, universe)), typed),
        problems=problems,
    )
    ruled_out = [
        (fact.name, position)
        for fact in facts
        if isinstance(fact, NoneEligible)
        for position in fact.positions
    ]
    error.acceptable = frozenset(chain.from_iterable(universe.acceptances(*one) for one in ruled_out))
    return error


def gave_up() -> NoResolutionError:
    """Returns the error for a search that was stopped before it had an answer."""
    return NoResolutionError(
        "The search for versions was stopped: there are too many combinations.",
        why="The ranges leave so much choice, and conflict so often, that trying all would not end.",
        fix="Narrow some ranges in skills.json, such as “^2.0.0” instead of “*”.",
    )


def _fix(changes: Changes, objections: Sequence[str], typed: Collection[SkillName]) -> str:
    """Returns what to change, the mildest way first.

    Args:
        changes: what would end the conflict.
        objections: why versions that the proof speaks of may not be chosen.
        typed: the roots that stand on the command line.
    """
    ways = []
    asked = [f"'{name}@{spelled}'" for name, spelled in sorted(changes.roots.items()) if name in typed]
    if asked:
        ways.append(f"Ask for {' or '.join(asked)} instead.")
    written = {name: spelled for name, spelled in changes.roots.items() if name not in typed}
    if written:
        ways.append(f'In "skills" of skills.json, write {_entries(written)}.')
    if changes.dropped:
        named = " or ".join(f'"{name}"' for name in changes.dropped)
        ways.append(f'Remove {named} from "overrides" in skills.json.')
    if any("audit." in objection for objection in objections):
        ways.append(
            "Wait for versions that meet the audit policy, or ask for less: in “audit” of skills.json, or "
            "with `tank config` where it is your own; `tank config ls` shows which."
        )
    if changes.added:
        ways.append(
            "Ask the publishers for versions that fit together. If you know that it works without, set "
            f'{_entries(changes.added)} in "overrides" of skills.json.'
        )
    if objections and not ways:
        return "Ask the publishers for new versions: none of those that are asked for may be chosen."
    return (
        " Or: ".join(ways)
        or "Change one of these ranges, or ask the publisher for a version with wider ones."
    )


def _objections(facts: Iterable[Fact], universe: Universe) -> Iterator[str]:
    """Yields why versions may not be chosen that the proof says nothing else of."""
    for fact in facts:
        if isinstance(fact, NoneEligible):
            found = (universe.objection(fact.name, position) for position in fact.positions)
            yield from (objection for objection in found if objection is not None)


def _entries(wanted: Mapping[SkillName, str]) -> str:
    return " or ".join(f'"{name}": "{spelled}"' for name, spelled in sorted(wanted.items()))


def _in_order(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yields each requirement after what it hangs on, so that one can follow; then what is not there."""
    waiting = sorted((fact for fact in facts if isinstance(fact, Requirement)), key=_key)
    endings = sorted((fact for fact in facts if isinstance(fact, NoneEligible)), key=lambda f: f.name)
    trail: list[SkillName | None] = [None]  # the last is what was spoken of last
    while waiting:
        # A proof hangs together; were it not so, the rest would follow in its own order.
        following = next(
            (f for spoken in reversed(trail) for f in waiting if f.dependent == spoken), waiting[0]
        )
        waiting.remove(following)
        trail.append(following.dependency)
        yield following
    yield from endings


def _key(fact: Requirement) -> tuple[str, str, tuple[int, ...]]:
    return (str(fact.dependent or ""), str(fact.dependency), fact.positions)


def _problems(
    facts: Iterable[Fact],
    roots: Mapping[SkillName, Range],
    universe: Universe,
    typed: Collection[SkillName],
) -> Iterator[Problem]:
    unmatched: dict[tuple[SkillName, Range], None] = {}
    for fact in facts:
        if isinstance(fact, NoneEligible):
            yield from _none_eligible(fact, universe)
            continue
        for where, count, wanted in _spelled(fact, roots, universe):
            if fact.dependent is None and fact.dependency in typed:
                yield _request(fact.dependency, wanted)
            else:
                yield _requirement(fact, where, "need" if count > 1 else "needs", wanted, universe)
            if not universe.matching(fact.dependency, wanted):
                unmatched[fact.dependency, wanted] = None
    for name, wanted in unmatched:
        yield _no_match(name, wanted, universe)


def _spelled(
    fact: Requirement, roots: Mapping[SkillName, Range], universe: Universe
) -> Iterator[tuple[str, int, Range]]:
    """Yields where a requirement was written, by how many versions, and with which range."""
    if fact.dependent is None:
        yield "skills.json", 1, roots[fact.dependency]
        return
    by_range: dict[Range, list[int]] = {}
    for position in fact.positions:
        wanted = universe.dependencies(fact.dependent, position).get(fact.dependency)
        if wanted is not None:
            by_range.setdefault(wanted, []).append(position)
    for wanted, positions in by_range.items():
        where = f"{fact.dependent} {_versions(fact.dependent, positions, universe)}"
        yield where, len(positions), wanted


def _request(name: SkillName, wanted: Range) -> Problem:
    return Problem(
        "the command line", f"asks for {name} {_shown(wanted)}", f"ask for other versions of {name}"
    )


def _requirement(fact: Requirement, where: str, needs: str, wanted: Range, universe: Universe) -> Problem:
    if fact.dependent is not None and fact.dependency in universe.overrides:
        return Problem(
            where,
            f"{needs} {fact.dependency}, which skills.json overrides to {_shown(wanted)}",
            f'change or remove "{fact.dependency}" in "overrides" of skills.json',
        )
    return Problem(where, f"{needs} {fact.dependency} {_shown(wanted)}", _requirement_fix(fact))


def _requirement_fix(fact: Requirement) -> str:
    if fact.dependent is None:
        return f'change the range of "{fact.dependency}" in skills.json'
    return f"use other versions of {fact.dependent}"


def _none_eligible(fact: NoneEligible, universe: Universe) -> Iterator[Problem]:
    newest_first = fact.positions[::-1]
    objections = [
        f"{universe.versions(fact.name)[position].version} {objection}"
        for position in newest_first
        if (objection := universe.objection(fact.name, position)) is not None
    ]
    if not objections:
        return  # its versions are ruled out by ranges alone, which other facts say
    more = f"; and {len(objections) - _SHOWN_VERSIONS} more" * (len(objections) > _SHOWN_VERSIONS)
    accepted = [a.option for position in newest_first for a in universe.acceptances(fact.name, position)]
    yield Problem(
        str(fact.name),
        "; ".join(objections[:_SHOWN_VERSIONS]) + more,
        f"use other versions of {fact.name}" + (f", or accept one: {accepted[0]}" if accepted else ""),
    )


def _no_match(name: SkillName, wanted: Range, universe: Universe) -> Problem:
    versions = universe.versions(name)
    if not versions:
        return Problem(
            str(name), "does not exist in this registry", "check the name, or remove what needs it"
        )
    return Problem(
        str(name),
        f"has no version in {_shown(wanted)}; its highest is {versions[-1].version}",
        f"see its versions with `tank info {name}`",
    )


def _versions(name: SkillName, positions: Iterable[int], universe: Universe) -> str:
    """Returns versions as runs, such as ``1.0.0 to 1.4.2 and 2.0.0``."""
    known = universe.versions(name)
    parts = [
        str(known[first].version) if first == last else f"{known[first].version} to {known[last].version}"
        for first, last in runs(tuple(positions))
    ]
    return _listed(parts)


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _shown(wanted: Range) -> str:
    """Returns a range as written, on one line."""
    return " ".join(str(wanted).split()) or "*"
