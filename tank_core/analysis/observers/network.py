"""Hosts that a package talks to, and addresses that it listens on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import markdown
from tank_core.analysis.hosts import HostKind, kind_of
from tank_core.analysis.observers import listeners, network_python, network_shell, network_text, prose
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.literals import literals_of
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.python_values import evaluator_of
from tank_core.analysis.observers.shell_values import variables_of
from tank_core.analysis.observers.shell_words_seen import is_cut, seen
from tank_core.analysis.observers.values import host_of_url, hosts_in
from tank_core.analysis.observers.view import ALONE, View, is_read_as_code
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_SERVER_KEY = re.compile(
    r"[\"']?(?P<key>url|serverUrl|server_url|base_?[uU][rR][lL]|api_?[uU][rR][lL]|endpoint"
    r"|webhook(?:_?[uU]rl)?)[\"']?[ \t]{0,4}:[ \t]{0,4}"
    r"[\"']?(?P<url>[a-z]{2,6}://[^\s\"']{3,400})"
)
_COMMAND = re.compile(r"\b(?:curl|wget|git clone|iwr|irm|nc|ssh|scp)\s(?P<rest>[^\n]{1,600})")
_SHELL_LINE = re.compile(
    r"(?m)^[ \t]{0,12}(?:[$%][ \t]{1,3})?(?:curl|wget|git clone|npx|pip install|npm install"
    r"|certutil|bitsadmin|mshta|ssh|scp|rsync|gh)[ \t]"
)
_ARGUMENTS = re.compile(r"[\"']args[\"']\s{0,4}:\s{0,4}\[(?P<list>[^\[\]]{1,3000})\]")
_SERVERS = re.compile(r"mcp_?[sS]ervers|\"hooks\"")


def observe(source: Source, view: View = ALONE) -> Iterator[Observation]:
    """Yields each host that a source is seen to talk to or to listen on; None where it is computed."""
    for found in _observe(source, view):
        if (
            found.value is None
            or found.type is Access.NETWORK_INBOUND
            or (
                kind_of(found.value.partition(":")[0]) is not HostKind.NAMESPACE
                and not (
                    source.provenance.startswith(("fenced", "inline")) and prose.is_placeholder(found.value)
                )
            )
        ):
            yield found


def _observe(source: Source, view: View) -> Iterator[Observation]:
    is_quoted = source.provenance.startswith("fenced") and source.language is not Language.SHELL
    if is_quoted and _SHELL_LINE.search(source.text):  # a block with the wrong tag, or none
        found = seen(source.text)
        yield from network_shell.observe(found, variables_of(source.text, source.file, view))
    if source.language is Language.SHELL:
        found = seen(source.text)
        variables = variables_of(source.text, source.file, view)
        yield from network_shell.observe(found, variables)
        yield from listeners.of_shell(found, variables)
        if is_cut(source.text):
            yield Observation(Access.NETWORK_OUTBOUND, None, found[-1].line)
    elif source.language is Language.PYTHON and (python := evaluator_of(source.text, source.file, view)):
        yield from network_python.observe(python.file, python, view)
        yield from listeners.of_python(python)
    elif is_read_as_code(source):
        text = literals_of(without_comments(source), source.file, view)
        yield from network_text.observe(source, text, view)
        yield from listeners.of_text(source, text)
    elif source.language is Language.MARKDOWN:
        yield from _told(source, markdown.parse(source.text).prose)
    elif source.language in {Language.JSON, Language.YAML}:
        yield from _configured(source)
    elif source.provenance.startswith("fenced"):
        yield from _told(source, source.text)


def _told(source: Source, text: str) -> Iterator[Observation]:
    for offset, host in prose.hosts(text):
        yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(offset))


def _configured(source: Source) -> Iterator[Observation]:
    """Yields the hosts of servers that a configuration names, and of commands in it."""
    has_servers = _SERVERS.search(source.text) is not None
    for match in _SERVER_KEY.finditer(source.text):
        if match["key"] == "url" and not has_servers:
            continue
        host = host_of_url(match["url"])
        if host:
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))
    for match in _ARGUMENTS.finditer(source.text) if has_servers else ():
        for offset, host in hosts_in(match["list"]):
            yield Observation(
                Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start("list") + offset)
            )
    for match in _COMMAND.finditer(source.text):  # of a hook, a workflow or a life-cycle script
        for _, host in hosts_in(match["rest"]):
            yield Observation(Access.NETWORK_OUTBOUND, host, source.local_line_at(match.start()))
