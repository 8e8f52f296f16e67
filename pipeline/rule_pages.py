"""Writes the pages about the detection rules from the rule folders: ``python -m pipeline.rule_pages``.

Three kinds: ``docs/rules.md`` explains verdicts and lists every rule, ``docs/rules/<id>.md``
has all that is to be known of one, and ``README.md`` in each rule's folder says the same to
whoever edits it. The single source is ``rule.yaml`` with the samples beside it, and
``taxonomy.yaml`` for the names of other people's ids; the verdicts are asked of ``scoring``.
A new rule needs its folder and a run of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tank_core import imitated_skill, taxonomy, unread
from tank_core.analysis import compare, content, languages
from tank_core.analysis.report import ObservedCapability
from tank_core.analysis.rules import Rule, RuleSet, load
from tank_core.findings import Confidence, Finding, Severity
from tank_core.imitated_skill import Imitated
from tank_core.likeness import Likeness
from tank_core.names import SkillName
from tank_core.permissions import NONE, Access, PermissionSet
from tank_core.scoring import verdict_of
from tank_core.taxonomy import Taxonomy

RULES = Path(__file__).parent / "rules"
DOCS = Path(__file__).parents[1] / "docs"
INDEX = DOCS / "rules.md"
PAGES = DOCS / "rules"

_MAX_SAMPLE_LINES = 60  # of one sample on a page; the whole of it is in the folder
_MAX_SAMPLE_COLUMNS = 160  # an encoded line of a kilobyte teaches nobody anything
_MAX_SAMPLE_FILES = 3
_WRITTEN = "<!-- Written by `python -m pipeline.rule_pages` from {source}. Edit that instead. -->"
_LINKS = {
    Severity.HIGH: "to a fixed place of the machine",
    Severity.MEDIUM: "out of the skill's folder, or into its `.git`",
    Severity.INFO: "to a file of the skill",
}
_INTRODUCTION = """\
# Detection rules

{written}

A rule is evidence with an address: what it saw, in which file and line, why that matters, how to mend
it, and what it cannot see. Each has a page here and a folder in `pipeline/rules/` with its samples.
`tank scan` and the registry use the same ones.

## Verdicts

The worst finding decides; findings never cancel each other.

| verdict | what it does |
|---|---|
| `fail` | the registry refuses the publish; `tank scan` ends with exit code 8 |
| `flagged` | installs only with `--accept-flagged`, which the lock records; `tank scan --fail-on flagged` ends with 8 |
| `pass_with_notes` | published; the notes are shown |
| `pass` | nothing above information |

What a single finding means:

{verdicts}

Two high findings of medium confidence in different categories are two facts of one attack: `fail`.

“Code” is a file that is not prose, and code that was found within prose: a fenced block, a decoded
layer. The score, 0 to 10, only ranks: it starts at 10, and every point taken is listed with its reason
(`tank_core/scoring.py`).

## Context

Security skills quote what malicious ones contain. What stands in Markdown is lowered where the text around
it speaks of attacks: by one level, and by two in a skill whose own description says that it is about
security. A finding that was lowered has low confidence, so it flags at most. An order to install or to run
beside the place is no quotation, unless the text calls the thing itself bad. Code files are never lowered,
and a path such as `tests/` never counts: nothing in a package can switch a rule off. A finding that was
reached through an encoding, a block or a here-document says so (`tank_core/analysis/context.py`).

## What the rules rest on

- **Facts** of one text, in any language: reads a credential file, sends data, decodes, runs text as code. A fact
  alone is no finding; honest skills are full of them (`tank_core/analysis/facts`).
- **Chains** of facts: a secret that is read and data that leaves, in one text, across files that belong together, or
  across the steps that an agent runs.
- **Mismatch** between word and deed: a host that neither the skill's name nor its text speaks of. The declaration
  excuses nothing, for an attacker writes it, too.
