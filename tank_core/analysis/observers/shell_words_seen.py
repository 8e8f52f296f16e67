"""The command behind its wrappers: what ``sudo -u x env A=b timeout 5 git push`` really starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.shell_words import Pipeline, pipelines

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
# Wrapper → the options of it that take a value as their next word.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": listed("-u -g -h -p -C -r -t"),
    "doas": frozenset({"-u"}),
    "env": listed("-u -C -S"),
    "xargs": listed("-I -n -P -L -d -E -s -a"),
    "timeout": listed("-s -k"),
    "gtimeout": listed("-s -k"),
    "nice": frozenset({"-n"}),
    "ionice": listed("-c -n"),
    "stdbuf": listed("-i -o -e"),
    "watch": listed("-n -d"),
    "caffeinate": frozenset({"-t"}),
    "find": frozenset(),
    **dict.fromkeys(
        listed("nohup time command exec builtin setsid then do else if elif while until ! { ( unbuffer"),
        frozenset(),
    ),
}
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "/bin/sh", "/bin/bash"})
_MAX_DEPTH = 3
_MAX_COMMANDS = 40_000  # of one text: more is no script, and each observer reads them all


def seen(text: str) -> tuple[Pipeline, ...]:
    """Returns the pipelines of a shell text that observers read; nearly always all of them."""
    return _bounded(text)[0]


def is_cut(text: str) -> bool:
    """Returns whether a text has more commands than are read, so that what it does is not known."""
    return _bounded(text)[1]


@lru_cache(maxsize=64)
def _bounded(text: str) -> tuple[tuple[Pipeline, ...], bool]:
    found: list[Pipeline] = []
    left = _MAX_COMMANDS
    for pipeline in pipelines(text):
        if len(pipeline.commands) > left:
            found.append(Pipeline(pipeline.commands[:left], pipeline.line))
            return tuple(found), True
        found.append(pipeline)
        left -= len(pipeline.commands)
    return tuple(found), False


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the words from the program on that is really started; empty when there is none."""
    position = 0
    while position < len(words):
        name = words[position].rsplit("/", 1)[-1]
        if _ASSIGNMENT.match(words[position]):
            position += 1
        elif name in _WRAPPERS and name != "find" and position + 1 < len(words):
            position = _after_options(words, position + 1, name)
        else:
            break
    return words[position:]


def _after_options(words: tuple[str, ...], position: int, wrapper: str) -> int:
    """Returns the position behind a wrapper's own options and their values."""
    while position < len(words) and len(words[position]) > 1 and words[position].startswith("-"):
        position += 2 if words[position] in _WRAPPERS[wrapper] else 1
    is_timed = wrapper in {"timeout", "gtimeout"} and position < len(words)
    if is_timed and re.fullmatch(r"[\d.]+[smhd]?|\$\w+|\$\{\w+\}", words[position]):
        position += 1
    return position


def inner_commands(words: tuple[str, ...], depth: int = 0) -> Iterator[tuple[str, ...]]:
    """Yields a command's words without wrappers, and those of commands that it is given to run.

    ``bash -c "..."``, ``find ... -exec cmd``, ``xargs cmd`` and ``watch cmd`` are seen through.
    """
    real = unwrapped(words)
    if not real:
        return
    yield real
    program = real[0].rsplit("/", 1)[-1]
    if program in _SHELLS and depth < _MAX_DEPTH:
        for position, word in enumerate(real[1:-1], start=1):
            if re.fullmatch(r"-[a-z]*c", word):
                for pipeline in pipelines(real[position + 1][:4000]):
                    for command in pipeline.commands:
                        yield from inner_commands(command.words, depth + 1)
                break
    if program == "find":
        for position, word in enumerate(real[:-1]):
            if word in {"-exec", "-execdir", "-ok"}:
                yield from inner_commands(tuple(real[position + 1 :]), _MAX_DEPTH)
                break
