"""What analysis finds, what it refuses wrongly and what it costs, beside cisco-ai-skill-scanner.

    make bench-scan           (or python -m benchmarks.scan)

Both scanners see the same skills in the same run. ``--samples DIR --label malicious``
adds a folder of skills that you have (each folder with a SKILL.md is one); both options
may be repeated, each label belongs to the samples before it. Nothing is executed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.scan import figures, own, tables
from benchmarks.scan.outcome import Outcome
from benchmarks.scan.samples import Sample, corpus, local
from benchmarks.scan.workers import OWN, PEER, PEER_PYTHON, Measured, measured

_COSTED = 60  # skills whose cost is measured, of each run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=Path, action="append", default=[], help="a folder of skills")
    parser.add_argument(
        "--label", choices=("malicious", "honest"), action="append", default=[], help="of --samples"
    )
    parser.add_argument("--no-corpus", action="store_true", help="only the folders of --samples")
    parser.add_argument("--no-peer", action="store_true", help="Tank alone")
    parser.add_argument("--cost", type=int, default=_COSTED, help="skills to measure one by one; 0 for all")
    parser.add_argument("--json", action="store_true", help="one document on stdout")
    options = parser.parse_args()
    if len(options.samples) != len(options.label) or not all(map(Path.is_dir, options.samples)):
        parser.error("every --samples is a folder and needs a --label")
    if not options.no_peer and not PEER_PYTHON.exists():
        parser.error("the peer is not installed: make .venv-cisco/.ready, or --no-peer")
    samples = _samples(options.samples, options.label, with_corpus=not options.no_corpus)
    if not samples:
        parser.error("there are no skills in these folders")
    _report(samples, options.cost, with_peer=not options.no_peer, as_json=options.json)


def _samples(folders: Sequence[Path], labels: Sequence[str], *, with_corpus: bool) -> tuple[Sample, ...]:
    own_samples = corpus() if with_corpus else ()
    added = [
        sample
        for folder, label in zip(folders, labels, strict=True)
        for sample in local(folder.resolve(), is_malicious=label == "malicious")
    ]
    return (*own_samples, *added)


def _report(samples: Sequence[Sample], cost: int, *, with_peer: bool, as_json: bool) -> None:
    _say(f"{len(samples)} skills: Tank, all together ...")
    outcomes = {tables.TANK: own.outcomes(samples)}
    chosen = figures.spread(samples, cost)
    _say(f"{len(chosen)} skills: Tank, one by one, for its cost ...")
    costs: dict[str, Mapping[Sample, Measured]] = {tables.TANK: measured(OWN, chosen)}
    _same(outcomes[tables.TANK], costs[tables.TANK])
    if with_peer:
        _say(f"{len(samples)} skills: {tables.PEER} ...")
        found = measured(PEER, samples)
        outcomes[tables.PEER] = {sample: one.outcome for sample, one in found.items()}
        costs[tables.PEER] = {sample: found[sample] for sample in chosen}
    if as_json:
        print(json.dumps(tables.document(outcomes, costs), indent=2, sort_keys=True))
    else:
        print("\n".join(tables.lines(outcomes, costs)))


def _same(together: Mapping[Sample, Outcome], alone: Mapping[Sample, Measured]) -> None:
    """Ends the run when a skill is judged otherwise alone than together: no figure would mean anything."""
    for sample, one in alone.items():
        if one.outcome != together[sample]:
            sys.exit(f"{sample.source}/{sample.id}: alone {one.outcome}, together {together[sample]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
