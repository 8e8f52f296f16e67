"""Python written otherwise: names, imports, literals, spacing, wrapping."""

from __future__ import annotations

import ast
import base64
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.scan.evading.transform import Evasion, halves, of_code

Literal = Callable[[str, Random], str]
_MIN = 4  # characters of a literal that is worth hiding


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except SyntaxError:
        return None


def _tokens(code: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(code).readline))


def _spliced(code: str, changes: list[tuple[tuple[int, int], tuple[int, int], str]]) -> str:
    """Returns code with (start, end, text) put in; places are (line, column)."""
    lines = code.split("\n")
    for (row, column), (end_row, end_column), text in sorted(changes, reverse=True):
        tail = lines[end_row - 1][end_column:]
        lines[row - 1 : end_row] = [lines[row - 1][:column] + text + tail]
    return "\n".join(lines)


def _literals(code: str) -> Iterator[tuple[tokenize.TokenInfo, str, tokenize.TokenInfo]]:
    """Yields (token, what it says, token after it) of plain literals; documentation is none."""
    found = [t for t in _tokens(code) if t.type not in {tokenize.NL, tokenize.COMMENT}]
    for before, token, after in zip([found[0], *found], found, [*found[1:], found[-1]], strict=False):
        starts = before.type in {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT} or before is token
        if token.type != tokenize.STRING or starts or tokenize.STRING in {before.type, after.type}:
            continue
        if token.string[0] not in "\"'":
            continue
        value = ast.literal_eval(token.string)
        if len(value) >= _MIN:
            yield token, value, after


def _literal(write: Literal) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        if _parsed(code) is None:
            return None
        changes = []
        for token, value, after in _literals(code):
            text = write(value, random)
            changes.append((token.start, token.end, f"({text})" if after.string in {".", "[", "%"} else text))
        return _spliced(code, changes) if changes else None

    return rewrite


def _names(tree: ast.Module) -> set[str]:
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    made = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    return stored | made


def _renamed(code: str, names: dict[str, str]) -> str:
    found = [t for t in _tokens(code) if t.type != tokenize.NL]
    changes, depth = [], 0
    for before, token, after in zip([found[0], *found], found, [*found[1:], found[-1]], strict=False):
        depth += {"(": 1, ")": -1}.get(token.string, 0)
        is_argument_name = after.string == "=" and depth > 0
        if (
            token.type == tokenize.NAME
            and token.string in names
            and before.string != "."
            and not is_argument_name
        ):
            changes.append((token.start, token.end, names[token.string]))
    return _spliced(code, changes)


