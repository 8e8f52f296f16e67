"""Findings → verdict and score, by rules that anybody can recompute.

The verdict decides what may happen: ``fail`` refuses the publish, ``flagged`` needs
an explicit opt-in at install. The score, 0 to 10, only ranks. It starts at 10 and
every point taken is an item with its reason: ``10 + sum(items) == value``, exactly.
Findings never cancel each other: one more can only lower verdict and score. A waived
one counts one level less for the verdict, and as before for the score (``waivers``).

What was not scanned has no score; it is flagged, never passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tank_core.findings import Confidence, Finding, Severity, Verdict
from tank_core.waivers import Waiver, lowered, waiver_of

# Tenths of a point that one finding takes. INFO says that something is present, not that it is
# wrong; it takes nothing. A critical finding of high confidence leaves at most 2 of 10.
WEIGHTS: dict[Severity, dict[Confidence, int]] = {
    Severity.CRITICAL: {Confidence.HIGH: 80, Confidence.MEDIUM: 60, Confidence.LOW: 30},
    Severity.HIGH: {Confidence.HIGH: 50, Confidence.MEDIUM: 30, Confidence.LOW: 16},
    Severity.MEDIUM: {Confidence.HIGH: 20, Confidence.MEDIUM: 12, Confidence.LOW: 6},
    Severity.LOW: {Confidence.HIGH: 6, Confidence.MEDIUM: 4, Confidence.LOW: 2},
    Severity.INFO: {Confidence.HIGH: 0, Confidence.MEDIUM: 0, Confidence.LOW: 0},
}
# The first finding of a rule counts whole, the second half, the third a quarter, further ones nothing:
# a pattern that a file repeats is one fault, and a score must not depend on how often it was copied.
REPEAT_DIVISORS = (1, 2, 4)
# What the publisher left out; in tenths.
NO_LICENSE = 5  # nobody may use it lawfully
NO_REPOSITORY = 5  # nobody can compare it with its source
UNSIGNED = 10  # nothing ties the bytes to an identity
# No number of good manners makes up for a verdict.
CAPS: dict[Verdict, int] = {Verdict.FLAGGED: 50, Verdict.FAIL: 20}
_FULL = 100
_PROSE = (".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc")


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One reason for the score: points (negative, in steps of 0.1) and why."""

    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Score:
    """Score and verdict of a version; ``value`` is None when nothing was scanned."""

    value: float | None
    verdict: Verdict
    items: tuple[ScoreItem, ...]

    def to_json(self) -> dict[str, object]:
        """Returns the score as a JSON object."""
        return {
            "value": self.value,
            "verdict": str(self.verdict),
            "items": [{"points": item.points, "reason": item.reason} for item in self.items],
        }


def verdict_of(findings: Sequence[Finding], waivers: Sequence[Waiver] = ()) -> Verdict:
    """Returns what the findings mean; the worst of them decides.

    A finding that one of the waivers covers counts one level less, and at best as a note.

    ``fail``: critical with at least medium confidence, or high with high confidence.
    Two high ones of medium confidence in different categories are two facts of one attack: ``fail``.
    ``flagged``: any other critical or high, or medium with high confidence in code
    (files that are not prose, and code that was found within prose).
    ``pass_with_notes``: any other finding above info. ``pass``: nothing above info.
    """
    grave = (f for f in findings if _is_grave_alone(f) and not waiver_of(f, waivers))
    if len({finding.category for finding in grave}) > 1:
        return Verdict.FAIL
    order = (Verdict.FAIL, Verdict.FLAGGED, Verdict.PASS_WITH_NOTES, Verdict.PASS)
    meant = (_with_waivers(finding, waivers) for finding in findings)
    return min(meant, key=order.index, default=Verdict.PASS)


