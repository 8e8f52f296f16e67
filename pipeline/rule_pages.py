"""Writes docs/rules.md from the rule folders: ``python -m pipeline.rule_pages``."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from tank_core.analysis.rules import Rule, RuleSet, load

RULES = Path(__file__).parent / "rules"
PAGE = Path(__file__).parents[1] / "docs" / "rules.md"

_INTRODUCTION = """\
# Detection rules

<!-- Written by `python -m pipeline.rule_pages` from pipeline/rules. Edit the rule folders instead. -->

Each rule has a folder in `pipeline/rules/` with its samples. A publish is refused for a critical
finding of at least medium confidence, or a high one of high confidence; `tank_core/scoring.py` has
the whole table. Text around a quotation that documents attacks lowers a finding in prose by one level.
Accesses that are seen and not declared are findings of their own: `undeclared-network`,
`undeclared-secret`, `undeclared-subprocess`, `undeclared-filesystem`, and `declared-and-unused`.
"""


def page(rules: RuleSet) -> str:
    """Returns the page: a table and the entries, by category and then by id."""
    ordered = sorted(rules.rules, key=lambda rule: (rule.category, rule.id))
    table = ["| rule | category | severity | confidence |", "|---|---|---|---|"]
    table += [
        f"| [{rule.id}](#{rule.id}) | {rule.category} | {rule.severity.label} | {rule.confidence} |"
        for rule in ordered
    ]
    parts = [_INTRODUCTION, "\n".join(table) + "\n"]
    for category, members in groupby(ordered, key=lambda rule: rule.category):
        parts.append(f"## Category {category}\n")
        parts.extend(_entry(rule) for rule in members)
    return "\n".join(parts)


def read_rules() -> RuleSet:
    """Returns the rules of the repository."""
    return load({path.relative_to(RULES).as_posix(): path.read_bytes() for path in RULES.rglob("rule.yaml")})


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(read_rules()), encoding="utf-8")


def _entry(rule: Rule) -> str:
    found_by = f"the detector `{rule.detector}`" if rule.detector else "semgrep patterns"
    return (
        f"### {rule.id}\n\n**{rule.title}** ({rule.severity.label}, confidence {rule.confidence}; found by"
        f" {found_by}; {', '.join(rule.taxonomy)})\n\n{rule.why}\n\n**Fix:** {rule.fix}\n\n"
        f"**Cannot see:** {rule.cannot_see}\n"
    )


if __name__ == "__main__":
    main()
