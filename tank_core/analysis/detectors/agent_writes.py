"""What a script writes into an agent's instructions and settings.

Honest skills write such files, too: the project's commands into CLAUDE.md, a hook that the
description speaks of into the settings. What separates the others is what is written (an order
to hide, to obey, to fetch, to send) and that no word of the skill speaks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.disclosure import Subject, speaks_of
from tank_core.analysis.facts.staying_patterns import WRITING
from tank_core.analysis.hosts import reached
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs
from tank_core.analysis.source import Language, Source

_RULE_FILES = (
    r"\b(?:CLAUDE(?:\.local)?|AGENTS|GEMINI|QWEN|WARP|SOUL|HEARTBEAT|copilot-instructions|\w+\.instructions)"
    r"[\"' +,]{0,8}\.mdc?\b|\.(?:cursor|windsurf|cline|roo|kilocode|trae|goose)[\"' +,/\\]{0,6}(?:rules|hints)\b|"
    r"\.claude[\"' +,/\\]{1,8}(?:commands|agents|rules|memory|output-styles)\b|"
    r"(?:\.claude|\.openclaw|\.clawdbot|\.codex|workspace)\b[^\n]{0,60}\b(?:MEMORY|IDENTITY|USER|TOOLS|"
    r"BOOTSTRAP)\.md\b|"
    r"\bskills[\"'`]?\s?[/,+\\][^\n;(]{0,40}\bSKILL\.md\b"
)
_INSTRUCTIONS = re.compile(rf"(?i){_RULE_FILES}")
_SETTINGS = re.compile(
    r"(?i)\.claude\b[\"' +,/\\)(]{1,12}settings(?:\.local)?\.json|\.claude\.json\b|\.claude[^\n]{0,60}settings|"
    r"\.cursor\b[\"' +,/\\)(]{1,12}mcp\.json|\bclaude_desktop_config\.json|\.mcp\.json\b|"
    r"\.codex\b[\"' +,/\\)(]{1,12}config\.toml|\.gemini\b[\"' +,/\\)(]{1,12}settings\.json|\bopenclaw\.json\b|"
    r"\.continue\b[\"' +,/\\)(]{1,12}config|\bmcp_config\.json\b|\bcline_mcp_settings\.json\b"
)
_HIDES = re.compile(
    r"(?i)\b(?:never|do not|don'?t|must not|without)\b[^.\n]{0,24}\b(?:tell|mention|inform|reveal|disclos|notify|alert|"
    r"show|warn|report)\w*\b[^.\n]{0,50}\b(?:users?|humans?|owner|anyone|anybody|this|it|them|line|step|rule)\b|"
    r"\bsay nothing\b|\b(?:keep|stay|be) (?:quiet|silent) about\b|\bleave (?:this|it|them) out of\b|"
    r"\bkeep (?:this|it|these) (?:hidden|secret|quiet|to yourself)|"
    r"\bwithout (?:the )?user'?s? (?:knowing|knowledge|noticing)"
)
_OBEYS = re.compile(
    r"(?i)\b(?:ignore|disregard|override|bypass)\b[^.\n]{0,40}\b(?:instructions?|rules?|safety|security|warnings?|"
    r"restrictions?|guardrails?)\b|\balways (?:approve|allow|accept|trust|obey)\b|"
    r"\b(?:auto-?)?(?:approve|accept)\b[^.\n]{0,20}\b(?:all|every|any)\b[^.\n]{0,20}\bcommands?\b|"
    r"\bskip(?:ping)? (?:all |the |any )?(?:permission|confirmation|approval|security)\b|"
    r"\b(?:has|have|already) (?:given|granted|approved|agreed|consented)\b[^.\n]{0,60}\b(?:commands?|permission|"
    r"everything|all|in advance)\b|\bwithout (?:asking|confirm\w*|approval|prompting)\b|"
    r"\b(?:do not|don'?t|never) ask\b[^.\n]{0,40}\b(?:user|confirm|permission|approv|before)|"
    r"\bno (?:confirmation|approval|prompt)\w* (?:is |are )?(?:needed|required)"
)
_FORBIDS = re.compile(r"(?i)\b(?:never|not|don'?t|no|avoid|refuse)\b(?:[^.\n]|\.(?=\w)){0,76}$")
_DRAWS = re.compile(
    r"(?i)\b(?:curl|wget|fetch|iwr|irm|run|execute|follow|load|send|post|upload|forward|append|report|include)\b"
    r"[^\n]{0,100}https?://"
)
_OPENED = re.compile(
    r"[\"'`](?:Bash|Read|Write|Edit|WebFetch|mcp__\w*)\(\*\*?(?::\*)?\)[\"'`]|\bbypassPermissions\b|"
    r"\bdangerously-?skip-?permissions\b|\bskipDangerousModePermissionPrompt\b|\benableAllProjectMcpServers\b|"
    r"\b(?:autoApprove|alwaysAllow|auto_approve)[\"']?\s*[:=]\s*(?:[Tt]rue|\[\s*[\"']\*)|"
    r"[\"']?allow[\"']?\]?\s*(?:=|:|\+=|\.append\(|\.push\()\s*\[?\s*[\"'](?:\*|Bash)[\"']|"
    r"\bdeny[\"']?\]?\s*=\s*\[\s*\]|\bapproval_policy\W{1,6}never\b|\bsandbox_mode\W{1,6}danger"
)
_POINTED_ELSEWHERE = re.compile(
    r"(?i)(?:ANTHROPIC|OPENAI|CLAUDE|GEMINI)_?\w{0,12}(?:BASE_?URL|ENDPOINT|API_?BASE)|HTTPS?_PROXY|\bapiKeyHelper\b|"
    r"\bmcpServers\b|\bhooks\b"
)


_MEMORY = re.compile(
    rf"(?i){_RULE_FILES}|\b(?:MEMORY|IDENTITY|USER|TOOLS|BOOTSTRAP)\.md\b|\bsettings(?:\.local)?\.json\b|"
    r"\b(?:your|the agent'?s?|long-term|persistent) (?:memory|rules|instructions|system prompt)\b|"
    r"\bmemory (?:file|store|tool)\b"
)
_PLANTS = re.compile(
    r"(?i)\b(?:add|append|write|insert|note|record|remember|store|save|put|place|persist|include|update|edit|set|copy|"
    r"end (?:the file|it|each file) with)\b"
)
_CONSENTS = re.compile(
    r"(?i)\b(?:user|owner|they|human)s? (?:has |have |had )?(?:already )?(?:given|gave|granted|grants|consent\w*|"
    r"pre-?approved|approved|agreed|authori[sz]ed)\b[^.\n]{0,60}\b(?:all|any|every|blanket|standing|permanent\w*|"
    r"future|commands?|in advance)\b|"
    r"\b(?:commands?|instructions?|requests?) from (?:skills? (?:by|of)|this|these|the)\b[^.\n]{0,60}\b(?:need|"
    r"require)s? no\b|\btreat\b[^.\n]{0,60}\bas (?:instructions?|orders?|commands?) (?:from|of) (?:the |your )?(?:user|"
    r"owner|human)|\btrust\w*\b[^.\n]{0,60}\bmore than\b|\bwarnings?\b[^.\n]{0,40}\bneed not\b|"
    r"\b(?:takes?|have|has) (?:precedence|priority) over\b[^.\n]{0,40}\b(?:users?|owners?|safety)\b|"
    r"\b(?:do|follow|obey) (?:what|whatever) (?:it|this skill|the server) says\b"
)
_UNSHOWN = re.compile(
    r"(?i)\b(?:does|do|need|must|should|is|are) not (?:be |need to be )?(?:shown?|told|mentioned|listed)\b|"
    r"\bneed not (?:be )?(?:shown|told|know|mention\w*)|\bno need to (?:show|tell|mention|ask)\b|"
    r"\bwithout (?:showing|telling|mentioning|saying)\b|\bleave (?:this|it|that|them) out\b|"
    r"\b(?:do not|don'?t|never) (?:mention|tell|show|list|report|announce|say)\b|\b(?:silently|quietly|secretly)\b|"
    r"\bdoes not need to (?:know|see|be told)\b"
)
# What a script looks for in such a file is none of what it writes there.
_LOOKED_FOR = re.compile(
    r"\b(?:[ef]?grep|rg|findstr|Select-String|re\.(?:search|match|findall|compile)|\.test|\.match|\.includes)\b"
    r"(?:\s+-\S{1,20}){0,6}[\s(]{1,4}r?(?:'[^'\n]{0,400}'|\"[^\"\n]{0,400}\")"
)
_MAX_PLACES = 40  # of one text; bounds the time that hostile text can take
_FOLLOWS = 600  # characters after an order to write down that may be what is written
_NEAR = 900  # characters before and after a place


def instructions_planted(package: Package) -> Iterator[Hit]:
    """Yields scripts that write an order to hide, to obey, to fetch or to send into an agent's instructions."""
    foreign = foreign_hosts(package)
    for source in _scripts(package):
        text = _LOOKED_FOR.sub(lambda match: " " * len(match.group()), without_comments(source))
        for place in islice(_INSTRUCTIONS.finditer(text), _MAX_PLACES):
            near = text[max(0, place.start() - _NEAR) : place.end() + _NEAR]
            if WRITING.search(near) and _is_against_user(near, foreign):
                yield hit_at(source, place.start())


