"""Programs that code starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.shell_words import Command, pipelines
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access


def _words(text: str) -> list[str]:
    return text.split()


_BUILTINS = frozenset(
    _words(
        ": . [ [[ alias bg break case cd continue declare done echo elif esac eval exec exit export false "
        "fg fi for function getopts hash in jobs let local popd printf pushd pwd read readonly return "
        "select set shift shopt source test trap true type typeset ulimit umask unalias unset wait { } (( "
    )
)
_INTERPRETERS = re.compile(r"(?:python|node|ruby|perl|php|bash|sh|zsh|deno|bun|uv|npx)[\d.]*")
_SCRIPT = re.compile(r"\.(?:py|js|mjs|cjs|ts|rb|pl|php|sh|bash)$|^-m$")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_CALL = re.compile(
    r"\b(?:subprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)|os\.(?:system|popen|exec[lv]p?e?|"
    r"spawn\w+)|create_subprocess_(?:exec|shell)|(?:child_process\.|\bcp\.)?(?:execFileSync|execFile|execSync|spawnSync|spawn|"
    r"exec))\s*\(\s*(?:\[\s*)?(?P<literal>[fFrRbB]?(?:\"[^\"\n]{1,300}\"|'[^'\n]{1,300}'|`[^`\n]{1,300}`))?"
)
_NODE_ONLY = re.compile(r"(?:child_process\.|\bcp\.)?(?:execFile|exec|spawn)(?:Sync)?\b")


def observe(source: Source) -> Iterator[Observation]:
    """Yields each program a source is seen to start, and starts whose program is computed."""
    if source.language is Language.SHELL:
        for pipeline in pipelines(source.text):
            for command in pipeline.commands:
                name = _shell_program(command)
                if name:
                    yield Observation(Access.SUBPROCESS, name, pipeline.line)
    elif source.language in {Language.PYTHON, Language.JAVASCRIPT, Language.TYPESCRIPT, Language.RUBY}:
        yield from _calls(source)


def _shell_program(command: Command) -> str:
    """Returns the program a command starts; empty for builtins and for the skill's own scripts."""
    name = command.program
    if name in _BUILTINS or not _NAME.fullmatch(name) or name.endswith("()") or _SCRIPT.search(name):
        return ""
    if _INTERPRETERS.fullmatch(name) and any(_SCRIPT.search(word) for word in command.arguments[1:3]):
        return ""
    return name


def _calls(source: Source) -> Iterator[Observation]:
    text = without_comments(source)
    is_python = source.language is Language.PYTHON
    if not is_python and "child_process" not in text:
        return
    for match in _CALL.finditer(text):
        if is_python and _NODE_ONLY.match(match.group()):
            continue
        line = source.local_line_at(match.start())
        name = _first_word(match["literal"] or "")
        yield Observation(Access.SUBPROCESS, name or None, line)


def _first_word(literal: str) -> str:
    words = literal.lstrip("fFrRbB").strip("\"'`").split()
    name = words[0].rsplit("/", 1)[-1] if words else ""
    return name if _NAME.fullmatch(name) else ""
