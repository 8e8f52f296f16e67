"""Which language a file or a block is written in.

By extension, file name, shebang and fence tag, and by looking at the text. A file is
read in every language that it may be run in: where its name and its shebang disagree,
and where a name promises no code and the text looks like some.
"""

from __future__ import annotations

import re

from tank_core.analysis.language_names import BY_EXTENSION, BY_FILE_NAME, BY_INTERPRETER, BY_TAG
from tank_core.analysis.source import Language

_SHEBANG = re.compile(
    r"#![^\n]{0,200}?\b(python|pypy|bash|zsh|ksh|dash|ash|fish|sh|nodejs|node|deno|bun|ruby|php|pwsh"
    r"|powershell|perl"
    r"|luajit|lua|osascript|make|uv|ts-node|tsx)[\d.]*\b"
)
_PYTHON_LINE = re.compile(
    r"^[ \t]*+(?:import [\w.]+(?:[ \t]*+(?:,|as\b|;)|[ \t]*+$)|from [\w.]+ import |(?:async )?def \w+\("
    r"|print\((?![^\n]*;[ \t]*+$)|class \w+[(:]"
    r"|(?:exec|eval)\((?![^\n]*;[ \t]*+$)|(?:\w+ = )?(?:getattr\()?__import__\(|os\.system\("
    r"|subprocess\.\w+\(|if __name__ ==)",
    re.MULTILINE,
)
_SHELL_LINE = re.compile(
    r"^[ \t]*+(?:\$ |% )?(?:(?:/usr)?/bin/\w+ |eval |python3? |powershell |sudo "
    r"|curl |wget |bash |sh |zsh |echo |export |cd |npm |npx |pnpm |yarn |uvx? |pip3? |brew "
    r"|apt(?:-get)? |chmod |git |docker "
    r"|source [~./$]|nc |ncat |scp |ssh |rsync |crontab |launchctl |systemctl |osascript |base64 "
    r"|openssl |xattr |open -"
    r"|node [\w./-]+\.[cm]?js|perl -|ruby -|rm -|mkdir |cat [~./<]|tar -?[xc]|unzip |set -[eux]|if \["
    r"|while (?:\[|:|true|read)"
    r"|pg_dump |mysqldump |mongodump |psql |find [~./$\"]|security |defaults |killall |dd |printenv|aws |gcloud "
    r"|kubectl "
    r"|ssh-\w+ |pbpaste|socat |mkfifo |\./[\w./-]+ -|terraform |sqlite3 "
    r"|for \w+ in |nohup |kill -|cp -|mv -)",
    re.MULTILINE,
)
_JAVASCRIPT_LINE = re.compile(
    r"^[ \t]*+(?:(?:const|let|var) [\w${},\[\] ]{1,80}=|import .{1,200} from ['\"]"
    r"|(?:async )?function \w*\(|module\.exports\b"
    r"|require\(|console\.log\(|fetch\(|export (?:default|const|function|async) )",
    re.MULTILINE,
)
_RUBY_LINE = re.compile(r"^[ \t]*+(?:require ['\"]|puts |module [A-Z]\w*$|def \w+[?!]?$)", re.MULTILINE)
_PHP_LINE = re.compile(r"<\?(?:php|=)")
_PERL_LINE = re.compile(
    r"^[ \t]*+(?:use strict;|use warnings;|my [$@%]\w+ ?=|use [A-Z][\w:]+(?: [^;\n]{1,80})?;)", re.MULTILINE
)
_GO_LINE = re.compile(r"^(?:package \w+$|func (?:\(\w+ \*?\w+\) )?\w+\()", re.MULTILINE)
_BATCH_LINE = re.compile(
    r"(?i)^[ \t]*+(?:@echo off|set [/\w]+=|setlocal|goto \w+$|certutil |bitsadmin )", re.MULTILINE
)
_POWERSHELL_LINE = re.compile(
    r"(?i)\b(?:invoke-expression|invoke-webrequest|invoke-restmethod|start-process|new-object"
    r"|set-executionpolicy"
    r"|iex|iwr|irm)\b|^[ \t]*+(?-i:(?:Set|Get|Add|New|Remove|Start|Stop|Invoke|Register|Unregister|Import|Out|Write|"
    r"Disable|Enable|Copy|Move|Clear|Test)-[A-Z][A-Za-z]{2,})\b|^[ \t]*+(?:\$\w+ = |param\()",
    re.MULTILINE,
)
_SNIFFERS = (
    (Language.PHP, _PHP_LINE),
    (Language.PERL, _PERL_LINE),
    (Language.GO, _GO_LINE),
    (Language.PYTHON, _PYTHON_LINE),
    (Language.JAVASCRIPT, _JAVASCRIPT_LINE),
    (Language.RUBY, _RUBY_LINE),
    (Language.POWERSHELL, _POWERSHELL_LINE),
    (Language.BATCH, _BATCH_LINE),
    (Language.SHELL, _SHELL_LINE),
)
# Lines of any program that prose does not have: statements, assignments, calls, comments, brackets.
_PROGRAM_LINE = re.compile(
    r"^[ \t]*+(?:(?:if|elif|else|for|while|try|except|catch|with|return|raise|throw|local|my|def|class"
    r"|function|yield|await)\b"
    r"[^\n]{0,300}?[:;(){}\[\]]$|(?:then|fi|do|done|esac|end|else|return|break|continue|pass)$"
    r"|[$@%]?[A-Za-z_][\w.\[\]'\"$]{0,80}+[ \t]?[-+|:.]?=(?![=>])|[$@]?[A-Za-z_][\w.:]{0,80}+\(|#|//|/\*"
    r"|\*|[)}\]]++[;,]?$"
    r"|['\"][^'\"\n]{0,200}+['\"][,)\]]*$)",
    re.MULTILINE,
)
# A YARA rule: what it looks for stands in it as strings, and no interpreter runs it.
_SIGNATURE = re.compile(
    r"^(?:(?:private|global) )*rule \w+[^{}\n]{0,200}\n?\{\n(?:(?!\})[^\n]{0,4000}\n)*?[ \t]*strings:"
    r"(?:(?!\})[^\n]{0,4000}\n)*?[ \t]*condition:(?:(?!\})[^\n]{0,4000}\n)*?\}$",
    re.MULTILINE,
)
_DATA = frozenset({Language.TEXT, Language.MARKDOWN, Language.INI, Language.XML})
_SAMPLE = 64 << 10  # characters; a language shows itself early or not at all
_MANY_LINES = 4  # a text of so many lines needs two that are the language's own
_MIN_SHARE = 0.6  # of all lines that are not blank
_PROSE_FILES = re.compile(
    r"(?i)(?:^|[._-])(?:rules|prompt|instructions|readme|license|notice|authors)(?:[._-]|$)"
)
_INI_FILES = re.compile(
    r"(?i)^\.env(?:[._-].*)?$|^requirements[\w.-]*\.(?:txt|in)$|^constraints[\w.-]*\.txt$"
)
_FENCE_WORD = re.compile(r"(?:language-|lang-)?([A-Za-z][\w#+-]*)")


