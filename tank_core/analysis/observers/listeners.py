"""Addresses that code and commands listen on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tank_core.analysis.observers.literals import Literals
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.python_code import argument, keyword
from tank_core.analysis.observers.python_values import Evaluator
from tank_core.analysis.observers.shell_values import ShellVariables
from tank_core.analysis.observers.shell_words_seen import inner_commands
from tank_core.analysis.observers.values import Values
from tank_core.analysis.shell_words import Pipeline
from tank_core.analysis.source import Source
from tank_core.permissions import Access

_ALL = "0.0.0.0"  # noqa: S104 - an address that is reported, not bound
_HERE = "127.0.0.1"
# Servers of Python: last part of the name → default address and port.
_SERVERS = {
    "HTTPServer",
    "ThreadingHTTPServer",
    "TCPServer",
    "UDPServer",
    "ThreadingTCPServer",
    "SimpleXMLRPCServer",
}
_RUNNERS = {
    "uvicorn.run": (_HERE, "8000"),
    "run_simple": (_HERE, ""),
    "run_app": (_ALL, "8080"),
    "make_server": (_ALL, ""),
}
_FRAMEWORKS = {
    "flask": "5000",
    "fastmcp": "8000",
    "mcp": "8000",
    "bottle": "8080",
    "sanic": "8000",
    "quart": "5000",
}
_LISTEN = re.compile(
    r"(?:\.listen|ListenAndServe(?:TLS)?|net\.Listen|TCPServer\.(?:new|open)|Bun\.serve|Deno\.serve"
    r"|stream_socket_server"
    r"|\.Run|HttpListener|TcpListener)\s{0,4}\(\s{0,20}"
)
_PORT_OPTION = r" (?:-p|-l|--port|--listen)[ =](\d{1,5})"
_COMMANDS = {"uvicorn": "8000", "hypercorn": "8000", "gunicorn": "8000", "flask": "5000"}
_KEY = re.compile(r"(?<![\w$])[\"']?(?P<key>port|host|hostname)[\"']?\s{0,4}:\s{0,4}(?=[\w\"'`$])")


def of_python(evaluator: Evaluator) -> Iterator[Observation]:
    """Yields each address that a parsed file listens on."""
    for name, call in evaluator.file.calls():
        value = _of_call(name, call, evaluator)
        if value is not None:
            yield Observation(Access.NETWORK_INBOUND, value, call.lineno)


def _of_call(name: str, call: ast.Call, evaluator: Evaluator) -> str | None:
    last = name.rpartition(".")[2]
    given = argument(call, 0, "server_address", "address")
    if last in _SERVERS or last == "bind":
        pair = _tuple(given, evaluator)
        return _address(evaluator.values(pair[0]), evaluator.values(pair[1]), _ALL, "") if pair else None
    host, port = keyword(call, "host", "server_name", "hostname"), keyword(call, "port", "server_port")
    if name in _RUNNERS or last in _RUNNERS:
        default = _RUNNERS.get(name) or _RUNNERS[last]
        if last in {"run_simple", "make_server"}:
            host, port = host or argument(call, 0), port or argument(call, 1)
        return _address(evaluator.values(host), evaluator.values(port), *default, is_given=(host, port))
    if name in {"websockets.serve", "asyncio.start_server", "websockets.asyncio.server.serve"}:
        host, port = argument(call, 1, "host"), argument(call, 2, "port")
        return _address(evaluator.values(host), evaluator.values(port), _ALL, "", is_given=(host, port))
    if last in {"run", "launch", "serve"}:
        return _of_framework(call, host, port, evaluator)
    return None


def _of_framework(
    call: ast.Call, host: ast.expr | None, port: ast.expr | None, evaluator: Evaluator
) -> str | None:
    roots = {module.partition(".")[0] for module in evaluator.file.imports}
    framework = next((root for root in _FRAMEWORKS if root in roots), "")
    transport = keyword(call, "transport")
    is_pipe = framework in {"fastmcp", "mcp"} and (
        transport is None or evaluator.values(transport)[0] == "stdio"
    )
    is_server = isinstance(call.func, ast.Attribute) and evaluator.file.dotted(call.func) not in {
        "subprocess.run",
        "asyncio.run",
        "anyio.run",
    }
    if not is_server or is_pipe or not (host or port or (framework and not call.args)):
        return None
    if not framework and not roots & {
        "gradio",
        "waitress",
        "aiohttp",
        "dash",
        "tornado",
        "streamlit",
        "fastapi",
    }:
        return None
    return _address(
        evaluator.values(host),
        evaluator.values(port),
        _HERE,
        _FRAMEWORKS.get(framework, ""),
        is_given=(host, port),
    )


def _tuple(node: ast.expr | None, evaluator: Evaluator) -> tuple[ast.expr, ast.expr] | None:
    if isinstance(node, ast.Name):
        node = next((v for v in evaluator.file.bindings.get(node.id, []) if isinstance(v, ast.Tuple)), None)
    return (node.elts[0], node.elts[1]) if isinstance(node, ast.Tuple) and len(node.elts) >= 2 else None


def _address(
    hosts: Values,
    ports: Values,
    host: str,
    port: str,
    *,
    is_given: tuple[object, object] = (True, True),
) -> str:
    """Returns the entry below ``network.inbound``; a computed address is any, a computed port is none."""
    address = hosts[0] if is_given[0] is not None else host
    number = next((text for text in ports if text.isdigit()), "") if is_given[1] is not None else port
    if address == "":
        address = _ALL
    elif not re.fullmatch(r"localhost|[0-9.]{7,15}|[0-9a-f:]{2,45}", address):
        address = "*"
    address = f"[{address}]" if ":" in address else address
    return f"{address}:{number}" if number and number != "0" else address


def of_text(source: Source, found: Literals) -> Iterator[Observation]:
    """Yields each address that code read as text listens on."""
    default = "*" if "http" in found.text else ""
    for match in _LISTEN.finditer(found.text):
        value = _listened(match, found, default)
        if value:
            yield Observation(Access.NETWORK_INBOUND, value, source.local_line_at(match.start()))


def _listened(match: re.Match[str], found: Literals, default: str) -> str:
    called, end = match.group(), match.end()
    if found.text.startswith("{", end):
        near = {m["key"]: found.at(m.end()) for m in _KEY.finditer(found.text, end, end + 200)}
        host = next((near[key] for key in ("hostname", "host") if key in near), None)
        return _address(host or ("*",), near.get("port", ("",)), "*", "")
    first, after = found.expression(end)
    if called.startswith(("net.Listen", "stream_socket_server")) and "tcp" in first[0]:
        comma = re.compile(r"\s{0,9},\s{0,9}").match(found.text, after)
        first = found.at(comma.end()) if comma else first
    text = next((t for t in (f for f in first) if re.fullmatch(r"[\w.\[\]:]{0,60}:?\d{1,5}", t)), "")
    if text.isdigit():
        comma = re.compile(r"\s{0,9},\s{0,9}(?=[\"'`])").match(found.text, after)
        return _address(found.at(comma.end()) if comma else ("*",), (text,), "*", "")
    if ":" in text:
        address, _, port = text.rpartition(":")
        return _address((address.strip("[]") or "*",), (port,), "*", "")
    return default if called.startswith(".listen") else ""


def of_shell(found: tuple[Pipeline, ...], variables: ShellVariables) -> Iterator[Observation]:
    """Yields each address that a command listens on."""
    for pipeline in found:
        for command in pipeline.commands:
            for words in inner_commands(command.words):
                expanded = tuple(variables.expanded(word)[0] for word in words)
                value = _of_command(expanded)
                if value:
                    yield Observation(Access.NETWORK_INBOUND, value, pipeline.line)


def _of_command(words: tuple[str, ...]) -> str:
    program, line = words[0].rsplit("/", 1)[-1], " ".join(words[:40])
    host, port, number = "", "", ""
    if re.fullmatch(r"python[\d.]*", program) and re.search(r"-m (?:http\.server|SimpleHTTPServer)\b", line):
        number = _option(line, r"(?:http\.server|SimpleHTTPServer)(?: -\S+ \S+)* (\d{1,5})\b")
        host, port = _ALL, "8000"
    elif program in {"nc", "ncat", "netcat"} and re.search(r" -[a-z]*l", line):
        host, number = _ALL, _option(line, r" (\d{1,5})(?: |$)")
    elif program == "php" and " -S " in line:
        host = _option(line, r" -S ([\w.]{2,60}:\d{1,5})")
    elif re.match(r"(?:npx (?:-y |--yes )?)?(?:http-server|serve)\b", line):
        host, port = _ALL, "8080" if "http-server" in line else "3000"
    elif program in _COMMANDS and (program != "flask" or " run" in line):
        host, port = _HERE, _COMMANDS[program]
    if not host or ":" in host:
        return host
    number = _option(line, _PORT_OPTION) or number or port
    host = _option(line, r"(?:--host|--bind|-b|--address|--server\.address)[ =]([\w.:\[\]]{2,60})") or host
    return f"{host}:{number}" if number and ":" not in host else host


def _option(line: str, pattern: str) -> str:
    match = re.search(pattern, line)
    return match[1] if match else ""
