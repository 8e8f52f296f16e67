"""Text that goes straight into an interpreter: from the network, or out of an encoding.

Reads the shell's own structure (scripts, fenced blocks, here-documents, decoded
layers), so that quoting tricks do not matter: pipes into a shell, ``bash <(curl …)``,
``bash -c "$(curl …)"`` and ``eval "$(…)"``. PowerShell's ``iwr … | iex`` by pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from tank_core.analysis.detectors.fetched_steps import run_name, saved_names
from tank_core.analysis.detectors.hit import Hit, hit_at, hit_on_line
from tank_core.analysis.hosts import DUMPS, HostKind, Mention, is_placeholder, mentions
from tank_core.analysis.own_hosts import unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.shell_words import Command, Pipeline, pipelines
from tank_core.analysis.source import Language, Source

_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "aria2c", "lwp-download", "http", "https"})
_INTERPRETERS = re.compile(
    r"(?:ba|z|k|da|c|fi|a)?sh|python[\d.]*|perl|ruby|node|php|source|\.|eval|osascript"
)
_POWERSHELL = re.compile(
    r"(?i)\b(?:iex|invoke-expression)\b[^\n]{0,200}\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring|"
    r"curl|wget)\b"
    r"|\[scriptblock\]::Create\s*\([^\n]{0,200}\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b"
    r"|\b(?:iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring|curl)\b[^\n|]{0,300}\|"
    r"(?:[^\n|]{0,80}\|)?\s*(?:iex|invoke-expression)\b"
)
_SHELLS = re.compile(r"(?:ba|z|k|da)?sh|source|\.")
_SUBSTITUTION = re.compile(r"\$\(|<\(|`")
_UNUSUAL = frozenset({HostKind.UNUSUAL, HostKind.HOSTED})
_LONGEST_LINE = 2000  # characters before and after a place that are read with it
_MAX_SUBSTITUTIONS = 8  # looked into per word


def from_dangerous_host(package: Package) -> Iterator[Hit]:
    """Yields downloads from raw addresses, tunnels and dumps that go into an interpreter."""
    return _downloads(package, lambda found: bool(_kinds(found) & DUMPS))


def from_unusual_host(package: Package) -> Iterator[Hit]:
    """Yields downloads from hosts that are not well known, into an interpreter."""
    foreign = unvouched_hosts(package)
    return _downloads(package, lambda found: _is_unusual(found) and not _is_foreign(found, foreign))


def from_foreign_host(package: Package) -> Iterator[Hit]:
    """Yields downloads from hosts that are not well known and do not fit the skill, into an interpreter."""
    foreign = unvouched_hosts(package)
    return _downloads(package, lambda found: _is_unusual(found) and _is_foreign(found, foreign))


def from_known_host(package: Package) -> Iterator[Hit]:
    """Yields downloads from well-known or computed hosts that go into an interpreter."""
    return _downloads(package, lambda found: not _kinds(found) & (DUMPS | _UNUSUAL))


def from_decoder(package: Package) -> Iterator[Hit]:
    """Yields decoded text (base64, hexadecimal, openssl) that goes into an interpreter."""
    for source in _shell_sources(package):
        for pipeline in pipelines(source.text):
            if _decodes_into_interpreter(pipeline):
                yield hit_on_line(source, pipeline.line)


def _downloads(package: Package, wanted: Callable[[Sequence[Mention]], bool]) -> Iterator[Hit]:
    for source in _shell_sources(package):
        for pipeline in pipelines(source.text):
            text = " ".join(word for command in pipeline.commands for word in command.words)
            if is_download_run(pipeline) and wanted(tuple(mentions(text))):
                yield hit_on_line(source, pipeline.line)
        for pipeline, download in _saved_and_run(pipelines(source.text)):
            if wanted(tuple(mentions(download))):
                yield hit_on_line(source, pipeline.line)
    for source in package.sources:
        for match in _POWERSHELL.finditer(source.text):
            line = _line_of(source, match)
            if (source.is_outer_text or source.is_decoded) and wanted(tuple(mentions(line))):
                yield hit_at(source, match.start())


def _line_of(source: Source, match: re.Match[str]) -> str:
    """Returns the whole line of a match, and the lines over which it goes; bounded on both sides."""
    before = source.text[max(0, match.start() - _LONGEST_LINE) : match.start()].rpartition("\n")[2]
    return before + match.group() + source.text[match.end() : match.end() + _LONGEST_LINE].partition("\n")[0]


def _saved_and_run(found: Sequence[Pipeline]) -> Iterator[tuple[Pipeline, str]]:
    """Yields (pipeline, download) where a shell runs a file that a download was kept in."""
    saved: dict[str, str] = {}
    for pipeline in found:
        for command in pipeline.commands:
            run = run_name(command) if _SHELLS.fullmatch(command.program) else ""
            if run in saved:
                yield pipeline, saved.pop(run)
            if command.program in _DOWNLOADERS:
                saved.update(dict.fromkeys(saved_names(command), " ".join(command.words)))


def _kinds(found: Sequence[Mention]) -> set[HostKind]:
    return {mention.kind for mention in found}


def _is_unusual(found: Sequence[Mention]) -> bool:
    return bool(_kinds(found) & _UNUSUAL) and not _kinds(found) & DUMPS


def _is_foreign(found: Sequence[Mention], foreign: frozenset[str]) -> bool:
    return any(mention.host in foreign and not is_placeholder(mention.host) for mention in found)


def is_download_run(pipeline: Pipeline) -> bool:
    """Returns whether an interpreter runs what a pipeline downloads."""
    return _feeds_interpreter(pipeline, lambda command: command.program in _DOWNLOADERS)


def _decodes_into_interpreter(pipeline: Pipeline) -> bool:
    return _feeds_interpreter(pipeline, _is_decoder)


def _feeds_interpreter(pipeline: Pipeline, is_origin: Callable[[Command], bool]) -> bool:
    """Whether an interpreter runs what such a command prints, by a pipe or by a substitution."""
    commands = pipeline.commands
    for position, command in enumerate(commands):
        if not _is_interpreter(command):
            continue
        if any(map(is_origin, commands[:position])) and _reads_input(command):
            return True
        if any(map(is_origin, _substituted(command))):
            return True
    return False


def _substituted(command: Command) -> Iterator[Command]:
    """Yields the commands whose output becomes a word of this one."""
    for word in command.words:
        for opening in islice(_SUBSTITUTION.finditer(word), _MAX_SUBSTITUTIONS):
            for inner in pipelines(word[opening.end() :].rstrip(")`")):
                yield from inner.commands


def _is_interpreter(command: Command) -> bool:
    return bool(_INTERPRETERS.fullmatch(command.program))


def _reads_input(command: Command) -> bool:
    """Whether an interpreter takes its program from standard input: it is given no script and no -c."""
    rest = command.arguments[1:]
    if not rest or rest[0] in {"-", "-s", "/dev/stdin"}:
        return True
    if command.program.startswith(("python", "node", "perl", "ruby", "php")):
        return all(word in {"-u", "-", "-q"} for word in rest)
    return all(word.startswith(("-", ">", "2")) for word in rest) and "-c" not in rest


def _is_decoder(command: Command) -> bool:
    words = command.arguments
    match command.program:
        case "base64" | "gbase64" | "base32":
            return any(word in {"--decode", "-D"} or re.fullmatch(r"-\w*d\w*", word) for word in words[1:])
        case "xxd":
            return any(re.fullmatch(r"-\w*r\w*", word) for word in words[1:])
        case "openssl":
            return "-d" in words
        case "rev" | "uudecode":
            return True
    return False


def _shell_sources(package: Package) -> Iterator[Source]:
    return (source for source in package.sources if source.language is Language.SHELL)
