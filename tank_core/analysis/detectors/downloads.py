"""Programs that are downloaded and then run, in shell and in PowerShell, step by step.

``curl -o x …; bash x`` is the pipe into a shell with a file between.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

from tank_core.analysis.detectors.fetched_steps import fetched_and_started
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, Mention, is_placeholder, mentions
from tank_core.analysis.own_hosts import unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language

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


def run_from_dump(package: Package) -> Iterator[Hit]:
    """Yields programs that are run after a download from a raw address, a tunnel or a dump."""
    return _run(package, lambda mention: mention.kind in DUMPS)


def run_from_foreign_host(package: Package) -> Iterator[Hit]:
    """Yields programs that are run after a download from a host that does not fit the skill."""
    foreign = unvouched_hosts(package)
    return _run(
        package,
        lambda mention: (
            mention.host in foreign and mention.kind not in DUMPS and not is_placeholder(mention.host)
        ),
    )


def _run(package: Package, is_wanted: Callable[[Mention], bool]) -> Iterator[Hit]:
    yield from fetched_and_started(package, is_wanted)
    for source in package.sources:
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