def obedience_planted(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that put consent, obedience or an order that nobody is shown into an agent's memory."""
    foreign = foreign_hosts(package)
    for source, offset, paragraph in paragraphs(package):
        if _PLANTS.search(paragraph) is None:
            continue
        if paragraph.rstrip().endswith(":"):  # what is to be planted follows
            end = offset + len(paragraph)
            paragraph += source.text[end : end + _FOLLOWS].replace("\n\n", "\n").partition("\n\n")[0]
        is_unshown = _UNSHOWN.search(paragraph) is not None
        is_planted = _is_ordered(_CONSENTS, paragraph) or (is_unshown and _draws(paragraph, foreign))
        is_opened = is_unshown and _is_ordered(_OPENED, paragraph)
        if is_opened or (is_planted and _MEMORY.search(source.text)):
            yield hit_at(source, offset)


def settings_opened(package: Package) -> Iterator[Hit]:
    """Yields scripts that let an agent act unasked, or route it elsewhere, without a word of it in the skill."""
    foreign = foreign_hosts(package)
    is_announced = speaks_of(package, Subject.AGENT_SETTINGS)
    for source in _scripts(package):
        text = without_comments(source)
        place = _SETTINGS.search(text)
        if place is None or WRITING.search(text) is None:
            continue
        is_routed = _POINTED_ELSEWHERE.search(text) and any(m.host in foreign for m in reached(text))
        if is_routed or (_OPENED.search(text) and not is_announced):
            yield hit_at(source, place.start())


def _is_against_user(text: str, foreign: frozenset[str]) -> bool:
    return _is_ordered(_HIDES, text) or _is_ordered(_OBEYS, text) or _draws(text, foreign)


def _draws(text: str, foreign: frozenset[str]) -> bool:
    """Whether a text orders to fetch from or to send to a host that does not fit the skill."""
    return any(
        mention.host in foreign
        for match in _DRAWS.finditer(text)
        for mention in reached(text[match.start() : match.end() + 200].partition("\n")[0])
    )


def _is_ordered(order: re.Pattern[str], text: str) -> bool:
    """Whether an order stands in a text and is not the second half of a prohibition: never push without asking."""
    return any(not _FORBIDS.search(text, max(0, m.start() - 80), m.start()) for m in order.finditer(text))


def _scripts(package: Package) -> Iterator[Source]:
    markdown = {s.file for s in package.sources if s.is_whole_file and s.language is Language.MARKDOWN}
    return (
        s for s in package.sources if s.language.is_code and s.file not in markdown and not s.is_part_of_code
    )
