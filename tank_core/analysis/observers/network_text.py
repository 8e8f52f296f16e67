"""Hosts of code that is read as text: JavaScript, TypeScript, Ruby, PHP, Go, PowerShell, Perl, "
"broken Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.observers import vendors
from tank_core.analysis.observers.literals import Literals, strings
from tank_core.analysis.observers.network_python import written
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.values import HOLE, Values, host_of_address, host_of_url
from tank_core.analysis.observers.view import View
from tank_core.analysis.source import Source
from tank_core.permissions import Access

# Calls whose first argument is a URL.
_URL_CALL = re.compile(
    r"(?<![\w$])(?:fetch|nodeFetch|\$fetch|ofetch|axios|got|ky|needle|superagent|request|urlopen"
    r"|urlretrieve|XMLHttpRequest"
    r"|sendBeacon|file_get_contents|curl_init|fopen|URI\.open|open-uri|DownloadString|DownloadFile"
    r"|WebFetch|EventSource"
    r"|(?:new\s{1,4})?(?:WebSocket|ReconnectingWebSocket|EventSource)"
    r"|(?:requests|httpx|session|client|aiohttp|http|https|axios|got|ky|needle|superagent|undici"
    r"|agent|api|page|browser"
    r"|HTTParty|RestClient|Faraday|Excon|Typhoeus|HTTP|Net::HTTP|LWP::Simple|ua|driver|resty"
    r"|\$client|\$http|\$this->client|Http)"
    r"(?:\.|->|::)(?:get|post|put|patch|delete|head|request|stream|fetch|get_response|post_form|Get"
    r"|Post|PostForm|Head"
    r"|getJSON|goto|new))(?:<[\w\[\], ]{1,40}>)?\s{0,4}\(\s{0,40}(?:URI\.parse\(|URI\(|Uri\()?"
)
_USE = re.compile(
    _URL_CALL.pattern + r"|\b(?:axios|got|ky)\.(?:create|extend)\(|\bcurl_(?:init|exec)\(|\bWebClient\b"
)
_REQUEST = re.compile(
    r"(?:http\.NewRequest(?:WithContext)?\(|\.request\("
    r"|curl_setopt\()(?:[^,()\n]{1,60},){1,3}\s{0,20}(?=[\"'`$A-Za-z])"
)
# Calls whose arguments are (port, host) or (host, port), or ("tcp", "host:port").
_HOST_CALL = re.compile(
    r"(?:\bnet\.(?:Dial(?:Timeout)?|connect|createConnection)|\btls\.(?:Dial|connect)"
    r"|(?<!\w)(?:client|socket|sock)\.connect"
    r"|\bNet::(?:HTTP|SSH|SFTP|FTP|SMTP)\.(?:new|start|open)|\bTCPSocket\.(?:new|open)|\bfsockopen"
    r"|\bstream_socket_client"
    r"|Net\.Sockets\.TCPClient|\bTcpClient|\bssh\.Dial|\bsmtp\.SendMail|\bgrpc\.(?:Dial|NewClient)"
    r"|\bcreateConnection)\s{0,4}\(\s{0,20}"
)
_HOST_KEY = re.compile(
    r"(?<![\w$.])[\"']?(?:hostname|host|Host|servername|server)[\"']?\s{0,4}(?::|=>|=)\s{0,4}(?=[\"'`A-Za-z_$])"
)
_URL_KEY = re.compile(
    r"(?<![\w$])[\"']?(?:baseURL|baseUrl|base_uri|base_url|prefixUrl|apiUrl|endpoint|uri|url"
    r"|CURLOPT_URL)[\"']?\s{0,4}(?::|=>|,|=)\s{0,4}"
    r"(?=[\"'`A-Za-z_$])"
)
_SERVER = re.compile(
    r"(?<![\w$])[\"']?(?:baseURL|baseUrl|base_url|apiUrl|api_url|apiBase|api_base|serverUrl|server_url|endpoint|webhookUrl|webhook_url)"
    r"[\"']?\s{0,4}(?::|=>|=)\s{0,4}(?=[\"'`A-Za-z_$])|\b(?:from|import)\s{0,4}\(?\s{0,4}(?=[\"']https://)"
    r"|<(?:script|iframe)\s[^<>]{0,200}?src\s?=\s?(?=[\"']https?://)"
)
_PORT = re.compile(r"(?<![\w$])[\"']?port[\"']?\s{0,4}(?::|=>)\s{0,4}(?=[\w$\"'])", re.IGNORECASE)
_IMPORT = re.compile(
    r"(?:\bfrom\s{1,4}|\brequire\s{0,4}\(?\s{0,4}"
    r"|\bimport\s{0,4}\(?\s{0,4})[\"'](?P<name>[@A-Za-z][\w@./:-]{0,100})[\"']"
    r"|^[ \t]*(?:\w{1,30} )?[\"'](?P<go>github\.com/[\w./-]{1,100})[\"'][ \t]*$|^(?:import"
    r"|from)\s{1,4}(?P<py>[a-z][\w.]{0,60})",
    re.MULTILINE,
)
_NETWORKED = re.compile(
    r"(?:node:)?(?:https?|http2|net|tls|dgram|ws|undici|axios|got|ky|node-fetch|superagent|request"
    r"|needle|socket\.io-client"
    r"|puppeteer(?:-core)?|playwright(?:-core)?|net/http|open-uri|httparty|faraday|rest-client"
    r"|socket|nodemailer|ssh2|cheerio"
    r"|graphql-request|@modelcontextprotocol/sdk.{0,60}|mcp-remote|openid-client|isomorphic-fetch"
    r"|cross-fetch|requests|httpx|aiohttp)"
)
_POWERSHELL = re.compile(
    r"(?i)\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|curl|wget"
    r"|Start-BitsTransfer)\b(?P<rest>[^\n|;]{1,600})"
)
_PS_WORD = re.compile(r"\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|\$\w{1,60}|https?://[^\s\"'|;]{3,300}")
_TOLD = re.compile(
    r"(?:console\.\w{1,10}|print(?:ln|f)?|puts|echo|Write-(?:Host|Output|Error|Warning)"
    r"|\w{0,30}(?:Error|Exception)|log(?:ger)?\.\w{1,10}"
    r"|fmt\.\w{1,12}|die|warn|raise|throw|description|help|title|message"
    r"|hint)[\"']?\s{0,4}[(:, ]{0,2}\s{0,4}[fF$]?$"
)


def observe(source: Source, found: Literals, view: View) -> Iterator[Observation]:
    """Yields each host that code is seen to talk to; None where it is computed."""
    calls = [*_url_calls(source, found), *_host_calls(source, found), *_powershell(source, found)]
    libraries = list(_libraries(source, found, view))
    yield from calls
    yield from libraries
    yield from _servers(source, found)
    if calls or libraries or _USE.search(found.text) or _is_networked(found.text):
        yield from _keys(source, found)
        for offset, values in strings(found):
            if not _TOLD.search(found.text[max(0, offset - 60) : offset]):
                yield from _written(source, offset, values)


def _is_networked(text: str) -> bool:
    return any(_NETWORKED.fullmatch(m["name"] or m["py"] or "") for m in _IMPORT.finditer(text))


def _url_calls(source: Source, found: Literals) -> Iterator[Observation]:
    for pattern in (_URL_CALL, _REQUEST):
        for match in pattern.finditer(found.text):
            start = found.text[match.end() : match.end() + 1]
            if start == "{" or not start:
                yield from ()
            elif not (
                start == ")"
                or re.match(r"\w*\W*(?:function|async|=>)", found.text[match.end() : match.end() + 30])
            ):
                yield from _address(source, match.start(), found.at(match.end()))


def _address(source: Source, offset: int, values: Values) -> Iterator[Observation]:
    hosts = [host for host in map(host_of_url, values) if host]
    line = source.local_line_at(offset)
    for host in hosts:
        yield Observation(Access.NETWORK_OUTBOUND, host, line)
    if not hosts and any(text.startswith(HOLE) for text in values):
        yield Observation(Access.NETWORK_OUTBOUND, None, line)


def _host_calls(source: Source, found: Literals) -> Iterator[Observation]:
    for match in _HOST_CALL.finditer(found.text):
        arguments = _list(found, match.end())
        ports = [t for values in arguments for t in values if t.isdigit()]
        hosts = [
            host
            for values in arguments[:3]
            for text in values
            if not text.isdigit() and (host := host_of_address(text, ports[0] if ports else ""))
        ]
        line = source.local_line_at(match.start())
        for host in hosts:
            yield Observation(Access.NETWORK_OUTBOUND, host, line)
        if not hosts and arguments and not found.text.startswith("{", match.end()):
            yield Observation(Access.NETWORK_OUTBOUND, None, line)


def _list(found: Literals, offset: int) -> list[Values]:
    """Returns the values of up to four arguments from an offset on."""
    values: list[Values] = []
    while len(values) < 4:
        value, end = found.expression(offset)
        comma = re.compile(r"\s{0,40},\s{0,40}").match(found.text, end)
        values.append(value)
        if comma is None or comma.end() <= offset:
            break
        offset = comma.end()
    return values


def _servers(source: Source, found: Literals) -> Iterator[Observation]:
    """Yields the hosts of servers that a key names, as ``new Client({baseURL: ...})``, and of imported URLs."""
    for match in _SERVER.finditer(found.text):
        for host in filter(None, map(host_of_url, found.at(match.end()))):
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))


def _keys(source: Source, found: Literals) -> Iterator[Observation]:
    for match in _HOST_KEY.finditer(found.text):
        near = _PORT.search(found.text, match.end(), match.end() + 200)
        ports = [t for t in found.at(near.end()) if t.isdigit()] if near else []
        for text in found.at(match.end()):
            host = host_of_address(text, ports[0] if ports else "")
            if host and host.partition(":")[0] not in {"localhost", "0.0.0.0", "127.0.0.1"}:  # noqa: S104
                yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))
    for match in _URL_KEY.finditer(found.text):
        for host in filter(None, map(host_of_url, found.at(match.end()))):
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))


def _written(source: Source, offset: int, values: Values) -> Iterator[Observation]:
    for text in values:
        for host in written(text):
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(offset))


def _libraries(source: Source, found: Literals, view: View) -> Iterator[Observation]:
    if re.search(r"\b(?:baseURL|base_url|api_base|baseUrl)\b", found.text):
        return
    for match in _IMPORT.finditer(found.text):
        name = match["name"] or match["go"] or match["py"]
        host = vendors.library_host(name)
        if host and not view.has_module(name):
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))


def _powershell(source: Source, found: Literals) -> Iterator[Observation]:
    if str(source.language) != "powershell":
        return
    for match in _POWERSHELL.finditer(found.text):
        start = match.start("rest")
        values = [
            text
            for word in _PS_WORD.finditer(match["rest"])
            for text in (
                (word.group(),) if word.group().startswith("http") else found.at(start + word.start())
            )
        ]
        hosts = list(dict.fromkeys(filter(None, map(host_of_url, values))))
        line = source.local_line_at(match.start())
        for host in hosts:
            yield Observation(Access.NETWORK_OUTBOUND, host, line)
        if not hosts and any(text.startswith(HOLE) for text in values):
            yield Observation(Access.NETWORK_OUTBOUND, None, line)
