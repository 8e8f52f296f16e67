"""What an observer knows of the package around a source: constants of other files, and the files' names.

A base URL is often written in ``config.py``, ``.env`` or another block of the same
guide, and used elsewhere. Constants are found by name: those of the same file first,
then those of the other files. Very common names (``url``, ``name``) are not looked
up across files, since they would join what does not belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tank_core.analysis.observers.values import UNKNOWN, Values, bounded
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.source import Language, Source

_MAX_CONSTANTS = 4000  # of one package; real ones have tens
_MAX_CONFIG = 64 << 10  # characters of a configuration file: more is data
_MAX_KEYS = 300
_CONFIG_NAME = re.compile(r"(?i)(?:config|setting|constant|env|endpoint|defaults?|mcp|option)")
_ASSIGNED = re.compile(
    r"(?m)^[ \t]{0,8}(?:export[ \t]+)?(?:(?:const|let|var|static|final"
    r"|public)[ \t]+){0,3}\$?(?P<name>[A-Za-z_]\w{2,60})"
    r"(?:[ \t]*:[ \t]*[A-Za-z]\w{0,30})?[ \t]*:?=[ \t]*(?:[\"'`](?P<quoted>[^\"'`\n]{3,300})[\"'`]"
    r"|(?P<plain>[a-z]{2,8}://[^\s\"'`;,]{3,300}))"
)
_KEYED = re.compile(
    r"[\"']?(?P<name>[A-Za-z_][\w-]{2,60})[\"']?[ \t]*(?::"
    r"|=>)[ \t]*[\"']?(?P<value>[^\s\"',{}\[\]#][^\n\"',{}\[\]]{2,300})"
)
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
    """

    files: frozenset[str] = frozenset()
    constants: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

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
    left = _MAX_CONSTANTS
    for source in sources:
        files.add(source.file)
        if source.provenance == "inline code":
            continue
        for name, text in _constants(source):
            constants.setdefault(name, []).append((source.file, text))
            left -= 1
            if left == 0:
                break
        if left == 0:
            break
    return View(frozenset(files), {name: tuple(found) for name, found in constants.items()})


def _constants(source: Source) -> Iterable[tuple[str, str]]:
    if source.language.is_code or is_read_as_code(source):
        return ((m["name"], m["quoted"] or m["plain"]) for m in _ASSIGNED.finditer(source.text))
    name = PurePosixPath(source.file).name
    if source.is_whole_file and len(source.text) <= _MAX_CONFIG:
        if source.language in {Language.JSON, Language.YAML} and _CONFIG_NAME.search(source.file):
            return _keyed(source)
        if name.startswith(".env") or name.endswith((".env", ".toml", ".ini", ".cfg", ".properties")):
            return [
                *_keyed(source),
                *((m["name"], m["quoted"] or m["plain"]) for m in _ASSIGNED.finditer(source.text)),
            ]
    return ()


def is_read_as_code(source: Source) -> bool:
    """Returns whether a source is code that ``literals`` can read, also where it has no language of its own."""
    if source.language.is_code:
        return source.language is not Language.SHELL
    is_file = source.language is Language.TEXT and source.is_whole_file
    return is_file and source.file.endswith((".go", ".pl", ".pm", ".vue", ".svelte"))


def _keyed(source: Source) -> list[tuple[str, str]]:
    found = [(m["name"], m["value"].strip()) for m in _KEYED.finditer(source.text)]
    return found if len(found) <= _MAX_KEYS else []
