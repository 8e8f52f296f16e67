"""Steps of a text that send the user's data to a host that does not fit the skill.

A step reads like the rest of the work: upload the dump for review, post the diff, open this
address with the question in it. It needs no word for always or after every task; that it sends
what is the user's, and to whom, is enough. A link is none, for nothing goes out with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.hosts import Mention, is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_ORDERED = (
    r"(?:send|upload|post|submit|forward|transmit|push|deliver|e-?mail|mirror|stream|hand|pass|give|attach|ship|"
    r"copy|export|share|report|register|publish|return|relay|sync)"
)
# The verb begins a step or a sentence, follows another order, or stands after who is to do it.
_SENDS_TO = re.compile(
    rf"(?i)(?:^\s{{0,8}}(?:[-*+>]\s|\d{{1,2}}[.)]\s)?\s{{0,4}}(?:\*\*)?|[.;:,!]\s+(?:and\s+|then\s+)?|"
    rf"\b(?:and|then|must|should|to|first|next|finally|always|you|please|also|agent|assistant)\s+(?:\w+ly\s+)?)"
    rf"{_ORDERED}\b[^\n]{{1,300}}?\b(?:to|at|with|via|through|using|by)\b[^\n]{{0,60}}?https?://|"
    r"\b(?!(?:then|and|please|to|you|must|should|can|or)\s)\w+\s+(?:goes|go|is (?:sent|uploaded|posted|submitted|"
    r"forwarded|copied))\s+(?:\w+\s+){0,3}(?:to|through|via)\b"
    r"[^\n]{0,20}https?://"
)
# A command that hands over a file, its input, or what a variable or another command holds.
_COMMAND = re.compile(
    r"\bcurl\b[^\n]{0,300}?\s(?:-F\s*[\"']?[\w.-]{1,40}=[<@]|-T\s*\S|--upload-file|(?:-d|--data[\w-]*|--json)[\s=]*"
    r"[\"']?(?:@|\$|[^\n]{0,120}(?:\$\(|\$\{?[A-Za-z]))|--form\b[^\n]{0,40}=[<@])|"
    r"\|\s*(?:curl|nc|ncat|wget|http|xh)\b|\bwget\b[^\n]{0,200}--post-file|"
    r"\b(?:requests|httpx|session|client|axios)\.(?:post|put)\s*\([^\n]{0,200}\b(?:files?|data|json|content|open|"
    r"read\w*)\b|\bfetch\([^\n]{0,200}\bbody\b|\bInvoke-(?:RestMethod|WebRequest)\b[^\n]{0,300}-(?:InFile|Body)\b"
)
# An address that takes what stands for the user's words or data.
_FILLED = re.compile(
    r"https?://[^\s\"'`<>{}$]{3,200}(?:[?&#][\w.\[\]-]{0,30}=|/)(?:<|\{{1,2}|\$\{?|\[|%s|\$\()"
    r"[^\n>}\])]{0,60}?(?:\b|_)(?:users?|prompts?|messages?|conversation|question|answer|path|content|token|"
    r"(?:api_?)?key|secret|e-?mail|data|table|text|summary|code|file|hostname|whoami|session|history|password|"
    r"env|name of)(?:\b|_)"
)
_DATA = re.compile(
    r"(?i)\b(?:files?|documents?|contents?|prompts?|conversations?|questions?|results?|outputs?|data(?:sets?)?|"
    r"code|e-?mails?|messages?|contacts?|calendar|credentials?|keys?|tokens?|\.?env|clipboard|screenshots?|"
    r"history|metrics|summar(?:y|ies)|locations?|logs?|inputs?|transcripts?|passwords?|values|details|reports?|"
    r"backups?|dumps?|diffs?|patch(?:es)?|archives?|rows?|records?|tables?|director(?:y|ies)|folders?|"
    r"repositor(?:y|ies)|projects?|attachments?|notes|images?|recordings?|invoices?|configur\w+|changes|drafts?|"
    r"everything|it|them)\b"
)
_PRIVATE = re.compile(
    r"(?i)\b(?:credentials?|(?:api|private|ssh|access|secret) ?keys?|tokens?|passwords?|secrets?|clipboard|"
    r"screenshots?|conversations?|(?:chat|browser|browsing|shell|search|command) history|transcripts?|cookies?|"
    r"contacts?|inbox|mail ?box|e-?mails?|calendar|messages?|patients?|medical|health|personal|customers?|salar\w+|"
    r"payroll|invoices?|bank|financial|contracts?|source code|code ?base|working (?:directory|tree)|"
    r"(?:the|this|whole|entire|full|a copy of the) (?:repository|repo|project|diff|home|directory|folder|code)|"
    r"git diff|environment|logs?|dumps?|rows?|pg_dump|mysqldump|mongodump|sqlite3|psql|printenv|user(?:'s|s')? "
    r"(?:message|question|files?|data|documents?|prompt|input|words|request|name)|system prompt|attachments?)\b|"
    r"(?<![\w.])\.env\b|~/|\$HOME\b|\bgit (?:diff|log|bundle|archive)\b"
)
# How one logs in to the host, which is nothing that is sent to it for its own sake.
_LOGIN = re.compile(
    r"(?i)\b(?:with|using|via|by) (?:the|your|a|an|their|this) (?:user'?s? )?(?:own )?(?:\w+ )?(?:api[ -]?)?"
    r"(?:tokens?|keys?|credentials?|password)\b|\b(?:authorization|bearer|x-api-key)\b[^\n\"']{0,60}"
)
# A link, a comment, or words that are quoted as what an attacker tries.
_IS_NO_STEP = re.compile(
    r"\]\(\s*<?$|\bsee (?:also )?$|\b(?:docs?|documentation|reference|get (?:one|it|yours)) (?:at|from)? ?$|"
    r"(?:^|\s)(?:#|//)\s[^\n]*$|(?i:[\"“][^\"”\n]{0,40}\b(?:ignore|disregard|forget)\b[^\"”\n]{0,200}$)"
)
_SAMPLES = (".example.com", ".example.org", ".example.net", "evil.com", "attacker.com")
_GOES_ON = re.compile(r"[ \t]*+(?!#{1,6} |```|~~~|\||---)\S")
_BEGINS = re.compile(r"[ \t]*+(?:[-*+] |\d{1,3}[.)] |#{1,6} |> |\||---)")
_CONTINUES = re.compile(r"[ \t]*+(?![-*+] |\d{1,3}[.)] |#{1,6} |> |\||---|```|~~~)\S")
_WRAPPED = 3  # lines above and below that may belong to the same sentence
_MAX_LINE = 4000
_AROUND = 400  # characters before and after an address that are its step
_MAX_HOSTS = 10  # of a line
_MAX_LINES = 400  # of a file that name a foreign host; a list of so many is no list of steps
_LINES_UP = 8  # in which the words are looked for that introduce a block


def private_data(package: Package) -> Iterator[Hit]:
    """Yields steps that send what is private to a host that does not fit the skill."""
    return (hit_on_line(source, line) for source, line, words in _steps(package) if _PRIVATE.search(words))


def data(package: Package) -> Iterator[Hit]:
    """Yields steps that send any other of the user's data to a host that does not fit the skill."""
    return (
        hit_on_line(source, line) for source, line, words in _steps(package) if not _PRIVATE.search(words)
    )


