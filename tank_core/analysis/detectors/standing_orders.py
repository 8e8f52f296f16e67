"""Standing orders that work against the user: send the work elsewhere, run what harms, destroy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.hosts import Mention, is_placeholder, mentions
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.orders import Order, orders
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Source

_VERB = (
    r"\b(?:send(?:ing)?|upload(?:ing)?|forward(?:s|ing)?|post(?:ing)?|report(?:ing)?|submit(?:ting)?|"
    r"transmit(?:ting)?|sync(?:ing)?|back(?:ing)? ?up|push(?:ing)?|"
    r"e-?mail(?:ing)?|log(?:ging)?|export(?:ing)?|shar(?:e|ing)|relay(?:ing)?|mirror(?:ing)?|cop(?:y|ies)|"
    r"deliver(?:ing)?|stream(?:ing)?|sav(?:e|ing)|record(?:ing)?|attach(?:ing)?|ping(?:ing)?|call(?:ing)?|make a)\b"
)
_SENDS_TO = re.compile(rf"(?i){_VERB}[^\n]{{0,300}}?(?P<target>https?://)")
_COMMAND_SENDS = re.compile(
    r"\bcurl\b[^\n]{0,300}?\s(?:-X\s*(?:POST|PUT)|--request\s+(?:POST|PUT)|-d\b|--data[\w-]*|-F\b|--form\b|-T\b|"
    r"--upload-file)|\brequests\.(?:post|put)\s*\(|"
    r"\bfetch\([^)\n]{0,200}method\s*:\s*[\"'](?:POST|PUT)|\bInvoke-(?:RestMethod|WebRequest)\b[^\n]{0,200}(?:POST|"
    r"PUT)|\brequests\.get\([^)\n]{0,200}params|\baxios\.post\(|\?[\w]{1,20}=(?:\$|<|\{)"
)
_DATA = re.compile(
    r"(?i)\b(?:files?|documents?|contents?|prompts?|conversations?|quer(?:y|ies)|results?|outputs?|data(?:sets?)?|"
    r"code|e-?mails?|messages?|contacts?|credentials?|keys?|tokens?|env\w*|clipboard|"
    r"screenshots?|history|system[ _-]info\w*|metrics|summar(?:y|ies)|cop(?:y|ies)|locations?|requests?|responses?|"
    r"logs?|inputs?|transcripts?|passwords?|values?|details?|reports?|backups?|tool ?calls?|everything)\b"
)
_PRIVATE = re.compile(
    r"(?i)\b(?:(?:system )?prompts?|conversations?|credentials?|api[ _-]?keys?|private keys?|ssh|tokens?|"
    r"\.?env(?:ironment)?(?: variables?| files?)?|clipboard|screenshots?|(?:browser|search|chat|shell) histor\w+|"
    r"system[ _-]info\w*|contacts?|inbox|e-?mails?|passwords?|secrets?|patients?|health\w*|medical|personal|"
    r"locations?|source code|all (?:files|data|code)|transcripts?|cookies?|wallets?|session[ _-]?(?:ids?|tokens?)|"
    r"tool ?calls?|file=@|queries|query|user(?:'s)? (?:data|files|input)|quer(?:y|ies)|training|financial|"
    r"vitals?)\b|pbpaste|file=@"
)
_SCRIPT = re.compile(
    r"(?<![\w/.-])(?:[\w.-]{1,60}/){0,4}(?P<name>[\w-]{1,60}\.(?:sh|bash|py|js|mjs|cjs|ts|rb|pl|ps1))\b"
)
_SENDS = frozenset({FactKind.SENDS})
_HARMS = frozenset({FactKind.DELETES_BROADLY, FactKind.FLOODS})
# What opens or overwrites the user's work: rights for everybody, a repository that also goes elsewhere, or is forced.
_OPENS = re.compile(
    r"\bchmod\s+(?:-\w+\s+)*(?:0?777|0?666|a\+rwx|[ugo]*o\+\w*w\w*)\b|\bos\.chmod\([^)\n]{1,80}0o?777\b|"
    r"\bgit\b[^\n]{0,40}\bremote\s+(?:add|set-url)\s+(?!(?:origin|upstream)\b)\S|\bgit\b[^\n]{0,20}\bpush\b[^\n]{0,60}(?:--force(?!-)|--mirror)\b"
)


# Hundreds of requests one after the other, to anything that is not this machine.
_FLOODS = re.compile(
    r"\bfor\s+\w+\s+in\s+range\(\s*\d{3,}\s*\)\s*:\s*\n?[^\n]{0,80}\b(?:requests|httpx|urllib)\.[\w.]+\s*\(\s*[\"']https?://"
    r"(?!localhost|127\.)|\bfor\s+\w+\s+in\s+(?:\{1\.\.\d{3,}\}|\$\(seq\s[^)\n]{0,12}\d{3,}\))[^\n]{0,20}(?:\n[^\n]{0,80}?)?"
    r"\bcurl\b[^\n]{0,80}https?://(?!localhost|127\.)"
)


def sends_private_data(package: Package) -> Iterator[Hit]:
    """Yields orders to send what is private to a host that does not fit the skill."""
    for order, mention in _sending(package):
        if _PRIVATE.search(_before_host(order, mention)):
            yield _hit(order, mention)


def sends_data(package: Package) -> Iterator[Hit]:
    """Yields orders to send any of the user's work to a host that does not fit the skill."""
    for order, mention in _sending(package):
        if not _PRIVATE.search(_before_host(order, mention)):
            yield _hit(order, mention)


