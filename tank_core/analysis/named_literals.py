"""Literals that a text keeps in a table, a list, a class or a function, put in where they are used.

``C = {"host": "a.invalid"}; C["host"]`` reads ``"a.invalid"``, and so do ``P[0]``, ``Config.host`` and
``host()``. Only tables of literals that are made once.
"""

from __future__ import annotations

import re

from tank_core.analysis.source import Language

_LITERAL = r"(?:\"(?:[^\"\\\n]++|\\.)*+\"|'(?:[^'\\\n]++|\\.)*+')"
_KEY = r"(?:[\"'](?P<quoted>[\w-]++)[\"']|(?P<bare>[A-Za-z_$][\w$]*+))"
_TABLE = re.compile(
    r"(?<![\w$.])(?P<name>[$@]?[A-Za-z_][\w$]{0,60})[ \t]*+=[ \t]*+"
    r"(?:@?\{(?P<body>[^{}]{4,8000}+)\}|\bdict\((?P<arguments>[^{}()]{4,8000}+)\))"
)
_PAIR = re.compile(rf"{_KEY}\s*+(?:=>|[:=])\s*+(?P<value>{_LITERAL})")
_LIST = re.compile(
    r"(?<![\w$.])(?P<name>[$@]?[A-Za-z_][\w$]{0,60})[ \t]*+=[ \t]*+[\[(]"
    rf"(?P<body>(?:\s*+{_LITERAL}\s*+,?)++)\s*+[\])]"
)
_CLASS = re.compile(
    r"(?m)^[ \t]*+class[ \t]++(?P<name>[A-Za-z_]\w*+)[^\n]{0,80}\n(?P<body>(?:[ \t]++[^\n]*+\n|[ \t]*+\n){1,200}+)"
)
_ATTRIBUTE = re.compile(
    r"(?m)^[ \t]++(?:static[ \t]++)?(?P<key>[A-Za-z_]\w*+)[ \t]*+(?::[ \t]*+\w++[ \t]*+)?=[ \t]*+"
    rf"(?P<value>{_LITERAL})[ \t]*+;?[ \t]*+$"
)
_FUNCTION = re.compile(
    rf"\bdef[ \t]++(?P<def>\w++)\(\s*+\)[^\n:]{{0,40}}:\s*+return[ \t]++(?P<a>{_LITERAL})[ \t]*+(?=\n|$)"
    rf"|\bfunction[ \t]++(?P<function>[\w$]++)\(\s*+\)\s*+\{{\s*+return[ \t]++(?P<b>{_LITERAL})\s*+;?\s*+\}}"
    rf"|\b(?:const|let|var)[ \t]++(?P<arrow>[\w$]++)[ \t]*+=[ \t]*+(?:\(\s*+\)|_)[ \t]*+=>[ \t]*+(?P<c>{_LITERAL})"
)
_LANGUAGES = frozenset(
    {
        Language.PYTHON,
        Language.JAVASCRIPT,
        Language.TYPESCRIPT,
        Language.RUBY,
        Language.PHP,
        Language.POWERSHELL,
    }
)
_MAX_TABLES = 60


def put_in(text: str, language: Language) -> str:
    """Returns code with the uses of kept literals as those literals; line for line."""
    if language not in _LANGUAGES:
        return text
    tables = _tables(text)
    if not tables:
        return text
    names = "|".join(map(re.escape, sorted(tables)[:_MAX_TABLES]))
    use = re.compile(
        rf"(?<![\w$.])(?P<name>{names})"
        r"(?:\[\s*+(?:[\"'](?P<quoted>[\w-]++)[\"']|:(?P<symbol>\w++)|(?P<index>\d{1,3}))\s*+\]"
        r"|\.get\(\s*+[\"'](?P<got>[\w-]++)[\"']\s*+\)|\.(?P<member>[A-Za-z_$][\w$]*+)"
        r"|(?P<call>\(\s*+\)))(?![ \t]*+=[^=])"
    )

    def value(match: re.Match[str]) -> str:
        key = match["quoted"] or match["symbol"] or match["index"] or match["got"] or match["member"] or "()"
        before = text[max(0, match.start() - 12) : match.start()].rstrip()
        if before.endswith(("def", "function")):
            return match.group()
        return tables[match["name"]].get(key, match.group())

    return use.sub(value, text)


def _tables(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for match in _TABLE.finditer(text) if "{" in text or "dict(" in text else ():
        pairs = {
            pair["quoted"] or pair["bare"]: pair["value"]
            for pair in _PAIR.finditer(match["body"] or match["arguments"])
        }
        found[match["name"]] = pairs if match["name"] not in found else {}
    for match in _LIST.finditer(text):
        values = re.findall(_LITERAL, match["body"])
        found[match["name"]] = (
            {str(number): value for number, value in enumerate(values)} if match["name"] not in found else {}
        )
    for match in _CLASS.finditer(text) if "class" in text else ():
        found[match["name"]] = {one["key"]: one["value"] for one in _ATTRIBUTE.finditer(match["body"])}
    for match in _FUNCTION.finditer(text):
        name = match["def"] or match["function"] or match["arrow"]
        found[name] = {"()": match["a"] or match["b"] or match["c"]}
    return {name: table for name, table in found.items() if table}
