"""Reading facts out of one text.

Comments do not count, for what they name is not done. A place where secrets lie
counts only where the same text reads files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tank_core.analysis.facts import covert_patterns, more_patterns, private_patterns, staying_patterns
from tank_core.analysis.facts.fact import Fact, FactKind
from tank_core.analysis.facts.patterns import DIRECT, NEEDS_READING, READING
from tank_core.analysis.observers.code import without_comments, without_searches
from tank_core.analysis.source import Source

# A key that a program is told to log in with is used, not read.
_USED_TO_LOG_IN = re.compile(
    r"(?i)(?:\bssh\b|\bscp\b|\brsync\b|\bsftp\b|-i|identity_?file|key_?file\w*|key_?path|ssh_?key|"
    r"private_?key_?path|--private-key|key_filename)[\s\"'=:,(\[]{0,4}"
    r"(?:(?!open\b|read|\bcat\s|copy|content|base64)[^\n;|&`]){0,40}$"
)
_READ_AFTER = re.compile(r"[^\n;]{0,80}?\bread(?:_?text|_?bytes|_?lines?|file|alltext)?[\s(]", re.IGNORECASE)
# An environment handed on to a child is what every program does.
_HANDED_ON = re.compile(
    r"(?:spawn|exec|fork|run|Popen|call|check_\w{4,6}|child|options|opts|cwd|"
    r"stdio)\w{0,10}\b[^\n]{0,200}?\n?[^\n]{0,120}?\benv\s*[:=]\s*(?:\{\s*)?(?:\.\.\.process\.env|process\.env|"
    r"\*\*os\.environ|os\.environ(?:\.copy\(\))?|"
    r"dict\(os\.environ[^)\n]{0,80}\))"
)
# A file of settings that a script looks for, or takes its own variables from; what it does with them counts.
_LOADED = re.compile(
    r"(?:\[{1,2}|\btest)\s+(?:!\s+)?-[efrs]\s+[^\s\]]{0,100}(?<!\w)\.env\b[^\s\]]{0,20}|"
    r"(?:^|[;&|{]|\bthen|\bdo)[ \t]*(?:source|\.)[ \t]+[^\s;&|]{0,100}(?<!\w)\.env\b[^\s;&|]{0,20}|"
    r"\bexport\s+\$\((?:grep|cat|sed|awk)\b[^\n)]{0,160}\bxargs\b[^\n)]{0,40}\)|"
    # ... and a sentence about it that goes to the terminal.
    r"^[ \t]*(?:echo[ \t]+(?:-e[ \t]+)?|print\(f?|console\.(?:log|error)\()[\"'](?:[A-Za-z]\w*[:,.]?[ \t]){2}"
    r"[^\"'`$|\n]{0,200}[\"']\)?;?[ \t]*(?:>&2|1>&2)?[ \t]*$",
    re.MULTILINE,
)
_SPACED = str.maketrans(
    dict.fromkeys("\"'`,()[]{}+\\", " ")
)  # what stands between the words of an argument list
_BEFORE = 60  # characters looked back for that


@lru_cache(maxsize=8192)  # some fifty detectors ask of each text, all of one package after the other
def facts_of(source: Source) -> tuple[Fact, ...]:
    """Returns the facts of a text, sorted by kind and place, the first place of each pattern only."""
    text = without_comments(source) if source.language.is_code else source.text
    text = _HANDED_ON.sub(lambda match: " " * len(match.group()), text)
    text = _LOADED.sub(lambda match: " " * len(match.group()), text)
    text = without_searches(text)
    text = text.replace("\\n", "  ") if source.language.is_code else text  # a line end within a literal
    arguments = text.translate(_SPACED)
    looked_at = [
        (text, DIRECT),
        (text, more_patterns.DIRECT),
        (text, private_patterns.WAYS),
        (arguments, more_patterns.ARGUMENTS),
    ]
    looked_at += [(text, covert_patterns.DIRECT), (text, staying_patterns.DIRECT)]
    looked_at.append((arguments, covert_patterns.SPACED))
    if staying_patterns.WRITING.search(text):
        looked_at.append((arguments, staying_patterns.NEEDS_WRITING))
    if READING.search(text):
        looked_at += [
            (text, NEEDS_READING),
            (text, private_patterns.STORES),
            (arguments, more_patterns.PATHS),
        ]
    return tuple(sorted({fact for read, patterns in looked_at for fact in _first_facts(read, patterns)}))


def _first_facts(text: str, patterns: Iterable[tuple[FactKind, re.Pattern[str]]]) -> Iterator[Fact]:
    for kind, pattern in patterns:
        match = next((m for m in pattern.finditer(text) if not _is_login(kind, text, m.start())), None)
        if match:
            yield Fact(kind, match.start())


def _is_login(kind: FactKind, text: str, offset: int) -> bool:
    if kind is not FactKind.CREDENTIAL_FILE or _READ_AFTER.match(text, offset):
        return False
    return bool(_USED_TO_LOG_IN.search(text[max(0, offset - _BEFORE) : offset].rpartition("\n")[2]))
