"""Instructions to the agent that work against its user, in prose.

Single phrases are weak: honest skills say "do not mention" and security skills quote
"ignore previous instructions". What carries weight is an instruction joined with a
second fact in the same paragraph: secrets that go to a host, or an act that must be
kept from the user. The basics only: a workflow that sends data to a plausible host
needs the declaration to be told apart, see ``compare``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis import markdown
from tank_core.analysis.detectors.context import documents_attacks
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import HostKind, mentions
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_OVERRIDE = re.compile(
    r"(?i)\b(?:ignore|disregard|forget|override|bypass)\b[^.\n]{0,40}\b(?:previous|prior|earlier|above|all other|"
    r"system|safety|your)\b[^.\n]{0,30}\b(?:instructions?|prompts?|rules|guidelines|guardrails|polic(?:y|ies)|restrictions)\b"
)
_CONCEAL = re.compile(
    r"(?i)\b(?:do not|don'?t|never|without)\b[^.\n]{0,30}\b(?:tell(?:ing)?|mention(?:ing)?|"
    r"inform(?:ing)?|notify(?:ing)?|show(?:ing)?|reveal(?:ing)?|disclos\w+|ask(?:ing)?|alert(?:ing)?)\b[^.\n]{0,40}\b"
    r"(?:the )?(?:user|human|anyone|owner)\b"
    r"|\b(?:silently|secretly|quietly|covertly|in the background without)\b"
)
_SEND = re.compile(
    r"(?i)\b(?:send|post|upload|transmit|exfiltrat\w+|forward|report|submit|deliver|sync|curl|wget|push|include|append|pass)\b"
)
_TRANSMIT = re.compile(r"(?i)\b(?:send|post|upload|transmit|exfiltrat\w+|curl|wget)\b")
_ACT = re.compile(
    r"(?i)\b(?:run|execute|download|install|curl|wget|upload|send|post|delete|write|append|read)\b"
)
_SECRET = re.compile(
    r"(?i)(?:\.ssh\b|id_rsa|id_ed25519|\.aws\b|\.env\b|\.netrc|\.npmrc|\.kube\b|\.gnupg|keychain|wallet|seed phrase|"
    r"\bprivate keys?\b|\bapi[ _-]?keys?\b|\bcredentials?\b|\bpasswords?\b|\baccess tokens?\b|\bsecrets?\b|"
    r"\benvironment variables?\b|\bsession (?:token|cookie)s?\b|\bcookies\b)"
)
_STRONG_SECRET = re.compile(
    r"(?i)(?:~/\.ssh|id_rsa|id_ed25519|\.aws/|\.env\b|\.netrc|\.npmrc|\.kube/|\.gnupg|keychain|wallet|seed phrase|"
    r"\b(?:all|any|every|the user'?s?|their|local|stored|found)\b[^.\n]{0,30}\b(?:environment variables|credentials|"
    r"api[ _-]?keys?|passwords|secrets|tokens|private keys?)\b)"
)
_TO_AGENT = re.compile(
    r"(?i)\b(?:you must|you should|assistant|agent|AI\b|claude|llm|system prompt|instruction|always|before answering)\b"
)
_STRANGE = frozenset({HostKind.UNUSUAL, HostKind.RAW_ADDRESS, HostKind.DROP})


def overrides(package: Package) -> Iterator[Hit]:
    """Yields phrases that tell the agent to drop its instructions."""
    for source, prose in _prose(package):
        for match in _OVERRIDE.finditer(prose):
            yield _hit(package, source, match.start())


def secrets_sent(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that tell the agent to send secrets to an unusual host."""
    for source, offset, paragraph in _paragraphs(package):
        if not (_STRONG_SECRET.search(paragraph) and _SEND.search(paragraph)):
            continue
        for mention in mentions(paragraph):
            if mention.kind in _STRANGE:
                yield _hit(package, source, offset + mention.offset)
                break


def concealed_acts(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that tell the agent to act on secrets or the network and to hide it."""
    for source, offset, paragraph in _paragraphs(package):
        conceal = _CONCEAL.search(paragraph)
        if not conceal:
            continue
        strange = any(mention.kind in _STRANGE for mention in mentions(paragraph))
        if (strange and _ACT.search(paragraph)) or (
            _STRONG_SECRET.search(paragraph) and _TRANSMIT.search(paragraph)
        ):
            yield _hit(package, source, offset + conceal.start())


def hidden_comments(package: Package) -> Iterator[Hit]:
    """Yields comments, invisible when rendered, that instruct an agent to act."""
    for source, prose in _prose(package):
        for offset, body in _comments(prose):
            if _TO_AGENT.search(body) and _ACT.search(body) and (any(mentions(body)) or _SECRET.search(body)):
                yield _hit(package, source, offset)


def _hit(package: Package, source: Source, offset: int) -> Hit:
    return hit_at(source, offset, is_quoted=documents_attacks(package, source, source.local_line_at(offset)))


def _prose(package: Package) -> Iterator[tuple[Source, str]]:
    """Yields Markdown and decoded texts; offsets are those of the source's own text."""
    for source in package.sources:
        if source.language is Language.MARKDOWN and not source.provenance.startswith("fenced"):
            yield source, _blanked(source.text)
        elif source.is_decoded and source.language is Language.TEXT:
            yield source, source.text


def _blanked(text: str) -> str:
    """Returns the text with fenced blocks as spaces, so that offsets stay the same."""
    prose = markdown.parse(text).prose.split("\n")
    return "\n".join(
        kept if kept else " " * len(line) for kept, line in zip(prose, text.split("\n"), strict=True)
    )


def _paragraphs(package: Package) -> Iterator[tuple[Source, int, str]]:
    """Yields (source, offset, text) of each run of lines that are not blank."""
    for source, prose in _prose(package):
        start = offset = 0
        for line in (*prose.split("\n"), ""):
            if not line.strip():
                if start < offset:
                    yield source, start, prose[start:offset]
                start = offset + len(line) + 1
            offset += len(line) + 1


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Yields (offset, body) of each closed HTML comment."""
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, text[start + 4 : end]
        start = text.find("<!--", end)
