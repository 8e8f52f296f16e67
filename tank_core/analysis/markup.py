"""HTML, alone or within Markdown: its scripts, comments, handlers and code, and the text that is shown.

Found by searching for tags, not by parsing: a browser repairs what is malformed, and
an agent reads the raw text anyway. Every part keeps the lines that it stands on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from tank_core.analysis import languages
from tank_core.analysis.source import Language, Source

_OPENING = re.compile(
    r"(?i)<(?P<tag>script|pre|code|kbd|samp|textarea|template|details)\b(?P<attributes>[^<>]{0,2000}+)>"
)
_HANDLER = re.compile(
    r"(?i)\s(?:on[a-z]{3,20}|srcdoc)\s*+=\s*+(?:\"(?P<double>[^\"\n]{4,4000})\"|'(?P<single>[^'\n]{4,4000})')"
    r"|\b(?:href|src|action|xlink:href)\s*+=\s*+[\"']\s*+(?:java|vb)script:(?P<link>[^\"'\n]{4,4000})"
)
_LINK = re.compile(r"(?i)\]\(\s*+<?javascript:(?P<link>[^\s<>]{4,4000})")
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]{0,4000}>")
_KIND = re.compile(
    r"(?i)(?:lang|type|class)\s*=\s*[\"']?(?:text/|application/)?(?:x-)?(?:language-|lang-)?([a-z0-9+#-]+)"
)
_MAX_PARTS = 2000  # of one kind in one text; what comes after is still read as part of the whole


def comments(source: Source, text: str) -> Iterator[Source]:
    """Yields each HTML comment: as code when it looks like some, else as instructions.

    Args:
        text: the source's text, or one of the same lines.
    """
    line, seen, start = 1, 0, text.find("<!--")
    for _ in range(_MAX_PARTS):
        if start < 0:
            return
        line, seen = line + text.count("\n", seen, start), start
        end = text.find("-->", start + 4)
        body = text[start + 4 : end if end >= 0 else len(text)]
        lead = len(body) - len(body.lstrip())
        if body.strip():
            first = line + body.count("\n", 0, lead)
            yield source.within(first, _prose_or_code(body), body.strip(), "html comment")
        start = text.find("<!--", end + 3) if end >= 0 else -1


def elements(source: Source, text: str) -> Iterator[Source]:
    """Yields what stands in ``script``, ``pre`` and ``code`` elements, as the language it is in."""
    position = line = seen = 0
    for _ in range(_MAX_PARTS):
        match = _OPENING.search(text, position)
        if match is None:
            return
        end = _closing(text, match)
        line, seen = line + text.count("\n", seen, match.end()), match.end()
        position = max(end, match.end())
        tag, body = match["tag"].lower(), text[match.end() : end]
        shown = body if tag == "script" else html.unescape(_TAG.sub("", body))
        language = _language(tag, match["attributes"], body, shown)
        if body.strip() and language is not Language.TEXT:
            yield source.within(line + 1, language, shown, f"{tag} in html")


def _language(tag: str, attributes: str, body: str, shown: str) -> Language:
    kind = _KIND.search(attributes)
    if tag != "script" and body.lstrip().startswith("<code"):
        kind = _KIND.search(body[:200]) or kind
    named = languages.language_of_block(kind[1], "") if kind else Language.TEXT
    if named is not Language.TEXT:
        return named
    return Language.JAVASCRIPT if tag == "script" else languages.sniffed(shown)


def handlers(source: Source, text: str) -> Iterator[Source]:
    """Yields the JavaScript of event handlers and of ``javascript:`` links."""
    line, seen = 1, 0
    for pattern in (_HANDLER, _LINK):
        for match in pattern.finditer(text):
            if match.start() < seen:
                line, seen = 1, 0
            line, seen = line + text.count("\n", seen, match.start()), match.start()
            body = next(filter(None, match.groups()), "").removesuffix(")" if pattern is _LINK else "")
            yield source.within(line, Language.JAVASCRIPT, html.unescape(body), "handler in html")


def shown_text(source: Source) -> Iterator[Source]:
    """Yields the text of an HTML document without its tags, with the same lines."""
    text = _TAG.sub(_blank, _without_scripts(source.text))
    shown = "\n".join(html.unescape(line) for line in text.split("\n"))
    if shown != source.text and len(shown.split()) > 2:
        yield source.within(1, Language.MARKDOWN, shown, "text of html")


def _closing(text: str, opening: re.Match[str]) -> int:
    found = re.compile(rf"(?i)</{opening['tag']}\b").search(text, opening.end())
    return found.start() if found else len(text)


def _without_scripts(text: str) -> str:
    kept, position = [], 0
    for match in re.finditer(r"(?i)<(?P<tag>script|style)\b[^<>]{0,2000}+>", text):
        if match.start() < position:
            continue
        end = _closing(text, match)
        kept.append(text[position : match.start()])
        kept.append("\n" * text.count("\n", match.start(), end))
        position = end
    return "".join([*kept, text[position:]])


def _blank(match: re.Match[str]) -> str:
    return " " + "\n" * match.group().count("\n")


def _prose_or_code(text: str) -> Language:
    language = languages.sniffed(text)
    return language if language.is_code else Language.MARKDOWN