def score(
    findings: Sequence[Finding] | None,
    *,
    has_license: bool,
    has_repository: bool,
    is_signed: bool,
    waivers: Sequence[Waiver] = (),
) -> Score:
    """Returns score, verdict and every reason.

    Args:
        findings: of all analyses together, in any order; None when nothing was scanned.
        has_license: whether the manifest names a licence.
        has_repository: whether the manifest names a repository.
        is_signed: whether the publisher's Sigstore bundle was verified.
        waivers: verified, in force, and about these very bytes.

    Returns:
        Items sorted by points, the heaviest first, then by reason; what a cap or the
        floor adds stands after them, and last what was waived, without points.
    """
    if findings is None:
        return Score(None, Verdict.FLAGGED, (ScoreItem(0.0, "Not scanned: there is nothing to score."),))
    verdict = verdict_of(findings, waivers)
    taken = _taken_by_rules(findings)
    taken += _taken_by_manners(has_license=has_license, has_repository=has_repository, is_signed=is_signed)
    taken.sort(key=lambda item: (-item[0], item[1]))
    tenths = _FULL - sum(points for points, _ in taken)
    taken += _limits(tenths, verdict)
    value = _FULL - sum(points for points, _ in taken)
    taken += [(0, reason) for reason in _waived(findings, waivers)]
    return Score(value / 10, verdict, tuple(ScoreItem(-points / 10, reason) for points, reason in taken))


def _is_grave_alone(finding: Finding) -> bool:
    """Whether a finding flags by itself; what a quotation lowered has low confidence and does not count."""
    return finding.severity is Severity.HIGH and finding.confidence is Confidence.MEDIUM


def _with_waivers(finding: Finding, waivers: Sequence[Waiver]) -> Verdict:
    verdict = _verdict_of_one(finding)
    return lowered(verdict) if waiver_of(finding, waivers) else verdict


def _waived(findings: Sequence[Finding], waivers: Sequence[Waiver]) -> list[str]:
    """Returns a line for each waived finding; what was waived is as visible as what was not."""
    pairs = sorted(((f, w) for f in findings if (w := waiver_of(f, waivers))), key=lambda pair: pair[0])
    lines = (f"{f.rule_id} in {w.place}: waived by {w.granted_by}: {w.reason}" for f, w in pairs)
    return list(dict.fromkeys(lines))


def _verdict_of_one(finding: Finding) -> Verdict:
    severity, is_sure = finding.severity, finding.confidence is Confidence.HIGH
    if severity is Severity.CRITICAL:
        return Verdict.FLAGGED if finding.confidence is Confidence.LOW else Verdict.FAIL
    if severity is Severity.HIGH:
        return Verdict.FAIL if is_sure else Verdict.FLAGGED
    if severity is Severity.MEDIUM and is_sure and _is_in_code(finding):
        return Verdict.FLAGGED
    return Verdict.PASS if severity is Severity.INFO else Verdict.PASS_WITH_NOTES


def _is_in_code(finding: Finding) -> bool:
    return bool(finding.provenance) or not finding.file.lower().endswith(_PROSE)


def _taken_by_rules(findings: Sequence[Finding]) -> list[tuple[int, str]]:
    """Returns tenths and reason for each rule that takes any."""
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule_id].append(finding)
    taken = [(_taken_by_rule(found), _reason(rule_id, found)) for rule_id, found in by_rule.items()]
    return [item for item in taken if item[0]]


def _taken_by_rule(found: Sequence[Finding]) -> int:
    weights = sorted((WEIGHTS[finding.severity][finding.confidence] for finding in found), reverse=True)
    return sum(weight // divisor for weight, divisor in zip(weights, REPEAT_DIVISORS, strict=False))


def _rank(finding: Finding) -> tuple[int, Severity, str]:
    """Returns what orders findings of one rule; no tie is left for the order of the input to decide."""
    return WEIGHTS[finding.severity][finding.confidence], finding.severity, finding.title


def _reason(rule_id: str, found: Sequence[Finding]) -> str:
    worst = max(found, key=_rank)
    times = f", {len(found)} times" if len(found) > 1 else ""
    return f"{rule_id}: {worst.title} ({worst.severity.label}, {worst.confidence} confidence{times})"


def _taken_by_manners(*, has_license: bool, has_repository: bool, is_signed: bool) -> list[tuple[int, str]]:
    checks = (
        (has_license, NO_LICENSE, "No licence: skills.json names none."),
        (has_repository, NO_REPOSITORY, "No repository: the package cannot be compared with its source."),
        (is_signed, UNSIGNED, "Not signed: no publisher's Sigstore bundle."),
    )
    return [(points, reason) for is_met, points, reason in checks if not is_met]


def _limits(tenths: int, verdict: Verdict) -> list[tuple[int, str]]:
    """Returns what a cap takes, or what the floor gives back."""
    cap = CAPS.get(verdict, _FULL)
    if tenths > cap:
        return [(tenths - cap, f"A version with the verdict {verdict} scores at most {cap / 10}.")]
    if tenths < 0:
        return [(tenths, "A score does not go below 0.")]
    return []
