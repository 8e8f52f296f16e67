"""The command behind its wrappers: what ``sudo -u x env A=b timeout 5 git push`` really starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.shell_words import pipelines

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


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the words from the program on that is really started; empty when there is none."""
    rest = list(words)
    while rest:
        first = rest[0]
        name = first.rsplit("/", 1)[-1]
        if _ASSIGNMENT.match(first):
            rest.pop(0)
        elif name == "find":
            return tuple(rest)
        elif name in _WRAPPERS and len(rest) > 1:
            rest.pop(0)
            _drop_options(rest, name)
        else:
            break
    return tuple(rest)


def _drop_options(rest: list[str], wrapper: str) -> None:
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option in _WRAPPERS[wrapper] and rest:
            rest.pop(0)
    if (
        wrapper in {"timeout", "gtimeout"}
        and rest
        and re.fullmatch(r"[\d.]+[smhd]?|\$\w+|\$\{\w+\}", rest[0])
    ):
        rest.pop(0)


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
