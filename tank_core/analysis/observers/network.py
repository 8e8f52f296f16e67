"""Hosts that code talks to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.hosts import HostKind, Mention, mentions
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.shell_words import Pipeline, pipelines
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_CALLS = re.compile(
    r"\b(?:urlopen|urlretrieve|fetch|XMLHttpRequest|axios|WebSocket|create_connection|HTTPS?Connection|sendBeacon)\b\s*[(.]"
    r"|\b(?:requests|httpx|session|client|aiohttp|http|https|urllib3|got|superagent|needle|undici|net|tls|Faraday|HTTParty|"
    r"RestClient)\.(?:get|post|put|patch|delete|head|request|stream|connect|fetch|Session|Client|AsyncClient|ClientSession|"
    r"PoolManager)\s*\(|\bNet::HTTP\b|\bcurl_(?:init|exec)\s*\(|\bfile_get_contents\s*\(|\bsocket\.socket\s*\(|"
    r"\bInvoke-(?:WebRequest|RestMethod)\b|\b(?:iwr|irm)\s"
)
_COMMANDS = frozenset(
    {
        "curl",
        "wget",
        "http",
        "https",
        "nc",
        "ncat",
        "ssh",
        "scp",
        "git",
        "pip",
        "pip3",
        "npm",
        "aria2c",
        "websocat",
        "ftp",
    }
)


def observe(source: Source) -> Iterator[Observation]:
    """Yields each host that a source is seen to talk to, and calls whose host is computed."""
    if source.language is Language.SHELL:
        yield from _shell(source)
    elif source.language.is_code:
        yield from _code(source)


def _shell(source: Source) -> Iterator[Observation]:
    for pipeline in pipelines(source.text):
        yield from _of_pipeline(pipeline)


def _of_pipeline(pipeline: Pipeline) -> Iterator[Observation]:
    for command in pipeline.commands:
        if command.program not in _COMMANDS:
            continue
        found = [mention for word in command.arguments[1:] for mention in mentions(word)]
        for mention in found:
            if _is_access(mention):
                yield Observation(Access.NETWORK_OUTBOUND, mention.entry, pipeline.line)
        if not found and command.program in {"curl", "wget"} and any("$" in word for word in command.words):
            yield Observation(Access.NETWORK_OUTBOUND, None, pipeline.line)


def _code(source: Source) -> Iterator[Observation]:
    text = without_comments(source)
    call = _CALLS.search(text)
    if not call:
        return
    found = [mention for mention in mentions(text) if _is_access(mention)]
    for mention in found:
        yield Observation(Access.NETWORK_OUTBOUND, mention.entry, source.local_line_at(mention.offset))
    if not found:
        yield Observation(Access.NETWORK_OUTBOUND, None, source.local_line_at(call.start()))


def _is_access(mention: Mention) -> bool:
    return mention.kind is not HostKind.NAMESPACE
