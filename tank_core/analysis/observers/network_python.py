"""Hosts and listeners of parsed Python: calls that connect, with what their arguments evaluate to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tank_core.analysis.observers import vendors
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.python_code import PythonFile, argument, keyword
from tank_core.analysis.observers.python_values import Evaluator
from tank_core.analysis.observers.values import HOLE, host_of_address, host_of_url, hosts_in
from tank_core.analysis.observers.view import View
from tank_core.analysis.observers.word_lists import listed
from tank_core.permissions import Access

_VERBS = listed("get post put patch delete head options request stream")
_CLIENTS = re.compile(
    r"(?:^|\.)(?:requests|httpx|session|_session|client|_client|http|_http|aiohttp|urllib3|pool|s"
    r"|scraper|cloudscraper)(?:\.|$|\()"
    r"|(?:Session|Client|ClientSession|PoolManager)\(\)",
    re.IGNORECASE,
)
_MODULES = listed(
    "requests httpx aiohttp urllib.request urllib urllib3 http.client httplib2 socket websockets "
    "websocket smtplib ftplib "
    "paramiko telnetlib imaplib poplib pycurl treq feedparser playwright selenium cloudscraper "
    "scrapy webbrowser grpc "
    "redis pymongo psycopg2 psycopg pymysql asyncpg newspaper trafilatura bs4 fsspec requests_html "
    "curl_cffi mcp fastmcp "
    "aiofiles.http asyncssh pysftp socketio zmq paho xmlrpc.client suds zeep gql jsonrpclib web3 ccxt"
)
# Dotted name → (position, keywords) of the URL.
_URL_CALLS = {
    "urllib.request.urlopen": (0, ("url",)),
    "urllib.request.Request": (0, ("url",)),
    "urllib.request.urlretrieve": (0, ("url",)),
    "urlopen": (0, ("url",)),
    "websockets.connect": (0, ("uri",)),
    "websocket.create_connection": (0, ("url",)),
    "websocket.WebSocketApp": (0, ("url",)),
    "feedparser.parse": (0, ()),
    "webbrowser.open": (0, ("url",)),
    "pymongo.MongoClient": (0, ("host",)),
    "grpc.insecure_channel": (0, ("target",)),
    "grpc.secure_channel": (0, ("target",)),
}
# Dotted name, or its last part → (position, keywords) of the host; the port is the next argument.
_HOST_CALLS = {
    "HTTPConnection": (0, ("host",)),
    "HTTPSConnection": (0, ("host",)),
    "SMTP": (0, ("host",)),
    "SMTP_SSL": (0, ("host",)),
    "FTP": (0, ("host",)),
    "FTP_TLS": (0, ("host",)),
    "Telnet": (0, ("host",)),
    "IMAP4": (0, ("host",)),
    "IMAP4_SSL": (0, ("host",)),
    "POP3_SSL": (0, ("host",)),
    "open_connection": (0, ("host",)),
    "gethostbyname": (0, ()),
    "getaddrinfo": (0, ("host",)),
    "Redis": (0, ("host",)),
    "StrictRedis": (0, ("host",)),
    "psycopg2.connect": (9, ("host",)),
    "psycopg.connect": (9, ("host",)),
    "pymysql.connect": (0, ("host",)),
    "asyncpg.connect": (9, ("host",)),
    "mysql.connector.connect": (9, ("host",)),
    "asyncssh.connect": (0, ("host",)),
    "paramiko.Transport": (0, ()),
}
_SAYS = re.compile(
    r"(?:^|\.)(?:print|pprint|echo|secho|exit|write|info|debug|warning|warn|error|exception|critical"
    r"|log|fail|abort"
    r"|\w*(?:Error|Exception|Warning)|ArgumentParser|markdown|add_argument|add_parser|heading)$"
)
_SERVER = re.compile(
    r"(?:api_|server_|base_|webhook_|service_|azure_)?(?:base|endpoint|base_url|api_url|server_url|webhook_url|host_url|url_base)"
)
_SAID = frozenset({"help", "description", "epilog", "usage", "title", "message", "hint"})


def observe(file: PythonFile, evaluator: Evaluator, view: View) -> Iterator[Observation]:
    """Yields each host that a parsed file talks to; None where it is computed."""
    yield from _libraries(file, view)
    found: list[Observation] = []
    for name, call in file.calls():
        found += _call(name, call, evaluator)
    yield from found
    yield from _served(file, evaluator)
    if found or _is_networked(file):
        yield from _texts(file, evaluator)


def _is_networked(file: PythonFile) -> bool:
    return any(
        module in _MODULES or module.partition(".")[0] in _MODULES - {"urllib"} for module in file.imports
    ) or any(vendors.library_host(module) for module in file.imports)


def _libraries(file: PythonFile, view: View) -> Iterator[Observation]:
    is_redirected = any(
        keyword(call, "base_url", "api_base", "endpoint_url", "azure_endpoint", "server_url") is not None
        for _, call in file.calls()
    )
    for module, line in file.imports.items():
        host = vendors.library_host(module)
        if host and not is_redirected and not module.startswith(".") and not view.has_module(module):
            yield Observation(Access.NETWORK_OUTBOUND, host, line)


def _served(file: PythonFile, evaluator: Evaluator) -> Iterator[Observation]:
    """Yields the hosts of servers that an argument names, as ``Client(base_url=...)`` of any library."""
    for _, call in file.calls():
        for given in call.keywords:
            if given.arg is not None and _SERVER.fullmatch(given.arg):
                for host in filter(None, map(host_of_url, evaluator.values(given.value))):
                    yield Observation(Access.NETWORK_OUTBOUND, host, call.lineno)


def _call(name: str, call: ast.Call, evaluator: Evaluator) -> Iterator[Observation]:
    last = name.rpartition(".")[2]
    sink = _URL_CALLS.get(name) or _URL_CALLS.get(last) if last not in _VERBS else None
    if sink is None and last in _VERBS and _CLIENTS.search(name.rpartition(".")[0] + "."):
        sink = (1 if last in {"request", "stream"} else 0, ("url",))
    if sink is not None:
        yield from _address(call, argument(call, sink[0], *sink[1]), evaluator, is_url=True)
        return
    hosted = _HOST_CALLS.get(name) or _HOST_CALLS.get(last)
    if hosted is not None:
        port = argument(call, hosted[0] + 1, "port")
        yield from _address(call, argument(call, hosted[0], *hosted[1]), evaluator, port=port)
    elif last in {"connect", "create_connection", "connect_ex", "sendto"}:
        yield from _connect(last, call, evaluator)
    elif last in {
        "goto",
        "WebFetch",
        "ClientSession",
        "Client",
        "AsyncClient",
        "read_csv",
        "read_json",
        "read_html",
    }:
        for given in [*call.args[:1], *(k.value for k in call.keywords if k.arg in {"base_url", "url"})]:
            yield from (o for o in _address(call, given, evaluator, is_url=True) if o.value)


def _connect(last: str, call: ast.Call, evaluator: Evaluator) -> Iterator[Observation]:
    target = argument(call, 1 if last == "sendto" else 0, "address")
    if isinstance(target, ast.Name):
        bound = evaluator.file.bindings.get(target.id, [])
        target = next((value for value in bound if isinstance(value, ast.Tuple)), target)
    if isinstance(target, ast.Tuple) and len(target.elts) >= 2:
        yield from _address(call, target.elts[0], evaluator, port=target.elts[1])
    elif keyword(call, "hostname", "host") is not None or "paramiko" in evaluator.file.imports:
        yield from _address(
            call, argument(call, 0, "hostname", "host"), evaluator, port=keyword(call, "port")
        )


def _address(
    call: ast.Call,
    target: ast.expr | None,
    evaluator: Evaluator,
    *,
    port: ast.expr | None = None,
    is_url: bool = False,
) -> Iterator[Observation]:
    if target is None:
        return
    ports = [text for text in evaluator.values(port) if text.isdigit()] if port is not None else []
    read = host_of_url if is_url else lambda text: host_of_address(text, ports[0] if ports else "")
    texts = evaluator.values(target)
    hosts = [host for host in map(read, texts) if host]
    for host in hosts:
        yield Observation(Access.NETWORK_OUTBOUND, host, call.lineno)
    if not hosts and any(HOLE in text for text in texts):
        yield Observation(Access.NETWORK_OUTBOUND, None, call.lineno)


def _texts(file: PythonFile, evaluator: Evaluator) -> Iterator[Observation]:
    """Yields the hosts of all texts in a file that uses the network, but for what it only tells people."""
    skipped = set(file.docstrings)
    for node in file.nodes:
        if isinstance(node, ast.Call) and _SAYS.search(file.dotted(node.func)):
            told = [*node.args, *(k.value for k in node.keywords if k.arg in _SAID)]
            skipped |= {id(inner) for argument in told for inner in _parts(argument)}
        elif isinstance(node, ast.keyword) and node.arg in _SAID:
            skipped |= {id(inner) for inner in _parts(node.value)}
        if id(node) in skipped or not isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            continue
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            skipped |= {id(inner) for inner in _parts(node)}
        elif not isinstance(node.value, str):
            continue
        for text in evaluator.values(node):
            for host in written(text):
                yield Observation(Access.NETWORK_OUTBOUND, host, node.lineno)


def written(text: str) -> Iterator[str]:
    """Yields the hosts of a text in code: of URLs that begin it, or that stand in quotes or a command in it.

    A URL in the middle of a sentence is something to read.
    """
    for offset, host in hosts_in(text):
        before = text[max(0, offset - 60) : offset]
        if _REFERENCE.search(before):
            continue
        if not before.strip() or before[-1] in "\"'`(=,|<" or _COMMAND.search(before.rpartition("\n")[2]):
            yield host


# Identifiers and links of documents that code writes or reads.
_REFERENCE = re.compile(
    r"(?:xmlns(?::\w{1,20})?|xsi:\w{1,30}|[$]schema|<a\s[^<>]{0,50}href"
    r"|DTD [^\"<>]{0,40}|PUBLIC [^<>]{0,50})[\"'\\]{0,3}\s?[:=]?\s?[\"'\\]{0,3}$"
)
_COMMAND = re.compile(r"(?:^|[\s;|&$(])(?:curl|wget|git|http|iwr|irm|nc|fetch|GET|POST|PUT)\s")


def _parts(node: ast.expr) -> Iterator[ast.AST]:
    """Yields an expression's own texts: of concatenations and f-strings, not of calls within."""
    open_nodes: list[ast.AST] = [node]
    while open_nodes:
        part = open_nodes.pop()
        yield part
        match part:
            case ast.BinOp(left=left, right=right):
                open_nodes += [left, right]
            case ast.JoinedStr(values=values):
                open_nodes += values
            case ast.FormattedValue(value=value):
                open_nodes.append(value)
            case ast.Call(func=ast.Attribute(value=value)):
                open_nodes.append(value)
