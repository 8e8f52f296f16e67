"""What an audit finds in a lock: each with a severity, and the error that ends it.

The checks are those of an install, asked here all at once: what an install would refuse
is never milder than ``high``. What an install only warns of is below that. A severity
decides the exit code and nothing else: everything found is always told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tank_cli import who_signed
from tank_cli.installer.demands import AuditPolicyError, FlaggedVersionError, check_demands
from tank_cli.installer.standing import (
    Standing,
    VerdictChangedError,
    refuse_worse,
    remarks_of,
    verdicts_of,
)
from tank_core.consent import NO_CONSENT
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.findings import Severity, Verdict
from tank_core.lockfile import Lockfile

if TYPE_CHECKING:
    from tank_cli.client.kept_metadata import Age
    from tank_core.manifest import AuditPolicy

INDEX_EXPIRED, YANKED, DEPRECATED = "index-expired", "yanked", "deprecated"
_INDEX = "the index"


class WithdrawnInLockError(TankError):
    """The lock holds versions that were taken down."""

    code = "withdrawn-in-lock"
    exit_code = ExitCode.VERDICT


class SignerDiffersError(TankError):
    """The registry's index says that somebody else signed a locked version than the lock says."""

    code = "signer-differs"
    exit_code = ExitCode.INTEGRITY


class AuditFindingsError(TankError):
    """An audit found something that an install only warns of, and ``--level`` asked for it."""

    code = "audit-findings"
    exit_code = ExitCode.VERDICT


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One thing that is wrong with one locked version.

    Attributes:
        rule_id: the code of the error that it leads to, or ``yanked``, ``deprecated``, ``index-expired``.
        label: ``@org/name@version``; of an expired index, that.
    """

    rule_id: str
    severity: Severity
    label: str
    what: str
    fix: str

    def to_json(self) -> dict[str, object]:
        """Returns the finding as a JSON object."""
        return {
            "rule_id": self.rule_id,
            "severity": self.severity.label,
            "where": self.label,
            "what": self.what,
            "fix": self.fix,
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        standings: every locked version, as the registry sees it.
        findings: the worst first.
        errors: what an install would be refused with, the first to be told first.
        age: of the index, where the registry was not asked.
    """

    standings: tuple[Standing, ...]
    findings: tuple[AuditFinding, ...]
    errors: tuple[TankError, ...]
    age: Age | None

    def complaint(self, level: Severity) -> TankError | None:
        """Returns what the audit ends with; None when nothing is as bad as the level."""
        counted = [finding for finding in self.findings if finding.severity >= level]
        codes = {finding.rule_id for finding in counted}
        refused = next((error for error in self.errors if error.code in codes), None)
        if refused is not None or not counted:
            return refused
        return AuditFindingsError(
            f"{counted[0].label} {counted[0].what}.",
            why=f"It counts {counted[0].severity.label}, and --level is {level.label}.",
            fix=counted[0].fix,
            problems=tuple(Problem(f.label, f"It {f.what}.", f.fix) for f in counted),
        )


def audit(lock: Lockfile, standings: tuple[Standing, ...], policy: AuditPolicy, *, age: Age | None) -> Audit:
    """Returns what is wrong with a lock.

    Args:
        lock: what the project holds.
        standings: how the registry sees each version.
        policy: what the project demands.
        age: of the index, where the registry was not asked.
    """
    errors = tuple(_refusals(lock, standings, policy))
    found = [finding for error in errors for finding in _of_error(error, standings)]
    found += [finding for standing in standings for finding in _warnings(standing)]
    if age is not None and age.is_expired:
        fix = "Run tank audit with the network."
        found.append(AuditFinding(INDEX_EXPIRED, Severity.HIGH, _INDEX, f"is {age} old, and expired", fix))
    judged = {finding.label for finding in found if finding.rule_id == VerdictChangedError.code}
    kept = [f for f in found if f.rule_id != FlaggedVersionError.code or f.label not in judged]
    return Audit(standings, tuple(sorted(kept, key=_worst_first)), errors, age)


def _worst_first(finding: AuditFinding) -> tuple[int, str, str]:
    return (-finding.severity, finding.label, finding.rule_id)


def _refusals(lock: Lockfile, standings: tuple[Standing, ...], policy: AuditPolicy) -> Iterator[TankError]:
    """Yields every refusal of an install; each check stops at its own."""
    nothing_flagged = dict.fromkeys(lock.skills, Verdict.PASS)
    verdicts, remarks = verdicts_of(standings), remarks_of(standings)
    checks: tuple[Callable[[], None], ...] = (
        lambda: _refuse_withdrawn(standings),
        lambda: _refuse_other_signers(standings),
        lambda: refuse_worse(standings, consent=NO_CONSENT),
        lambda: check_demands(lock, policy, consent=NO_CONSENT, verdicts=verdicts, remarks=remarks),
        lambda: check_demands(lock, policy, consent=NO_CONSENT, verdicts=nothing_flagged),
    )
    codes: set[str] = set()
    for check in checks:
        try:
            check()
        except (
            WithdrawnInLockError,
            SignerDiffersError,
            VerdictChangedError,
            FlaggedVersionError,
            AuditPolicyError,
        ) as error:
            if error.code not in codes:
                codes.add(error.code)
                yield error


def _of_error(error: TankError, standings: Sequence[Standing]) -> Iterator[AuditFinding]:
    by_label = {standing.label: standing for standing in standings}
    for problem in error.problems:
        what = problem.what.removeprefix("It ").rstrip(".")
        severity = _severity(error, by_label.get(problem.where))
        yield AuditFinding(error.code, severity, problem.where, what, problem.fix)


def _severity(error: TankError, standing: Standing | None) -> Severity:
    """Returns how bad a refusal is: what failed or is not what it says is worse than what needs a consent."""
    if isinstance(error, WithdrawnInLockError | SignerDiffersError):
        return Severity.CRITICAL
    is_about_verdict = isinstance(error, VerdictChangedError | FlaggedVersionError)
    if is_about_verdict and standing is not None:
        worst = verdicts_of([standing])[standing.name]
        return Severity.CRITICAL if worst is Verdict.FAIL else Severity.HIGH
    return Severity.HIGH


def _warnings(standing: Standing) -> Iterator[AuditFinding]:
    """Yields what an install only warns of."""
    found = standing.found
    if found is None or standing.is_withdrawn:
        return
    fix = f"tank update {standing.name}; where its range allows no other, change that in skills.json"
    if not found.is_available:
        reason = f": {found.availability_reason}" if found.availability_reason else ""
        yield AuditFinding(YANKED, Severity.MEDIUM, standing.label, f"was yanked{reason}", fix)
    if found.deprecation:
        text = f"is deprecated: {found.deprecation}"
        yield AuditFinding(DEPRECATED, Severity.LOW, standing.label, text, fix)


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
