"""What an observer knows of the package around a source: constants of other files, and the files' names.

A base URL is often written in ``config.py``, ``.env`` or another block of the same
guide, and used elsewhere. Constants are found by name: those of the same file first,
then those of the other files. Very common names (``url``, ``name``) are not looked
up across files, since they would join what does not belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath

from tank_core.analysis.observers.values import UNKNOWN, Values, bounded
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.source import Language, Source

_MAX_CONSTANTS = 4000  # of one package; real ones have tens
_MAX_CONFIG = 64 << 10  # characters of a configuration file: more is data
_MAX_KEYS = 300
_CONFIG_NAME = re.compile(r"(?i)(?:config|setting|constant|env|endpoint|defaults?|mcp|option)")
_ASSIGNED = re.compile(
    r"(?m)^[ \t]{0,8}(?:export[ \t]{1,8})?(?:(?:const|let|var|static|final|public|readonly)[ \t]{1,8}){0,3}"
    r"\$?(?P<name>[A-Za-z_]\w{2,60})(?:[ \t]*:[ \t]*[A-Za-z]\w{0,30})?[ \t]*:?=[ \t]*"
    r"(?:[\"']?\$\{\w{1,60}:?[-=](?P<default>[^}\n]{3,300})\}|[\"'`](?P<quoted>[^\"'`\n]{3,300})[\"'`][ \t,;)]*$"
    r"|(?P<plain>[a-z]{2,8}://[^\s\"'`;,]{3,300})|[^\n]{1,100}?[\"'`](?P<inner>[a-z]{2,8}://[^\s\"'`]{3,300})[\"'`])"
)
_FUNCTION = re.compile(
    r"(?m)(?:^|[;&{])[ \t]{0,40}(?:function[ \t]{1,8}(?P<a>[\w:-]{1,80})|(?P<b>[\w:-]{1,80})[ \t]{0,8}\(\))"
)
_KEYED = re.compile(
    r"[\"']?(?P<name>[A-Za-z_][\w-]{2,60})[\"']?[ \t]*(?::"
    r"|=>)[ \t]*[\"']?(?P<value>[^\s\"',{}\[\]#][^\n\"',{}\[\]]{2,300})"
)
_READ_BLOCK = re.compile(r"fenced swift block")
_TOO_COMMON = listed(
    "url urls uri host name path key value link href type file text data title label page source "
    "target homepage"
)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The package as an observer of one source sees it.

    Attributes:
        files: every path of the package.
        constants: name → (file, text) of every constant, in the order of the files.
        functions: (file, name) of every shell function.
    """

    files: frozenset[str] = frozenset()
    constants: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    functions: frozenset[tuple[str, str]] = frozenset()

    def constant(self, name: str, file: str) -> Values:
        """Returns what a name is bound to: in the source's own file, else in another one."""
        found = self.constants.get(name, ())
        own = [text for place, text in found if place == file]
        if own:
            return bounded(own)
        if not found or name.lower() in _TOO_COMMON:
            return UNKNOWN
        return bounded(text for _, text in found)

    def has_script(self, path: str) -> bool:
        """Returns whether a name is a file of the package, as ``./run`` or ``scripts/run.sh``."""
        last = path.rsplit("/", 1)[-1]
        return any(PurePosixPath(file).name == last for file in self.files)

    def has_module(self, module: str) -> bool:
        """Returns whether an imported name is a module of the package itself."""
        tail = module.lstrip("./").replace(".", "/")
        return any(
            PurePosixPath(file).stem == tail.rsplit("/", 1)[-1] or f"{tail}/" in f"{file}/"
            for file in self.files
        )


ALONE = View()


def view_of(sources: Iterable[Source]) -> View:
    """Returns the view of a package from its sources."""
    constants: dict[str, list[tuple[str, str]]] = {}
    files: set[str] = set()
    functions: set[tuple[str, str]] = set()
    left = _MAX_CONSTANTS
    for source in sources:
        files.add(source.file)
        if source.language is Language.SHELL:
            functions |= {(source.file, m["a"] or m["b"]) for m in _FUNCTION.finditer(source.text)}
        for name, text in islice(_constants(source), left):
            constants.setdefault(name, []).append((source.file, text))
            left -= 1
    found = {name: tuple(places) for name, places in constants.items()}
    return View(frozenset(files), found, frozenset(functions))


def _constants(source: Source) -> Iterable[tuple[str, str]]:
    if source.language.is_code or is_read_as_code(source):
        return _assigned(source)
    name = PurePosixPath(source.file).name
    if source.is_whole_file and len(source.text) <= _MAX_CONFIG:
        if source.language in {Language.JSON, Language.YAML} and _CONFIG_NAME.search(source.file):
            return _keyed(source)
        if name.startswith(".env") or name.endswith((".env", ".toml", ".ini", ".cfg", ".properties")):
            return [*_keyed(source), *_assigned(source)]
    return ()


def _assigned(source: Source) -> Iterator[tuple[str, str]]:
    for match in _ASSIGNED.finditer(source.text):
        yield match["name"], match["default"] or match["quoted"] or match["plain"] or match["inner"]


def is_read_as_code(source: Source) -> bool:
    """Returns whether a source is code that ``literals`` can read, also where it has no language of its own."""
    if source.language.is_code:
        return source.language is not Language.SHELL
    if source.language is Language.HTML:
        return True
    return source.language is Language.TEXT and _READ_BLOCK.match(source.provenance) is not None


def _keyed(source: Source) -> list[tuple[str, str]]:
    found = [(m["name"], m["value"].strip()) for m in _KEYED.finditer(source.text)]
    return found if len(found) <= _MAX_KEYS else []
