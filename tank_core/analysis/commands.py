"""Shell commands that stand inside other text: in string literals of code, and in inline code of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import languages
from tank_core.analysis.source import Language, Source

_LITERAL = (
    r"[fFrRbB]{0,2}(?:\"(?P<double>(?:[^\"\\\n]|\\.){4,2000})\"|'(?P<single>(?:[^'\\\n]|\\.){4,2000})'"
    r"|`(?P<tick>[^`]{4,2000})`)"
)
_CALL = re.compile(
    r"(?:\b(?:os\.(?:system|popen)|subprocess\.\w{2,20}|create_subprocess_shell|system|exec|execSync|spawn|spawnSync|shell_exec|"
    rf"passthru|popen)\s*\(\s*|[\"'](?:/bin/)?(?:ba|z)?sh[\"']\s*,\s*[\"']-l?c[\"']\s*,\s*){_LITERAL}"
)
_INLINE = re.compile(r"(?<!`)`(?P<code>[^`\n]{8,2000})`(?!`)")
_HOSTS = frozenset({Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT, Language.RUBY, Language.PHP})


def in_code(source: Source) -> Iterator[Source]:
    """Yields the literal commands that code hands to a shell, each as a shell source."""
    if source.language not in _HOSTS:
        return
    for match in _CALL.finditer(source.text):
        command = match["double"] or match["single"] or match["tick"]
        outer = f"{source.provenance}, " if source.provenance else ""
        text = command.replace('\\"', '"').replace("\\'", "'")
        line = source.line_at(match.start())
        how = f"{outer}command in {source.language}"
        yield Source(source.file, line, Language.SHELL, text, how, source.is_decoded)


def in_prose(path: str, prose: str) -> Iterator[Source]:
    """Yields inline code that looks like a shell command, each as a shell source."""
    for number, line in enumerate(prose.split("\n"), start=1):
        for match in _INLINE.finditer(line):
            if languages.sniffed(match["code"]) is Language.SHELL:
                yield Source(path, number, Language.SHELL, match["code"], "inline code")