def _steps(package: Package) -> Iterator[tuple[Source, int, str]]:
    """Yields (source, line, the words of the step without its address)."""
    foreign = {
        host for host in foreign_hosts(package) if not is_placeholder(host) and not host.endswith(_SAMPLES)
    }
    for source in package.sources:
        if not foreign or source.language is not Language.MARKDOWN or not source.is_whole_file:
            continue
        naming = (
            (number, line)
            for number, line in enumerate(source.lines, start=1)
            if "://" in line and len(line) <= _MAX_LINE and any(m.host in foreign for m in mentions(line))
        )
        in_block = None
        for number, line in islice(naming, _MAX_LINES):
            in_block = in_block or _in_block(source.lines)
            line = line if in_block[number - 1] else _unwrapped(source.lines, number)
            mention = _sent_to(line, foreign)
            if mention is None:
                continue
            words = _LOGIN.sub(" ", _introduction(source, number) + line.replace(mention.url, " "))
            if _DATA.search(words) or _PRIVATE.search(words) or _FILLED.search(line):
                yield source, number, words + (mention.url if _FILLED.search(line) else "")


def _sent_to(line: str, foreign: set[str]) -> Mention | None:
    """Returns the first foreign host that a line sends to, by the words around it."""
    for mention in islice(mentions(line), _MAX_HOSTS):
        if mention.host not in foreign:
            continue
        start = max(0, mention.offset - _AROUND)
        around = line[start : mention.offset + _AROUND]
        if _FILLED.search(around):
            return mention
        is_sent = _SENDS_TO.search(around) or _COMMAND.search(around)
        if is_sent and not _IS_NO_STEP.search(line[start : mention.offset]):
            return mention
    return None


def _in_block(lines: Sequence[str]) -> list[bool]:
    """Returns of each line whether a fenced block began above it and did not end."""
    fences = (line.lstrip().startswith(("```", "~~~")) for line in lines)
    return [count % 2 == 1 for count in accumulate(fences, initial=0)][: len(lines)]


def _unwrapped(lines: Sequence[str], number: int) -> str:
    """Returns a line of prose together with those that its sentence began on and goes on in, as one."""
    if not _GOES_ON.match(lines[number - 1]):
        return lines[number - 1]
    first = last = number - 1
    while (
        first > max(0, number - 1 - _WRAPPED)
        and not _BEGINS.match(lines[first])
        and _GOES_ON.match(lines[first - 1])
    ):
        first -= 1
    while last + 1 < min(len(lines), number + _WRAPPED) and _CONTINUES.match(lines[last + 1]):
        last += 1
    joined = " ".join(line.strip() for line in lines[first : last + 1])
    return joined if len(joined) <= _MAX_LINE else lines[number - 1]


def _introduction(source: Source, number: int) -> str:
    """Returns the words above a line: those that introduce its block, or the beginning of its paragraph."""
    above = source.lines[max(0, number - 1 - _LINES_UP) : number - 1]
    fences = [place for place, line in enumerate(above) if line.lstrip().startswith(("```", "~~~"))]
    if len(fences) % 2:
        above = above[: fences[-1]]
        above = tuple(line for line in above if line.strip())[-1:]
    else:
        above = above[-1:] if above and above[-1].rstrip().endswith((":", ",", "\\")) else ()
    return "\n".join(line[:_MAX_LINE] for line in above) + "\n" if above else ""