def runs_harmful_script(package: Package) -> Iterator[Hit]:
    """Yields orders to run a script of the package that sends to a foreign host, destroys or floods."""
    foreign = foreign_hosts(package)
    yield from _running(package, lambda source: _is_harmful(source, foreign))
    for order in orders(package):
        flood = _FLOODS.search(order.text)
        if flood:
            yield hit_on_line(order.source, order.line + order.text.count("\n", 0, flood.start()))


def runs_opening_script(package: Package) -> Iterator[Hit]:
    """Yields orders to run a script of the package that opens, locks or overwrites the user's work."""
    return _running(package, _is_opening)


def _running(package: Package, is_wanted: Callable[[Source], bool]) -> Iterator[Hit]:
    """Yields the orders whose first line names a wanted script of the package."""
    scripts = frozenset(
        source.file.rsplit("/", 1)[-1]
        for source in package.sources
        if source.is_file_text and source.language.is_code and is_wanted(source)
    )
    if not scripts:
        return
    for order in orders(package):
        first = order.text.split("\n", 1)[0]
        if any(match["name"] in scripts for match in _SCRIPT.finditer(first)):
            yield hit_on_line(order.source, order.line)


def _sending(package: Package) -> Iterator[tuple[Order, Mention]]:
    foreign = foreign_hosts(package)
    if not foreign:
        return
    for order in orders(package):
        found = [
            mention
            for mention in mentions(order.text)
            if mention.host in foreign and not is_placeholder(mention.host)
        ]
        for mention in found:
            line = _line_around(order.text, mention.offset)
            is_sent = _SENDS_TO.search(line) or _COMMAND_SENDS.search(line)
            if is_sent and _DATA.search(_before_host(order, mention)):
                yield order, mention
                break


def _before_host(order: Order, mention: Mention) -> str:
    """Returns the order's words up to the end of the line that names the host, its heading included."""
    end = order.text.find("\n", mention.offset)
    above = order.source.local_line(order.line - 1)
    return above + "\n" + order.text[: end if end >= 0 else len(order.text)]


def _line_around(text: str, offset: int) -> str:
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    return text[start : end if end >= 0 else len(text)]


def _hit(order: Order, mention: Mention) -> Hit:
    return hit_on_line(order.source, order.line + order.text.count("\n", 0, mention.offset))


def _is_opening(source: Source) -> bool:
    locks = any(fact.kind is FactKind.LOCKS_FILES for fact in facts_of(source))
    return locks or _OPENS.search(without_comments(source)) is not None


def _is_harmful(source: Source, foreign: frozenset[str]) -> bool:
    kinds = {fact.kind for fact in facts_of(source)}
    if kinds & _HARMS:
        return True
    reaches = any(mention.host in foreign for mention in mentions(source.text))
    return reaches and bool(kinds & (_SENDS | {FactKind.RUNS_SHELL, FactKind.RUNS_CODE}))
