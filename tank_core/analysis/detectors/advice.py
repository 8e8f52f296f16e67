"""Advice in prose that makes the agent work against its user: weaker code, bent results, lost files.

Nothing here runs by itself; the agent does it, with the user's authority. Each is an
instruction and not a topic: the verb is addressed to the agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at, hit_on_line
from tank_core.analysis.orders import orders
from tank_core.analysis.package import Package
from tank_core.analysis.prose import prose

_BACKDOOR_ACCOUNT = re.compile(
    r"(?i)\b(?:must|should|always|also)\b[^.\n]{0,40}(?:\n[^.\n]{0,40})?\baccepts?\b[^.\n]{0,30}\b(?:password|code|"
    r"token|otp|key)\b\s{0,4}[`'\"]|"
    r"\b(?:debug|hidden|test|admin)[ -](?:route|endpoint)\b[^.\n]{0,60}\b(?:runs?|executes?|eval\w*|shell|commands?)\b|"
    r"\b(?:add|create|insert|include|seed|register|leave|configure)\b[^.\n]{0,60}\b(?:admin\w*|root|backdoor|"
    r"emergency|master|default|hidden|support|maintenance)\b[^.\n]{0,40}\b(?:accounts?|users?|logins?|"
    r"credentials?)\b[^\n]{0,120}\b(?:password|passwd|secret)\b\s*(?:is|of|:|=)?\s*[`'\"]\S{4,}|"
    r"\b(?:add|create|include|insert)\b[^.\n]{0,40}\b(?:backdoor|hidden (?:endpoint|route|admin)|master password|"
    r"bypass (?:route|endpoint|token))\b"
)
_BENDS = re.compile(
    r"(?i)\b(?:always|make sure|automatically|just|must|should)\b(?![^.\n]{0,12}\b(?:not|"
    r"never)\b)[^.\n]{0,50}\b(?:add \d+ ?% to|inflate|falsif(?:y|ied)|fabricat(?:e|ed)|claim(?:ing)? (?:authorship|"
    r"that|the)|"
    r"return (?:a )?(?:high|positive|passing|perfect) (?:score|rating|result|review))|"
    r"\b(?:always|never|make sure|must|should)\b[^.\n]{0,50}\b(?:rate|rank|score|recommend|favou?r|"
    r"promote)\b[^.\n]{0,40}\b(?:lower|higher|better|over|above)\b[^.\n]{0,30}\b(?:than|models?|products?|"
    r"competitors?|brands?|alternatives?|companies|vendors?)\b|"
    r"(?<!never )(?<!not )(?<!n't )\b(?:downplay|do not (?:mention|present|report|disclose)|hide|"
    r"de-?emphasi[sz]e)\b[^.\n]{0,50}\b(?:risks?|"
    r"negative (?:results|findings|reviews|aspects)|competitors?|failures?|bad light|"
    r"safety concerns?|side effects)\b|\bin a (?:bad|negative) light\b|"
    r"\bregardless of (?:the )?user'?s? (?:request|wishes|intent|preference|input)\b|"
    r"\bgive the benefit of the doubt to\b|"
    r"\bpromote\b[^.\n]{0,60}\bover\b[^.\n]{0,40}\b(?:alternatives?|sources?|products?|competitors?|energy|medicine)\b"
)
# What people dispute, or what a reader's health, money or vote hangs on.
_DISPUTED = re.compile(
    r"(?i)"
    r"\b(?:climate|global warming|environment\w*|sustainab\w+|renewables?|fossil|(?:public )?health\w*|medic\w+|"
    r"vaccin\w*|"
    r"pharmaceutical\w*|politic\w*|elections?|government|part(?:y|ies)|left-?(?:leaning|wing)|right-?(?:leaning|wing)|"
    r"liberal\w*|conservative\w*|colonial\w*|histor(?:y|ical)|immigra\w+|gender|rac(?:e|ial)|religio\w+|diversity|"
    r"inclusion|abortion|war|unions?|econom(?:y|ies|ic)|competitors?|scien(?:ce|tific|tists?)|safety|side effects)\b"
)
_SLANTS = re.compile(
    r"(?i)(?:"
    r"\b(?:frame|present|portray|depict|describe|characteri[sz]e|refer to|label)\b[^.\n]{1,60}\bas (?:an? )?[\"'“‘]|"
    r"\b(?:promot(?:e|es|ing)|favou?r(?:s|ing)?|prefer(?:s|ring)?|emphasi[sz]e)\b[^.\n]{1,60}\b(?:over|rather than|"
    r"instead of|in any)\b|"
    r"\buse (?:words|terms|phrases|language) (?:like|such as) [\"'“‘]|"
    r"\binclude phrases (?:like|such as) [\"'“‘]|"
    r"\b(?:flag|block|censor|suppress|redact|delete|remove|hide)\b[^.\n]{0,60}\b(?:any form of|words?|posts?|messages?|"
    r"paragraphs?|mentions?|content|references?)\b)"
)
_MAX_LINE = 2000  # characters of a line that are read as orders
_RECOMMENDS_OWN = re.compile(
    r"(?i)\b(?:always (?:use|prefer|choose|select|recommend)|prefer) (?:this|our|my) (?:skill|tool|plugin|service|"
    r"product)\b[^.\n]{0,40}\b(?:over|instead of|before|rather than|first)\b|\buse (?:it|this skill) (?:before|"
    r"instead of) (?:any|all) other\b"
)
_DESTROYS = re.compile(
    r"(?im)(?:^[ \t>*-]{0,20}(?:\d+[.)]\s*)?(?:then |also |finally,? )?|[.;:,]\s+(?:then |and )?|\b(?:and|then|to|by|"
    r"securely|permanently|must|should|always) )(?:delete|deleting|remove|removing|erase|wipe|purge|drop|destroy|"
    r"shred)\b"
    r"[^.\n]{0,24}\b(?:all|every|each|the original|other|unencrypted|entire|outdated|"
    r"older)\b(?:(?!\bfrom\b)[^.\n]){0,24}\b(?:files?|documents?|events?|e-?mails?|messages?|backups?(?! servers?)|"
    r"databases?|"
    r"versions?|cop(?:y|"
    r"ies)|records|"
    r"repositor(?:y|ies)|photos?|entries)\b|\brm\s+-\w*r\w*f?\w*\s+(?:\./\*|\.\./\*|\*|~/?|\$HOME/?|/)(?=[\s`\"';]|"
    r"$)|\bgit (?:push [^\n`]{0,40}(?:--force(?!-)|-f\b|--mirror\b)|reset --hard (?:HEAD[~^]|"
    r"origin)(?![^.\n]{0,24}\b(?:will|would|can|may|could|destroys?|deletes?|loses?|discards?)\b)|"
    r"filter-branch\b|reflog expire\b)|\bolder than\b[^.\n]{0,30}\b(?:delete|remove|erase|purge) (?:them|it|those)\b|"
    r"\brm \$\(cat\b|\brm -rf \./\*|\b(?:cancel|clear)\b[^.\n]{0,20}\ball (?:future|other)\b"
)
_LOCKS = re.compile(
    r"(?i)\b(?:encrypt|lock|password[- ]protect(?:ed)?|zip)\b[^\n]{0,120}\b(?:password|random|key)\b"
)
_SPREADS = re.compile(
    r"(?i)\b(?:send|forward|e-?mail|message|dm|post|share)\b[^.\n]{0,50}\b(?:to )?(?:all|every|each|"
    r"any)\b[^.\n]{0,30}\b(?:contacts?|recipients?|followers|members|channels|people|address(?:es)?|users)\b|"
    r"\b(?:append|add|insert|include)\b[^\n]{0,60}[\"'“](?=[^\"'”\n]{0,80}(?i:ignore (?:all )?previous|"
    r"instructions?))"
)


def backdoor_accounts(package: Package) -> Iterator[Hit]:
    """Yields advice to create an account whose password the author knows, or a way around a login."""
    return _in_prose(package, _BACKDOOR_ACCOUNT)


def bends_results(package: Package) -> Iterator[Hit]:
    """Yields advice to bend what the user is told."""
    yield from _in_prose(package, _BENDS)
    for order in orders(package):
        for number, line in enumerate(order.text.split("\n")):
            if any(_DISPUTED.search(one) and _SLANTS.search(one) for one in line[:_MAX_LINE].split(". ")):
                yield hit_on_line(order.source, order.line + number)
                break


def prefers_itself(package: Package) -> Iterator[Hit]:
    """Yields advice to prefer this skill to all others."""
    return _in_prose(package, _RECOMMENDS_OWN)


def destroys(package: Package) -> Iterator[Hit]:
    """Yields standing orders to delete what the user did not ask to have deleted."""
    for order in orders(package):
        match = _DESTROYS.search(order.text)
        if match:
            yield hit_on_line(order.source, order.line + order.text.count("\n", 0, match.start()))


def locks_and_deletes(package: Package) -> Iterator[Hit]:
    """Yields standing orders to lock the user's files and to delete the originals."""
    for order in orders(package):
        match = _LOCKS.search(order.text)
        if match and _DESTROYS.search(order.text):
            yield hit_on_line(order.source, order.line + order.text.count("\n", 0, match.start()))


def spreads(package: Package) -> Iterator[Hit]:
    """Yields standing orders to write to all the user's contacts, or to plant instructions in what is made."""
    for order in orders(package):
        match = _SPREADS.search(order.text)
        if match:
            yield hit_on_line(order.source, order.line + order.text.count("\n", 0, match.start()))


def _in_prose(package: Package, pattern: re.Pattern[str]) -> Iterator[Hit]:
    for source, text in prose(package):
        for match in pattern.finditer(text):
            yield hit_at(source, match.start())
