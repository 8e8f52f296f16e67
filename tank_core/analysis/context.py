"""Whether the text around a place documents attacks rather than making one.

Security skills quote what malicious ones contain, and a reference that says "never run
this" shows it. Only Markdown has such a context: what a code file does, it does,
whatever stands around it, and a file's path never counts. Context lowers a finding and
never removes it, so that it is no place to hide:

1. An order to install or to run, near the place, is no quotation, whatever else is said,
   unless the text calls the thing itself bad; then one level.
2. Words of defence around the place: one level.
3. The same in a skill that says of itself that it is about security: two levels; there a
   fenced block without such words: one, a table or a citation: two.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tank_core.analysis import markdown
from tank_core.analysis.identity import identity_of
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language

_DEFENCE = re.compile(
    r"(?i)\b(?:attack(?:er|ers|s|ing)?|malicious|vulnerab\w+|exploit\w*|red[- ]team\w*|pentest\w*|payloads?|"
    r"injections?|"
    r"detect(?:s|ed|ion|ions|ing|or)?|never (?:do|run|use|execute)|do(?: not|n'?t) (?:do|run|use|execute)|"
    r"dangerous|suspicious|threats?|malware|"
    r"anti-?patterns?|red flags?|bad examples?|unsafe|insecure|phishing|adversar\w+|forensics?|incident|"
    r"indicators? of compromise|iocs?|"
    r"exfiltrat\w+|obfuscat\w+|backdoor\w*|trojan|reverse shell|mitre|att&ck|cve-\d+|yara|sigma|siem|hunt(?:ing)?|"
    r"blocklist\w*|sanitiz\w+|"
    r"compromised?|hijack\w*|evasion|bypass\w*|scan(?:s|ner|ners|ning)?|audit\w*|warning signs?|untrusted)\b"
)
_SHOWN_AS_BAD = re.compile(
    r"(?i)❌|🚫|⛔|\bbad\b\s*[:(]|\bbad (?:example|code|pattern|skill)|\bwrong\b\s*[:(]|\bvulnerable\b|\bmalicious\b|"
    r"\bunsafe\b\s*[:(]?|\bdangerous\b|\battacker\b|"
    r"\b(?:never|do not|don'?t) (?:run|do|use|execute|paste|follow)\b|\bexamples? of (?:an? )?(?:attack|injection|"
    r"payload)|\battack (?:example|vector|scenario|payload|pattern)s?\b|"
    r"\bred flags?\b|\bwhat (?:it|this) (?:catches|detects|looks like)|\bdetect(?:s|ion)?\b|\bpatterns? to (?:flag|"
    r"detect|look)|\bblocked\b|\bpayloads?\b"
)
_ORDER = re.compile(
    r"(?i)\bpre-?requisites?\b|\b(?:you )?must (?:first )?(?:run|install|download|execute)|\brequired (?:setup|"
    r"step|install\w*|before)|\bbefore (?:using|you (?:start|begin|use)|first use)|"
    r"\bquick ?start\b|\brun (?:this|the following|these)\b|\bexecute (?:this|the following)|"
    r"\binstall(?:ation)?\b\s*(?:steps?)?\s*(?::|$)|\bpaste (?:this|it|the|into)|\bfirst[,:]? (?:run|install|"
    r"download|execute)|"
    r"\bset ?up\b\s*(?::|$)|\bmandatory\b|\bafter (?:any|every|each|finishing)\b|\bto (?:enable|activate|"
    r"complete (?:the )?(?:setup|installation))",
    re.MULTILINE,
)
_SUBJECT = re.compile(
    r"(?i)\b(?:security|secure|pentest\w*|penetration|vulnerabilit\w+|malware|forensic\w*|incident|threats?|"
    r"red[- ]team\w*|blue[- ]team|exploit\w*|"
    r"injections?|phishing|ctf|attacks?|adversar\w+|detection|audit\w*|scan(?:ner|ning)?|hardening|defen[cs]e|"
    r"intrusion|siem|osint|deserialization|"
    r"reverse[- ]engineer\w*|ransomware|soc|dfir|privilege escalation|credential|guard\w*|vet(?:ting)?|trust)\b"
)
_LINES_BEFORE = 8
_LINES_AFTER = 3
_NEAR_BEFORE = 4  # lines before a place in which an order counts
_ENOUGH = 2  # different words; one alone is too easy to plant
MAX_LEVEL = 2


def quotation(package: Package, file: str, line: int) -> int:
    """Returns by how many levels the text around a place lowers what is found there: 0, 1 or 2.

    Args:
        package: the package.
        file: path of the file.
        line: 1-based line in it; 0, the whole file, has no context.
    """
    lines = _markdown_lines(package).get(file)
    if lines is None or line < 1:
        return 0
    near = "\n".join(lines[max(0, line - 1 - _NEAR_BEFORE) : line + 1])
    around = "\n".join(lines[max(0, line - 1 - _LINES_BEFORE) : line + _LINES_AFTER])
    words = {word.lower() for word in _DEFENCE.findall(around)}
    about_security = bool(_SUBJECT.search(identity_of(package)))
    place = lines[line - 1] if line <= len(lines) else ""
    is_cited = place.lstrip().startswith(("|", ">"))
    if _ORDER.search(near) and not (about_security and is_cited):
        return 1 if len(words) >= _ENOUGH and _SHOWN_AS_BAD.search(around) else 0
    is_defence = len(words) >= _ENOUGH or bool(words and _SHOWN_AS_BAD.search(around))
    is_shown = is_cited or place in _fenced(package)[file]
    is_spoken_about = is_defence or (about_security and is_cited)
    return int(is_spoken_about) + int(about_security and (is_defence or is_shown))


@lru_cache(maxsize=4)
def _fenced(package: Package) -> dict[str, frozenset[str]]:
    """Returns the lines of each Markdown file that stand in fenced blocks."""
    return {
        file: frozenset(
            line for block in markdown.parse("\n".join(lines)).blocks for line in block.text.split("\n")
        )
        for file, lines in _markdown_lines(package).items()
    }


@lru_cache(maxsize=4)
def _markdown_lines(package: Package) -> dict[str, tuple[str, ...]]:
    return {
        source.file: source.lines
        for source in package.sources
        if source.is_whole_file and source.language is Language.MARKDOWN
    }