- **Standing orders** in prose: what is to be done after every task, and to whom it is sent.
"""


def pages(rules: RuleSet, names: Taxonomy) -> dict[Path, str]:
    """Returns every page: its path → its text.

    Args:
        rules: the rules of the repository, whose samples are read from ``RULES``.
        names: what the taxonomy ids mean.
    """
    written = {INDEX: index_page(rules)}
    for rule in rules.rules:
        written[PAGES / f"{rule.id}.md"] = rule_page(rule, names, samples_of(rule.id))
        written[RULES / rule.id / "README.md"] = readme(rule)
    return written


def index_page(rules: RuleSet) -> str:
    """Returns the index: verdicts, context, and the rules by category and then by id."""
    ordered = sorted(rules.rules, key=lambda rule: (rule.category, rule.id))
    parts = [
        _INTRODUCTION.format(
            written=_WRITTEN.format(source="pipeline/rules"), verdicts="\n".join(_verdict_table())
        ),
        "## The rules\n",
    ]
    for category, members in groupby(ordered, key=lambda rule: rule.category):
        rows = [
            f"| [{rule.id}](rules/{rule.id}.md) | {_cell(rule.title)} | {rule.severity.label} | {rule.confidence} |"
            for rule in members
        ]
        head = [f"### Category {category}\n", "| rule | what it finds | severity | confidence |"]
        parts.append("\n".join([*head, "|---|---|---|---|", *rows]) + "\n")
    parts += [_comparisons(), _names(), _folders()]
    return "\n".join(parts)


def rule_page(rule: Rule, names: Taxonomy, samples: Mapping[str, list[tuple[str, bytes]]]) -> str:
    """Returns the page of one rule.

    Args:
        rule: the rule.
        names: what the taxonomy ids mean.
        samples: ``bad`` and ``good`` → the files of one such sample.
    """
    parts = [
        f"# {rule.title}\n",
        _WRITTEN.format(source=f"pipeline/rules/{rule.id}") + "\n",
        "\n".join(_facts(rule, names)) + "\n",
        f"## Why it matters\n\n{rule.why}\n",
        f"## What to do\n\n{rule.fix}\n",
        f"## What it cannot see\n\n{rule.cannot_see}\n",
        *_sample_section("What it finds", samples.get("bad", [])),
        *_sample_section("What it leaves alone", samples.get("good", [])),
        "[All rules, and what a verdict means](../rules.md)\n",
    ]
    return "\n".join(parts)


def readme(rule: Rule) -> str:
    """Returns the README of a rule's folder: for whoever edits the rule or doubts a finding."""
    return f"""\
# {rule.title}

`{rule.id}` · {rule.category} · {rule.severity.label}, confidence {rule.confidence} · found by {_found_by(rule)}

## Why it matters

{rule.why}

## What to do

{rule.fix}

If the finding is wrong, the samples beside this file show where the line is drawn: `bad*` is what
the rule speaks about, `good*` is what it must leave alone. Add your case to them with the report.

## What the rule does not see

{rule.cannot_see}

{_WRITTEN.format(source="rule.yaml")}
"""


