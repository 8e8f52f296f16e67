"""What an expression of a Python file evaluates to: constants propagated, everything else a hole."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from tank_core.analysis.observers.python_code import PythonFile, argument, name_of, parsed
from tank_core.analysis.observers.values import (
    HOLE,
    MAX_ALTERNATIVES,
    UNKNOWN,
    Values,
    bounded,
    joined,
    path_joined,
    resolved,
)
from tank_core.analysis.observers.view import View

_MAX_DEPTH = 24
_MAX_STEPS = 12_000  # expressions evaluated for one file
_FIELD = re.compile(r"\{[^{}]{0,80}\}")
_PERCENT = re.compile(r"%(?:\(\w{1,40}\))?[-+ #0]{0,3}\d{0,4}(?:\.\d{1,3})?[sdrif]")
_SAME_TEXT = frozenset(
    {
        "strip",
        "lower",
        "encode",
        "decode",
        "expanduser",
        "values",
        "items",
        "keys",
        "resolve",
        "absolute",
        "as_posix",
        "copy",
    }
)
_WRAPPERS = frozenset(
    {
        "str",
        "int",
        "Path",
        "pathlib.Path",
        "pathlib.PurePath",
        "os.fspath",
        "os.path.abspath",
        "os.path.realpath",
    }
    | {
        "os.path.expanduser",
        "os.path.expandvars",
        "httpx.URL",
        "yarl.URL",
        "list",
        "tuple",
        "urllib.request.Request",
    }
)
_ENVIRONMENT = frozenset(
    {"os.environ.get", "os.getenv", "environ.get", "getenv", "os.environ.pop", "os.environ.setdefault"}
)


class Evaluator:
    """Evaluates the expressions of one file.

    Args:
        file: the parsed file.
        view: the package around it.
        path: the file's path.
    """

    def __init__(self, file: PythonFile, view: View, path: str) -> None:
        self.file = file
        self._view = view
        self._path = path
        self._known: dict[int, Values] = {}
        self._open: set[int] = set()
        self._steps = 0

    def values(self, node: ast.expr | None, depth: int = 0) -> Values:
        """Returns what an expression may evaluate to; a hole where nothing is known."""
        if node is None or depth > _MAX_DEPTH or self._steps > _MAX_STEPS or id(node) in self._open:
            return UNKNOWN
        known = self._known.get(id(node))
        if known is not None:
            return known
        self._steps += 1
        self._open.add(id(node))
        found = self._evaluate(node, depth + 1)
        self._open.discard(id(node))
        self._known[id(node)] = found
        return found

    def _evaluate(self, node: ast.expr, depth: int) -> Values:
        match node:
            case ast.Constant(value=value):
                found = _constant(value)
            case ast.JoinedStr(values=parts):
                found = joined(self.values(part, depth) for part in parts[:40])
            case ast.FormattedValue(value=inner) | ast.Await(value=inner) | ast.NamedExpr(value=inner):
                found = self.values(inner, depth)
            case ast.BinOp():
                found = self._operation(node, depth)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found = self._name(name, depth)
            case ast.Subscript():
                found = self._subscript(node, depth)
            case ast.Call():
                found = self._call(node, depth)
            case _:
                found = self._any(_alternatives(node), depth)
        return found

    def _any(self, nodes: Sequence[ast.expr], depth: int) -> Values:
        known = (text for node in nodes[:40] for text in self.values(node, depth))
        return bounded(islice(known, 4 * MAX_ALTERNATIVES))

    def _name(self, name: str, depth: int) -> Values:
        bound = self.file.bindings.get(name)
        if bound:
            return self._any(bound[:16], depth)
        return self._view.constant(name, self._path)

    def _operation(self, node: ast.BinOp, depth: int) -> Values:
        if isinstance(node.op, ast.Mod):
            return self._percent(node, depth)
        operator, parts, left = type(node.op), [node.right], node.left
        while isinstance(left, ast.BinOp) and isinstance(left.op, operator) and len(parts) < 60:
            parts.append(left.right)
            left = left.left
        parts.append(left)
        values = [self.values(part, depth) for part in reversed(parts)]
        if operator is ast.Add:
            return joined(values)
        return path_joined(values) if operator is ast.Div else UNKNOWN

    def _percent(self, node: ast.BinOp, depth: int) -> Values:
        arguments = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return self._filled(
            self.values(node.left, depth), _PERCENT, [self.values(a, depth) for a in arguments[:12]]
        )

    def _filled(self, templates: Values, field: re.Pattern[str], values: list[Values]) -> Values:
        found: list[str] = []
        for template in templates:
            pieces, rest = field.split(template)[:20], iter(values)
            parts: list[Values] = [(pieces[0],)]
            for piece in pieces[1:]:
                parts += [next(rest, UNKNOWN), (piece,)]
            found += joined(parts)
        return bounded(found)

    def _subscript(self, node: ast.Subscript, depth: int) -> Values:
        if not (isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)):
            return self.values(node.value, depth)
        return self._entry(node.value, node.slice.value, depth)

    def _entry(self, container: ast.expr, key: str, depth: int) -> Values:
        """Returns the entry of a dictionary, of the environment, or of a configuration file."""
        found = [
            value
            for bound in [container, *self.file.bindings.get(name_of(container), [])[:8]]
            if isinstance(bound, ast.Dict)
            for name, value in zip(bound.keys, bound.values, strict=True)
            if isinstance(name, ast.Constant) and name.value == key
        ]
        return self._any(found, depth) if found else self._view.constant(key, self._path)

    def _call(self, node: ast.Call, depth: int) -> Values:
        name = self.file.dotted(node.func)
        own = self.file.returns.get(name_of(node.func))
        if name in _ENVIRONMENT:
            return self._environment(node, depth)
        if name.endswith("Path.home"):
            return ("~",)
        if name.endswith("urljoin"):
            return resolved(self.values(argument(node, 0), depth), self.values(argument(node, 1), depth))
        parts = self._path_parts(name, node)
        if parts:
            return path_joined(self.values(part, depth) for part in parts[:20])
        if own:
            return self._any(own[:8], depth)
        return self._method(node, node.func, depth) if isinstance(node.func, ast.Attribute) else UNKNOWN

    def _path_parts(self, name: str, node: ast.Call) -> list[ast.expr]:
        """Returns the segments that a call joins to a path; none for other calls."""
        if name.endswith("path.join"):
            return node.args
        if name.endswith(".joinpath") and isinstance(node.func, ast.Attribute):
            return [node.func.value, *node.args]
        return [*node.args, *(given.value for given in node.keywords[:1])] if name in _WRAPPERS else []

    def _environment(self, node: ast.Call, depth: int) -> Values:
        named = self.values(argument(node, 0, "key"), depth)
        default = argument(node, 1, "default")
        found = [text for name in named for text in self._view.constant(name, self._path) if text != HOLE]
        found += ["~"] if "HOME" in named else []
        return bounded([*found, *(self.values(default, depth) if default else ())])

    def _method(self, node: ast.Call, function: ast.Attribute, depth: int) -> Values:
        method, receiver = function.attr, function.value
        if method in _SAME_TEXT:
            found = self.values(receiver, depth)
        elif method in {"rstrip", "lstrip", "removesuffix", "removeprefix"}:
            found = self._stripped(method, receiver, node, depth)
        elif method == "format":
            named = [self.values(a, depth) for a in [*node.args, *(k.value for k in node.keywords)][:12]]
            found = self._filled(self.values(receiver, depth), _FIELD, named)
        elif method == "join" and node.args and isinstance(node.args[0], ast.List | ast.Tuple):
            between = self.values(receiver, depth)[0]
            found = joined((self.values(a, depth) for a in node.args[0].elts[:40]), between)
        elif method == "get" and node.args and isinstance(node.args[0], ast.Constant):
            found = self._entry(receiver, str(node.args[0].value), depth)
            default = argument(node, 1)
            found = bounded([*found, *self.values(default, depth)]) if default is not None else found
        else:
            found = UNKNOWN
        return found

    def _stripped(self, method: str, receiver: ast.expr, node: ast.Call, depth: int) -> Values:
        what = self.values(argument(node, 0), depth)[0] if node.args else " \n\t"
        return bounded(str(getattr(text, method)(what)) for text in self.values(receiver, depth))


@lru_cache(maxsize=8)  # the observers of a source share what one of them evaluated
def evaluator_of(text: str, path: str, view: View) -> Evaluator | None:
    """Returns the evaluator of a Python text; None when it does not parse, see ``parsed``."""
    file = parsed(text)
    return None if file is None else Evaluator(file, view, path)


def _alternatives(node: ast.expr) -> Sequence[ast.expr]:
    """Returns the parts of an expression of which it is one, or holds each."""
    match node:
        case ast.IfExp(body=left, orelse=right):
            return (left, right)
        case ast.List(elts=choices) | ast.Tuple(elts=choices) | ast.Set(elts=choices):
            return choices
        case ast.BoolOp(values=choices) | ast.Dict(values=choices):
            return choices
    return ()


def _constant(value: object) -> Values:
    if isinstance(value, str):
        return bounded((value,))
    if isinstance(value, bytes):
        return bounded((value[:600].decode("latin-1"),))
    return (
        (str(value),)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 40
        else UNKNOWN
    )
