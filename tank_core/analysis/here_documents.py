"""Here-documents of shell texts, as the language of whoever reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import languages
from tank_core.analysis.source import Language, Source

_OPENING = re.compile(r"(?<!<)<<(?P<dash>-)?[ \t]*+['\"\\]?(?P<end>\w{1,40})['\"]?")
_INTERPRETERS = (
    ("python", Language.PYTHON),
    ("node", Language.JAVASCRIPT),
    ("deno", Language.TYPESCRIPT),
    ("ruby", Language.RUBY),
    ("php", Language.PHP),
    ("perl", Language.PERL),
    ("osascript", Language.APPLESCRIPT),
    ("pwsh", Language.POWERSHELL),
    ("bash", Language.SHELL),
    ("zsh", Language.SHELL),
    ("sh", Language.SHELL),
)
# No pipe inside a path: a line of many pipes would be read once from each to its end.
_READERS = tuple(
    (
        re.compile(rf"(?<![\w./-]){name}[\d.]*\b|\|\s*[^\s|]*/{name}\b|(?<![\w.-])/[\w./-]{{0,60}}/{name}\b"),
        language,
    )
    for name, language in _INTERPRETERS
)
_TARGET = re.compile(r"(?:>>?|\btee\b(?:[ \t]++-a)?)[ \t]*+['\"]?(?P<path>[\w./~${}-]{1,200})")
_CRON = re.compile(r"\bcrontab\b")


def parts_of(source: Source) -> Iterator[Source]:
    """Yields the here-documents that an interpreter reads, or that become a file of code."""
    if "<<" not in source.text:
        return
    how, language, end, first, body = "", None, "", 0, list[str]()
    for number, line in enumerate(source.lines, start=1):
        if not end:
            opening = _OPENING.search(line) if "<<" in line else None
            if opening:
                language, how = _reader(line)
                end, first, body = opening["end"], number + 1, []
        elif line.strip() == end:
            end = ""
            if language and body:
                yield source.within(first, language, "\n".join(body), how)
        else:
            body.append(line)
    if end and language and body:  # a shell reads one that is not closed to the end of the file
        yield source.within(first, language, "\n".join(body), how)


def _reader(head: str) -> tuple[Language | None, str]:
    for pattern, language in _READERS:
        if pattern.search(head):
            return language, f"here-document for {language}"
    if _CRON.search(head):
        return Language.CRONTAB, "here-document for crontab"
    target = _TARGET.search(head)
    language_of_target = languages.language_of_name(target["path"]) if target else None
    return language_of_target, f"here-document for a file of {language_of_target}"
