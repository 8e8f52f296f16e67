"""Hosts that shell commands talk to: by their arguments, and by what the program is for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tank_core.analysis.observers import vendors
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.shell_values import ShellVariables, assigned
from tank_core.analysis.observers.shell_words_seen import inner_commands
from tank_core.analysis.observers.values import HOLE, host_of_address, host_of_url, hosts_in, is_known
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.shell_words import Command, Pipeline
from tank_core.permissions import Access

# Programs whose plain words are addresses, with the options of each whose next word is no address.
_FETCHERS = frozenset(
    {"curl", "wget", "http", "https", "xh", "aria2c", "websocat", "wscat", "grpcurl", "httpx", "lynx"}
)
_WITH_VALUE = re.compile(
    r"-(?:[a-zA-Z]*[HXdoAebuUTFKcmCwxrOPQ]|-(?:header|request|data(?:-raw|-binary|-urlencode)?"
    r"|output|user(?:-agent)?|form|cookie"
    r"|cookie-jar|max-time|connect-timeout|retry(?:-delay|-max-time)?|write-out|proxy|cacert|cert"
    r"|key|post-data|timeout|tries|json"
    r"|upload-file|referer|limit-rate|interface|config|directory-prefix|output-document|bearer|auth"
    r"|method|body-data|body-file))"
)
_CONNECTORS = frozenset(
    {"nc", "ncat", "netcat", "telnet", "ftp", "ping", "dig", "nslookup", "host", "nmap", "whois", "mosh"}
)
_REMOTE = frozenset({"ssh", "scp", "rsync", "sftp", "ssh-copy-id", "ssh-keyscan", "autossh"})
_REMOTE_WORD = re.compile(
    r"(?:[\w.${}\x00-]{1,80}@)?(?P<host>[A-Za-z0-9][\w.-]{2,250})(?::(?P<rest>[^\s]{0,300}))?"
)
_SSH_VALUES = listed("-p -P -i -o -l -F -J -L -R -D -e -c -b")
_SAYS = listed(
    "echo printf cat log info warn error die fail msg print_info print_error say usage cd test [ [[ "
    "grep sed awk : return exit read "
    "export local declare readonly if"
)
_SERVER_NAME = re.compile(
    r"(?!.*(?:DOC|HOMEPAGE|REFER|README))[A-Z0-9_]*(?:URL|URI|ENDPOINT|SERVER|HOST|BASE|API|REGISTRY|WEBHOOK|ORIGIN|PROXY)[A-Z0-9_]*"
)


def observe(found: tuple[Pipeline, ...], variables: ShellVariables) -> Iterator[Observation]:
    """Yields each host that commands talk to; None where it is computed.

    A URL that any program is given counts, but for those that print or search; so does one that
    a variable with the name of a server holds, since other programs read it there.
    """
    for pipeline in found:
        for command in pipeline.commands:
            for host in _served(command):
                yield Observation(Access.NETWORK_OUTBOUND, host, pipeline.line)
            for words in inner_commands(command.words):
                for value in _of_command(words, variables):
                    yield Observation(Access.NETWORK_OUTBOUND, value, pipeline.line)


def _of_command(words: tuple[str, ...], variables: ShellVariables) -> Iterator[str | None]:
    if not words:
        return
    program, arguments = words[0].rsplit("/", 1)[-1], words if "://" in words[0] else words[1:]
    if program in _SAYS and not any(word.startswith(("/dev/tcp/", "/dev/udp/")) for word in arguments):
        return
    yield from vendors.program_hosts(program, _verb(arguments))
    expanded = [variables.expanded(word) for word in arguments]
    hosts = [host for values in expanded for text in values for _, host in hosts_in(text)]
    yield from _devices(arguments)
    if program in _FETCHERS:
        hosts += [] if hosts else _plain_addresses(arguments, variables)
        if not hosts and any("$" in word or "`" in word for word in arguments):
            yield None
    elif program in _REMOTE or (program == "git" and "clone" in arguments):
        hosts += _remote_hosts(program, arguments, variables)
    elif program in _CONNECTORS:
        hosts += _connected(arguments, variables)
    elif program == "openssl":
        hosts += [
            h
            for word in arguments
            if ":" in word
            for t in variables.expanded(word)
            if (h := host_of_address(t))
        ]
    yield from dict.fromkeys(hosts)


def _served(command: Command) -> Iterator[str]:
    for name, value in assigned(command):
        host = host_of_url(value) if _SERVER_NAME.fullmatch(name) else None
        if host:
            yield host


def _verb(arguments: tuple[str, ...]) -> str:
    return next((word for word in arguments if not word.startswith("-")), "")


def _devices(arguments: tuple[str, ...]) -> Iterator[str]:
    for word in arguments:
        match = re.search(r"/dev/(?:tcp|udp)/([^/\s]{1,250})/(\d{1,5})", word)
        host = host_of_address(match[1], match[2]) if match else None
        if host:
            yield host


def _plain_addresses(arguments: tuple[str, ...], variables: ShellVariables) -> list[str]:
    """Returns the hosts of words without a scheme, as in ``curl api.example/x``."""
    found: list[str] = []
    is_value = False
    for word in arguments:
        if is_value or word.startswith("-") or word in {">", ">>", "2>", "2>&1"}:
            is_value = not is_value and (
                _WITH_VALUE.fullmatch(word) is not None or word.startswith((">", "2>"))
            )
            continue
        if "=" not in word.partition("/")[0]:
            found += [host for text in variables.expanded(word) if (host := host_of_address(text))]
    return found


def _remote_hosts(program: str, arguments: tuple[str, ...], variables: ShellVariables) -> list[str]:
    found: list[str] = []
    port = next((b for a, b in pairwise(arguments) if a in {"-p", "-P"} and b.isdigit()), "")
    skip = False
    for word in arguments:
        if skip or word.startswith("-"):
            skip = not skip and word in _SSH_VALUES and program != "git"
            continue
        for text in variables.expanded(word):
            match = None if "://" in text or HOLE in text.partition(":")[0] else _REMOTE_WORD.fullmatch(text)
            is_remote = match is not None and ("@" in text or (match["rest"] is not None) or program == "ssh")
            host = host_of_address(match["host"], port) if match is not None and is_remote else None
            found += [host] if host else []
        if program == "ssh":
            break
    return found


def _connected(arguments: tuple[str, ...], variables: ShellVariables) -> list[str]:
    if any(re.fullmatch(r"-[a-z]*l[a-z]*", word) for word in arguments):
        return []  # it listens
    words = [
        text
        for word in arguments
        if not word.startswith(("-", "+", ">"))
        for text in variables.expanded(word)[:1]
    ]
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        host = host_of_address(word.lstrip("@"), following if following.isdigit() else "")
        if host and is_known((word,)):
            return [host]
    return []
