"""The report on the terminal, pinned; and that nobody else decides what a terminal does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_cli.scanning.outcome import Outcome, Report
from tank_cli.scanning.scan import ScanFailedError
from tank_cli.scanning.screen import screen
from tank_core.findings import Severity
from tests.cli.scanning.reports import NOTED, PROBLEM, SENT, outcome
from tests.support.columns import too_wide

ONE = """\
@acme/notes@1.0.0  (3 files)
note: Nothing is declared and nothing was compared, because there is no
      skills.json.

scripts/run.py
  CRITICAL  Sends a credential file over the network
    27 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
    why:  Cloud keys, SSH keys and keyrings open more than the skill could ever
          need.
    fix:  Remove it.
    rule: no-such-rule (confidence high)
          docs/rules.md#no-such-rule

SKILL.md
  LOW       Says something odd
    4 | Be odd.
    in:   fenced bash block
    why:  It is odd.
    fix:  Be even.
    rule: reverse-shell (confidence low)
          docs/rules/reverse-shell.md

what it is seen to access:
  network.outbound  api.example              scripts/run.py:11
  filesystem.read   known only when it runs  scripts/run.py:12

could not be published as it is:
  SKILL.md:2: It has no description.
    fix: Write one.

score 0.8 of 10:
   -8.0  no-such-rule: Sends a credential file over the network (critical, high
     confidence)
   -1.0  Not signed: no publisher's Sigstore bundle.
   -0.2  reverse-shell: Says something odd (low, low confidence)

findings: 1 critical, 1 low
verdict: fail. It does what malicious skills do; the registry refuses it.
"""
MANY = """\
note: semgrep 9.9.9 was used; the rules are tested with 1.182.0, so results may
      differ.
skills/a: @acme/notes@1.0.0  (3 files)

findings: 1 low
not shown: 1 below high; the verdict takes them in
verdict: pass_with_notes. Nothing grave; read the notes.

skills/b  (0 files)
error[scan-failed]: The scan did not finish.
  why: semgrep ended with status 2
  fix: Run it again.


all 2 packages:
  verdict          score      folder
  pass_with_notes  8.8        skills/a
  not scanned      unscanned  skills/b

1 not scanned, 1 pass_with_notes.
"""
REPEATED = """\
@acme/notes@1.0.0  (3 files)

scripts/run.py
  CRITICAL  Sends a credential file over the network
     1 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
     2 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
     3 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
     4 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
     5 | urllib.request.urlopen(urllib.request.Request(CACHE, data=body), timeo…
    and 5 more, on lines 6, 7, 8, 9, 10
"""
FAILED = ScanFailedError("The scan did not finish.", why="semgrep ended with status 2", fix="Run it again.")


def text_of(report: Report) -> str:
    return "".join(f"{line.text}\n" for line in screen(report))


def test_one_package() -> None:
    note = "Nothing is declared and nothing was compared, because there is no skills.json."
    assert text_of(Report((outcome(SENT, NOTED, notes=(note,), problems=(PROBLEM,)),))) == ONE


def test_many_packages_one_not_scanned_and_another_semgrep() -> None:
    outcomes = (
        outcome(NOTED, path="skills/a", semgrep="9.9.9"),
        Outcome("skills/b", "skills/b", error=FAILED),
    )
    assert text_of(Report(outcomes, Severity.HIGH)) == MANY


def test_repeats_of_one_finding_are_told_once() -> None:
    found = [replace(SENT, line=line) for line in range(1, 11)]
    assert text_of(Report((outcome(*found),))).startswith(REPEATED)


def test_styles_repeat_what_the_words_say() -> None:
    styled = [
        line for line in screen(Report((outcome(SENT, NOTED),))) if line.style in ("red", "yellow", "cyan")
    ]
    assert [line.style for line in styled] == ["red", "cyan", "red"]
    for line, word in zip(styled, ("CRITICAL", "LOW", "verdict: fail"), strict=True):
        assert word in line.text


HOSTILE = st.text(alphabet=st.sampled_from("ab \x1b[2J\r\n\t\x00\u202e\u200b\u0301…"), max_size=200)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_hostile_text_moves_no_cursor_and_widens_no_line(
    file: str, title: str, evidence: str, label: str, said: str
) -> None:
    found = replace(SENT, file=file, title=title, evidence=evidence, provenance=said)
    for outcomes in (
        (outcome(found, label=label, notes=(said,), problems=(replace(PROBLEM, where=said, what=said),)),),
        (outcome(found, label=label, path=file), outcome(path="b")),
    ):
        lines = [line.text for line in screen(Report(outcomes))]
        assert all(c.isprintable() for line in lines for c in line)


@pytest.mark.parametrize("line", [0, 7, 123_456])
def test_evidence_is_one_line_that_fits(line: int) -> None:
    text = text_of(Report((outcome(replace(SENT, line=line, evidence="x" * 500)),)))
    assert too_wide(text) == []
    assert sum("xxx" in part for part in text.splitlines()) == 1


def test_everything_fits_80_columns() -> None:
    long = "words " * 60
    found = replace(SENT, file="a/" * 60 + "b.py", title=long, why=long, fix=long, provenance=long)
    problem = replace(PROBLEM, where=long, what=long, fix=long)
    report = Report((outcome(found, NOTED, label=long, notes=(long,), problems=(problem,)),))
    assert too_wide(text_of(report)) == []