def rename(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    if tree is None or not _names(tree):
        return None
    return _renamed(code, {name: f"q{number}x" for number, name in enumerate(sorted(_names(tree)))})


def alias_imports(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    changes, names = [], {}
    for number, node in enumerate(ast.walk(tree) if tree else ()):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                end = (alias.end_lineno or 0, alias.end_col_offset or 0)
                if not alias.asname:
                    changes.append(((alias.lineno, alias.col_offset), end, f"{alias.name} as m{number}"))
                    names[alias.name] = f"m{number}"
    if not changes:
        return None
    plain = _spliced(code, changes)
    out = []
    for line in plain.split("\n"):
        is_import = line.lstrip().startswith(("import ", "from "))
        out.append(line if is_import else _dotted(line, names))
    return "\n".join(out)


def _dotted(line: str, names: dict[str, str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        line = re.sub(rf"(?<![\w.\"'/]){re.escape(name)}(?![\w\"'=])", names[name], line)
    return line


def _module_calls(tree: ast.Module) -> Iterator[tuple[ast.Attribute, str, str]]:
    """Yields (node, module, name) of each ``module.name`` of an imported module."""
    imported = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in imported:
            yield node, ast.unparse(node.value), node.attr


def _place(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def _attributes(write: Callable[[str, str, Random], str]) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        tree = _parsed(code)
        found = list(_module_calls(tree)) if tree else []
        changes = [(*_place(node), write(module, name, random)) for node, module, name in found]
        return _spliced(code, changes) if changes else None

    return rewrite


def from_imports(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    found = list(_module_calls(tree)) if tree else []
    names = {(module, name): f"f{number}" for number, (_, module, name) in enumerate(found)}
    if not found:
        return None
    changed = _spliced(code, [(*_place(node), names[module, name]) for node, module, name in found])
    lines = [f"from {module} import {name} as {own}" for (module, name), own in names.items()]
    return "\n".join([*lines, *(line for line in changed.split("\n") if not line.startswith("import "))])


def dunder_imports(how: str) -> Callable[[str, Random], str | None]:
    def rewrite(code: str, random: Random) -> str | None:
        lines = code.split("\n")
        out = []
        for line in lines:
            words = line.split()
            if len(words) == 2 and words[0] == "import" and "." not in words[1]:
                line = line.replace(f"import {words[1]}", f"{words[1]} = {how.format(words[1])}")
            out.append(line)
        if out == lines:
            return None
        return "\n".join(["import importlib", *out]) if "importlib" in how else "\n".join(out)

    return rewrite


def _concatenated(value: str, random: Random) -> str:
    return " + ".join(repr(part) for part in halves(value, random, 3))


def _joined(value: str, random: Random) -> str:
    return f"''.join([{', '.join(repr(part) for part in halves(value, random, 3))}])"


def _fstring(value: str, random: Random) -> str:
    parts = [part.replace('"', '\\"') for part in halves(value, random, 3)]
    if any(set(part) & set("\\{}'\"\n") for part in parts):
        return repr(value)
    return 'f"' + "".join(f"{{'{part}'}}" for part in parts) + '"'


def _formatted(value: str, random: Random) -> str:
    first, second = halves(value, random)
    return f"'{{}}{{}}'.format({first!r}, {second!r})"


def _percent(value: str, random: Random) -> str:
    first, second = halves(value, random)
    return f"'%s%s' % ({first!r}, {second!r})"


def _decoded(value: str, random: Random) -> str:
    blob = base64.b64encode(value.encode()).decode()
    return f"__import__('base64').b64decode('{blob}').decode()"


def _from_hex(value: str, random: Random) -> str:
    return f"bytes.fromhex('{value.encode().hex()}').decode()"


def _xored(value: str, random: Random) -> str:
    return f"''.join(chr(c ^ 23) for c in {[ord(c) ^ 23 for c in value]})"


def variables(code: str, random: Random) -> str | None:
    return _hoisted(code, lambda number, value: (f"v{number} = {value!r}", f"v{number}"))


def split_variables(code: str, random: Random) -> str | None:
    def write(number: int, value: str) -> tuple[str, str]:
        first, second = halves(value, random)
        return f"a{number} = {first!r}\nb{number} = {second!r}", f"a{number} + b{number}"

    return _hoisted(code, write)


def formatted_variables(code: str, random: Random) -> str | None:
    def write(number: int, value: str) -> tuple[str, str]:
        first, second = halves(value, random)
        return f"a{number} = {first!r}\nb{number} = {second!r}", f'f"{{a{number}}}{{b{number}}}"'

    return _hoisted(code, write)


def in_dictionary(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    values = [value for _, value, _ in _literals(code)] if tree else []
    if not values:
        return None
    table = "CONFIG = {" + ", ".join(f"'k{n}': {value!r}" for n, value in enumerate(values)) + "}"
    return _hoisted(code, lambda number, value: ("", f"CONFIG['k{number}']"), head=table)


def in_class(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    values = [value for _, value, _ in _literals(code)] if tree else []
    if not values:
        return None
    table = "class Config:\n" + "\n".join(f"    k{n} = {value!r}" for n, value in enumerate(values))
    return _hoisted(code, lambda number, value: ("", f"Config.k{number}"), head=table)


def in_list(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    values = [value for _, value, _ in _literals(code)] if tree else []
    if not values:
        return None
    return _hoisted(code, lambda number, value: ("", f"P[{number}]"), head=f"P = {values!r}")


def in_functions(code: str, random: Random) -> str | None:
    return _hoisted(code, lambda number, value: (f"def g{number}():\n    return {value!r}\n", f"g{number}()"))


def default_arguments(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    if tree is None or any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body):
        return None
    values = [value for _, value, _ in _literals(code)]
    if not values:
        return None
    inner = _hoisted(code, lambda number, value: ("", f"p{number}"), head="") or ""
    arguments = ", ".join(f"p{n}={value!r}" for n, value in enumerate(values))
    return (
        f"def main({arguments}):\n" + "\n".join(f"    {line}" for line in inner.split("\n")) + "\n\nmain()\n"
    )


def _hoisted(code: str, write: Callable[[int, str], tuple[str, str]], head: str | None = None) -> str | None:
    if _parsed(code) is None:
        return None
    heads, changes = [head] if head else [], []
    for number, (token, value, after) in enumerate(_literals(code)):
        before, use = write(number, value)
        heads.append(before)
        needs = after.string in {".", "[", "%"} and not use.isidentifier()
        changes.append((token.start, token.end, f"({use})" if needs else use))
    if not changes:
        return None
    return "\n".join([*filter(None, heads), _spliced(code, changes)])


def spaced(code: str, random: Random) -> str | None:
    return _between(code, lambda text: f" {text} ")


def commented(code: str, random: Random) -> str | None:
    """Comments after each opening bracket."""
    changes = [
        (token.end, token.end, "  # next\n    ")
        for token in (_tokens(code) if _parsed(code) else ())
        if token.type == tokenize.OP and token.string in "(["
    ]
    return _spliced(code, changes) if changes else None


def continued(code: str, random: Random) -> str | None:
    return _between(code, lambda text: f" \\\n    {text}" if text in ".(" else text)


def _between(code: str, write: Callable[[str], str]) -> str | None:
    changes = [
        (token.start, token.end, write(token.string))
        for token in (_tokens(code) if _parsed(code) else ())
        if token.type == tokenize.OP and token.string in {".", "(", ")", ",", "="}
    ]
    return _spliced(code, changes) if changes else None


def one_line(code: str, random: Random) -> str | None:
    tree = _parsed(code)
    if tree is None or any(hasattr(node, "body") for node in tree.body):
        return None
    return "; ".join(ast.unparse(node) for node in tree.body) + "\n"


def in_function(code: str, random: Random) -> str | None:
    if _parsed(code) is None or "from __future__" in code or '"""' in code:
        return None
    return "def main():\n" + "\n".join(f"    {line}" for line in code.split("\n")) + "\n\n\nmain()\n"


def in_thread(code: str, random: Random) -> str | None:
    inner = in_function(code, random)
    if inner is None:
        return None
    return "import threading\n\n" + inner.replace(
        "\n\n\nmain()\n", "\n\n\nthreading.Thread(target=main).start()\n"
    )


EVASIONS: tuple[Evasion, ...] = tuple(
    of_code(f"python: {name}", "python", rewrite)
    for name, rewrite in {
        "names": rename,
        "import as": alias_imports,
        "from import as": from_imports,
        "getattr": _attributes(lambda module, name, random: f"getattr({module}, '{name}')"),
        "getattr of a sum": _attributes(
            lambda module, name, random: f"getattr({module}, {_concatenated(name, random)})"
        ),
        "__dict__": _attributes(lambda module, name, random: f"{module}.__dict__['{name}']"),
        "vars": _attributes(lambda module, name, random: f"vars({module})['{name}']"),
        "__import__": dunder_imports('__import__("{}")'),
        "import_module": dunder_imports('importlib.import_module("{}")'),
        "sum": _literal(_concatenated),
        "join": _literal(_joined),
        "f-string": _literal(_fstring),
        "format": _literal(_formatted),
        "percent": _literal(_percent),
        "reversed": _literal(lambda value, random: f"{value[::-1]!r}[::-1]"),
        "hex escapes": _literal(lambda value, random: "'" + "".join(f"\\x{ord(c):02x}" for c in value) + "'"),
        "unicode escapes": _literal(
            lambda value, random: "'" + "".join(f"\\u{ord(c):04x}" for c in value) + "'"
        ),
        "chr": _literal(lambda value, random: " + ".join(f"chr({ord(c)})" for c in value)),
        "codes": _literal(lambda value, random: f"''.join(map(chr, {[ord(c) for c in value]}))"),
        "codes in a loop": _literal(
            lambda value, random: f"''.join(chr(c) for c in {[ord(c) for c in value]})"
        ),
        "bytes": _literal(lambda value, random: f"bytes({list(value.encode())}).decode()"),
        "base64 literals": _literal(_decoded),
        "hex literals": _literal(_from_hex),
        "xor literals": _literal(_xored),
        "variables": variables,
        "two variables": split_variables,
        "variables in f-string": formatted_variables,
        "dictionary": in_dictionary,
        "class attributes": in_class,
        "list": in_list,
        "functions": in_functions,
        "default arguments": default_arguments,
        "spaces": spaced,
        "comments": commented,
        "continued lines": continued,
        "one line": one_line,
        "in a function": in_function,
        "in a thread": in_thread,
    }.items()
)