def samples_of(rule_id: str) -> dict[str, list[tuple[str, bytes]]]:
    """Returns the files of a rule's first bad and first good sample, by name inside the sample."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for path in sorted((RULES / rule_id).iterdir(), key=lambda path: path.name):
        kind = next((kind for kind in ("bad", "good") if path.name.startswith(kind)), "")
        if kind and kind not in found:
            found[kind] = list(_files(path))
    return found


def read_rules() -> RuleSet:
    """Returns the rules of the repository."""
    return load({path.relative_to(RULES).as_posix(): path.read_bytes() for path in RULES.rglob("rule.yaml")})


def read_taxonomy() -> Taxonomy:
    """Returns the table of taxonomy ids."""
    return taxonomy.load((RULES / "taxonomy.yaml").read_bytes())


def main() -> None:
    """Writes the pages, and removes those of rules that are gone."""
    written = pages(read_rules(), read_taxonomy())
    PAGES.mkdir(exist_ok=True)
    for path in set(PAGES.glob("*.md")) - written.keys():
        path.unlink()
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")


def _facts(rule: Rule, names: Taxonomy) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    yield f"| id | `{rule.id}` |"
    yield f"| category | {rule.category} |"
    yield f"| severity | {rule.severity.label} |"
    yield f"| confidence | {rule.confidence} |"
    yield f"| found by | {_found_by(rule)} |"
    for taxon_id in rule.taxonomy:
        taxon = names.taxon(taxon_id)
        if taxon is not None:
            framework = taxon.framework
            yield f"| {taxon_id} | {_cell(taxon.name)} ([{framework.name}]({framework.url}), {framework.version}) |"


def _found_by(rule: Rule) -> str:
    return f"the detector `{rule.detector}`" if rule.detector else "semgrep patterns"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _files(sample: Path) -> Iterator[tuple[str, bytes]]:
    if sample.is_file():
        yield sample.name, sample.read_bytes()
        return
    for path in sorted(sample.rglob("*")):
        if path.is_file():
            yield path.relative_to(sample).as_posix(), path.read_bytes()


def _sample_section(title: str, files: list[tuple[str, bytes]]) -> Iterator[str]:
    if not files:
        return
    yield f"## {title}\n"
    for name, data in files[:_MAX_SAMPLE_FILES]:
        yield f"`{name}`\n"
        yield _code(name, data)
    if len(files) > _MAX_SAMPLE_FILES:
        yield f"And {len(files) - _MAX_SAMPLE_FILES} more in the rule's folder.\n"


def _code(name: str, data: bytes) -> str:
    """Returns a sample as a fenced block; what cannot be seen in it is written as an escape."""
    if content.is_binary(data):
        return f"Not text: {len(data)} bytes.\n"
    text = content.text_of(data).rstrip("\n")
    lines = [_visible(line) for line in text.split("\n")]
    shown = [_shortened(line) for line in lines[:_MAX_SAMPLE_LINES]]
    if len(lines) > _MAX_SAMPLE_LINES:
        shown.append(f"… {len(lines) - _MAX_SAMPLE_LINES} more lines")
    body = "\n".join(shown)
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{_tag(name, text)}\n{body}\n{fence}\n"


def _tag(name: str, text: str) -> str:
    language = languages.languages_of_file(name, text)[0]
    return str(language)


def _visible(line: str) -> str:
    return "".join(
        c if c.isprintable() or c == "\t" else c.encode("unicode_escape").decode("ascii") for c in line
    )


def _shortened(line: str) -> str:
    return line if len(line) <= _MAX_SAMPLE_COLUMNS else line[:_MAX_SAMPLE_COLUMNS] + "…"


def _verdict_table() -> Iterator[str]:
    """Yields the table of what one finding means, as ``scoring`` decides it."""
    yield "| severity | confidence high | medium | low |"
    yield "|---|---|---|---|"
    for severity in sorted(Severity, reverse=True):
        cells = [_verdict_cell(severity, confidence) for confidence in reversed(Confidence)]
        yield f"| {severity.label} | {' | '.join(cells)} |"


def _verdict_cell(severity: Severity, confidence: Confidence) -> str:
    in_code, in_prose = (
        verdict_of([Finding(file, 1, "", "", severity, confidence, "", "", "", "")])
        for file in ("run.py", "SKILL.md")
    )
    return f"`{in_code}`" if in_code is in_prose else f"`{in_code}` in code, `{in_prose}` in prose"


def _comparisons() -> str:
    """Returns the section on what is found by comparing declared with observed."""
    seen = [ObservedCapability(access, "", "", 0, "") for access in Access]
    introduction = (
        "## Declared and observed\n\nWhat the code is seen to access is compared with `capabilities` in"
        " skills.json. A folder without a usable skills.json declares nothing, and nothing is compared.\n"
    )
    found = [*compare.declared_against_observed(NONE, seen), *_unused()]
    return "\n".join([introduction, *_without_folders(found)])


def _names() -> str:
    """Returns the section on what the registry finds by comparing a name with those it knows."""
    introduction = (
        "## Names\n\nAt every publish the registry compares the skill's name with the names of other publishers'"
        " skills that were there before. Names are alike when they look the same without hyphens, slash and"
        " look-alike letters (`rn` and `m`, `0` and `o`, `1`, `l` and `i`), when one letter is added, left out,"
        " changed or swapped, when the organisation only adds a word such as `official`, and when the same words"
        " stand in another order. Then the younger one imitates: high once the other is a week older, medium"
        " before. The same last part alone, of two words or more, in a younger organisation, is medium of low"
        " confidence, and nothing once three organisations use it. Organisations that the publisher is a member of"
        " never count, nor do skills that nobody can install any more. Not seen: names that mean the same in"
        " other words, and two slips at once (`tank_core/likeness.py`).\n"
    )
    name, other = SkillName("acrne", "pdf"), Imitated(0, "@acme/pdf", Likeness.LOOK_ALIKE)
    return "\n".join([introduction, *_without_folders(imitated_skill.findings(name, 2**31, [other]))])


def _folders() -> str:
    """Returns the section on what `tank scan` finds in a folder that no package can hold."""
    introduction = (
        "## Folders\n\n`tank scan` reads folders that were never packed. Links and files that could not be"
        " read are findings there; the registry refuses a package with either. A link is as bad as what it"
        " names:\n"
    )
    targets = "\n".join(f"- {severity.label}: {target}" for severity, target in _LINKS.items()) + "\n"
    found = (unread.link("", "", severity=max(_LINKS)), unread.unread("", ""))
    return "\n".join([introduction, targets, *_without_folders(found)])


def _without_folders(found: Iterable[Finding]) -> Iterator[str]:
    """Yields an entry for each rule that has no folder, by id."""
    for rule_id, group in _grouped(found):
        findings = list(group)
        first = findings[0]
        said = "\n".join(f"- {finding.title.split(':')[0]}. {finding.why}" for finding in findings)
        yield (
            f"### {rule_id}\n\n{first.severity.label}, confidence {first.confidence};"
            f" {', '.join(first.taxonomy)}.\n\n{said}\n"
        )


def _unused() -> tuple[Finding, ...]:
    declared = PermissionSet.from_json({"subprocess": ["git"]}, "example")
    return compare.declared_against_observed(declared, ())


def _grouped(findings: Iterable[Finding]) -> Iterator[tuple[str, Iterator[Finding]]]:
    ordered = sorted(findings, key=lambda finding: (finding.rule_id, finding.title))
    return groupby(ordered, key=lambda finding: finding.rule_id)


if __name__ == "__main__":
    main()
