"""Programs that are downloaded and then run, in shell and in PowerShell, step by step.

``curl -o x …; bash x`` is the pipe into a shell with a file between. Also packages that
are installed from an address or an index that is nobody's known registry.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import pairwise

from tank_core.analysis.detectors.hit import Hit, hit_at, hit_on_line
from tank_core.analysis.hosts import DUMPS, Mention, is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.shell_words import Command, pipelines
from tank_core.analysis.source import Language, Source
from tank_core.analysis.steps import joined_steps

_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "aria2c", "iwr", "irm", "invoke-webrequest"})
_RUNNERS = re.compile(
    r"(?:ba|z|k|da)?sh|python[\d.]*|node|perl|ruby|php|source|\.|chmod|open|start|osascript|msiexec|rundll32|installer"
)
_FETCH = re.compile(
    r"(?i)\b(?:Invoke-WebRequest|iwr|DownloadFile|Start-BitsTransfer|certutil\b[^\n]{0,40}-urlcache|"
    r"bitsadmin\b[^\n]{0,40}/transfer|curl(?:\.exe)?\b[^\n]{0,80}[ \t]-o[ \t]+[%$][^\n]{0,80}https?)\b[^\n]{0,300}"
)
_START = re.compile(
    r"(?i)\b(?:Start-Process|Invoke-Item|msiexec|rundll32|regsvr32|mshta|cmd(?:\.exe)?[ \t]+/c)\b|&[ \t]*[\"'$.]|"
    r"\bcall[ \t]+[\"'%]?\S{1,80}\.(?:bat|cmd)\b|"
    r"\bstart[ \t]+(?:\"[^\"\n]{0,40}\"[ \t]+)?[\"'%]?\S{1,80}\.exe"
)
_START_WITHIN = 1500  # characters between a download and the start of what was downloaded
_INDEX = re.compile(
    r"(?:--(?:extra-)?index-url|-i|--registry|--find-links|--source)[=\s]+[\"']?(?P<url>https?://[^\s\"']{4,200})|"
    r"\b(?:pip3?|uv pip|uv|pipx) (?:install|add)\b[^\n]{0,80}?(?P<direct>(?:git\+)?https?://[^\s\"']{4,200})|"
    r"\b(?:npm|pnpm|yarn|bun) (?:install|i|add)\b[^\n]{0,80}?(?P<tarball>(?:git\+)?https?://[^\s\"']{4,200})|"
    r"^[ \t]{0,40}(?:registry|index-url|extra-index-url)\s*=\s*(?P<set>https?://[^\s\"']{4,200})",
    re.MULTILINE,
)


def run_from_dump(package: Package) -> Iterator[Hit]:
    """Yields programs that are run after a download from a raw address, a tunnel or a dump."""
    return _run(package, lambda mention: mention.kind in DUMPS)


def run_from_foreign_host(package: Package) -> Iterator[Hit]:
    """Yields programs that are run after a download from a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    return _run(package, lambda mention: mention.host in foreign and mention.kind not in DUMPS)


def foreign_package_index(package: Package) -> Iterator[Hit]:
    """Yields packages that are installed from a host that is no known registry or forge."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        if source.is_decoded or source.is_outer_text:
            for match in _INDEX.finditer(source.text):
                url = next(filter(None, match.groups()))
                if any(
                    (mention.host in foreign and not is_placeholder(mention.host)) or mention.kind in DUMPS
                    for mention in mentions(url)
                ):
                    yield hit_at(source, match.start())


def _run(package: Package, is_wanted: Callable[[Mention], bool]) -> Iterator[Hit]:
    for source in (*package.sources, *joined_steps(package)):
        if source.language is Language.SHELL:
            yield from _shell(source, is_wanted)
        if source.language in {
            Language.BATCH,
            Language.POWERSHELL,
            Language.SHELL,
            Language.TEXT,
            Language.VBSCRIPT,
        } and not source.provenance.startswith("inline"):
            starts = [start.start() for start in _START.finditer(source.text)]
            for match in _FETCH.finditer(source.text):
                wanted = any(is_wanted(mention) for mention in mentions(match.group()))
                if wanted and _is_started(starts, match.end()):
                    yield hit_at(source, match.start())


def _is_started(starts: list[int], end: int) -> bool:
    following = bisect_left(starts, end)
    return following < len(starts) and starts[following] < end + _START_WITHIN


def _shell(source: Source, is_wanted: Callable[[Mention], bool]) -> Iterator[Hit]:
    saved: dict[str, int] = {}
    for pipeline in pipelines(source.text):
        for command in pipeline.commands:
            run = run_name(command)
            if run and run in saved:
                yield hit_on_line(source, saved.pop(run))
            if command.program in _DOWNLOADERS and any(
                is_wanted(m) for m in mentions(" ".join(command.words))
            ):
                saved.update(dict.fromkeys(saved_names(command), pipeline.line))


def run_name(command: Command) -> str:
    """Returns the file name of what a command runs; empty when it runs no file."""
    words = command.arguments
    if not words:
        return ""
    if _RUNNERS.fullmatch(command.program):
        named = [word for word in words[1:] if not word.startswith(("-", "+")) and not word.isdigit()]
        return _base(named[0]) if named else ""
    return _base(words[0]) if "/" in words[0] else ""


def saved_names(command: Command) -> Iterator[str]:
    """Yields the file names that a download may be kept under."""
    words = command.words
    for previous, word in pairwise(words):
        if previous in {
            "-o",
            "-O",
            "--output",
            "--output-document",
            ">",
            "-OutFile",
            "--out",
        } and not word.startswith("-"):
            yield _base(word)
        if re.fullmatch(r"-\w*o", previous):
            yield _base(word)
    if command.program != "curl" or any(
        re.fullmatch(r"-\w*O\w*|--remote-name(?:-all)?", word) for word in words
    ):
        for mention in mentions(" ".join(words)):
            yield _base(mention.path.split("?")[0])


def _base(word: str) -> str:
    return word.rstrip("/").rsplit("/", 1)[-1]
