"""Commands and programs that stand inside other text.

Shell commands in string literals of code and in inline code of Markdown; programs in
the arguments of interpreters, such as ``python -c``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import languages, normalized
from tank_core.analysis.language_names import BY_INTERPRETER
from tank_core.analysis.literals import unescaped
from tank_core.analysis.source import Language, Source

_LITERAL = (
    r"[fFrRbB]{0,2}(?:\"(?P<double>(?:[^\"\\\n]|\\.){4,2000})\"|'(?P<single>(?:[^'\\\n]|\\.){4,2000})'"
    r"|`(?P<tick>[^`]{4,2000})`)"
)
_CALL = re.compile(
    r"(?:\b(?:os\.(?:system|popen)|subprocess\.\w{2,20}|create_subprocess_shell|system|exec|execSync"
    r"|spawn|spawnSync|shell_exec|"
    r"passthru|popen|os\.execute|io\.popen|Command|getRuntime\(\)\.exec|Process\.Start|do shell script"
    r"|\.Run|ShellExecute)"
    rf"(?:\s*\(\s*|(?<=script)[ \t]+|(?<=\.Run)[ \t]+)|[\"'](?:/bin/)?(?:ba"
    rf"|z)?sh[\"']\s*,\s*[\"']-l?c[\"']\s*,\s*){_LITERAL}"
)
_INLINE = re.compile(r"(?<!`)(?P<marks>`{1,3}+)(?P<code>[^`\n]{8,2000})(?P=marks)(?!`)")
_LONG_ENOUGH = 20  # characters of inline code that is no command; shorter ones are names and calls
_HOSTS = frozenset(
    {
        Language.PYTHON,
        Language.JAVASCRIPT,
        Language.TYPESCRIPT,
        Language.RUBY,
        Language.PHP,
        Language.PERL,
        Language.LUA,
        Language.JAVA,
        Language.CSHARP,
        Language.RUST,
        Language.GO,
        Language.APPLESCRIPT,
        Language.VBSCRIPT,
    }
)
_PROGRAM_FLAG = r"-(?:\w{0,3}[ceErR]|-eval|-command|[cC]ommand)(?=[ \t])"
_TEXT = r"(?:\"(?P<double>(?:[^\"\\]|\\.){4,20000}+)\"|\$?'(?P<single>(?:[^']++|'\\'')++)')"
_RUNNER = r"python|pypy|node|deno|bun|ruby|php|perl|pwsh|powershell|osascript|lua|bash|zsh|sh"
_ARGUMENTS = (
    re.compile(
        rf"(?<![\w.-])(?P<name>{_RUNNER})(?:\.exe|[\d.]*+)"
        rf"(?:[ \t]++(?!{_PROGRAM_FLAG})-[\w:=,.-]{{1,60}}+(?:[ \t]++[A-Z]\w{{2,20}}+)?){{0,5}}+"
        rf"[ \t]++(?:{_PROGRAM_FLAG}|eval)[ \t]++{_TEXT}",
        re.DOTALL,
    ),
    re.compile(
        rf"(?<![\w.-])(?P<name>{_RUNNER})[\d.]*+(?:[ \t]++-\w*+){{0,3}}[ \t]*+<<<[ \t]*+{_TEXT}", re.DOTALL
    ),
    re.compile(rf"(?:^|(?<=[;&|({{\n]))[ \t]*+(?P<name>eval)[ \t]++{_TEXT}", re.DOTALL),
    re.compile(
        rf"\b(?:echo|printf)[ \t]++(?:-\w++[ \t]++)?{_TEXT}[ \t]*+\|[ \t]*+(?:sudo[ \t]++)?(?P<name>{_RUNNER})\b[\d.]*+"
        r"(?![ \t]++[^\s|;&-])",
        re.DOTALL,
    ),
)
_MIN_ARGUMENT = 4  # characters of a program


def in_code(source: Source) -> Iterator[Source]:
    """Yields the literal commands that code hands to a shell, each as a shell source."""
    if source.language not in _HOSTS:
        return
    for match in _CALL.finditer(source.text):
        group = next(name for name in ("double", "single", "tick") if match[name])
        text = unescaped(match[group])
        line = source.local_line_at(match.start(group))
        # A line end that is written as an escape begins no line of the file.
        is_written_out = text.count("\n") > match[group].count("\n")
        yield source.within(
            line, Language.SHELL, text, f"command in {source.language}", is_decoded=is_written_out
        )


def in_arguments(source: Source) -> Iterator[Source]:
    """Yields the programs that a shell text hands to interpreters as arguments."""
    for pattern in _ARGUMENTS:
        for match in pattern.finditer(source.text):
            yield from _argument(source, match)


def _argument(source: Source, match: re.Match[str]) -> Iterator[Source]:
    group = "double" if match["double"] is not None else "single"
    if group == "double":
        text = re.sub(r'\\([\\"$`])', r"\1", match["double"])
    else:
        text = match["single"].replace("'\\''", "'")
    lead = len(text) - len(text.lstrip("\n"))
    line = source.local_line_at(match.start(group)) + lead
    language = BY_INTERPRETER.get(match["name"], Language.SHELL)
    if len(text.strip()) >= _MIN_ARGUMENT:
        yield source.within(line, language, text[lead:], f"argument for {language}")


def in_prose(source: Source, prose: str) -> Iterator[Source]:
    """Yields inline code that looks like a command or a statement, each as a source of its language.

    Args:
        source: the Markdown.
        prose: its text with the same lines, without its blocks.
    """
    for number, line in enumerate(prose.split("\n"), start=1):
        if "`" not in line:
            continue
        for match in _INLINE.finditer(line):
            code = match["code"].strip()
            language = languages.sniffed(normalized.normalized(code))
            if language is Language.SHELL or (language.is_code and len(code) >= _LONG_ENOUGH):
                yield source.within(number, language, code, "inline code")
