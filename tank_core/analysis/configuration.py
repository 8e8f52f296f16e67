"""Configuration that carries commands or texts: JSON, YAML, TOML, INI, property lists, crontabs.

A value under a key that names a command is a shell source, with its arguments joined
to it; so is any value that reads like one. A long text is a Markdown source, because
an agent may be given it as a prompt. JSON within a text is read as well. The raw text
stays a source of its own, so nothing depends on what this reader understands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from tank_core.analysis import flow_values, languages, line_values, other_settings
from tank_core.analysis.nodes import MAX_DEPTH, Node
from tank_core.analysis.source import Language, Source


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMAND_KEYS = _words(
    "command commands cmd cmds run runs script scripts exec execute entrypoint shell bash sh powershell pwsh "
    "hook hooks preinstall install postinstall prepare prepublish prepublishonly prepack postpack preuninstall "
    "uninstall postuninstall preversion postversion oncreatecommand updatecontentcommand postcreatecommand "
    "poststartcommand postattachcommand initializecommand beforescript afterscript beforeinstall afterinstall "
    "onstart onstop setup prestart poststart pretest test posttest prebuild postbuild predeploy postdeploy "
    "statusline apikeyhelper awsauthrefresh awscredentialexport otelheadershelper execstart execstartpre "
    "execstartpost execstop execstoppost execreload execcondition programarguments program healthcheck "
    "bootstrap prerun postrun precommit prepush tasks cron"
)
_MAPPINGS = _words("scripts hooks commands tasks aliases alias prerequisites")  # of a name to a command
_ARGUMENT_KEYS = _words("args arguments argv")
_NOT_COMMANDS = _words(
    "description title summary name label license author homepage repository keywords version id type matcher"
)
_SHELLS = re.compile(r"(?:.*/)?(?:ba|z|k|da)?sh")
_STRONG = re.compile(r"https?://|\||&&|\$\(|`|;[ \t]|[ \t]--?[A-Za-z]")
_MIN_WORDS = 6  # of a text that could instruct somebody
_MAX_OWN = 300  # values with a source each, per kind; more of one file share one source
_MAX_JSON_TEXT = 64 << 10  # characters of a JSON document within a text
_READERS: dict[Language, Callable[[str], Node]] = {
    Language.JSON: flow_values.parse,
    Language.YAML: line_values.parse_yaml,
    Language.TOML: line_values.parse_settings,
    Language.INI: line_values.parse_settings,
    Language.XML: other_settings.parse_properties,
    Language.CRONTAB: other_settings.parse_crontab,
}
LANGUAGES = frozenset(_READERS)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that is read in a way of its own: what it is (``command`` or ``text``), and where."""

    kind: str
    language: Language
    path: tuple[str, ...]
    text: str
    places: tuple[int, ...]


def parts_of(source: Source, *, named: str = "", outer: Source | None = None) -> Iterator[Source]:
    """Yields the commands and texts in a configuration source, in its order.

    Args:
        source: a source in one of ``LANGUAGES``.
        named: what its provenance calls the text instead of its language.
        outer: the source whose provenance goes before, when it is not the source itself.
    """
    root = _READERS[source.language](source.text)
    name = named or str(source.language)
    own: dict[str, int] = {}
    shared: dict[tuple[str, Language], list[_Value]] = {}
    for value in _values(root, (), root):
        own[value.kind] = own.get(value.kind, 0) + 1
        if own[value.kind] > _MAX_OWN:
            shared.setdefault((value.kind, value.language), []).append(value)
            continue
        path = ".".join(key for key in value.path if key)[:120]
        yield _source(source, outer, [value], f"{value.kind} in {name}{': ' + path if path else ''}")
    for (kind, _), values in shared.items():
        yield _source(source, outer, values, f"{kind}s in {name}")


def _source(source: Source, outer: Source | None, values: list[_Value], how: str) -> Source:
    text = "\n".join(value.text for value in values)
    places = tuple(place for value in values for place in _spread(value))
    made = source.within(places[0], values[0].language, text, how, places=places)
    if outer is None:
        return made
    provenance = f"{outer.provenance}, {how}" if outer.provenance else how
    return Source(
        made.file, made.first_line, made.language, made.text, provenance, made.is_decoded, made.places
    )


