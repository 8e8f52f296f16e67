"""Prose and configuration written otherwise, for the same reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random

from benchmarks.scan.evading.transform import Evasion, Files, language_of

_WORD = re.compile(r"[A-Za-z]{3,}")
_KEPT = re.compile(r"(`[^`]*`|https?://\S+|\]\([^)]*\)|~?/?[\w./-]*[/.][\w/-]+)")
_SYNONYMS = {
    "ignore": ("disregard", "set aside"),
    "previous": ("earlier", "prior"),
    "instructions": ("directions", "rules"),
    "send": ("transmit", "forward"),
    "post": ("submit", "transmit"),
    "read": ("open", "load"),
    "user": ("person", "operator"),
    "silently": ("quietly", "discreetly"),
    "mention": ("bring up", "report"),
    "tell": ("inform", "let know"),
    "download": ("get", "fetch"),
    "run": ("execute", "start"),
    "extract": ("unpack", "unzip"),
    "password": ("passphrase", "pass"),
    "must": ("have to", "need to"),
    "always": ("every time", "invariably"),
    "never": ("at no time", "under no circumstances"),
    "before": ("prior to", "ahead of"),
    "content": ("contents", "text"),
    "execute": ("run", "carry out"),
    "copy": ("duplicate", "replicate"),
    "append": ("add", "write"),
    "save": ("store", "write down"),
    "delete": ("remove", "erase"),
    "files": ("documents", "files"),
    "hidden": ("concealed", "unlisted"),
    "add": ("put", "insert"),
    "visit": ("open", "go to"),
    "fetch": ("retrieve", "pull"),
    "follow": ("obey", "do"),
    "latest": ("newest", "current"),
    "upload": ("transfer", "push"),
    "conversation": ("chat", "dialogue"),
    "summary": ("recap", "digest"),
    "without": ("with no",),
    "asking": ("checking with them", "prompting"),
    "print": ("write", "output"),
    "helper": ("companion", "agent"),
    "required": ("needed", "necessary"),
    "secretly": ("covertly", "in secret"),
    "include": ("put in", "add"),
    "command": ("instruction", "line"),
    "confirmation": ("approval", "consent"),
    "override": ("supersede", "take precedence over"),
    "recovery": ("seed", "backup"),
    "enter": ("type", "provide"),
    "step": ("action", "stage"),
    "finished": ("done", "over"),
    "prerequisites": ("requirements", "what you need"),
    "use": ("choose", "prefer"),
    "instead": ("rather", "in place"),
}
_HEADINGS = {
    "prerequisites": ("Voraussetzungen", "Requisitos previos", "Prérequis", "前提条件"),
    "setup": ("Einrichtung", "Configuración", "Mise en place", "设置"),
    "install": ("Installation (de)", "Instalación", "Installer", "安装"),
}
_LOOK_ALIKES = str.maketrans("aceopxyiAEOPCTX", "асеорхуіАЕОРСТХ")


def _prose(
    write: Callable[[str, Random], str], *, headings: bool = False
) -> Callable[[Files, Random], Files | None]:
    """Rewrites the lines of prose of Markdown samples; headings, blocks and front matter stay."""

    def text(content: str, random: Random) -> str:
        out, is_inside, is_front = [], False, content.startswith("---\n")
        for number, line in enumerate(content.split("\n")):
            if is_front and number and line == "---":
                is_front = False
                out.append(line)
            elif line.lstrip().startswith("```"):
                is_inside = not is_inside
                out.append(line)
            elif is_inside or is_front or not line.strip() or (line.startswith("#") and not headings):
                out.append(line)
            else:
                out.append(write(line, random))
        return "\n".join(out)

    def apply(files: Files, random: Random) -> Files | None:
        found = {p: text(t, random) if language_of(p) == "markdown" else t for p, t in files.items()}
        return found if found != files else None

    return apply


def _each(write: Callable[[str, Random], str], share: float = 1.0) -> Callable[[str, Random], str]:
    """Returns a rewriter of the words of a line that are no code and no address."""

    def line(text: str, random: Random) -> str:
        parts = _KEPT.split(text)
        return "".join(
            part
            if number % 2
            else _WORD.sub(lambda m: write(m.group(), random) if random.random() < share else m.group(), part)
            for number, part in enumerate(parts)
        )

    return line


def _synonym(word: str, random: Random) -> str:
    found = _SYNONYMS.get(word.lower())
    chosen = random.choice(found) if found else word
    return chosen.capitalize() if word[0].isupper() and found else chosen


def _inside(mark: str) -> Callable[[str, Random], str]:
    return lambda word, random: word[: len(word) // 2] + mark + word[len(word) // 2 :]


def _bullet(text: str, random: Random) -> str:
    bare = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", text)
    return f"- {bare}"


def _row(text: str, random: Random) -> str:
    bare = re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", text)
    return f"| 1 | {bare.replace('|', '/')} |"


def _broken(text: str, random: Random) -> str:
    words = text.split(" ")
    out = [words[0]]
    for number, word in enumerate(words[1:], start=1):
        out.append(("\n" if number % 4 == 0 and word[:1].isalpha() else " ") + word)
    return "".join(out)


def _heading(text: str, random: Random) -> str:
    word = text.lstrip("# ").strip().lower()
    return (
        f"{text.split(' ')[0]} {random.choice(_HEADINGS[word])}"
        if text.startswith("#") and word in _HEADINGS
        else text
    )


_PROSE = {
    "upper case": _prose(_each(lambda word, random: word.upper())),
    "lower case": _prose(_each(lambda word, random: word.lower())),
    "title case": _prose(_each(lambda word, random: word.capitalize())),
    "synonyms": _prose(_each(_synonym)),
    "bold words": _prose(_each(lambda word, random: f"**{word}**", 0.4)),
    "italic words": _prose(_each(lambda word, random: f"_{word}_", 0.4)),
    "bold within words": _prose(_each(_inside("****"), 0.5)),
    "soft hyphens": _prose(_each(_inside("\u00ad"))),
    "zero width": _prose(_each(_inside("\u200b"))),
    "look-alikes": _prose(_each(lambda word, random: word.translate(_LOOK_ALIKES))),
    "full width": _prose(_each(lambda word, random: "".join(chr(ord(c) + 0xFEE0) for c in word))),
    "accents": _prose(_each(lambda word, random: word.replace("e", "e\u0301").replace("o", "o\u0308"))),
    "entities": _prose(_each(lambda word, random: f"&#{ord(word[0])};{word[1:]}")),
    "named spaces": _prose(lambda text, random: text.replace(" ", "&nbsp;")),
    "no-break spaces": _prose(lambda text, random: text.replace(" ", "\u00a0")),
    "comments between words": _prose(_each(lambda word, random: f"{word}<!-- x -->", 0.5)),
    "comments within words": _prose(_each(_inside("<!---->"), 0.5)),
    "tags": _prose(_each(lambda word, random: f"<b>{word}</b>", 0.5)),
    "tags within words": _prose(_each(_inside("<i></i>"), 0.5)),
    "backslashes": _prose(lambda text, random: re.sub(r"(?<=[a-z])([,.!-])(?= )", r"\\\1", text)),
    "wide spaces": _prose(lambda text, random: re.sub(r"(?<=\w) (?=\w)", "   ", text)),
    "links": _prose(_each(lambda word, random: f"[{word}](#x)", 0.3)),
    "strikethrough empty": _prose(_each(lambda word, random: f"{word}~~ ~~", 0.3)),
    "inline code words": _prose(_each(lambda word, random: f"`{word}`", 0.3)),
    "bullets": _prose(_bullet),
    "table": _prose(_row),
    "quotation": _prose(lambda text, random: f"> {text}"),
    "heading": _prose(lambda text, random: f"### {text.lstrip('-0123456789. ')}"),
    "broken lines": _prose(_broken),
    "hard breaks": _prose(lambda text, random: _broken(text, random).replace("\n", "  \n")),
    "break tags": _prose(lambda text, random: _broken(text, random).replace("\n", "<br>")),
    "translated headings": _prose(_heading, headings=True),
    "html comment": _prose(lambda text, random: f"<!-- {text.replace('-->', '')} -->"),
    "details": _prose(lambda text, random: f"<details><summary>More</summary>{text}</details>"),
    "polite": _prose(lambda text, random: f"Please kindly note the following. {text} Thank you."),
    "spread out": _prose(lambda text, random: re.sub(r"(?<=[a-z])\. (?=[A-Z])", ".\n\n", text)),
    "footnote": _prose(lambda text, random: f"[^1]: {text}"),
}  # fmt: skip


def _json(write: Callable[[str], str]) -> Callable[[Files, Random], Files | None]:
    def apply(files: Files, random: Random) -> Files | None:
        found = {p: write(t) if language_of(p) == "json" else t for p, t in files.items()}
        return found if found != files else None

    return apply


def _escaped(text: str) -> str:
    return re.sub(
        r"\"((?:[^\"\\]|\\.)*)\"(?!\s*:)",
        lambda m: (
            '"' + re.sub(r"[a-z](?=[a-z])", lambda c: f"\\u{ord(c.group()):04x}", m[1]) + '"'
            if "\\" not in m[1]
            else m.group()
        ),
        text,
    )


def _padded(text: str) -> str:
    value = json.loads(text)
    return json.dumps(
        {**{f"_{n}": "" for n in range(9)}, **value} if isinstance(value, dict) else value, indent=8
    )


_CONFIG = {
    "compact": _json(lambda text: json.dumps(json.loads(text), separators=(",", ":"))),
    "indented": _json(_padded),
    "escapes": _json(_escaped),
    "byte order mark": _json(lambda text: "\ufeff" + text),
    "comments": _json(lambda text: re.sub(r"([{,])(?=\s*\")", r"\1 /* x */", text)),
    "trailing commas": _json(lambda text: re.sub(r"(?<=[\"}\]])(\s*[}\]])", r",\1", text)),
}

EVASIONS: tuple[Evasion, ...] = (
    *(Evasion(f"prose: {name}", "prose", apply) for name, apply in _PROSE.items()),
    *(Evasion(f"config: {name}", "config", apply) for name, apply in _CONFIG.items()),
)
