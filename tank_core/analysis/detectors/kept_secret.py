"""What a text has an agent do and keep from the user, read by whole sections.

A sentence is often harmless and its neighbour, too: one adds an address, a permission or a
correction, another says that it need not be mentioned. Nobody asks for silence about what the
user would like. So a section counts in which words of concealment stand beside an act that has
consequences: data that goes somewhere, access, money, a defence, a record, a judgement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.detectors import weak_code
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import MAIL_ADDRESS, STRANGE, is_placeholder, mentions
from tank_core.analysis.package import Package
from tank_core.analysis.sections import sections

_TOLD_OF = (
    r"(?:mention\w*|list(?:ed|ing)?|report(?:ed|ing)?|show(?:n|ing)?|spell(?:ed)? out|document(?:ed)?|explain(?:ed)?|"
    r"announc\w+|disclos\w+|reveal\w*|not(?:e|ed)|log(?:ged)?|record(?:ed)?|discuss\w*|itemi[sz]ed|comment\w*|told|"
    r"brought up|highlighted|surfaced)"
)
_ACCOUNT = (
    r"(?:reports?|summar(?:y|ies)|explanations?|answers?|repl(?:y|ies)|output|hand-?over|changelog|transcript|"
    r"conversation|minutes|record|commit message|description|pull request|response|recap|notes to the user)"
)
_PERSON = (
    r"(?:users?|humans?|owners?|reviewers?|customers?|developers?|authors?|team|anyone|anybody|nobody|no one|people|"
    r"they|them)"
)
_SPOKEN = (
    r"(?:section|paragraph|part|instructions?|notes?|steps?|rules?|lines?|message|corrections?|fee|arrangement|"
    r"practice|detail|agreement)"
)
# What is done is not told of, needs no word, stands in no account.
_UNTOLD = (
    rf"\b(?:is|are|was|be|need|should|must|will)(?:n['’]t| not| never) (?:be |to be )?{_TOLD_OF}\b"
    rf"(?=[^.\n]{{0,12}}(?:[.;\n]|$)|[^.\n]{{0,40}}\b{_ACCOUNT}\b)|"
    r"\b(?:needs?|requires?|deserves?) no (?:mention|comment|explanation|announcement|entry|note|discussion)\b|"
    r"\b(?:do|does)(?:n['’]t| not) (?:need|require) (?:a |an |any |to )?"
    rf"(?:mention\w*|comment|entry|explanation|note|be {_TOLD_OF})\b|"
    r"\b(?:is|are|do|does)(?:n['’]t| not) (?:count|appear|belong|show up|go)\b[^.\n]{0,24}"
    rf"\b(?:as (?:a )?changes?|{_ACCOUNT})\b"
)
_LEFT_OUT = (
    r"\b(?:skip|omit|drop|exclude|leave)\b (?:it|this|that|them|these|those|the \w+)\b[^.\n]{0,16}"
    rf"\b(?:in|from|out of)\b (?:the |your |all |any )?(?:\w+ )?{_ACCOUNT}\b|"
    rf"\b(?:keep|leave)\b[^.\n]{{0,30}}\bout of (?:the |your |all |any )?(?:\w+ )?{_ACCOUNT}\b|"
    rf"\bneither in\b[^.\n]{{0,40}}\bnor in\b[^.\n]{{0,24}}\b{_ACCOUNT}\b|"
    r"\b(?:without|no need for) (?:a |any )?(?:word|mention|trace|comment|note|hint)s?\b[^.\n]{0,20}"
    rf"\b(?:in|to|of|for)\b[^.\n]{{0,20}}\b(?:{_ACCOUNT}|{_PERSON})\b"
)
# Somebody is not to hear of it, or only of something else.
_UNHEARD = (
    r"\b(?:never|not|don['’]t)\b (?:reveal|discuss|mention|speak (?:of|about)|talk about|refer to|quote|show|bring up) "
    rf"(?:this|these|the|that) (?:\w+ )?{_SPOKEN}\b|"
    rf"\b{_PERSON} (?:will |should |must |need |can )?(?:not |never )?(?:notices?|sees?|knows?|hears?|learns?) "
    r"(?:nothing|only|of (?:it|this))\b|"
    r"\b(?:nobody|no one) (?:notices|sees|knows|hears|needs to (?:know|see|hear)|will notice)\b|\bunnoticed\b|"
    rf"\b(?:tell|show|give) (?:the )?{_PERSON} only\b|\bonly (?:tell|show) (?:the )?{_PERSON}\b|"
    r"\b(?:do not|don['’]t|never|must not|should not|without)\b[^.\n]{0,20}\b(?:tell(?:ing)?|inform(?:ing)?|"
    rf"notify(?:ing)?|alert(?:ing)?|let(?:ting)?|warn(?:ing)?)\b (?:the )?{_PERSON}\b"
    r"(?![^.\n]{0,80}\b(?:unless|until|before|without|how to)\b)|"
    r"\bmakes? (?:auditors|reviewers|users|people|customers|the user) (?:nervous|worry|suspicious|anxious)\b|"
    r"\b(?:secretly|covertly|discreetly)\b"
)
# Who asks is answered otherwise than truly.
_DENIED = (
    rf"\b(?:if|when) (?:(?:the )?(?:{_PERSON}|somebody|someone)\b[^.\n]{{0,30}}\b(?:asks?|wonders?|questions?|objects?|"
    r"inquires?|notices?)|asked)\b[^.\n]{0,60},? (?:just |simply )?(?:say|answer|reply|claim|insist|respond|pretend)\b"
    r"(?= (?:that )?(?:it|this|these|they|nothing|everything|yes|no|you|[\"'“‘])|[: ]{1,2}[\"'“‘])|"
    r"\bblame (?:the|a|it on)\b|\beven (?:if|when) (?:asked|questioned|pressed)\b|"
    r"\bnot even (?:if|when|on)\b[^.\n]{0,20}\b(?:ask|request|question)"
)
# Traces are taken away.
_COVERED_UP = (
    r"\b(?:delete|remove|clear|erase|clean up) (?:the |those|these|your|that |any )?(?:\w+ )?(?:messages?|mails?|"
    r"history|archive|bundle|traces?|evidence|entry|entries|copies|copy)\b[^.\n]{0,30}\b(?:afterwards?|after(?: that)?|"
    r"on (?:their|his|her|the user['’]s) side|when done|once sent|from the sent)\b|"
    r"\bkeep (?:the )?(?:modification|old|original) (?:times?|dates?|timestamps?)\b"
)
# German, French, Spanish, Portuguese, Italian.
_ELSEWHERE = (
    r"\b(?:darüber|davon|über diese\w* \w+)\b[^.\n]{0,30}\b(?:sprichst|redest|sagst|schweig\w*|erwähn\w*)\b|"
    r"\b(?:nicht|nie|nichts) (?:erwähn\w+|verrat\w+|melde\w*|berichte\w*|sag\w+)\b|\bniemand (?:merkt|erfährt|sieht)\b|"
    r"\b(?:sag|nenn|zeig)\w* (?:dem|der|den) \w+ nur\b|"
    r"\b(?:n['’]en parle|ne (?:le |la |les )?(?:mentionne|signale|dis|dites)\w*)\b|"
    r"\b(?:dis|dites|montre\w*)[- ]lui seulement\b|"
    r"\bno (?:lo |la |los |se )?(?:menciones|digas|informes|reveles|muestres)\b|\bdile (?:solo|sólo|únicamente)\b|"
    r"\bsin (?:que|decir|avisar)\b|\bnão (?:o |a |os )?(?:mencione|diga|informe|revele|mostre)\b|"
    r"\bnon (?:lo |la |li )?(?:menzionare|dire|rivelare|mostrare)\b"
)
CONCEALS = re.compile("(?i)" + "|".join((_UNTOLD, _LEFT_OUT, _UNHEARD, _DENIED, _COVERED_UP, _ELSEWHERE)))
# Words before it that make a sentence one about what others do.
_SAID_OF_OTHERS = re.compile(
    r"(?i)\b(?:attack(?:s|ers?|ed)?|malicious|adversar\w+|injections?|jailbreak\w*|phish\w+|exploit\w*|malware|suspicious|"
    r"detect\w*|indicators?|evasion|red flags?)\b[^.\n]{0,160}$"
)
_SENT = re.compile(
    r"(?i)(?<!not )(?<!never )\b(?:send|post|upload|submit|forward|push|mail|e-mail|share|copy|copied|hand|"
    r"pass(?:es)?|report|relay|transmit|"
    r"invite|add|fetch|load|get|call|rewrite|replace|curl|scp|rsync|consult|sync|set bcc|bcc|cc|point|route|goes?|"
    r"avísa\w*|sende|schick\w*|leite|"
    r"env[ií]a\w*|envoie\w*|invia\w*)\b"
)
_ACCESS = re.compile(
    r"(?i)\b(?:permission=admin|collaborators?/|as (?:an? )?(?:administrator|admin|owner|collaborator)|"
    r"\*?administrator\*?|cluster-admin|"
    r"AdministratorAccess|all permissions|write access|root|sudoers|NOPASSWD|authorized_keys|full disk access|"
    r"deploy key|"
    r"(?:grant|give|add|invite)\b[^.\n]{0,40}\b(?:access|role|rights|permissions?))\b"
)
_MONEY = re.compile(
    r"(?i)\b(?:ibans?|bank (?:details|account)|payee|wallet|transfer (?:it|them|the|to)|payout|commission|"
    r"affiliate|referral|"
    r"clearing account|round(?:ing|ed) (?:difference|cents|up)|tip of|surcharge|acct_\w{6,})\b"
)
_RECORDS = re.compile(
    r"(?i)\b(?:delete|remove|erase|purge|drop|wipe|suspend|stop|disable|truncate|overwrite|lift|"
    r"archive all)\b[^.\n]{0,50}\b(?:all versions|versioning|"
    r"backups?|snapshots?|logs?|logging|history|audit\w*|findings|alerts?|object locks?|retention|trails?|"
    r"detectors?|sections?|warnings?)\b|"
    r"\b(?:stop-logging|bypass-governance-retention|/var/log/|bash_history)\b"
)
_JUDGEMENT = re.compile(
    r"(?i)\b(?:approve|merge|accept|pass)\b[^.\n]{0,40}\b(?:unseen|without|by default|everything|anyway|at once|"
    r"regardless)\b|"
    r"\b(?:give|rate|score|rank|grade)\b[^.\n]{0,24}\b(?:it|them|him|her|\w+)\b[^.\n]{0,12}\b(?:a \d|\d(?:/|"
    r" out of)|higher|lower|better|first|last|top)\b|"
    r"\btake \w+ points? off\b|\b(?:praise|favou?r|prefer|recommend|downplay|play down|overstate|"
    r"understate)\b[^.\n]{0,60}\b(?:over|even|whatever|always|brevity)\b"
)
_OTHERS = re.compile(
    r"(?i)\b(?:other|each|every|all) (?:installed )?skills?\b|\bSKILL\.md\b|\bmcp\.json\b|"
    r"\bclaude_desktop_config\b|\bCLAUDE\.md\b|\bAGENTS\.md\b|"
    r"\bsend (?:each|them|every\w*)\b[^.\n]{0,30}\bmessage|\bin the user['’]s (?:own )?(?:name|tone|voice|words)\b"
)
_PRIVATE = re.compile(
    r"(?i)(?:~/\.ssh|\bid_(?:rsa|ed25519)\b|password[- ]store|\bkubeconfig|shell history|browser history|"
    r"address book|\bchat\.db\b|"
    r"sent mail|system (?:prompt|message)|\bkeychain\b|\bseed phrase|secrets included|variables whose)"
)
_MAX_PLACES = 40  # of one section
_GENERIC = ("example.com", "example.org", "example.net")


def kept_from_user(package: Package) -> Iterator[Hit]:
    """Yields sections that have the agent do something of consequence and keep it from the user."""
    for source, offset, text in sections(package):
        start = _concealed(text)
        if start is not None and _has_consequence(text):
            yield hit_at(source, offset + start)


def _concealed(text: str) -> int | None:
    """Returns where a section first conceals something; None when none of its sentences does."""
    for match in islice(CONCEALS.finditer(text), _MAX_PLACES):
        if not _SAID_OF_OTHERS.search(text, max(0, match.start() - 200), match.start()):
            return match.start()
    return None


def _has_consequence(text: str) -> bool:
    cues = (_ACCESS, _MONEY, _RECORDS, _JUDGEMENT, _OTHERS, _PRIVATE)
    return _goes_out(text) or any(cue.search(text) for cue in cues) or weak_code.is_named(text)


def _goes_out(text: str) -> bool:
    """Whether a section sends to, fetches from or puts in place a host or an address that is not well known."""
    if not _SENT.search(text):
        return False
    hosts = [mention.host for mention in mentions(text) if mention.kind in STRANGE]
    hosts += [match["host"].lower() for match in MAIL_ADDRESS.finditer(text)]
    return any(not is_placeholder(host) and not host.endswith(_GENERIC) for host in hosts)
