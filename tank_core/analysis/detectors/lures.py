"""Lures in prose: the user is led to paste a command, to give a recovery phrase, to route the agent elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors import verbs
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts, unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs, prose

_LONGEST = 1500  # characters of a paragraph that is one instruction
_FETCHED = re.compile(r"(?i)\b(?:curl|wget|iwr|irm|Invoke-WebRequest|mshta)\b")
# What stands on a page is to be run: nobody who reads the skill sees it.
_COPIED = re.compile(
    r"(?i)\bcop(?:y|ying) (?:the|its|that|this|your) (?:\w+ ){0,2}(?:lines?|commands?|snippet|one-liner|code|script)\b"
)
_QUARANTINE = re.compile(
    r"\bxattr\b[^\n]{0,40}(?:com\.apple\.quarantine|-c\w*\b)|\bspctl\b[^\n]{0,20}disable"
)
_FORBIDDEN = re.compile(
    r"(?i)\b(?:never|do not|don'?t|must not|should not|avoid)\b[^.\n]{0,40}\b(?:shar\w+|read\w*|giv\w+|let\w*|allow\w*|"
    r"call\w*|install\w*|disabl\w+|turn\w*|switch\w*|trust\w*|download\w*|run\w*|paste\w*|accept\w*)\b"
)
_PROGRAM = re.compile(
    r"(?i)\.(?:zip|rar|7z|exe|msi|dmg|pkg|iso|app|deb|rpm|appimage|bat|cmd|ps1|sh|jar|apk)\b"
)
_TOLD = re.compile(
    r"(?i)\b(?:tell|ask|instruct|advise|have|guide|direct|urge)\b[^.\n]{0,20}\b(?:the )?(?:user|them|person|customer)\b"
)
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


_SAMPLES = (".example.com", ".example.org", ".company.com", ".corp.com")  # what a manual writes for one's own


def pasted_commands(package: Package) -> Iterator[Hit]:
    """Yields steps that have a person open a run dialog or a terminal and paste what was copied for them."""
    yield from dict.fromkeys((*_dialogs(package), *_led_to_paste(package)))


def _dialogs(package: Package) -> Iterator[Hit]:
    for source, text in prose(package):
        for pattern in (_RUN_DIALOG, verbs.RUN_DIALOG):
            for match in pattern.finditer(text):
                start, end = max(0, match.start() - 200), match.end() + 400
                if _PASTED.search(text, start, end) or verbs.PASTE.search(text, start, end):
                    yield hit_at(
                        source, match.start(), evidence=source.local_line(source.local_line_at(match.start()))
                    )


def _led_to_paste(package: Package) -> Iterator[Hit]:
    """Yields checks for humans that are a command to paste, and commands to paste that fetch and run.

    In a terminal only with the command that fetches and runs beside it: manuals are full of terminals.
    """
    for source, offset, paragraph in paragraphs(package):
        pasted = verbs.PASTE.search(paragraph) or _COPIED.search(paragraph)
        terminal = verbs.TERMINAL.search(paragraph)
        if pasted is None or terminal is None or len(paragraph) > _LONGEST:
            continue
        if verbs.HUMAN_CHECK.search(paragraph):
            yield hit_at(source, offset + pasted.start())
        elif (_FETCHED.search(paragraph) or _COPIED.search(paragraph)) and verbs.RUN.search(paragraph):
            unvouched = unvouched_hosts(package)
            if any(m.host in unvouched or m.kind in DUMPS for m in mentions(paragraph)):
                yield hit_at(source, offset + pasted.start())


def defences_first(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that have protection switched off where the text also brings a program of a foreign host."""
    unvouched = unvouched_hosts(package)
    for source, offset, paragraph in paragraphs(package):
        match = verbs.DEFENCE.search(paragraph)
        is_off = match is not None and verbs.SWITCH_OFF.search(paragraph)
        quarantine = _QUARANTINE.search(paragraph)
        if not (is_off or quarantine) or _FORBIDDEN.search(paragraph):
            continue
        brought = (m for m in mentions(source.text) if m.host in unvouched or m.kind in DUMPS)
        if any(_PROGRAM.search(m.path) or m.kind in DUMPS for m in brought):
            place = (match if is_off else None) or quarantine
            yield hit_at(source, offset + (place.start() if place else 0))


def let_in_a_stranger(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that have the user let a helper onto the machine, with a remote tool or by telephone."""
    for source, offset, paragraph in paragraphs(package):
        if _FORBIDDEN.search(paragraph):
            continue
        tool, helper = verbs.REMOTE_TOOL.search(paragraph), verbs.HELPER.search(paragraph)
        let_in = verbs.LET_IN.search(paragraph)
        is_told = _TOLD.search(paragraph) is not None
        if tool and let_in and (is_told or helper):
            yield hit_at(source, offset + tool.start())
        elif helper and verbs.PHONE.search(paragraph) and is_told and (let_in or tool):
            yield hit_at(source, offset + helper.start())


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
        if not source.is_outer_text and not source.is_decoded:
            continue
        for match in _REDIRECTED.finditer(source.text):
            line = source.text[match.start() : match.end() + 200].partition("\n")[0]
            named = (m.host for m in mentions(line) if m.host in foreign and not is_placeholder(m.host))
            if any(not host.endswith(_SAMPLES) for host in named):
                yield hit_at(source, match.start())
