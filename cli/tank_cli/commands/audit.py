"""``tank audit``: ask the registry about the versions in the lock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tank_cli import failures, fitting, render, who_signed
from tank_cli.context import Context, common, example, offline_option
from tank_cli.reports import as_json, base_of, form_of, place_of, write_report
from tank_core.entities import Availability
from tank_core.errors import TankError

if TYPE_CHECKING:
    from tank_cli.auditing import Audit
    from tank_cli.installer.standing import Standing
    from tank_cli.project import Project

_LEVELS = ("info", "low", "medium", "high", "critical")


@click.command(
    "audit",
    epilog=example("tank audit", "tank audit --level low", "tank audit --format sarif --output audit.sarif"),
)
@click.option("-g", "--global", "is_global", is_flag=True, help="Those of your home.")
@click.option(
    "--level",
    type=click.Choice(_LEVELS),
    default="high",
    show_default=True,
    help="The mildest finding that decides the exit code.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), help="--json is short for json."
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
@offline_option
@common
def command(
    context: Context, is_global: bool, level: str, form: str | None, output: Path | None, offline: bool
) -> int:
    """Ask the registry about every version in the lock: withdrawn, yanked, judged anew, deprecated, who signed it.

    Where a waiver stands behind a verdict, it is shown; once it has expired or was revoked,
    the verdict is the one without it. When the registry cannot be reached, the signed index
    that was kept answers, and its age is told.

    Critical: withdrawn, failed, or another signer than the lock says. High: flagged and not
    accepted, short of the project's audit policy, or an index that expired. Medium: yanked.
    Low: deprecated. Ends with exit code 8 when a version was withdrawn, failed or was
    flagged; with 6 for another signer; with 7 when the policy is not met.
    """
    form = form_of(form, as_json=context.console.as_json)
    try:
        return _audit(context, level, form, output, is_global=is_global, offline=offline)
    except TankError as error:
        if form != "json":
            raise
        as_json(context).console.show(failures.document(error), ())
        return failures.exit_code_of(error)


def _audit(
    context: Context, level: str, form: str, output: Path | None, *, is_global: bool, offline: bool
) -> int:
    from tank_cli.develop import linked_skills
    from tank_cli.project import find
    from tank_core.findings import Severity

    place = place_of(context, output)
    project = find(context.cwd, context.config, is_global=is_global)
    linked = linked_skills(project)
    for one in linked:
        context.console.warn(f"not audited: {one.line}")
    found = _found(context, project, offline=offline)
    error = found.complaint(Severity.from_label(level))
    document = _document(found) | {"linked": [one.to_json() for one in linked]}
    document |= failures.document(error) if error else {}
    if place is not None:
        write_report(place, _text(context, project, found, form, document))
        context.console.say(f"The report is in {output}.")
    elif form == "json":
        as_json(context).console.show(document, ())
        return failures.exit_code_of(error) if error else 0
    elif form == "sarif":
        context.console.stdout.write(_text(context, project, found, form, document))
    else:
        context.console.show({}, _lines(found))
    if error is not None:
        raise error
    if output is not None and form == "json":
        as_json(context).console.show({"output": str(output), "findings": len(found.findings)}, ())
    return 0


def _found(context: Context, project: Project, *, offline: bool) -> Audit:
    from tank_cli.auditing import audit
    from tank_cli.client.connection import Connection
    from tank_cli.client.kept_metadata import NotKeptError
    from tank_cli.installer.standing import noticed_standings, standings
    from tank_cli.offline import index_of
    from tank_cli.project import check_registry
    from tank_cli.user_policy import user_policy
    from tank_cli.waivers import WaiverReader

    lock = project.require_lock()
    fitting.warn(context, project, lock)
    with Connection(context.config) as connection:
        check_registry(lock, connection.registry)
        connection.keys()  # a registry that nobody trusts is asked for nothing
        waivers = WaiverReader(connection, int(time.time()))
        try:
            index, age = index_of(context, connection, lock.skills.keys(), offline=offline)
            found = standings(lock.skills, index, waivers)
        except NotKeptError:
            if not offline:
                raise
            # An install from a lock reads the notices, and no document that they do not name.
            index, age = index_of(context, connection, (), offline=True)
            found = noticed_standings(lock.skills, index, waivers)
    policy = project.manifest().audit.stricter(user_policy(context.config))
    return audit(lock, found, policy, age=age)


def _text(context: Context, project: Project, found: Audit, form: str, document: dict[str, object]) -> str:
    """Returns a report as a file holds it."""
    import json

    from tank_cli.audit_sarif import sarif_text
    from tank_cli.project_files import read_file

    if form == "sarif":
        path = base_of(project.root, context.cwd) + project.lock_path.name
        return sarif_text(found, read_file(project.lock_path), path)
    if form == "json":
        return json.dumps(document, indent=2, sort_keys=True) + "\n"
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(audit: Audit) -> Iterator[str]:
    """Yields a table of what the lock holds, then from where each was signed; all of it where there is a complaint."""
    found = audit.standings
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
    if found:
        yield ""
    yield _sum(audit)


def _sum(audit: Audit) -> str:
    """Returns how much was found, the worst first."""
    counts = Counter(finding.severity for finding in audit.findings)
    told = ", ".join(f"{count} {severity.label}" for severity, count in sorted(counts.items(), reverse=True))
    number = len(audit.standings)
    return f"{number} skill{'s' * (number != 1)} audited: {told or 'nothing found'}."


def _has_complaint(standing: Standing) -> bool:
    return bool(standing.remark) or standing.has_another_signer


def _signer(standing: Standing) -> str:
    """Returns who signed as the index says it; where it knows nothing of the version, as the lock does."""
    if standing.found is not None:
        return who_signed.short(standing.found.signature)
    return standing.locked.signer.short if standing.locked.signer else who_signed.NOT_SIGNED


def _document(audit: Audit) -> dict[str, object]:
    from tank_cli.offline import index_document

    return {
        "skills": [_skill(standing) for standing in audit.standings],
        "findings": [finding.to_json() for finding in audit.findings],
        "index": index_document(audit.age),
    }


def _availability(standing: Standing) -> str:
    if standing.found is not None:
        return str(standing.found.availability)
    # Whatever else it were is noticed, and then looked up.
    return "unknown" if standing.is_looked_up else str(Availability.AVAILABLE)


def _skill(standing: Standing) -> dict[str, object]:
    found = standing.found
    return {
        "name": str(standing.name),
        "version": str(standing.locked.version),
        "availability": _availability(standing),
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
