"""Modules and functions of Python and JavaScript under their own names, whatever a text calls them.

``import os as q; q.system(x)`` reads ``os.system(x)``, and so do ``from os import system as s``,
``vars(os)["system"]`` and ``(0, eval)``. Facts are patterns over text, and names are theirs to choose.
"""

from __future__ import annotations

import re

from tank_core.analysis.source import Language

_PYTHON_IMPORT = re.compile(r"(?m)^(?P<head>[ \t]*+import[ \t]++)(?P<names>[^\n#;()\\]{1,400})")
_PYTHON_FROM = re.compile(
    r"(?m)^[ \t]*+from[ \t]++(?P<module>[A-Za-z_][\w.]*+)[ \t]++import[ \t]++\(?(?P<names>[^\n#;()]{1,400})"
)
_AS = re.compile(r"(?P<name>[A-Za-z_][\w.]*+)(?:\s++as\s++(?P<own>[A-Za-z_]\w*+))?")
# Functions that are as good as their module's name.
_TELLING = frozenset(
    {
        "os",
        "subprocess",
        "socket",
        "requests",
        "httpx",
        "urllib.request",
        "shutil",
        "base64",
        "pty",
        "ctypes",
        "zlib",
    }
)
_REQUIRED = re.compile(
    r"\b(?:const|let|var)[ \t]++(?:(?P<name>[A-Za-z_$][\w$]*+)|\{(?P<fields>[^{}]{1,400})\})[ \t\n]*+=[ \t\n]*+"
    r"(?:await[ \t]++import|require|(?:global|globalThis|module|process\.mainModule)\.require)\(\s*+"
    r"[\"'`](?:node:)?(?P<module>[\w/@.-]{1,60})[\"'`]\s*+\)"
)
_IMPORTED = re.compile(
    r"\bimport[ \t]++(?:\*[ \t]++as[ \t]++(?P<whole>[\w$]++)|(?P<name>[A-Za-z_$][\w$]*+)|\{(?P<fields>[^{}]{1,400})\})"
    r"[ \t\n]*+from[ \t]*+[\"'](?:node:)?(?P<module>[\w/@.-]{1,60})[\"']"
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_$][\w$]*+)\s*+(?:(?::|\bas\b)\s*+(?P<own>[A-Za-z_$][\w$]*+))?")
_NAMED = re.compile(
    r"(?:\b(?:const|let|var)[ \t]++|^[ \t]*+)(?P<own>[A-Za-z_$][\w$]{0,60})[ \t]*+=[ \t]*+(?P<what>"
    r"(?:globalThis\.|window\.)?(?:fetch|eval|Function|atob|require|exec|compile|__import__)"
    r"|(?:child_process|fs|https?|net|os|subprocess|socket|shutil|base64|requests|urllib\.request|marshal|pickle|"
    r"ctypes|httpx)\.\w+(?:\.\w+)?)[ \t]*+;?[ \t]*+$",
    re.MULTILINE,
)
_COMMA = re.compile(r"\(\s*+0\s*+,\s*+(?P<name>[A-Za-z_$][\w$.]*+)\s*+\)(?=\s*+\()")
_REFLECTED = re.compile(
    r"\bReflect\.(?:get\(\s*+(?P<of>[\w$.]++)\s*+,\s*+[\"'](?P<name>[A-Za-z_$][\w$]*+)[\"']\s*+\)"
    r"|(?:apply|construct)\(\s*+(?P<called>[A-Za-z_$][\w$.]*+)\s*+,)"
)
_GLOBAL = re.compile(
    r"(?<![\w$.])(?:globalThis|window|self|global)\.(?=(?:eval|fetch|Function|atob|require|process)\b)"
)
_IN_DICTIONARY = re.compile(
    r"(?:\bvars\(\s*+(?P<of>[A-Za-z_][\w.]*+)\s*+\)|(?<![\w.])(?P<with>[A-Za-z_][\w.]*?)\.__dict__)"
    r"(?:\[\s*+[\"'](?P<name>\w++)[\"']\s*+\]|\.get\(\s*+[\"'](?P<got>\w++)[\"']\s*+\))"
)
_BY_METHOD = re.compile(
    r"(?<![\w.])(?P<of>[A-Za-z_][\w.]*?)\.__getattribute__\(\s*+[\"'](?P<name>\w++)[\"']\s*+\)"
)
_SCRIPTS = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT})
_MAX_NAMES = 100


def under_own_names(text: str, language: Language) -> str:
    """Returns code in which what is imported or named otherwise is called by its own name; line for line."""
    if language is Language.PYTHON:
        text = _IN_DICTIONARY.sub(lambda m: f"{m['of'] or m['with']}.{m['name'] or m['got']}", text)
        text = _BY_METHOD.sub(r"\g<of>.\g<name>", text)
        return _called(_called(text, _python_names(text)), _other_names(text))
    if language in _SCRIPTS:
        text = _GLOBAL.sub("", _REFLECTED.sub(_reflected, _COMMA.sub(r"\g<name>", text)))
        text = _called(text, _script_names(text))
        return _called(text, _other_names(text))
    return text


def _reflected(match: re.Match[str]) -> str:
    if match["called"]:
        return f"{match['called']}("
    return (
        match["name"]
        if match["of"] in {"globalThis", "window", "self", "global"}
        else f"{match['of']}.{match['name']}"
    )


def _python_names(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in _PYTHON_IMPORT.finditer(text):
        for match in _AS.finditer(statement["names"]):
            if match["own"] and match["own"] != match["name"]:
                found[match["own"]] = match["name"]
    for statement in _PYTHON_FROM.finditer(text):
        module = statement["module"]
        for match in _AS.finditer(statement["names"]):
            own = match["own"] or match["name"]
            if match["own"] or (module in _TELLING and own.islower()):
                found[own] = f"{module}.{match['name']}"
    return found


def _script_names(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pattern in (_REQUIRED, _IMPORTED):
        for match in pattern.finditer(text):
            module = match["module"].removesuffix("/promises")
            if not module.isidentifier():
                continue
            own = match["name"] or match.groupdict().get("whole")
            if own and own != module:
                found[own] = module
            for field in _FIELD.finditer(match["fields"] or ""):
                found[field["own"] or field["name"]] = f"{module}.{field['name']}"
    return found


def _other_names(text: str) -> dict[str, str]:
    return {match["own"]: match["what"] for match in _NAMED.finditer(text) if match["own"] != match["what"]}


def _called(text: str, names: dict[str, str]) -> str:
    """Returns the text with names before a bracket or a point replaced."""
    if not names:
        return text
    wanted = "|".join(map(re.escape, sorted(names)[:_MAX_NAMES]))
    use = re.compile(rf"(?<![\w.$\"'])(?P<name>{wanted})(?=[ \t]*+[.(\[]|[ \t]*+[,)])")
    return "\n".join(
        line if _is_import(line) else use.sub(lambda match: names[match["name"]], line)
        for line in text.split("\n")
    )


def _is_import(line: str) -> bool:
    start = line.lstrip()
    return start.startswith(("import ", "from ")) or "require(" in line
