"""Variables of shell scripts: what ``$BASE`` and ``${BASE:-default}`` stand for."""

from __future__ import annotations

import re
from functools import lru_cache

from tank_core.analysis.observers.shell_words_seen import seen
from tank_core.analysis.observers.values import UNKNOWN, Values, bounded
from tank_core.analysis.observers.view import View
from tank_core.analysis.observers.word_lists import listed
from tank_core.analysis.shell_words import Command, Pipeline

_VARIABLE = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_]\w{0,80})|\{(?P<name>[A-Za-z_]\w{0,80})(?P<rest>[^{}\n]{0,200})\}"
    r"|\{[^}\n]{0,200}\}"
    r"|\([^\n]{0,400}\)|[0-9@*#?!$-])|`[^`\n]{0,400}`"
)
_MAX_DEPTH = 4
_BEFORE = listed("then do else { ( ! && ||")
_SETTERS = listed("export declare typeset local readonly env")


class ShellVariables:
    """The variables of one script.

    Args:
        found: the script's pipelines.
        view: the package around it.
        path: the script's file.
    """

    def __init__(self, found: tuple[Pipeline, ...], view: View, path: str) -> None:
        self._view = view
        self._path = path
        self._bound: dict[str, list[str]] = {}
        for pipeline in found:
            for command in pipeline.commands:
                for name, value in assigned(command):
                    self._bound.setdefault(name, []).append(value)

    def expanded(self, word: str, depth: int = 0) -> Values:
        """Returns what a word may be once its variables are expanded; unknown ones are holes."""
        if depth > _MAX_DEPTH or ("$" not in word and "`" not in word):
            return bounded((word,))
        results: Values = ("",)
        end = 0
        for count, match in enumerate(_VARIABLE.finditer(word)):
            if count > 20:
                break
            plain = word[end : match.start()]
            values = self._value(match, depth)
            results = bounded(left + plain + right for left in results for right in values)
            end = match.end()
        return bounded(left + word[end:] for left in results)

    def _value(self, match: re.Match[str], depth: int) -> Values:
        name = match["plain"] or match["name"]
        if not name:
            return UNKNOWN
        if name == "HOME":
            return ("~",)
        found = [text for value in self._bound.get(name, [])[:8] for text in self.expanded(value, depth + 1)]
        rest = match["rest"] or ""
        if rest.startswith((":-", ":=", "-", "=")):
            found += self.expanded(rest.lstrip(":-="), depth + 1)
        return bounded(found) if found else self._view.constant(name, self._path)


def assigned(command: Command) -> tuple[tuple[str, str], ...]:
    """Returns the variables that a command sets, also behind ``then``, ``export`` or ``declare -x``."""
    words = command.words
    while words[:1] and words[0] in _BEFORE:
        words = words[1:]
    if words[:1] == (":",) and len(words) > 1:  # : "${BASE:=https://...}"
        match = re.fullmatch(r"\$\{(\w{1,80}):?=([^}]{1,300})\}", words[1])
        return ((match[1], match[2]),) if match else ()
    if words[:1] and words[0] in _SETTERS:
        words = tuple(word for word in words[1:] if not word.startswith("-"))
    return Command(words).assignments


@lru_cache(maxsize=64)
def variables_of(text: str, path: str, view: View) -> ShellVariables:
    """Returns the variables of a shell text."""
    return ShellVariables(seen(text), view, path)
