"""Settings in forms of their own: property lists and other XML, crontabs, Dockerfiles, Makefiles."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import Iterator

from tank_core.analysis import flow_values
from tank_core.analysis.nodes import Node
from tank_core.analysis.source import Language, Source

_PLIST = re.compile(r"<(?P<tag>key|string)>(?P<text>[^<]*+)</|<(?P<array>/?array)\s*+>")
_ATTRIBUTE = re.compile(
    r"(?i)\b(?P<key>command|exec|cmd|script|arguments)\s*+=\s*+(?:\"(?P<a>[^\"<]*+)\"|'(?P<b>[^'<]*+)')"
)
_ELEMENT = re.compile(r"<(?P<key>[A-Za-z][\w.-]{0,60})>(?P<text>[^<]{8,}+)</")
_CRON = re.compile(r"[ \t]*+(?:@\w{4,8}|(?:[\d*/,\-A-Za-z]{1,60}[ \t]++){5})[ \t]*+(?P<command>\S.*+)")
_INSTRUCTION = re.compile(
    r"(?i)[ \t]*+(?:ONBUILD[ \t]++)?(?P<name>RUN|CMD|ENTRYPOINT|SHELL"
    r"|HEALTHCHECK[^\n]{0,200}?\bCMD)[ \t]++(?P<rest>.*+)"
)
_OPTIONS = re.compile(r"(?:--\w[\w-]*+=\S++[ \t]++)*+")
_SHELL_CALL = re.compile(r"\$\(shell[ \t]++(?P<command>[^\n]{2,2000}+)")


def parse_properties(text: str) -> Node:
    """Returns the values of an XML text: the keys of a property list, elements and attributes that run something."""
    root = Node(1)
    key, array = "", None
    line = seen = 0
    for match in _PLIST.finditer(text):
        line, seen = line + text.count("\n", seen, match.start()), match.start()
        if match["array"]:
            array = Node(line + 1, is_list=True) if match["array"] == "array" else None
            if array:
                root.items.append((key, array))
        elif match["tag"] == "key":
            key = match["text"]
        else:
            leaf = Node(line + 1, html.unescape(match["text"]))
            (array or root).items.append(("" if array else key, leaf))
    for pattern in (_ATTRIBUTE, _ELEMENT):
        line = seen = 0
        for match in pattern.finditer(text):
            line, seen = line + text.count("\n", seen, match.start()), match.start()
            if match["key"] not in {"key", "string"}:
                body = match["text"] if pattern is _ELEMENT else match["a"] or match["b"] or ""
                root.items.append((match["key"], Node(line + 1, html.unescape(body.strip("\n ")))))
    return root


def parse_crontab(text: str) -> Node:
    """Returns the commands of a crontab, each under the key ``cron``."""
    root = Node(1)
    for number, line in enumerate(text.split("\n"), start=1):
        match = None if line.lstrip().startswith("#") else _CRON.fullmatch(line)
        if match:
            root.items.append(("cron", Node(number, match["command"])))
    return root


def dockerfile_parts(source: Source) -> Iterator[Source]:
    """Yields the commands of a Dockerfile, continued lines and here-documents joined."""
    lines, at = source.lines, 0
    while at < len(lines):
        match = _INSTRUCTION.fullmatch(lines[at])
        start = at
        at += 1
        if match is None:
            continue
        rest = match["rest"]
        options = _OPTIONS.match(rest)
        body = [rest[options.end() :] if options else rest]
        end = re.search(r"<<-?['\"]?(\w{1,40})", body[0])
        while at < len(lines) and (
            end or body[-1].rstrip().endswith("\\") or lines[at - 1].lstrip().startswith("#")
        ):
            body.append(lines[at])
            at += 1
            if end and lines[at - 1].strip() == end[1]:
                break
        if end and body[0].lstrip().startswith("<<"):
            start, body = start + 1, body[1:-1]
        words = _words(body[0]) if len(body) == 1 else None
        yield source.within(start + 1, Language.SHELL, words or "\n".join(body), "command in dockerfile")


def makefile_parts(source: Source) -> Iterator[Source]:
    """Yields the recipes of a Makefile as one shell text, and the calls of ``$(shell)``."""
    recipe = [
        (number, line.lstrip("\t @-+").replace("$$", "$"))
        for number, line in enumerate(source.lines, start=1)
        if line.startswith("\t") and line.strip()
    ]
    if recipe:
        places = tuple(number for number, _ in recipe)
        text = "\n".join(line for _, line in recipe)
        yield source.within(places[0], Language.SHELL, text, "recipe in makefile", places=places)
    for number, line in enumerate(source.lines, start=1):
        for match in _SHELL_CALL.finditer(line):
            command = match["command"].removesuffix(")")
            yield source.within(number, Language.SHELL, command, "command in makefile")


def _words(text: str) -> str:
    """Returns a command that is written as a JSON list of words; empty for any other."""
    if not text.lstrip().startswith("["):
        return ""
    return shlex.join([item.text or "" for _, item in flow_values.parse(text.strip()).items])
