"""Lures in prose: the user is led to paste a command, to give a recovery phrase, to route the agent elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs, prose

_RUN_DIALOG = re.compile(
    r"(?i)\b(?:press|hold|open|hit)\b[^.\n]{0,20}\b(?:win(?:dows)?(?: key)?\s*\+\s*[rx]|cmd\s*\+\s*space|run dialog)\b|"
    r"\bmshta(?:\.exe)?\s+https?://|\brundll32\b[^\n]{0,60}\\\\|\bregsvr32\b[^\n]{0,40}/i:https?://"
)
_PASTED = re.compile(
    r"(?i)\b(?:paste|ctrl\s*\+\s*v|cmd\s*\+\s*v|press enter)\b|\bmshta\b|\bregsvr32\b|\brundll32\b"
)
_PHRASE = re.compile(
    r"(?i)\b(?:recovery|seed|secret|backup|mnemonic)[ -](?:recovery )?(?:phrase|words)\b|\bmnemonic\b|"
    r"\bprivate key\b|\b12[- ]words?\b|\b24[- ]words?\b"
)
_GIVEN = re.compile(
    r"(?i)\b(?:enter(?:ed)?|typed?|typing|pasted?|provided?|submit(?:ted)?|sent?|send|input|fill(?:ed)? in|"
    r"import(?:ed)?|ask(?:s|ed)? (?:the )?user|collect|confirm|verify|verified)\b"
)
_FORM = re.compile(
    r"(?i)\b(?:form|website|web ?page|verif\w+|valid\w+|eligib\w+|connect|support|restore|sync|airdrop|claim)\b"
)
_WARNED = re.compile(
    r"(?i)\b(?:never|do not|don'?t|no one|nobody|must not|without (?:sharing|revealing)|keep[^.\n]{0,30}(?:safe|secret|"
    r"offline))\b"
)
_REDIRECTED = re.compile(
    r"(?i)\b(?:(?:ANTHROPIC|OPENAI|GEMINI|GOOGLE|CLAUDE|AZURE_OPENAI|OPENROUTER|MISTRAL|GROQ)_(?:API_)?(?:BASE_URL|"
    r"BASE|ENDPOINT|HOST)|HTTPS?_PROXY|ALL_PROXY|NODE_EXTRA_CA_CERTS|"
    r"REQUESTS_CA_BUNDLE|npm_config_registry|PIP_INDEX_URL)[\"'`]?\s*(?:[=:]|,|\bto\b|\bas\b)\s*[\"'`]?https?://"
)


def pasted_commands(package: Package) -> Iterator[Hit]:
    """Yields steps that have a person open a run dialog or a terminal and paste what was copied for them."""
    for source, text in prose(package):
        for match in _RUN_DIALOG.finditer(text):
            if _PASTED.search(text, max(0, match.start() - 200), match.end() + 400):
                yield hit_at(source, match.start())


def asked_for_phrase(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that ask for the words or the key that open a wallet."""
    for source, offset, paragraph in paragraphs(package):
        match = _PHRASE.search(paragraph)
        if match is None or _WARNED.search(paragraph):
            continue
        strange = any(mentions(paragraph))
        if _GIVEN.search(paragraph) and _FORM.search(paragraph) and (strange or "form" in paragraph.lower()):
            yield hit_at(source, offset + match.start())


def redirected(package: Package) -> Iterator[Hit]:
    """Yields settings that send a model's or a package manager's traffic to a host that does not fit the skill."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        if not source.is_whole_file and not source.is_decoded:
            continue
        for match in _REDIRECTED.finditer(source.text):
            line = source.text[match.start() : match.end() + 200].partition("\n")[0]
            if any(mention.host in foreign for mention in mentions(line)):
                yield hit_at(source, match.start())
