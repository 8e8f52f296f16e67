"""``tank audit``: ask the registry about the versions in the lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tank_cli import render, who_signed
from tank_cli.context import Context, common, example
from tank_core.consent import NO_CONSENT
from tank_core.errors import ExitCode, Problem, TankError

if TYPE_CHECKING:
    from tank_cli.installer.standing import Standing


class WithdrawnInLockError(TankError):
    """The lock holds versions that were taken down."""

    code = "withdrawn-in-lock"
    exit_code = ExitCode.VERDICT


class SignerDiffersError(TankError):
    """The registry's index says that somebody else signed a locked version than the lock says."""

    code = "signer-differs"
    exit_code = ExitCode.INTEGRITY


@click.command("audit", epilog=example("tank audit", "tank audit --json"))
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@common
def command(context: Context, is_global: bool) -> None:
    """Ask the registry about every version in the lock: withdrawn, yanked, judged anew, deprecated, who signed it.

    Ends with exit code 8 when a version was withdrawn, or failed or was flagged by newer
    rules, or needs a consent that the lock does not record; with 6 when the index names another signer than the lock;
    with 7 when a version falls short of the project's audit policy. Where a waiver stands
    behind a verdict, it is shown; once it has expired or was revoked, the verdict is the one
    without it.
    """
    from tank_cli.client.connection import Connection
    from tank_cli.installer.demands import check_demands
    from tank_cli.installer.standing import refuse_worse, remarks_of, standings, verdicts_of
    from tank_cli.project import check_registry, find
    from tank_cli.waivers import WaiverReader

    project = find(context.cwd, context.config, is_global=is_global)
    lock = project.require_lock()
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        found = standings(lock.skills, connection.index(), WaiverReader(connection, int(time.time())))
    if not context.console.as_json:
        context.console.show({}, _lines(found))
    _refuse_withdrawn(found)
    _refuse_other_signers(found)
    refuse_worse(found, consent=NO_CONSENT)
    check_demands(
        lock,
        project.manifest().audit,
        consent=NO_CONSENT,
        verdicts=verdicts_of(found),
        remarks=remarks_of(found),
    )
    context.console.show({"skills": [_document(standing) for standing in found]}, ())


def _lines(found: tuple[Standing, ...]) -> Iterator[str]:
    """Yields a table of what the lock holds, then from where each was signed; all of it where there is a complaint."""
    yield from render.table(
        [(s.label, render.score(s.locked.audit_score), str(s.verdict), _signer(s), s.remark) for s in found]
    )
    yield from render.section("waivers", (f"{s.label}: {one.line}" for s in found for one in s.waivers))
    signed = [(s, s.found.signature) for s in found if s.found and s.found.signature]
    if signed:
        yield ""
    for standing, signature in signed:
        if not _has_complaint(standing):
            yield f"{standing.label}: {who_signed.trace(signature)}"
    for standing, signature in signed:
        if _has_complaint(standing):
            facts = [("publisher", standing.locked.publisher), *who_signed.facts(signature)]
            yield from render.section(standing.label, render.pairs(facts))
    if signed:
        yield ""
        yield who_signed.NOTE


def _has_complaint(standing: Standing) -> bool:
    return bool(standing.remark) or standing.has_another_signer


def _signer(standing: Standing) -> str:
    """Returns who signed as the index says it; where it knows nothing of the version, as the lock does."""
    if standing.found is not None:
        return who_signed.short(standing.found.signature)
    return standing.locked.signer.short if standing.locked.signer else who_signed.NOT_SIGNED


def _refuse_other_signers(found: tuple[Standing, ...]) -> None:
    problems = tuple(
        Problem(
            s.label,
            f"The lock says {s.locked.signer or 'nobody'}; the index says "
            f"{who_signed.one_line(s.found.signature if s.found else None)}.",
            "Find out who changed skills.lock; tank verify checks the signature itself.",
        )
        for s in found
        if s.has_another_signer
    )
    if problems:
        raise SignerDiffersError(
            f"{problems[0].where} has another signer in the index than in skills.lock.",
            why="Who signed a version never changes; either the lock or the index was changed.",
            fix=problems[0].fix,
            problems=problems,
        )


def _refuse_withdrawn(found: tuple[Standing, ...]) -> None:
    problems = tuple(
        Problem(s.label, f"It {s.remark}.", f"tank update {s.name}") for s in found if s.is_withdrawn
    )
    if problems:
        raise WithdrawnInLockError(
            f"{problems[0].where} must not be used any more.",
            why="The registry took it down, or does not know it.",
            fix=problems[0].fix,
            problems=problems,
        )


def _document(standing: Standing) -> dict[str, object]:
    found = standing.found
    return {
        "name": str(standing.name),
        "version": str(standing.locked.version),
        "availability": str(found.availability) if found else "unknown",
        "reason": found.availability_reason if found else "",
        "deprecation": found.deprecation if found else "",
        "audit_score": standing.locked.audit_score,
        "verdict": str(standing.locked.verdict),
        "audit_score_now": found.audit_score if found else None,
        "verdict_now": str(standing.verdict) if found else "unknown",
        "waivers": [waiver.to_json() for waiver in standing.waivers],
        "publisher": standing.locked.publisher,
        "signer": standing.locked.signer.to_json() if standing.locked.signer else None,
        "signature": who_signed.document(found.signature) if found else None,
    }
