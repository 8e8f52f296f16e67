"""What came of a scan of one package or of many, and what that means for the exit code.

The worst one decides. A package that could not be scanned does not keep the others from
being scanned, and is never a pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tank_cli.config import Config
from tank_cli.console import printable
from tank_cli.scanning.scan import Scan, scan
from tank_cli.scanning.semgrep import CHECKED_VERSION, SemgrepMissingError
from tank_cli.scanning.subject import Pending, pending
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.findings import Finding, Severity, Verdict
from tank_core.refusal import MaliciousPackageError, refusal_of
from tank_core.scoring import verdict_of

_NAMED = 3  # packages that an error names; the report has all


class FailOn(StrEnum):
    """The mildest verdict that ends a scan with exit code 8."""

    FLAGGED = "flagged"
    FAIL = "fail"


class FlaggedPackageError(TankError):
    """The findings together mean ``flagged``, and ``--fail-on flagged`` was asked for."""

    code = "flagged-package"
    exit_code = ExitCode.VERDICT


class PartlyScannedError(TankError):
    """Some of several packages could not be scanned; the others were."""

    code = "partly-scanned"


class NothingToScanError(TankError):
    """A folder is empty; a scan of nothing is no pass."""

    code = "nothing-to-scan"
    exit_code = ExitCode.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Outcome:
    """One package after its scan: either ``scan`` or ``error`` is set.

    Attributes:
        path: of its folder from the scanned one on; "" for that one, "." for what belongs to no skill.
        label: what people call it.
        manifest: name and version as its manifest says; None without a usable one.
        files: how many were read.
        notes: what a reader must know about what was scanned.
        problems: why it could not be published as it is.
        container: the name of the archive that its files are in; "" for files of a folder.
    """

    path: str
    label: str
    manifest: tuple[str, str] | None = None
    files: int = 0
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    container: str = ""
    scan: Scan | None = None
    error: TankError | None = None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, or None for a package that was not scanned."""
        return self.scan.score.verdict if self.scan else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, whatever is shown of them."""
        return self.scan.findings if self.scan else ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole scan.

    Attributes:
        outcomes: in a fixed order, at least one.
        minimum: findings below it are counted and not shown; verdicts take all of them.
    """

    outcomes: tuple[Outcome, ...]
    minimum: Severity = Severity.INFO

    @property
    def is_of_many(self) -> bool:
        """Whether the scanned folder held several packages."""
        return len(self.outcomes) > 1

    @property
    def verdict(self) -> Verdict:
        """The verdict of everything that was scanned, as of one package."""
        return verdict_of([finding for outcome in self.outcomes for finding in outcome.findings])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the scan as a whole."""
        used = sorted({outcome.scan.semgrep for outcome in self.outcomes if outcome.scan} - {""})
        return tuple(
            f"semgrep {version} was used; the rules are tested with {CHECKED_VERSION}, so results may differ."
            for version in used
            if version != CHECKED_VERSION
        )

    def shown(self, outcome: Outcome) -> tuple[Finding, ...]:
        """Returns the findings of a package that are to be shown."""
        return tuple(finding for finding in outcome.findings if finding.severity >= self.minimum)

    def hidden(self, outcome: Outcome) -> int:
        """Returns how many findings of a package are not shown."""
        return len(outcome.findings) - len(self.shown(outcome))


def scanned(path: Path, config: Config, *, minimum: Severity, tell: Callable[[str], None]) -> Report:
    """Returns what scanning a path gives.

    Args:
        path: what to scan.
        config: where semgrep is.
        minimum: of the findings that are to be shown.
        tell: hears of each of several packages before it is scanned.

    Raises:
        SemgrepMissingError: semgrep-missing.
        NothingToScanError: nothing-to-scan.
        TankError: with a single package, whatever kept it from being scanned.
    """
    waiting = pending(path)
    if len(waiting) == 1:
        outcome = _scanned(waiting[0], config)
        if not outcome.files and not outcome.findings:
            raise NothingToScanError(
                f"There is nothing in {path}.",
                why="A scan of nothing would look like a pass.",
                fix="Give the folder that holds the files.",
            )
        return Report((outcome,), minimum)
    outcomes = []
    for number, item in enumerate(waiting, start=1):
        tell(f"{number} of {len(waiting)}: {printable(item.path)}")
        outcomes.append(_attempted(item, config))
    tell("")
    return Report(tuple(outcomes), minimum)


def complaint(report: Report, fail_on: FailOn) -> TankError | None:
    """Returns the error that a scan ends with, or None when it ends well."""
    failed = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.FAIL]
    if failed:
        return _refusal(report, failed)
    flagged = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.FLAGGED]
    if flagged and fail_on is FailOn.FLAGGED:
        return FlaggedPackageError(
            f"Flagged: {_named(flagged)}.",
            why="The scan found something that a person should look at first.",
            fix="Read the findings. Whoever installs it must say --accept-flagged.",
        )
    unscanned = [outcome for outcome in report.outcomes if outcome.error is not None]
    if unscanned:
        return PartlyScannedError(
            f"Not scanned: {_named(unscanned)}.",
            why="What was not scanned is never clean.",
            fix="See each of them in the report.",
        )
    return None


def _refusal(report: Report, failed: list[Outcome]) -> TankError | None:
    if not report.is_of_many:
        return refusal_of(failed[0].findings)
    return MaliciousPackageError(
        f"{len(failed)} of {len(report.outcomes)} packages do what malicious skills do: {_named(failed)}.",
        why="An agent runs a skill with its user's full authority, so these findings block a publish.",
        fix="Do not use them. If a finding is wrong, say so with its rule id and line.",
    )


def _named(outcomes: list[Outcome]) -> str:
    more = f" and {len(outcomes) - _NAMED} more" if len(outcomes) > _NAMED else ""
    return ", ".join(outcome.path or outcome.label for outcome in outcomes[:_NAMED]) + more


def _attempted(waiting: Pending, config: Config) -> Outcome:
    try:
        return _scanned(waiting, config)
    except SemgrepMissingError:
        raise  # it would be the same for all of them
    except TankError as error:
        return Outcome(waiting.path, waiting.path, error=error)


def _scanned(waiting: Pending, config: Config) -> Outcome:
    subject = waiting.read()
    found = scan(subject.entries, subject.manifest, config, found_before=subject.findings)
    manifest = subject.manifest
    return Outcome(
        waiting.path,
        subject.label,
        (str(manifest.name), str(manifest.version)) if manifest else None,
        len(subject.entries),
        subject.notes,
        subject.problems,
        subject.container,
        found,
    )
