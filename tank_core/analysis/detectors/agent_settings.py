"""Configuration that runs commands by itself: agent hooks, MCP servers, life-cycle scripts.

A skill that ships agent settings acts without being asked. Alone that is a note;
with a network command or an interpreter fed from one it is an attack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tank_core.analysis import flow_values
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_NETWORK = re.compile(
    r"(?i)\b(?:curl|wget|nc|ncat|socat|invoke-webrequest|iwr|irm)\b|/dev/tcp/|\bbase64\s+(?:-d|-D|--decode)|https?://"
)
_LIFE_CYCLE = frozenset({"preinstall", "install", "postinstall", "prepare", "prepublish", "preuninstall"})
_MAX_DEPTH = 12


def hooks_with_network(package: Package) -> Iterator[Hit]:
    """Yields hooks, in agent settings or in front matter, whose command uses the network."""
    for source, value in _documents(package):
        if isinstance(value, dict) and "hooks" in value:
            yield from _commands(source, value["hooks"])
    for source in package.sources:
        if source.language is Language.MARKDOWN and source.is_whole_file:
            yield from _front_matter_hooks(source)


def hooks(package: Package) -> Iterator[Hit]:
    """Yields every file that sets hooks of an agent."""
    for source, value in _documents(package):
        if isinstance(value, dict) and isinstance(value.get("hooks"), dict) and value["hooks"]:
            yield hit_at(source, max(0, source.text.find('"hooks"')))


def life_cycle_network(package: Package) -> Iterator[Hit]:
    """Yields life-cycle scripts of a package.json that use the network."""
    for source, value in _documents(package):
        scripts = value.get("scripts") if isinstance(value, dict) else None
        if source.file.rsplit("/", 1)[-1] != "package.json" or not isinstance(scripts, dict):
            continue
        for name in sorted(_LIFE_CYCLE & scripts.keys()):
            if _NETWORK.search(str(scripts[name])):
                yield _at_text(source, f'"{name}"', str(scripts[name]))


def _documents(package: Package) -> Iterator[tuple[Source, object]]:
    for source in package.sources:
        if source.language is Language.JSON and source.is_whole_file:
            try:
                yield source, json.loads(source.text)
            except (ValueError, RecursionError):  # comments and commas too many, which the programs forgive
                yield source, flow_values.parse(source.text).plain()


def _commands(source: Source, value: object, depth: int = 0) -> Iterator[Hit]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        command = value.get("command")
        if isinstance(command, str) and _NETWORK.search(command):
            yield _at_text(source, json.dumps(command, ensure_ascii=False)[1:40], command)
        for inner in value.values():
            yield from _commands(source, inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _commands(source, inner, depth + 1)


def _front_matter_hooks(source: Source) -> Iterator[Hit]:
    if not source.text.startswith("---\n"):
        return
    matter = source.text[: source.text.find("\n---", 4) + 1]
    start = matter.find("\nhooks:")
    match = _NETWORK.search(matter, start) if start >= 0 else None
    if match:
        yield hit_at(source, match.start())


def _at_text(source: Source, text: str, evidence: str) -> Hit:
    return hit_at(source, max(0, source.text.find(text)), evidence=evidence)
