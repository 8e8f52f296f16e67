"""Which files of a package belong together: one names the other, both name a third, or a loader takes all.

A program that is split over files is joined somewhere: by an import, by the command that
starts the other file, by a recipe, a script in ``package.json`` or a cell of a notebook that
names both, by a data file that one writes and the other reads, or by a loader that takes
whatever lies in a folder. The joint need not be code that a parser resolves, so it is read
from the words of each file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAX_FILES = 120  # of a package that are compared with each other
_MAX_TEXT = 200_000  # characters of a file in which names are looked for
_WORD = re.compile(r"[\w-]{2,80}")
_FILE_NAME = re.compile(r"[\w-][\w.-]{0,60}\.\w{1,10}(?![\w-])|\.env\b")
# A line that joins: there a stem alone names a file.
_JOINS = re.compile(
    r"\b(?:import|from|require\w*|include\w*|source|use|using|mod|load\w*|dofile|spawn\w*|exec\w*|fork|run\w*|"
    r"Popen|call|system|subprocess|with_name|join|python\d?|node|bash|sh|ruby|perl|php|lua|deno|bun|make|"
    r"Start-Process|getattr|autoload|register)\b|^\s*\.\s"
)
# What takes files by names that it computes, or all of a folder.
_LOADS_ALL = re.compile(
    r"\bimport_module\s*\((?!\s*[\"'][\w.]+[\"']\s*\))|\b__import__\s*\((?!\s*[\"'][\w.]+[\"']\s*\))|"
    r"\bspec_from_file_location\s*\(|\brun_path\s*\(|\brunpy\b|\bpkgutil\.(?:iter_modules|walk_packages)|"
    r"\brequire\s*\((?!\s*[\"'`][^\"'`$]+[\"'`]\s*\))\s*[\w\"'`]|\bimport\s*\(\s*(?![\"'][^\"']+[\"'])|"
    r"\bDir(?:\[|\.glob)[^\n]{0,160}\b(?:require|load)|\brequire_all\b|\bglob\s*\([^\n]{0,120}"
    r"\b(?:require|include)|\bfor\s+\w+\s+in\s+[^\n;]{0,80}\*\.?\w*[^\n]{0,20}[;\n]\s*(?:do\s+)?(?:\.|source|sh|bash)\s"
)
# Languages whose files in one folder are one program without a word.
_BY_FOLDER = frozenset({Language.GO, Language.JAVA, Language.CSHARP, Language.RUST})
_PLAIN_STEMS = _words(
    "index main utils util config conf test tests run app lib data init setup settings common helper "
    "helpers core types base model models server client skill readme package script scripts report output "
    "input info"
)
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Linked:
    """A file with what is read in it.

    Attributes:
        file: its path.
        code: what runs in it: itself, its cells, recipes, blocks and commands.
        data: itself, where it is no code; None for code.
    """

    file: str
    code: tuple[Source, ...]
    data: Source | None


@lru_cache(maxsize=4)
def linked_files(package: Package) -> dict[str, Linked]:
    """Returns every file by its path; of code also what hides in it, of data what it says."""
    code: dict[str, list[Source]] = defaultdict(list)
    data: dict[str, Source] = {}
    for source in package.sources:
        if source.language.is_code and not source.is_part_of_code:
            code[source.file].append(source)
        elif source.is_whole_file and not source.language.is_code:
            data[source.file] = source
    paths = sorted({*code, *data})[:MAX_FILES]
    return {path: Linked(path, tuple(code[path]), data.get(path)) for path in paths}


@lru_cache(maxsize=4)
def neighbours(package: Package) -> dict[str, frozenset[str]]:
    """Returns for each file those that it names, that name it, or that share a data file with it.

    A file of Markdown names its data but no code: it lists what a skill has, and that is no joint.
    """
    files = linked_files(package)
    found: dict[str, set[str]] = {path: set() for path in files}
    names = {path: _names(item) for path, item in files.items()}
    for path, item in files.items():
        for other in files:
            if other != path and item.code and not _is_markdown(item) and _is_named(other, names[path]):
                found[path].add(other)
                found[other].add(path)
    for group in (*_loaded(files), *_sharing(files, names)):
        for path in group:
            found[path] |= group - {path}
    return {path: frozenset(linked) for path, linked in found.items()}


def reach(package: Package, start: str, steps: int) -> dict[str, int]:
    """Returns the files within so many joints of one, each with how many; itself with none."""
    linked = neighbours(package)
    found = {start: 0}
    edge = {start}
    for step in range(1, steps + 1):
        edge = {other for path in edge for other in linked.get(path, ())} - set(found)
        found.update(dict.fromkeys(edge, step))
    return found


def _is_markdown(item: Linked) -> bool:
    return item.data is not None and item.data.language is Language.MARKDOWN


@dataclass(frozen=True, slots=True)
class _Names:
    """The words of a file: ``files`` with their extension, ``joined`` on lines that join, ``words`` anywhere."""

    files: frozenset[str]
    joined: frozenset[str]
    words: frozenset[str]


def _names(item: Linked) -> _Names:
    text = "\n".join(source.text for source in item.code)[:_MAX_TEXT]
    joining = "\n".join(line for line in text.split("\n") if _JOINS.search(line[:2000]))
    return _Names(
        frozenset(_FILE_NAME.findall(text)),
        frozenset(_WORD.findall(joining)),
        frozenset(_WORD.findall(text)),
    )


def _is_named(path: str, names: _Names) -> bool:
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    if name in names.files or stem in names.joined:
        return True
    return len(stem) >= _SHORTEST and stem.lower() not in _PLAIN_STEMS and stem in names.words


def _loaded(files: dict[str, Linked]) -> list[set[str]]:
    """Returns the code files of each language that a loader takes by computed names, and of each folder."""
    groups: dict[tuple[Language, str], set[str]] = defaultdict(set)
    loading = {
        source.language
        for item in files.values()
        for source in item.code
        if _LOADS_ALL.search(source.text[:_MAX_TEXT])
    }
    for path, item in files.items():
        for source in item.code:
            if not source.is_whole_file:
                continue
            if source.language in loading:
                groups[source.language, ""].add(path)
            elif source.language in _BY_FOLDER:
                groups[source.language, path.rpartition("/")[0] + "/"].add(path)
    return [group for group in groups.values() if len(group) > 1]


def _sharing(files: dict[str, Linked], names: dict[str, _Names]) -> list[set[str]]:
    """Returns the files whose code names one data file, which need not be in the package."""
    sharing: dict[str, set[str]] = defaultdict(set)
    for path, item in files.items():
        for name in names[path].files if item.code else ():
            if name.endswith(_DATA):
                sharing[name].add(path)
    return [group for group in sharing.values() if 1 < len(group) <= _FEW]


_DATA = (
    *(".json", ".jsonl", ".txt", ".dat", ".log", ".csv", ".out", ".tmp", ".bin", ".cache"),
    *(".db", ".sql", ".sqlite", ".gz", ".tgz", ".tar", ".zip", ".enc", ".b64"),
)
_FEW = 8  # files; a name that more of them have says nothing