def _spread(value: _Value) -> tuple[int, ...]:
    """Returns a line for each line of a value; where only the first is known, that one."""
    count = value.text.count("\n") + 1
    return (*value.places, *(value.places[-1:] * (count - len(value.places))))[:count]


def _values(node: Node, path: tuple[str, ...], parent: Node) -> Iterator[_Value]:
    if len(path) > MAX_DEPTH:
        return
    if node.text is not None:
        yield from _of_text(node, path, parent)
        return
    if node.is_list and _is_command(path) and all(item.text is not None for _, item in node.items):
        yield from _of_list(node, path, parent)
        return
    for key, inner in node.items:
        yield from _values(inner, (*path, key), node)


def _of_list(node: Node, path: tuple[str, ...], parent: Node) -> Iterator[_Value]:
    words = [item.text or "" for _, item in node.items]
    if not words:
        return
    is_one = _key(path) not in {"hooks", "commands", "scripts", "tasks"} and " " not in words[0].strip()
    if not is_one:
        for _, item in node.items:
            yield _command(item, path, item.text or "")
        return
    yield _command(node, path, shlex.join([*words, *_arguments(parent)]))
    yield from _of_shell(node, path, words)


def _of_shell(node: Node, path: tuple[str, ...], words: list[str]) -> Iterator[_Value]:
    """Yields what a shell in a list of words is told to run."""
    for flag, script in pairwise(words[1:]):
        if _SHELLS.fullmatch(words[0]) and re.fullmatch(r"-\w*c", flag):
            yield _command(node, path, script)


def _of_text(node: Node, path: tuple[str, ...], parent: Node) -> Iterator[_Value]:
    text, places = node.text or "", node.places or (node.line,)
    key = _key(path)
    if not text.strip():
        return
    if _is_command(path) and key not in _NOT_COMMANDS:
        yield from _of_command(node, path, _arguments(parent))
        return
    if text.lstrip()[:1] in {"{", "["} and len(text) <= _MAX_JSON_TEXT:
        for value in _values(flow_values.parse(text), path, Node(node.line)):
            yield _Value(value.kind, value.language, value.path, value.text, (node.line,))
        return
    language = languages.sniffed(text)
    if (
        language.is_code
        and key not in _NOT_COMMANDS
        and (_STRONG.search(text) or language is not Language.SHELL)
    ):
        yield _Value("command" if language is Language.SHELL else "code", language, path, text, places)
    elif len(text.split(None, _MIN_WORDS)) >= _MIN_WORDS:
        yield _Value("text", Language.MARKDOWN, path, text, places)


def _of_command(node: Node, path: tuple[str, ...], arguments: list[str]) -> Iterator[_Value]:
    text = _without_marks(node.text or "")
    language = languages.sniffed(text)
    language = Language.SHELL if language is Language.TEXT or arguments else language
    joined = f"{text} {shlex.join(arguments)}" if arguments else text
    yield _Value("command", language, path, joined, node.places or (node.line,))
    yield from _of_shell(node, path, [text.strip(), *arguments])


def _command(node: Node, path: tuple[str, ...], text: str) -> _Value:
    return _Value("command", Language.SHELL, path, text, node.places or (node.line,))


def _arguments(parent: Node) -> list[str]:
    """Returns the words of the list of arguments that stands beside a command."""
    for key, inner in parent.items:
        if _plain(key) in _ARGUMENT_KEYS and inner.is_list:
            return [item.text for _, item in inner.items if item.text is not None]
    return []


def _is_command(path: tuple[str, ...]) -> bool:
    key = _key(path)
    if key in _COMMAND_KEYS or key.endswith(("command", "cmd", "script", "hook")):
        return True
    named = [_plain(name) for name in path if name]
    return len(named) > 1 and named[-2] in _MAPPINGS


def _without_marks(text: str) -> str:
    """Returns a command without the marks that systemd and Git put before one."""
    return re.sub(r"^[-@+!:]{1,3}(?=[/\w])", "", text)


def _key(path: tuple[str, ...]) -> str:
    return next((_plain(key) for key in reversed(path) if key), "")


def _plain(key: str) -> str:
    return key.lower().replace("-", "").replace("_", "")
