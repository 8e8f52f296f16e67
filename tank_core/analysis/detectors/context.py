"""Whether the text around a place documents attacks rather than making one.

Security skills quote what malicious ones contain. The words around a quotation
lower a finding in prose or in a fenced block by one level. They never count for
code files or decoded layers, and a file's path never counts at all.
"""

from __future__ import annotations

import re

from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_WORDS = re.compile(
    r"(?i)\b(?:attack(?:er|s)?|malicious|vulnerab\w+|exploit\w*|red[- ]team\w*|pentest\w*|payloads?|injection|"
    r"detect(?:s|ed|ion|ing)?|never (?:do|run|use)|do not (?:do|run|use)|dangerous|suspicious|threat|malware|"
    r"anti-?pattern|red flags?|bad example|unsafe|phishing|adversar\w+)\b"
)
_LINES_BEFORE = 8
_LINES_AFTER = 3
_ENOUGH = 2  # different words; one alone is too easy to plant


def documents_attacks(package: Package, source: Source, local_line: int) -> bool:
    """Returns whether the Markdown around a 1-based line of a source speaks about attacks."""
    if source.is_decoded:
        return False
    outer = source if source.language is Language.MARKDOWN else _markdown_of(package, source)
    if outer is None:
        return False
    line = source.line_of(local_line)
    around = outer.lines[max(0, line - 1 - _LINES_BEFORE) : line + _LINES_AFTER]
    return len({word.lower() for word in _WORDS.findall("\n".join(around))}) >= _ENOUGH


def _markdown_of(package: Package, source: Source) -> Source | None:
    if not source.provenance.startswith(("fenced", "inline")):
        return None
    for candidate in package.sources:
        if candidate.file == source.file and candidate.is_whole_file:
            return candidate
    return None
