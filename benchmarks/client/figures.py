"""From runs to the table: medians of per-round ratios, and whether each target is met."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.client.processes import Measured

T = TypeVar("T")
Runs = Mapping[tuple[str, str], Sequence[Measured]]  # scenario and tool → one per round


@dataclass(frozen=True)
class Target:
    """One row: what Tank does in a scenario, against what another tool does in one.

    Attributes:
        label: for the table.
        ours: scenario of Tank.
        theirs: scenario and tool.
        most: the highest ratio that meets the target.
        is_memory: compare peak memory, not time.
    """

    label: str
    ours: str
    theirs: tuple[str, str]
    most: float
    is_memory: bool = False


TARGETS = (
    Target("`tank --version`", "version", ("version", "npm"), 0.15),
    Target("`tank --help`", "help", ("version", "npm"), 0.5),
    Target("cold, with a lock", "cold", ("cold", "npm"), 0.15),
    Target("cold, with a lock", "cold", ("cold", "uv"), 0.8),
    Target("cold, 25 ms away", "cold far", ("cold far", "npm"), 0.3),
    Target("warm", "warm", ("warm", "pnpm"), 0.1),
    Target("warm", "warm", ("warm", "pnpm 10"), 0.1),
    Target("warm", "warm", ("warm", "uv"), 0.8),
    Target("no-op", "no-op", ("no-op", "npm"), 0.08),
    Target("no-op", "no-op", ("no-op", "uv"), 1.0),
    Target("verify, files alone", "verify files", ("hash", "floor"), 2.0),
    Target("resolve and lock", "resolve", ("resolve", "npm"), 0.1),
    Target("resolve and lock", "resolve", ("resolve", "uv"), 1.2),
    Target("peak memory, cold", "cold", ("cold", "npm"), 0.3, is_memory=True),
)


def rotated(tools: Sequence[T], by: int) -> list[T]:
    """Returns the same tools, beginning with another in each round: the first pays for what ran before it."""
    start = by % len(tools)
    return [*tools[start:], *tools[:start]]


def ratio(target: Target, runs: Runs) -> float | None:
    """Returns the median of the ratios of each round; None where a side did not run."""
    ours, theirs = runs.get((target.ours, "tank"), ()), runs.get(target.theirs, ())
    ratios = [_value(a, target) / _value(b, target) for a, b in zip(ours, theirs, strict=False)]
    return statistics.median(ratios) if ratios else None


def _value(one: Measured, target: Target) -> float:
    return one.peak_bytes if target.is_memory else one.seconds


def target_lines(runs: Runs) -> Iterator[str]:
    """Yields the table of targets, as Markdown."""
    yield "| | against | target | ratio | |"
    yield "|---|---|---|---|---|"
    for target in TARGETS:
        found = ratio(target, runs)
        shown = "–" if found is None else f"{found:.2f}"
        verdict = "not run" if found is None else "met" if found <= target.most else "missed"
        yield f"| {target.label} | {target.theirs[1]} | ≤ {target.most:g} | {shown} | {verdict} |"


def time_lines(runs: Runs) -> Iterator[str]:
    """Yields what the ratios come from: median milliseconds, and the peak in MiB, as Markdown."""
    tools = sorted({tool for _, tool in runs}, key=lambda tool: (tool != "tank", tool))
    yield f"| ms (MiB) | {' | '.join(tools)} |"
    yield f"|---|{'---|' * len(tools)}"
    for scenario in dict.fromkeys(scenario for scenario, _ in runs):
        cells = (_cell(runs.get((scenario, tool), ())) for tool in tools)
        yield f"| {scenario} | {' | '.join(cells)} |"


def _cell(measured: Sequence[Measured]) -> str:
    if not measured:
        return ""
    milliseconds = statistics.median(one.seconds for one in measured) * 1000
    return f"{milliseconds:.0f} ({max(one.peak_bytes for one in measured) / 2**20:.0f})"
