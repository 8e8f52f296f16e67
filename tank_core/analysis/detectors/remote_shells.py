"""Shells that are given to another machine, in any language.

A connection and a shell in one text are two facts; what makes them one attack is that they are
joined: the shell's input and output are the connection's, or what arrives is run and what comes
of it is sent back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.observers.code import without_comments, without_searches
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_SH = r"(?<![\w.-])(?:/(?:usr/)?bin/)?(?:ba|z|k|da|a|fi)?sh\b"
_COMMANDS = frozenset({Language.SHELL, Language.POWERSHELL, Language.BATCH})
# Commands that are a remote shell by themselves.
_COMMAND = re.compile(
    r"/inet/(?:tcp|udp)/\d+/[^\n]{1,200}\|&"
    rf"|\b(?:telnet|nc|ncat|netcat)\s[^\n|;]{{3,80}}\d{{2,5}}\b[^\n|;]{{0,30}}\|\s*{_SH}"
    rf"|\b{_SH}[^\n|;]{{0,60}}\|\s*openssl\s+s_client\b|\bopenssl\s+s_client\b[^\n|;]{{3,160}}\|\s*{_SH}"
    rf"|\b(?:nc|ncat|netcat)\b[^\n|;]{{0,100}}--(?:sh-)?exec\b|\bnc\b[^\n|;]{{0,80}}\s-\w{{0,3}}e\s*{_SH}"
    r"|\bsocat\b[^\n]{0,200}\b(?:exec|system):[^\n]{0,20}(?:sh|cmd)\b"
    rf"|\bztcp\s+-?\w|{_SH}[^\n;]{{0,30}}-i\b[^\n;]{{0,40}}/dev/(?:tcp|udp)/"
    r"|\bssh\b(?=[^\n]{0,200}\s-\w*R\s*\S*:)(?=[^\n]{0,200}\s-\w*[fN])(?=[^\n]{0,200}StrictHostKeyChecking[= ]no)"
    r"|\bgs-netcat\s|\bgsocket\.io/\w"
    rf"|\bmkfifo\s+(?P<pipe>\S{{1,60}})[^\n]{{0,200}}(?:\n[^\n]{{0,200}}){{0,3}}?{_SH}[^\n]{{0,60}}\|[^\n]{{0,200}}(?P=pipe)",
    re.IGNORECASE,
)
_CONNECTS = re.compile(
    r"\bTCPSocket\.(?:new|open)\b|\bIO::Socket(?:::\w+)?->new\b|\bsocket\s*\(\s*\w*SOCK|\bnet\.(?:Dial\w*|connect|"
    r"createConnection|Socket)\b|\btls\.(?:Dial|connect)\b|\bp?fsockopen\s*\(|\bstream_socket_client\s*\(|"
    r"\bnew\s+(?:Ssl)?Socket\s*\(|(?i:\bTCPClient\b)|\bsocket\.(?:socket|create_connection|tcp|connect)\b|"
    r"\bTcpStream::connect\b|\bWebSocket(?:App|Client)?\s*\(|\bwebsocket\.create_connection\b|\bwebsockets?\.connect\b|"
    r"\bwindow\s*\[\s*[\"']WebSocket|\bPF_INET\b|\.tcp\(\)"
)
_SHELL_STARTED = re.compile(
    r"(?:\b(?:ProcessBuilder|exec\w*|Command(?:::new)?|proc_open|popen\w*|p?spawn\w*|Process\.\w+|Popen|run|call|system)|"
    rf"\bFileName\s*=)\s*[\[({{ ]{{0,4}}[^\n\"']{{0,20}}[\"'](?:{_SH}|cmd(?:\.exe)?\b|powershell(?:\.exe)?\b)"
)
# A shell without a command of its own, or one that is given what came over the connection.
_BARE_SHELL = re.compile(
    r"\bexec\s*\(?\s*[\"'{]{1,2}\s*/bin/(?:ba|z|da)?sh(?:\s+-i)?[\"' ;}]|"
    r"\bCommand::new\(\s*\"(?:/bin/)?(?:ba|z)?sh\"\s*\)(?!\s*\.args?\(\s*\[?\s*\"-l?c)|"
    r"\bexec\.Command\(\s*\"(?:/bin/)?(?:ba|z)?sh\"\s*(?:,\s*\"-i\"\s*)?\)|"
    r"\bProcessBuilder\(\s*\"(?:[\w/]{0,20}/)?(?:(?:ba|z)?sh|cmd(?:\.exe)?)\"\s*(?:,\s*\"-i\"\s*)?\)|"
    r"\bProcessStartInfo\(\s*\"(?:[\w/]{0,20}/)?(?:(?:ba|z)?sh|cmd(?:\.exe)?)\"\s*\)|"
    r"\bproc_open\(\s*[\"'](?:/bin/)?(?:ba|z)?sh(?:\s+-i)?[\"']|"
    r"(?i:\bGetStream\(\)[\s\S]{0,600}?\b(?:iex|Invoke-Expression)\b)|"
    r":receive\([^)\n]{0,20}\)[\s\S]{0,200}?\bio\.popen\(|\bgets\b[^\n]{0,60}\n[^\n]{0,60}\bIO\.popen\("
)
_JOINED = re.compile(
    r"\.pipe\s*\(|\.Std(?:in|out|err)\s*=|\bdup2\b|\b[012]\s*=>\s*\$\w+\b|\bstd(?:in|out)\s*=\s*(?:s|c|sock\w*|"
    r"conn\w*|client|self\.\w*sock\w*)\b|\bfrom_raw_fd\b|\bgetOutputStream\s*\(\)[^\n]{0,200}getOutputStream\s*\(\)|"
    r"\bSTD(?:IN|OUT)\s*,\s*[\"']?[<>]&|\.reopen\s*\(\s*\w|\bRedirectStandardInput\b|\bpty\.spawn\b"
)
# What arrives is run: a name is filled from the connection, and soon after given to a shell or interpreter.
_ARRIVES = (
    r"(?:\brecv\w*\s*\(|\breceive\s*\(|\.gets\b|\breadline\s*\(|\breadLine\s*\(|\bgetString\b|\.GetString\s*\(|"
    r"<\s*\$\w+\s*>|\bReadString\s*\(|\bfgets\s*\(|\bfread\s*\(|\bStreamReader\b)"
)
_GIVEN = (
    r"(?:\b(?:popen|system|exec(?:Sync|File\w*|[lv]\w{0,2})?|getoutput|getstatusoutput|check_output|run|Popen|call|shell_exec|passthru|"
    r"Command|spawn|iex|Invoke-Expression|cmd\.exe)\b(?:\.exec)?\s*[(\[ ]{0,3}[^\n;]{0,60}?|`\s*)"
)
_NAME = r"(?P<name>\b[A-Za-z_]\w{0,40})"
_ARRIVAL = re.compile(
    rf"{_NAME}\s*:?=\s*[^\n;={{]{{0,120}}?{_ARRIVES}|"
    r"\.on\s*\(\s*[\"'](?:data|message)[\"']\s*,\s*(?:async\s*)?(?:function\s*)?\(?\s*(?P<handled>\w{1,40})"
)
_SENDS_BACK = re.compile(
    r"[.:](?:send\w*|write|puts|print|flush|Write\w*)\s*\(|\bfwrite\s*\(|\bprint\s+\{?\$|\.print\b|\|&"
)
# The same over HTTP: a text is fetched again and again, run, and the outcome is sent.
_FETCHED = re.compile(
    rf"{_NAME}\s*=\s*[^\n]{{0,160}}?(?:\burlopen\s*\(|\brequests\.\w+\s*\(|\bfetch\s*\(|\bcurl\s|"
    r"\bInvoke-(?:RestMethod|WebRequest)\b|\birm\b|\bhttpx\.\w+\s*\(|\baxios\b)(?P<handled>(?!))?"
)
_MAX_NAMES = 40  # of one text; bounds the time that hostile text can take
_SOON = 800  # characters
_AGAIN = re.compile(
    r"\bwhile\s*\(?\s*(?:True|true|1|:|\[)|\bsetInterval\s*\(|\bfor\s*\(\s*;;\s*\)|\buntil\s+false|\bloop\s+do\b"
)


def remote_shells(package: Package) -> Iterator[Hit]:
    """Yields code that hands a shell to another machine.

    Commands count where commands are; in other languages they stand in lists of what to look for, and
    what such code hands to a shell is a source of its own.
    """
    for source in package.sources:
        if source.language in _COMMANDS:
            for match in _COMMAND.finditer(without_searches(without_comments(source))):
                yield hit_at(source, match.start())
        if source.language.is_code and not source.is_part_of_code:
            offset = _joined(without_comments(source))
            if offset is not None:
                yield hit_at(source, offset)


def commands_polled(package: Package) -> Iterator[Hit]:
    """Yields code that fetches commands again and again and runs them."""
    for source in package.sources:
        if source.language.is_code and not source.is_part_of_code:
            offset = _polled(source)
            if offset is not None:
                yield hit_at(source, offset)


def _joined(text: str) -> int | None:
    connection = _CONNECTS.search(text)
    if connection is None:
        return None
    if _BARE_SHELL.search(text) or (_SHELL_STARTED.search(text) and _JOINED.search(text)):
        return connection.start()
    return connection.start() if _is_run(_ARRIVAL, text) is not None and _SENDS_BACK.search(text) else None


def _polled(source: Source) -> int | None:
    text = without_comments(source)
    return _is_run(_FETCHED, text) if _AGAIN.search(text) else None


def _is_run(filled: re.Pattern[str], text: str) -> int | None:
    """Returns where a name is filled that is run soon after; None when none is."""
    for match in islice(filled.finditer(text), _MAX_NAMES):
        name = re.escape(match["name"] or match["handled"])
        given = re.compile(rf"{_GIVEN}[$\"'{{(]{{0,3}}{name}\b")
        if given.search(text, match.end(), match.end() + _SOON):
            return match.start()
    return None