def languages_of_file(path: str, text: str) -> tuple[Language, ...]:
    """Returns every language a file may be run or read in; at least one, its name's first."""
    by_name = language_of_name(path)
    by_shebang = _shebang(text)
    found = [language for language in (by_name, by_shebang) if language]
    if not by_shebang and (not by_name or by_name in _DATA):
        by_look = _code_of(text)
        if by_look:
            found = [*(_document_of(path) if by_name in {None, Language.MARKDOWN} else found), by_look]
        elif not found:
            found = [Language.MARKDOWN if _PROSE_FILES.search(path.rpartition("/")[2]) else _data_of(text)]
    return tuple(dict.fromkeys(found)) or (Language.TEXT,)


def _document_of(path: str) -> list[Language]:
    """Returns how a text that is a program is read besides: as Markdown only where its name says so."""
    is_markdown = path.lower().endswith((".md", ".mdx", ".markdown"))
    return [Language.MARKDOWN if is_markdown else Language.TEXT]


def language_of_name(path: str) -> Language | None:
    """Returns the language that a file's name promises; None when it promises none."""
    name = path.rpartition("/")[2].lower()
    if _INI_FILES.match(name):
        return Language.INI
    stem, dot, suffix = name.rpartition(".")
    by_name = BY_FILE_NAME.get(name) or (BY_EXTENSION.get(f".{suffix}") if stem or dot else None)
    # Dockerfile.dev, Makefile.am
    return by_name or BY_FILE_NAME.get(name.partition(".")[0] or name)


def language_of_block(tag: str, text: str) -> Language:
    """Returns the language of a fenced block: by its info string, else by what it looks like."""
    word = _FENCE_WORD.match(tag)
    by_tag = BY_TAG.get(tag.lower()) or (BY_TAG.get(word[1].lower()) if word else None)
    return by_tag or sniffed(text)


def sniffed(text: str) -> Language:
    """Returns the language that a text without a name looks like; ``TEXT`` when in doubt."""
    shebang = _shebang(text)
    if shebang:
        return shebang
    for language, pattern in _SNIFFERS:
        if pattern.search(text):
            return language
    return Language.TEXT


def _code_of(text: str) -> Language | None:
    """Returns the language of a text that is code throughout, unlike a text with code in it."""
    sample = _SIGNATURE.sub("", text[:_SAMPLE])
    if "```" in sample:
        return None
    if sample.lstrip().startswith("<?php"):
        return Language.PHP
    lines = [line for line in sample.split("\n") if line.strip()]
    for language, pattern in _SNIFFERS:
        found = sum(1 for line in lines if pattern.search(line))
        if found < (1 if len(lines) < _MANY_LINES else 2):
            continue
        program = sum(1 for line in lines if pattern.search(line) or _PROGRAM_LINE.match(line))
        if program >= len(lines) * _MIN_SHARE:
            return language
    return None


def _data_of(text: str) -> Language:
    """Returns the data format that a text without a name begins like."""
    head = text[:2000].lstrip()
    if head.startswith(("{", "[{", "[\n")):
        return Language.JSON
    if head[:100].lower().startswith(("<!doctype html", "<html", "<svg", "<script")):
        return Language.HTML
    if head.startswith("<?xml"):
        return Language.HTML if "<svg" in head else Language.XML
    if head.startswith(("---\n", "# ")) or "```" in text:
        return Language.MARKDOWN
    return Language.TEXT


def _shebang(text: str) -> Language | None:
    match = _SHEBANG.match(text)
    return BY_INTERPRETER.get(match.group(1), Language.SHELL) if match else None
