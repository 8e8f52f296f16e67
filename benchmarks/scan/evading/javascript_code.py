"""JavaScript written otherwise: names, imports, literals, members, spacing, wrapping."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from random import Random

from benchmarks.scan.evading.transform import Evasion, halves, of_code

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<template>`(?:[^`\\]|\\.)*`)|(?P<name>[A-Za-z_$][\w$]*)",
    re.DOTALL,
)
_REQUIRE = re.compile(r"^const (?P<name>\w+) = require\((?P<module>\"[\w:/-]+\")\);$", re.MULTILINE)
_GLOBALS = re.compile(r"(?<![\w.$\"'])(?P<name>fetch|eval|Function|atob)(?=\()|\bnew Function(?=\()")
_MIN = 4


def _literal(write: Callable[[str, Random], str]) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        def put(match: re.Match[str]) -> str:
            text = match["string"]
            is_key = code[match.end() :].lstrip().startswith(":")
            is_import = code[: match.start()].rstrip().endswith(("from", "import"))
            if text is None or len(text) < _MIN + 2 or is_key or is_import:
                return match.group()
            value = text[1:-1].replace("\\n", "\n").replace('\\"', '"')
            written = write(value, random)
            return f"({written})" if code[match.end() : match.end() + 1] == "." else written

        return _TOKEN.sub(put, code)

    return rewrite


def _js(value: str) -> str:
    return json.dumps(value)


def rename(code: str, random: Random) -> str | None:
    made = set(re.findall(r"\b(?:const|let|var|function)\s+([A-Za-z_]\w*)", code))
    shared = set(re.findall(r"[{,]\s*([A-Za-z_]\w*)\s*(?=[,}])", code))
    names = {name: f"q{number}x" for number, name in enumerate(sorted(made - shared))}

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        is_member = code[: match.start()].endswith(".") and not code[: match.start()].endswith("...")
        is_key = bool(re.match(r"\s*:", code[match.end() :])) and "?" not in code
        return match.group() if name is None or is_member or is_key else names.get(name, name)

    return _TOKEN.sub(put, code) if names else None


def require_variable(code: str, random: Random) -> str | None:
    changed = _REQUIRE.sub(lambda m: f"const {m['name']} = load({m['module']});", code)
    return f"const load = require;\n{changed}" if changed != code else None


def require_sum(code: str, random: Random) -> str | None:
    def put(match: re.Match[str]) -> str:
        first, second = halves(match[1], random)
        return f"require({_js(first)} + {_js(second)})"

    return re.sub(r"\brequire\(\"([\w:/-]{2,})\"\)", put, code)


def imports(code: str, random: Random) -> str | None:
    return _REQUIRE.sub(lambda m: f"import * as {m['name']} from {m['module']};", code)


def dynamic_import(code: str, random: Random) -> str | None:
    return _REQUIRE.sub(lambda m: f"const {m['name']} = await import({m['module']});", code)


def node_prefix(code: str, random: Random) -> str | None:
    return re.sub(
        r"(require\(\"|from \")(fs|os|net|http|https|child_process|path|dns)\"", r'\1node:\2"', code
    )


def destructured(code: str, random: Random) -> str | None:
    for match in list(_REQUIRE.finditer(code)):
        name = match["name"]
        members = sorted(set(re.findall(rf"(?<![\w.]){name}\.(\w+)", code)))
        if not members:
            continue
        fields = ", ".join(f"{member}: {name}_{number}" for number, member in enumerate(members))
        code = code.replace(match.group(), f"const {{ {fields} }} = require({match['module']});")
        for number, member in enumerate(members):
            code = re.sub(rf"(?<![\w.]){name}\.{member}\b", f"{name}_{number}", code)
    return code


def computed_members(code: str, random: Random) -> str | None:
    def put(match: re.Match[str]) -> str:
        first, second = halves(match[1], random)
        return f"[{_js(first)} + {_js(second)}]("

    return re.sub(r"(?<=[\w)])\.([A-Za-z]\w{2,})\(", put, code)


def computed_plain(code: str, random: Random) -> str | None:
    return re.sub(r"(?<=[\w)])\.([A-Za-z]\w{2,})\(", r'["\1"](', code)


def by_global(how: str) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        def put(match: re.Match[str]) -> str:
            name = match["name"] or "Function"
            first, second = halves(name, random)
            text = how.format(whole=name, first=first, second=second)
            return text if match["name"] else f"new {text}"

        return _GLOBALS.sub(put, code)

    return rewrite


def aliased_global(code: str, random: Random) -> str | None:
    names = sorted({m["name"] or "Function" for m in _GLOBALS.finditer(code)})
    for number, name in enumerate(names):
        code = re.sub(rf"(?<![\w.$\"']){name}(?=\()", f"w{number}", code)
    return (
        "".join(f"const w{number} = {name};\n" for number, name in enumerate(names)) + code if names else None
    )


def _template(value: str, random: Random) -> str:
    parts = halves(value, random, 3)
    if any(set(part) & set('`\\$\n"') for part in parts):
        return _js(value)
    return "`" + "".join(f"${{'{part}'}}" for part in parts) + "`"


def _plain_template(value: str, random: Random) -> str:
    return _js(value) if set(value) & set("`\\$\n") else f"`{value}`"


def _hoist(
    write: Callable[[int, str, Random], tuple[str, str]], head: Callable[[list[str]], str] | None = None
) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        heads: list[str] = []
        values: list[str] = []

        def put(value: str, random: Random) -> str:
            before, use = write(len(values), value, random)
            heads.append(before)
            values.append(value)
            return use

        changed = _literal(put)(code, random) or code
        if not values:
            return None
        return "\n".join([*([head(values)] if head else []), *filter(None, heads), changed])

    return rewrite


def _two(number: int, value: str, random: Random) -> tuple[str, str]:
    first, second = halves(value, random)
    return f"const a{number} = {_js(first)};\nconst b{number} = {_js(second)};", f"a{number} + b{number}"


def _two_template(number: int, value: str, random: Random) -> tuple[str, str]:
    first, second = halves(value, random)
    return (
        f"const a{number} = {_js(first)};\nconst b{number} = {_js(second)};",
        f"`${{a{number}}}${{b{number}}}`",
    )


def commented(code: str, random: Random) -> str | None:
    return _TOKEN.sub(
        lambda m: f"/* {random.randrange(9)} */{m.group()}/* next */" if m["name"] else m.group(), code
    )


def spaced(code: str, random: Random) -> str | None:
    return _punctuated(code, lambda text: f"\n  {text} ")


def _punctuated(code: str, write: Callable[[str], str]) -> str:
    pattern = re.compile(_TOKEN.pattern + r"|(?P<mark>\?\.|\.(?!\.)(?<!\.\.)|\()", re.DOTALL)
    return pattern.sub(lambda m: write(m["mark"]) if m["mark"] else m.group(), code)


def _wrapped(write: Callable[[bytes], str]) -> Callable[[str, Random], str | None]:
    return lambda code, random: write(code.encode()) + "\n"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


EVASIONS: tuple[Evasion, ...] = tuple(
    of_code(f"javascript: {name}", "javascript", rewrite)
    for name, rewrite in {
        "names": rename,
        "require by another name": require_variable,
        "require of a sum": require_sum,
        "import": imports,
        "import()": dynamic_import,
        "node:": node_prefix,
        "destructured": destructured,
        "member by text": computed_plain,
        "member by sum": computed_members,
        "globalThis": by_global('globalThis["{first}" + "{second}"]'),
        "window": by_global('window["{whole}"]'),
        "Reflect.get": by_global('Reflect.get(globalThis, "{whole}")'),
        "comma": by_global("(0, {whole})"),
        "global by another name": aliased_global,
        "sum": _literal(lambda v, r: " + ".join(_js(part) for part in halves(v, r, 3))),
        "join": _literal(lambda v, r: f"[{', '.join(_js(part) for part in halves(v, r, 3))}].join('')"),
        "concat": _literal(
            lambda v, r: '"".concat(' + ", ".join(_js(part) for part in halves(v, r, 3)) + ")"
        ),
        "template": _literal(_plain_template),
        "template of literals": _literal(_template),
        "reversed": _literal(lambda v, r: f"{_js(v[::-1])}.split('').reverse().join('')"),
        "hex escapes": _literal(lambda v, r: '"' + "".join(f"\\x{ord(c):02x}" for c in v) + '"'),
        "unicode escapes": _literal(lambda v, r: '"' + "".join(f"\\u{ord(c):04x}" for c in v) + '"'),
        "fromCharCode": _literal(lambda v, r: f"String.fromCharCode({', '.join(str(ord(c)) for c in v)})"),
        "codes mapped": _literal(
            lambda v, r: f"{json.dumps([ord(c) for c in v])}.map((c) => String.fromCharCode(c)).join('')"
        ),
        "base64 literals": _literal(lambda v, r: f'atob("{_b64(v.encode())}")'),
        "buffer literals": _literal(lambda v, r: f'Buffer.from("{_b64(v.encode())}", "base64").toString()'),
        "hex literals": _literal(lambda v, r: f'Buffer.from("{v.encode().hex()}", "hex").toString()'),
        "xor literals": _literal(
            lambda v, r: (
                f"{json.dumps([ord(c) ^ 23 for c in v])}.map((c) => String.fromCharCode(c ^ 23)).join('')"
            )
        ),
        "variables": _hoist(lambda n, v, r: (f"const v{n} = {_js(v)};", f"v{n}")),
        "two variables": _hoist(_two),
        "variables in template": _hoist(_two_template),
        "object": _hoist(
            lambda n, v, r: ("", f"C.k{n}"),
            lambda values: "const C = {" + ", ".join(f"k{n}: {_js(v)}" for n, v in enumerate(values)) + "};",
        ),
        "array": _hoist(lambda n, v, r: ("", f"P[{n}]"), lambda values: f"const P = {json.dumps(values)};"),
        "functions": _hoist(lambda n, v, r: (f"const g{n} = () => {_js(v)};", f"g{n}()")),
        "comments": commented,
        "spaces": spaced,
        "eval base64": _wrapped(lambda data: f'eval(Buffer.from("{_b64(data)}", "base64").toString())'),
        "eval atob": _wrapped(lambda data: f'eval(atob("{_b64(data)}"))'),
        "Function of hex": _wrapped(
            lambda data: f'new Function("require", Buffer.from("{data.hex()}", "hex").toString())(require)'
        ),
        "eval percent": _wrapped(
            lambda data: 'eval(decodeURIComponent("' + "".join(f"%{b:02x}" for b in data) + '"))'
        ),
        "eval codes": _wrapped(lambda data: f"eval(String.fromCharCode({', '.join(map(str, data))}))"),
    }.items()
)
