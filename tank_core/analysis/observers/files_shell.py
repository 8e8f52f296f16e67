"""Files that shell commands read and write: arguments of programs that are for files, and redirections."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.observers.paths import entry
from tank_core.analysis.observers.shell_values import ShellVariables, variables_of
from tank_core.analysis.observers.shell_words_seen import seen, unwrapped
from tank_core.analysis.observers.values import HOLE
from tank_core.analysis.observers.view import View
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.source import Source
from tank_core.permissions import Access

_READ, _WRITE = Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE
_READERS = listed(
    "cat head tail less more wc sort uniq source . ls stat file md5sum sha256sum base64 xxd strings"
)
_WRITERS = listed("tee touch mkdir rm rmdir truncate chmod chown shred install")
_MOVERS = listed("cp mv ln rsync")
_OUTPUT = re.compile(r"-o|-O|--output|--output-document")
_REDIRECTION = re.compile(r"(?:[0-9&]?>>?|<)")


def observe(source: Source, view: View) -> Iterator[Observation]:
    """Yields each path that a shell text reads or writes."""
    variables = variables_of(source.text, source.file, view)
    for pipeline in seen(source.text):
        for command in pipeline.commands:
            told: set[tuple[Access, str]] = set()
            for access, word in _words(command.words):
                for path in _paths(word, variables):
                    if (access, path) not in told:
                        told.add((access, path))
                        yield Observation(access, path, pipeline.line)


def _paths(word: str, variables: ShellVariables) -> Iterator[str]:
    for text in variables.expanded(word):
        if text.startswith(HOLE) or "://" in text or ("@" in text and ":" in text):
            continue
        path = entry(text, needs_shape=True)
        if path is not None:
            yield path


def _words(words: tuple[str, ...]) -> Iterator[tuple[Access, str]]:
    """Yields (access, word) for each word of a command that is a path."""
    for word, following in pairwise(words):
        if _REDIRECTION.fullmatch(word) and not following.startswith("&"):
            yield (_READ if word == "<" else _WRITE), following
    plain = _without_redirections(unwrapped(words))
    if not plain:
        return
    program, arguments = plain[0].rsplit("/", 1)[-1], [word for word in plain[1:] if not word.startswith("-")]
    if program in _READERS:
        yield from ((_READ, word) for word in arguments)
    elif program in _WRITERS:
        yield from ((_WRITE, word) for word in arguments)
    elif program in _MOVERS and len(arguments) > 1:
        yield from ((_READ, word) for word in arguments[:-1])
        yield _WRITE, arguments[-1]
    elif program in {"grep", "sed", "awk", "jq", "rg"} and len(arguments) > 1:
        is_edit = program == "sed" and any(word.startswith("-i") for word in plain)
        yield from ((_WRITE if is_edit else _READ, word) for word in arguments[1:])
    elif program in {"curl", "wget"}:
        for word, following in pairwise(plain):
            if _OUTPUT.fullmatch(word) and not (program == "curl" and word == "-O"):
                yield _WRITE, following


def _without_redirections(words: tuple[str, ...]) -> list[str]:
    kept: list[str] = []
    skip = False
    for word in words:
        if skip or _REDIRECTION.fullmatch(word) or word.startswith(("2>", "<<", "&>")):
            skip = not skip and _REDIRECTION.fullmatch(word) is not None
            continue
        kept.append(word)
    return kept
