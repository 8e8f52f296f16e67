"""Code that runs a file which it downloads, in any language: the path is followed from the one to the other.

Beside ``fetched_flows``, where what is fetched is run from memory. A path is a name or a literal; it
is saved to where a line that fetches, or that has a fetched name, writes to it or to the handle that
was opened for it. Coarse on purpose; only with a host that no program should be run from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.fetched_flows import fetched_names, fetches, has_name
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, is_placeholder, reached
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_PATH = r"(?P<path>[\"'`][^\"'`\n]{2,120}[\"'`]|[A-Za-z_$][\w$.]{0,40})"
# Calls that write to the path in their first or second argument.
_WRITES = re.compile(
    r"\b(?:createWriteStream|writeFile(?:Sync)?|binwrite|File\.write|file_put_contents|WriteAllBytes|WriteAllText|"
    rf"os\.WriteFile|ioutil\.WriteFile|Files\.(?:copy|write))\s*\(?\s*{_PATH}"
)
_WRITES_SECOND = re.compile(
    r"\b(?:urlretrieve|DownloadFile(?:Async|TaskAsync)?|download(?:_file|File)?|Files\.copy)\s*\(\s*[^,\n]{1,200},\s*"
    rf"{_PATH}|(?i:-OutFile)\s+{_PATH.replace('path', 'file')}"
)
_HANDLE = re.compile(
    r"\b(?P<handle>[A-Za-z_]\w{0,40})(?:\s*,\s*\w+)?\s*(?::=|=)\s*(?:await\s+)?(?:\w+\.)?(?:open|Open|OpenFile|Create|"
    rf"createWriteStream|File\.open|fopen)\s*\(\s*{_PATH}|"
    rf"\b(?:open|File\.open)\s*\(\s*{_PATH.replace('path', 'opened')}[^\n]{{0,40}}\)\s*(?:as\s+(?P<bound>\w+)|"
    rf"do\s*\|(?P<block>\w+)\|)|"
    rf"\bopen\s*\(\s*{_PATH.replace('path', 'direct')}\s*,\s*[\"'][wax]b?[\"']\s*\)\s*\.write"
)
_RUNS = (
    r"(?:\b(?:require|import|fork|execFile(?:Sync)?|spawn(?:Sync)?|exec(?:Sync|[lv]\w{0,2})?|system|popen|Popen|"
    r"run|call|"
    r"check_call|check_output|exec\.Command|Process\.(?:Start|spawn)|startfile|load|run_path|dofile|Start-Process|CDLL|"
    r"LoadLibrary|passthru|shell_exec|Command::new)\s*\(?\s*[\[({]{0,2}\s*(?:[\"'](?:ba|z)?sh[\"']\s*,\s*|"
    r"sys\.executable\s*,\s*|"
    r"[\"'](?:node|python3?|ruby|perl|php|bash)[\"']\s*,\s*[\[]?\s*)?)"
)
_CODE_EXCEPT = frozenset({Language.SHELL, Language.DOCKERFILE})  # shell_pipes and fetched_steps read these
_MAX_CHARACTERS = 300_000  # of one source
_MAX_PATHS = 20


def runs_downloaded_file(package: Package) -> Iterator[Hit]:
    """Yields calls that run a file which the same code downloads from a host that does not fit the skill."""
    unvouched = unvouched_hosts(package)
    for source in package.sources:
        is_read = (
            source.language.is_code and source.language not in _CODE_EXCEPT and not source.is_part_of_code
        )
        if not is_read or len(source.text) > _MAX_CHARACTERS:
            continue
        hosts = {m.host for m in reached(source.text) if m.host in unvouched or m.kind in DUMPS}
        if hosts and not all(map(is_placeholder, hosts)):
            offset = _run_of(without_comments(source), source)
            if offset is not None:
                yield hit_at(source, offset)


def _run_of(text: str, source: Source) -> int | None:
    for path in _saved(text, source):
        match = re.search(rf"{_RUNS}{re.escape(path)}(?![\w$])", text)
        if match is not None:
            return match.start()
    return None


def _saved(text: str, source: Source) -> list[str]:
    """Returns the paths that what was fetched is written to, in their order."""
    names = fetched_names(source)
    handles = {
        (match["handle"] or match["bound"] or match["block"]): match["path"] or match["opened"]
        for match in _HANDLE.finditer(text)
        if match["direct"] is None
    }
    paths: dict[str, None] = {}
    for line in text.split("\n"):
        if len(line) > 4000 or not (fetches(line) or any(has_name(line, name) for name in names)):
            continue
        for pattern in (_WRITES, _WRITES_SECOND, _HANDLE):
            for match in pattern.finditer(line):
                groups = match.groupdict()
                written = groups.get("path") or groups.get("file") or groups.get("direct")
                if written and groups.get("handle") is None:
                    paths[written] = None
        paths.update((path, None) for handle, path in handles.items() if path and has_name(line, handle))
    return list(paths)[:_MAX_PATHS]
