"""Python, parsed: what names are bound to, what is called with what, and what expressions evaluate to.

Names are looked up by their last part and without regard to scope: ``self.base_url``
and ``base_url`` are one name. That joins more than Python would, which for observing
is the right side. A file that does not parse, or is too large or too deep, is read as
text instead (``literals``).
"""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_MAX_TEXT = 256 << 10  # characters; the parser needs about a thousand bytes of memory for each ten
_MAX_NODES = 120_000
_NOT_READ = (ast.operator, ast.expr_context, ast.boolop, ast.unaryop, ast.cmpop)


@dataclass(frozen=True, slots=True)
class PythonFile:
    """A parsed file.

    Attributes:
        nodes: every node, outer ones first, each with its line.
        aliases: local name → dotted name that was imported.
        imports: dotted module → the line of its first import.
        bindings: name → expressions that it is bound to.
        returns: function → the expressions that it returns.
        docstrings: ids of constants that stand as statements.
    """

    nodes: tuple[ast.AST, ...]
    aliases: dict[str, str] = field(default_factory=dict)
    imports: dict[str, int] = field(default_factory=dict)
    bindings: dict[str, list[ast.expr]] = field(default_factory=dict)
    returns: dict[str, list[ast.expr]] = field(default_factory=dict)
    docstrings: set[int] = field(default_factory=set)

    def dotted(self, node: ast.expr, depth: int = 0) -> str:
        """Returns the dotted name of an expression, its first part as it was imported; empty for others."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
            if len(parts) > 12:
                return ""
        if isinstance(node, ast.Name):
            parts.append(self.aliases.get(node.id, node.id))
        elif isinstance(node, ast.Call) and depth < 4:
            parts.append(self.dotted(node.func, depth + 1) + "()")
        else:
            parts.append("")
        return ".".join(reversed(parts))

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Yields every call with the dotted name of what is called."""
        for node in self.nodes:
            if isinstance(node, ast.Call):
                yield self.dotted(node.func), node


@lru_cache(maxsize=16)  # each observer of a source asks for the same one
def parsed(text: str) -> PythonFile | None:
    """Returns a parsed Python text; None when it is not Python, too large or nested too deeply."""
    if len(text) > _MAX_TEXT:
        return None
    tree = _tree(text)
    if tree is None:
        return None
    nodes: list[ast.AST] = []
    for node in ast.walk(tree):
        if not isinstance(node, _NOT_READ):
            nodes.append(node)
        if len(nodes) > _MAX_NODES:
            return None
    file = PythonFile(tuple(nodes))
    for node in nodes:
        _note(file, node)
    _bind_arguments(file)
    return file


def _tree(text: str) -> ast.Module | None:
    for attempt in (text, textwrap.dedent(text)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _note(file: PythonFile, node: ast.AST) -> None:
    match node:
        case ast.Import() | ast.ImportFrom():
            _note_import(file, node)
        case ast.Assign():
            for target in node.targets:
                _bind(file, target, node.value)
        case ast.AnnAssign(value=ast.expr() as value) | ast.NamedExpr(value=value):
            _bind(file, node.target, value)
        case ast.AugAssign(op=ast.Add()):
            _bind_more(file, node)
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            _bind(file, node.target, node.iter)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            _note_defaults(file, node.args)
        case ast.Expr(value=ast.Constant() as constant):
            file.docstrings.add(id(constant))
        case ast.Call(func=ast.Attribute(attr="add_argument")):
            _note_option(file, node)
        case ast.withitem(optional_vars=ast.expr() as target):
            _bind(file, target, node.context_expr)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        _note_returns(file, node)


def _note_import(file: PythonFile, node: ast.Import | ast.ImportFrom) -> None:
    module = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    for name in node.names:
        whole = f"{module}.{name.name}" if module else name.name
        local = name.asname or (name.name if module else name.name.partition(".")[0])
        file.aliases[local] = whole if name.asname or module else local
        file.imports.setdefault(module or name.name, node.lineno)
        file.imports.setdefault(whole, node.lineno)


def _bind(file: PythonFile, target: ast.expr, value: ast.expr) -> None:
    name = name_of(target)
    if name:
        file.bindings.setdefault(name, []).append(value)
    elif isinstance(target, ast.Tuple | ast.List):
        values: Iterable[ast.expr] = (
            value.elts
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
            else (value for _ in target.elts)
        )
        for inner, part in zip(target.elts, values, strict=True):
            if name_of(inner):
                _bind(file, inner, part)


def _bind_more(file: PythonFile, node: ast.AugAssign) -> None:
    name = name_of(node.target)
    known = file.bindings.get(name, [])
    if name and known and len(known) < 64:
        joined = ast.BinOp(known[-1], ast.Add(), node.value)
        file.bindings[name] = [*known[:-1], ast.copy_location(joined, node)]


def _note_defaults(file: PythonFile, arguments: ast.arguments) -> None:
    positional = [*arguments.posonlyargs, *arguments.args]
    if arguments.defaults:
        for argument, default in zip(
            positional[-len(arguments.defaults) :], arguments.defaults, strict=False
        ):
            file.bindings.setdefault(argument.arg, []).append(default)
    for argument, maybe in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=False):
        if maybe is not None:
            file.bindings.setdefault(argument.arg, []).append(maybe)


def _note_returns(file: PythonFile, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    for statement in function.body[-40:]:
        if isinstance(statement, ast.Return) and statement.value is not None:
            file.returns.setdefault(function.name, []).append(statement.value)


def _note_option(file: PythonFile, call: ast.Call) -> None:
    default = keyword(call, "default")
    names = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if default is not None and names:
        name = max(names, key=len).lstrip("-").replace("-", "_")
        file.bindings.setdefault(name, []).append(default)


def _bind_arguments(file: PythonFile) -> None:
    """Binds the parameters of the file's own functions to what they are called with."""
    parameters = {
        node.name: [a.arg for a in node.args.args if a.arg not in {"self", "cls"}]
        for node in file.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in file.nodes:
        if isinstance(node, ast.ClassDef):
            inits = [s for s in node.body if isinstance(s, ast.FunctionDef) and s.name == "__init__"]
            for init in inits[:1]:
                parameters[node.name] = [a.arg for a in init.args.args[1:]]
    for node in file.nodes:
        if isinstance(node, ast.Call):
            names = parameters.get(name_of(node.func), [])
            for name, argument in zip(names, node.args, strict=False):
                if not isinstance(argument, ast.Starred):
                    file.bindings.setdefault(name, []).append(argument)
            for given in node.keywords if names else []:
                if given.arg in names:
                    file.bindings.setdefault(given.arg, []).append(given.value)


def name_of(node: ast.expr) -> str:
    """Returns the last part of a name or attribute; empty for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def keyword(call: ast.Call, *names: str) -> ast.expr | None:
    """Returns the value of the first of these keyword arguments that a call has."""
    return next((given.value for given in call.keywords if given.arg in names), None)


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """Returns an argument by its position or by one of its names."""
    by_name = keyword(call, *names)
    if by_name is not None:
        return by_name
    plain = call.args[: position + 1]
    if len(plain) <= position or any(isinstance(item, ast.Starred) for item in plain):
        return None
    return plain[position]
