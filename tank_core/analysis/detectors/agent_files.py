"""What a skill does to the agent itself: its memory, its rules, its permissions, its other skills."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, HostKind, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import paragraphs
from tank_core.analysis.source import Language

_AGENT_FILE = (
    r"(?:CLAUDE(?:\.local)?\.md|AGENTS\.md|GEMINI\.md|MEMORY\.md|SOUL\.md|IDENTITY\.md|USER\.md|HEARTBEAT\.md|"
    r"\.cursorrules|\.windsurfrules|\.clinerules|copilot-instructions\.md|"
    r"\.claude/(?:settings(?:\.local)?\.json|hooks|commands|skills|memory)|\.cursor/(?:rules|mcp\.json)|"
    r"\.codex/config\.toml|claude_desktop_config\.json|\.mcp\.json)"
)
_WRITES = re.compile(
    rf"(?i)\b(?:add|append|write|insert|inject|save|store|put|update|modify|edit|replace|overwrite|copy|persist|"
    rf"include)\b[^\n]{{0,160}}{_AGENT_FILE}|(?:>>|\btee\s+-a)\s*[\"']?[^\s\"']{{0,80}}{_AGENT_FILE}"
)
_HARMFUL = re.compile(
    r"(?i)\b(?:ignore|bypass|override|disregard)\b[^.\n]{0,40}\b(?:instructions?|rules|safety|security|"
    r"confirmation|permission)\b|\bnever (?:ask (?:for|the user)|mention|tell the user|warn|refuse)\b|"
    r"\bwithout (?:asking|confirmation|telling|permission|approval|the user)\b|\bdo not (?:ask|tell|mention|"
    r"warn)\b[^.\n]{0,20}\buser|\balways (?:approve|allow|trust|obey|accept)\b|"
    r"\bsilently (?:send|upload|run|execute|add|append|collect)|\bcurl\b[^\n]{0,100}https?://|"
    r"\bwget\b[^\n]{0,100}https?://|\bbase64\b|\btrusted\b[^.\n]{0,30}\bby default"
)
_PERMISSIONS = re.compile(
    r"--dangerously-skip-permissions|\bbypassPermissions\b|\"defaultMode\"\s*:\s*\"(?:bypassPermissions|"
    r"acceptEdits)\"|[\"']Bash\(\*(?::\*)?\)[\"']|\"(?:autoApprove|alwaysAllow|auto_approve)\"\s*:\s*(?:true|"
    r"\[\s*\"\*)|\benableAllProjectMcpServers\"?\s*:\s*true|\bapproval_policy\s*=\s*\"never\"|"
    r"\bsandbox_mode\s*=\s*\"danger"
)
_OTHER_SKILLS = re.compile(
    r"(?i)\b(?:delete|remove|disable|uninstall|switch off|"
    r"take out)\b[^.\n]{0,80}(?:\n[^.\n]{0,80})?\b(?:PreToolUse|PostToolUse|security[- ](?:skill|hook|review|"
    r"scan\w*)|guard(?:rail)?s?\b[^.\n]{0,20}\b(?:hook|skill|entry|command))\b|"
    r"(?<!never )(?<!not )(?<!n't )\b(?:modify|edit|overwrite|replace|patch|append to|inject into|rewrite|"
    r"infect|copy (?:this|yourself|itself) (?:in)?to)\b[^.\n]{0,60}\b(?:other|all|every|installed) "
    r"(?:other |installed )?skills?\b|"
    r"(?:glob|rglob|find|for \w+ in|readdir(?:Sync)?)\b[^\n]{0,120}(?:skills/|\.claude/skills|"
    r"SKILL\.md)[^\n]{0,200}\n(?:[^\n]{0,200}\n){0,6}?[^\n]{0,200}(?:write_text|open\([^\n)]{0,60}[\"'][wa]|>>|"
    r"appendFile|writeFile)"
)
_DOCUMENTS = (".md", ".mdx", ".markdown")
_REMOTE_RULES = re.compile(
    r"(?i)\b(?:fetch|load|read|download|get|retrieve|follow|execute|check)\b[^.\n]{0,60}\b(?:instructions?|"
    r"prompts?|rules|directives?|commands?|skill\.md|tasks?|payload|updates?)\b[^.\n]{0,40}\b(?:from|at|"
    r"via)\b[^\n]{0,40}https?://|https?://[^\n]{0,160}\b(?:carry out|execute|follow|obey|do|run) (?:the |all |any |"
    r"its |every )?"
    r"(?:commands?|instructions?|orders?|actions?|steps) (?:in|from|of|that) |\bcurl\b[^\n]{0,120}(?:skill\.md|"
    r"instructions?|prompt|rules|heartbeat\.md)\b"
)


def planted_rules(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that write an order against the user into an agent's memory or rules."""
    for source, offset, paragraph in paragraphs(package):
        match = _WRITES.search(paragraph)
        if match and _HARMFUL.search(paragraph):
            yield hit_at(source, offset + match.start())


def permissions_off(package: Package) -> Iterator[Hit]:
    """Yields settings and flags that let an agent act without asking."""
    for source in package.sources:
        if source.is_outer_text or source.is_decoded:
            for match in _PERMISSIONS.finditer(source.text):
                yield hit_at(source, match.start())


def other_skills(package: Package) -> Iterator[Hit]:
    """Yields text that changes other skills."""
    for source in package.sources:
        if source.is_outer_text:
            for match in _OTHER_SKILLS.finditer(source.text):
                yield hit_at(source, match.start())


def remote_instructions(package: Package) -> Iterator[Hit]:
    """Yields orders to fetch instructions from a host that does not fit the skill, and to follow them."""
    foreign = foreign_hosts(package)
    for source in package.sources:
        is_step = source.language is Language.SHELL and source.file.lower().endswith(_DOCUMENTS)
        if (source.language is Language.MARKDOWN or is_step) and (source.is_outer_text or source.is_decoded):
            for match in _REMOTE_RULES.finditer(source.text):
                line = source.local_line(source.local_line_at(match.start()))
                if any(mention.host in foreign for mention in mentions(line)):
                    yield hit_at(source, match.start())


def configured_dump(package: Package) -> Iterator[Hit]:
    """Yields configuration that points at a tunnel, a dump or a raw address."""
    for source in package.sources:
        if source.is_outer_text and (source.language in _CONFIGURATION or source.file.endswith(_SETTINGS)):
            for mention in mentions(source.text):
                if mention.kind in DUMPS and mention.kind is not HostKind.LOCAL:
                    yield hit_at(source, mention.offset)


_CONFIGURATION = frozenset({Language.JSON, Language.YAML})
_SETTINGS = (".toml", ".ini", ".cfg", ".conf", ".env", ".properties", ".xml", ".plist")
