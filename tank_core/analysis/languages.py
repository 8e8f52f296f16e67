"""Which language a file or a fenced block is written in.

By extension, by shebang and by fence tag; a file whose extension and shebang
disagree is read in both languages, because either may be how it is run.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tank_core.analysis.source import Language

_BY_EXTENSION = {
    ".py": Language.PYTHON,
    ".pyw": Language.PYTHON,
    ".pyi": Language.PYTHON,
    ".sh": Language.SHELL,
    ".bash": Language.SHELL,
    ".zsh": Language.SHELL,
    ".ksh": Language.SHELL,
    ".command": Language.SHELL,
    ".js": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
    ".jsx": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".tsx": Language.TYPESCRIPT,
    ".rb": Language.RUBY,
    ".php": Language.PHP,
    ".ps1": Language.POWERSHELL,
    ".psm1": Language.POWERSHELL,
    ".md": Language.MARKDOWN,
    ".mdx": Language.MARKDOWN,
    ".markdown": Language.MARKDOWN,
    ".json": Language.JSON,
    ".yaml": Language.YAML,
    ".yml": Language.YAML,
}
_BY_TAG = {
    "python": Language.PYTHON,
    "python3": Language.PYTHON,
    "py": Language.PYTHON,
    "bash": Language.SHELL,
    "sh": Language.SHELL,
    "shell": Language.SHELL,
    "zsh": Language.SHELL,
    "console": Language.SHELL,
    "terminal": Language.SHELL,
    "shell-session": Language.SHELL,
    "javascript": Language.JAVASCRIPT,
    "js": Language.JAVASCRIPT,
    "jsx": Language.JAVASCRIPT,
    "node": Language.JAVASCRIPT,
    "typescript": Language.TYPESCRIPT,
    "ts": Language.TYPESCRIPT,
    "tsx": Language.TYPESCRIPT,
    "ruby": Language.RUBY,
    "rb": Language.RUBY,
    "php": Language.PHP,
    "powershell": Language.POWERSHELL,
    "ps1": Language.POWERSHELL,
    "pwsh": Language.POWERSHELL,
    "json": Language.JSON,
    "jsonc": Language.JSON,
    "yaml": Language.YAML,
    "yml": Language.YAML,
    "markdown": Language.MARKDOWN,
    "md": Language.MARKDOWN,
}
_SHEBANG = re.compile(r"#![^\n]{0,200}?\b(python|bash|zsh|ksh|dash|sh|node|deno|bun|ruby|php|pwsh)[\d.]*\b")
_BY_INTERPRETER = {
    "python": Language.PYTHON,
    "node": Language.JAVASCRIPT,
    "deno": Language.TYPESCRIPT,
    "bun": Language.TYPESCRIPT,
    "ruby": Language.RUBY,
    "php": Language.PHP,
    "pwsh": Language.POWERSHELL,
}
_PYTHON_LINE = re.compile(r"^(?:import [\w.]+|from [\w.]+ import |def \w+\(|print\()", re.MULTILINE)
_SHELL_LINE = re.compile(
    r"^[ \t]*+(?:\$ |(?:/usr)?/bin/\w+ |eval |python3? |powershell |sudo "
    r"|curl |wget |bash |sh |echo |export |cd |npm |pip3? |brew |apt(?:-get)? |chmod |git |docker )",
    re.MULTILINE,
)
_JAVASCRIPT_LINE = re.compile(r"^(?:const |let |var |import .* from |function \w+\()", re.MULTILINE)
_POWERSHELL_LINE = re.compile(r"(?i)\b(?:invoke-expression|invoke-webrequest|start-process|iex|iwr)\b")


def languages_of_file(path: str, text: str) -> tuple[Language, ...]:
    """Returns every language a file may be run or read in; at least one."""
    by_name = _BY_EXTENSION.get(PurePosixPath(path).suffix.lower())
    by_shebang = _shebang(text)
    found = tuple(dict.fromkeys(language for language in (by_name, by_shebang) if language))
    return found or (Language.TEXT,)


def language_of_block(tag: str, text: str) -> Language:
    """Returns the language of a fenced block: by its tag, else by what it looks like."""
    return _BY_TAG.get(tag.lower()) or (Language.TEXT if tag else sniffed(text))


def sniffed(text: str) -> Language:
    """Returns the language that a text without a name looks like; ``TEXT`` when in doubt."""
    shebang = _shebang(text)
    if shebang:
        return shebang
    for language, pattern in (
        (Language.PYTHON, _PYTHON_LINE),
        (Language.JAVASCRIPT, _JAVASCRIPT_LINE),
        (Language.POWERSHELL, _POWERSHELL_LINE),
        (Language.SHELL, _SHELL_LINE),
    ):
        if pattern.search(text):
            return language
    return Language.TEXT


def _shebang(text: str) -> Language | None:
    match = _SHEBANG.match(text)
    return _BY_INTERPRETER.get(match.group(1), Language.SHELL) if match else None
