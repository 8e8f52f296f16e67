"""Code that runs as code what it fetched, in any language: names are followed from the one to the other.

Coarse on purpose: a name is fetched if it is assigned on a line that fetches or that has a
fetched name, or if it is the parameter of a function on such a line. It runs as code if it
stands in the call. A script that fetches and also evaluates something else is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, is_placeholder, reached
from tank_core.analysis.own_hosts import unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Source

_FETCHES = re.compile(
    r"(?i)\b(?:requests|httpx|session|client|aiohttp|axios|got|superagent|needle|https?|urllib3?|\w*http\w*|r|s)"
    r"\s*\.\s*(?:get|request|post|stream)\s*\(|\burlopen\s*\(|\burlretrieve\s*\(|\bfetch\s*\(|\bURI\.(?:open|parse)\b|"
    r"\bopen\s*\(?[\"']https?:|\bfile_get_contents\s*\(\s*[\"'$]|\bcurl_exec\s*\(|\bNet::HTTP\b|\bhttp\.Get\s*\(|"
    r"\b(?:iwr|irm|Invoke-(?:WebRequest|RestMethod)|Download(?:String|Data))\b|\bLWP::Simple\b|\bget\s*\(?\s*[\"']https?:|"
    r"\b(?:curl|wget)\b|\bsocket\.http\b|\bhttp\.request\s*\(|\brecv\s*\("
)
_NAME = r"[A-Za-z_$@][\w$]{0,40}"
_ASSIGNED = re.compile(
    rf"(?P<name>{_NAME})(?:\s*,\s*{_NAME})?(?:\s*:\s*[\w\[\].]{{1,30}})?\s*(?:\+?=|:=|<-)(?![=>])|"
    rf"\b(?:async\s+)?(?:function\s*\w*\s*)?\(?\s*(?P<parameter>{_NAME})\s*(?:,\s*{_NAME}\s*)?\)?\s*(?:=>|\{{)|"
    rf"\b(?:as|do\s*\||for)\s*(?P<bound>{_NAME})|\.(?:pipe|concat|push|append)\(\s*(?P<piped>{_NAME})"
)
# What runs its argument as code of its own language, and what gives it to a shell.
_RUNS = re.compile(
    r"(?:(?<![\w.$])(?:exec|eval|execScript|loadstring|instance_eval|class_eval|module_eval|create_function|iex|import|"
    r"Invoke-Expression|ExecuteGlobal|__import__)|\b(?:marshal|pickle|dill|cloudpickle)\.loads?|\brunpy\.run_\w+|"
    r"\b(?:new\s+)?Function|\bvm\.(?:run\w*|Script|compileFunction)|\[scriptblock\]::Create|\b_compile|"
    r"(?P<shell>\bos\.system|\bos\.popen|\bsubprocess\.\w+|\bchild_process\.\w+|\bexecSync|\bshell_exec|\bpassthru))"
    r"\s*(?:\(|(?<=eval)[ \t]|(?<=iex)[ \t]|(?<=Expression)[ \t])(?P<what>[^\n]{0,300})"
)
_QUOTED = re.compile(r"\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|`[^`\n]{0,300}`")
_FIRST = re.compile(rf"[ \t]{{0,10}}(?P<name>{_NAME})(?:\.\w{{1,20}}(?:\(\))?)?[ \t]{{0,10}}[,)]")
_HANDED = re.compile(
    r"\.then\s*\(\s*(?:eval|Function|vm\.\w+|exec)\b|\|\s*(?:while\s+read\b|xargs\b[^\n]{0,60}\bsh\s+-c)"
)
_ROUNDS = 6
_MAX_NAMES = 60
_COMMON = frozenset(
    {"self", "this", "if", "else", "return", "await", "async", "function", "try", "do", "for"}
)
_MAX_CHARACTERS = 300_000  # of one source


def runs_fetched_text(package: Package) -> Iterator[Hit]:
    """Yields calls that run what was fetched, where the code names a host that does not fit the skill."""
    unvouched = unvouched_hosts(package)
    for source in package.sources:
        if not source.language.is_code or source.is_part_of_code or len(source.text) > _MAX_CHARACTERS:
            continue
        hosts = {m.host for m in reached(source.text) if m.host in unvouched or m.kind in DUMPS}
        if hosts and not all(map(is_placeholder, hosts)) and _FETCHES.search(source.text):
            yield from _flows(source)


def fetches(text: str) -> bool:
    """Returns whether a line of code fetches from the network."""
    return _FETCHES.search(text) is not None


def _flows(source: Source) -> Iterator[Hit]:
    names = fetched_names(source)
    for match in _RUNS.finditer(source.text):
        if match["shell"]:
            # A command that fetches is the pipe's to judge; here only what was fetched counts, and as a whole.
            first = _FIRST.match(match["what"])
            is_run = first is not None and first["name"] in names
        else:
            bare = _QUOTED.sub(" ", match["what"])
            is_run = bool(_FETCHES.search(match["what"])) or any(has_name(bare, name) for name in names)
        if is_run:
            yield hit_at(source, match.start())
    for match in _HANDED.finditer(source.text):
        line = source.text[max(0, match.start() - 300) : match.start()].rpartition("\n")[2]
        if _FETCHES.search(line):
            yield hit_at(source, match.start())


@lru_cache(maxsize=1024)  # asked by what runs text and by what runs files
def fetched_names(source: Source) -> frozenset[str]:
    """Returns the names that hold what was fetched; a fixed number of rounds over the lines."""
    names: set[str] = set()
    for _ in range(_ROUNDS):
        before = len(names)
        for line in source.lines:
            if len(line) < 4000 and (_FETCHES.search(line) or any(has_name(line, name) for name in names)):
                names.update(_assigned(line, names))
        if len(names) == before or len(names) > _MAX_NAMES:
            break
    return frozenset(names)


def _assigned(line: str, names: set[str]) -> Iterator[str]:
    for match in _ASSIGNED.finditer(line):
        name = next(value for value in match.groups() if value)
        rest = line[match.end() :]
        is_parameter = match["name"] is None
        if name not in _COMMON and (
            is_parameter or _FETCHES.search(rest) or any(has_name(rest, known) for known in names)
        ):
            yield name


def has_name(text: str, name: str) -> bool:
    """Returns whether a name stands in a text as a word of its own."""
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not _is_word(text[start - 1 : start]) and not _is_word(text[end : end + 1]):
            return True
        start = text.find(name, end)
    return False


def _is_word(character: str) -> bool:
    return character.isalnum() or character in {"_", "$"} if character else False
