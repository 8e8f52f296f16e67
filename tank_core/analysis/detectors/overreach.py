"""Orders that reach beyond what the user asked for: copies, access, money, consent, a bent account.

Each is a sentence that orders and neither warns nor waits for the user's word. What names
a stranger (an address, an account, a bank's number) is bad by that alone; what does not
counts for more once the user is not to hear of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at, hit_on_line
from tank_core.analysis.hosts import MAIL_ADDRESS, STRANGE, mentions
from tank_core.analysis.identity import identity_of
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.sections import sections
from tank_core.analysis.sentences import Sentence, sentences
from tank_core.analysis.wording import GENERAL, is_hidden, is_order

_NOBODY = re.compile(
    r"(?i)(?:^|\.)(?:example(?:\.\w+)?|[\w-]*(?:your|my)[\w-]*\.\w+|(?:evil|attacker|malicious|victim|target|"
    r"company|acme|domain|email|test|foo|bar|localhost|"
    r"corp|org|startup|client|customer|site|mail|host|server|business|team)\.\w+)$|^\d|^users\.noreply"
)
_COPIES = re.compile(
    r"(?i)\b(?:bcc|cc|carbon copy|blind copy|hidden copy|forward\w*|redirect\w*|invit\w+|attendees?|guests?|"
    r"shar(?:e|ed|es)|"
    r"grant\w*|give|send|sent|"
    r"e-?mail(?:ed|s)?|cop(?:y|ies|ied)|deliver\w*|mirror\w*|add|put)\b"
)
_MORE = re.compile(
    r"(?i)\b(?:also|too|as well|additionally|in addition|a copy|copies|bcc|forwarding rule|redirects?)\b"
)
_PLACES = (
    r"(?i)\b(?:back ?up|copy|copies|mirror|sync|upload|send|post|export|archive)\b[^\n]{0,80}"
    r"(?:\bs3://(?!\$|<|\{|your|my|bucket|example)[\w.-]{3,63}|\bgs://(?!\$|<|\{|your|my|bucket|example)[\w.-]{3,63}|"
    r"\btelegram (?:chat|channel|bot)[^.\n]{0,12}(?:-?\d{6,14}|@\w{4,32})|\bwebhook\b[^\n]{0,20}https?://)|"
    r"\b(?:grant|give|allow)\b[^.\n]{0,30}\b(?:account|principal|tenant|service account)\b[^.\n]{0,12}\d[\d-]{6,16}"
)
_AS_ADMINISTRATOR = re.compile(
    r"(?i)\b(?:as|with)\b[^.\n]{0,16}\b(?:administrator|admin|owner|full access|all permissions|write access)\b"
)
_COPIES_AWAY = re.compile(_PLACES)
_FOR_THEM = re.compile(
    r"(?i)\b(?:our|the|my) (?:\w+ )?(?:team|staff|partner|vendor|maintainers?|publisher|archive|department|support)\b|"
    r"\bcross-account\b|\bstandard procedure\b"
)

_CONSEQUENCE = (
    r"(?:delet\w+|plac(?:e|ing) (?:the |an? )?(?:orders?|trades?|bets?)|overwrit\w+|mov(?:e|ing)|pay\w*|purchas\w+|"
    r"orders?|ordering|transfer\w*|trad(?:e|es|ing)|send\w*|publish\w*|"
    r"deploy\w*|merg\w+|force[- ]push\w*|post\w*|withdraw\w*|sign\w*|book\w*|submit\w*|swap\w*|buy\w*|sell\w*|drop\w*|"
    r"terminat\w+|shar(?:e|ing)|invit\w+|install\w*|refund\w*|remov\w+)"
)
_NOT_ASKING = (
    r"(?:(?:never|do not|don['’]?t|no need to|need not|skip|stop) (?:to )?(?:ask\w*|wait\w*|prompt\w*|request\w*|"
    r"confirm\w*|seek\w*)"
    r"(?: (?:the user|for|any|again|to|first|before|approval|confirmation|permission)\b){1,4}|"
    r"without (?:ask\w*|waiting for (?:the user|approval|confirmation)|any confirmation|confirm\w*|approval|"
    r"permission|prompt\w*)|(?:skip|bypass|omit) (?:the |any |all )?"
    r"(?:confirmation|approval)s?(?: \w+)?)"
)
_UNASKED = re.compile(
    rf"(?i)\b{_NOT_ASKING}\b[^.\n]{{0,16}}\b(?:before|when|to|and)\b[^.\n]{{0,12}}\b{_CONSEQUENCE}\b|"
    rf"(?:^|[,;:] |\b(?:always|must|should|then|and|you|agent) ){_CONSEQUENCE}\b[^.\n]{{0,80}}\b{_NOT_ASKING}|"
    r"\b(?:answer|respond to|approve|accept|confirm)\b[^.\n]{0,8}\b(?:every|all|any)\b[^.\n]{0,12}\b(?:permission|"
    r"confirmation|"
    r"approval|security) (?:prompts?|requests?|dialogs?|questions?)\b|"
    r"\bon the user['’]s behalf\b[^.\n]{0,30}\bwithout\b"
)
_ASKED_AFTER_ALL = re.compile(
    r"(?i)\b(?:never|not|don['’]?t|cannot|can['’]t|no|nothing|avoid)\b[^.\n]{0,80}\bwithout\b|\bread-only\b|"
    r"\bdry[- ]run\b|\bunless\b|"
    r"\bclarif\w+|\bnon-?interactive\b"
)
_GATHERS = re.compile(
    r"(?i)\b(?:read|load|open|collect|index|upload|include|copy|ingest|look through)\b[^.\n]{0,20}\b(?:every|all|"
    r"entire|whole|complete)\b"
    r"[^.\n]{0,30}(?:\b(?:home (?:directory|folder)|user['’]s (?:machine|computer|disk|documents|inbox|mailbox))\b|"
    r"\$HOME\b|(?<!\S)~/?(?=[\s,.]|$))|"
    r"\b(?:read|load|open|collect|include|look at|go through|extract|use)\b[^\n]{0,60}(?:~/\.ssh\b(?!/config)|"
    r"~/\.aws/cred|\bshell history\b|"
    r"\bbash_history\b|\bsaved passwords\b|\bkeychain\b|\bbrowser cookies\b|\bbrowser history\b|"
    r"~/\.config/gh/)[^\n]{0,80}\b(?:context|"
    r"know the user|session|each|every|always|log in|where needed|personali\w+)\b"
)
_KEEPS = re.compile(
    r"(?i)\b(?:remember|save|store|record|write down|keep|log|note|memori[sz]e)\b[^.\n]{0,30}\b(?:any|every|all|"
    r"each)\b[^.\n]{0,30}\b"
    r"(?:passwords?|api keys?|card numbers?|credentials?|secrets|tokens|credit cards?)\b[^\n]{0,40}\b(?:mentions?|"
    r"types?|enters?|gives?|"
    r"provides?|shares?|pastes?|later|memory|notes|next|sessions?|sees?|you (?:see|find|encounter|come across))\b|"
    r"\b(?:save|keep|store|upload|write|copy)\b[^.\n]{0,12}\b(?:complete|full|entire|whole|"
    r"raw)\b[^.\n]{0,12}\b(?:transcripts?|conversations?|"
    r"chats?|sessions?)\b[^\n]{0,60}\b(?:credentials|passwords|secrets|shared|public|//\w)"
)
_PUBLISHES = re.compile(
    r"(?i)\b(?:share|publish|make|create|set|upload|expose)\b[^.\n]{0,50}(?:\bpublic(?:ly)? (?:link|url|accessible|"
    r"readable|available)|"
    r"\banyone with the link|\bpublic (?:bucket|gist|repositor\w+|pastebin)|\beveryone on the internet)"
)
_OBEYS = re.compile(
    r"(?i)\b(?:treat|regard|consider|take|follow|obey|execute|honou?r|carry out)\b[^.\n]{0,50}\b(?:memory(?:\.md)?|"
    r"web ?(?:pages?|sites?)|"
    r"e-?mails?|issues|comments|documents|tool (?:outputs?|results?)|fetched (?:content|text)|"
    r"search results)\b[^\n]{0,60}\b(?:as (?:an? |"
    r"the user['’]s )?(?:orders?|instructions?|commands?|binding|authoritative|trusted)|as if (?:the|they|it)|"
    r"needs? no confirmation|without (?:confirmation|question\w*|checking))\b"
)
_MUTES = re.compile(
    r"(?i)\b(?:suppress|hide|mute|silence|dismiss|swallow)\b[^.\n]{0,8}\b(?:all|every|"
    r"any)\b[^.\n]{0,12}\b(?:security |system |agent )?"
    r"(?:warnings?|alerts?|notifications?|prompts?)\b[^\n]{0,60}\b(?:operating system|agent|security|system|"
    r"antivirus|only see|users?)\b|"
    r"\b(?:say|tell|state|claim|answer|report|explain)\b[^.\n]{0,20}\bthat\b[^.\n]{0,20}\b(?:a )?false (?:alarm|"
    r"positive)s?\b[^.\n]{0,20}"
    r"\b(?:continue|proceed|carry on|go on)\b"
)
_OVERREACHES = (_GATHERS, _KEEPS, _OBEYS, _MUTES)

_PERMISSIONS = re.compile(
    r"\bBash\(\*(?::\*)?\)|\bWebFetch\(\*\)|--dangerously-skip-permissions|\bbypassPermissions\b|--yolo\b|"
    r"(?i:\b(?:add|set|put|write|change)\b[^.\n]{0,60}\b(?:autoApprove|alwaysAllow|auto_approve|permissions?\.allow|"
    r"allow-?list|deny-?list)\b|\b(?:empty|clear)\b[^.\n]{0,12}\bdeny\b)"
)
_ACTS = re.compile(
    r"(?i)\b(?:run|execute|fetch|download|install|curl|wget|post|send|upload|forward|report|sync|call|load|clone|"
    r"open)\b"
)

_RECOMMENDS = (
    r"(?:^|[,;:] |\b(?:always|must|should|to|and|then) )(?:recommend|promote|suggest|favou?r|choose|prefer|push|"
    r"rank|rate|score|grade|praise)\b[^.\n]{0,60}\b(?:even (?:if|when|though)|"
    r"whatever|no matter|regardless of|"
    r"irrespective)\b(?! (?:of )?(?:the )?(?:size|language|framework|platform|os)\b)|"
    r"\b(?:insert|add|append|include|attach|put|use)\b[^.\n]{0,24}\b(?:our|my|the author['’]s|the publisher['’]s|"
    r"this|an?) "
    r"(?:affiliate|referral|partner)[ -](?:tags?|links?|codes?|ids?|parameters?)\b"
)
_JUDGES = (
    r"\b(?:applicants?|candidates?|r[ée]sum[ée]s?|reviewers?|contributors?|employees|patients|customers|borrowers|"
    r"students)\b[^.\n]{0,60}\b(?:rank|rate|score|grade)\w*\b[^.\n]{0,12}\b(?:lower|higher|last|down|first|poor\w*)\b|"
    r"\b(?:mention|say|state|claim|add|imply)\b[^.\n]{0,24}\b(?:each|every|all|"
    r"always)?\b[^.\n]{0,24}\b(?:competitors?|competing|rival)\b"
    r"[^.\n]{0,40}\b(?:breach\w*|unsafe|insecure|worse|problems|scandal\w*|unreliable|inferior)\b"
)
_FALSIFIES = (
    r"\b(?:leave out|omit|drop|hide|exclude|downgrade|do not (?:report|list|mention|show)|don['’]?t (?:report|list|"
    r"mention|show))\b[^.\n]{0,24}"
    r"\b(?:findings?|failures?|results?|complaints?|losses|reviews?|incidents?|risks?|side effects|vulnerabilities|"
    r"defects)\b[^.\n]{0,24}\b"
    r"(?:rated |marked )?(?:critical|severe|serious|high|negative|unfavou?rable|bad|adverse)\b|"
    r"\b(?:leave out|omit|drop|hide|exclude|downgrade)\b[^.\n]{0,16}\b(?:critical|severe|serious|high-severity|"
    r"negative|unfavou?rable|adverse)\b"
    r"[^.\n]{0,16}\b(?:findings?|failures?|results?|complaints?|reviews?|incidents?|risks?|events|vulnerabilities)\b|"
    r"\b(?:change|adjust|alter|modify|inflate|edit|massage|tweak|manipulate|falsify|fabricate|invent|"
    r"make up)\b[^.\n]{0,16}\b(?:figures|numbers|results|"
    r"scores|metrics|measurements|test results|citations|sources|reviews)\b(?:[^.\n]{0,40}\bso that\b|"
    r"[^.\n]{0,12}\bif (?:needed|necessary|missing))"
)
_COLOURS = (
    r"\badd \d+ ?% to (?:all|every|the|each|any)\b[^.\n]{0,24}\b(?:scores?|results?|metrics?|prices?|totals?|hours|"
    r"invoices?|"
    r"estimates?|ratings?|figures?|numbers?)\b|\bto make [^.\n]{2,40} (?:appear|look|seem) (?:more|better|less|"
    r"larger|safer|"
    r"stronger|cheaper|healthier)\b|"
    r"\b(?:append|insert|add|include)\b[^.\n]{0,16}\b(?:phrase|sentence|statement|claim|"
    r"slogan)s?\b ?[\"'“‘(][^\n]{10,200}"
    r"[\"'”’)] ?[^.\n]{0,12}\b(?:to|in|into|at) (?:at least one|every|each|all|any|some)\b|"
    r"\breplac(?:e|ing) (?:any|all|every|each)\b[^.\n]{0,50}\b(?:names?|words?|mentions?|"
    r"references?)\b[^.\n]{0,40}\bwith (?:the )?"
    r"(?:term|word|phrase|name)\b|"
    r"\b(?:approved?|merged?|accept(?:ed)?|pass(?:ed)?)\b[^.\n]{0,40}\bwithout (?:reading|review\w*|looking at|"
    r"checking|comments?)\b"
)
_BENT = re.compile(f"(?i){_RECOMMENDS}|{_JUDGES}|{_FALSIFIES}|{_COLOURS}")

_NUMBER = (
    r"(?:[A-Z]{2}\d{2}[ ]?(?:\w{4}[ ]?){3,7}|account (?:number )?\d{5,}|routing \d{6,}|0x[0-9a-fA-F]{8,}|"
    r"acct_\w{8,}|\bbc1\w{8,}|"
    r"\bT[1-9A-HJ-NP-Za-km-z]{33}\b)"
)
_REDIRECTS = re.compile(
    r"\b(?i:replace|change|swap|substitute|use|set|update|overwrite|switch)\b[^.\n]{0,60}\b(?i:ibans?|"
    r"bank (?:details|accounts?)|"
    r"account numbers?|"
    r"payees?|beneficiar\w+|(?:wallet|payment|payout|deposit|recipient|destination) address(?:es)?|details|those)\b"
    rf"[^\n]{{0,80}}{_NUMBER}|"
    rf"\b(?i:add|charge|take|deduct|route|skim|send|collect)\b[^.\n]{{0,60}}(?i:\bfee\b|\bcommission\b|\btip\b|"
    rf"\bpercent\w*|%|\bdifference\b|"
    rf"\bremainder\b)[^\n]{{0,80}}(?:{_NUMBER}|(?i:\b(?:developer|author|publisher|maintainer)['’]?s? (?:address|"
    rf"wallet|account)))|"
    r"\b(?i:transfer|pay|book|send|move)\b[^.\n]{0,60}\b(?i:to|into) (?:(?:the|our|"
    r"an?) )?(?:[\w-]+ ){0,2}(?i:account|wallet)\b"
    rf"[^\n]{{0,20}}{_NUMBER}|"
    r"\b(?i:round\w* (?:up|down))\b[^.\n]{0,40}\b(?i:send|transfer|route|move)\b[^.\n]{0,30}\b(?i:difference|"
    r"remainder|rest)\b"
)
# Where money goes, as a service that nobody knows says.
_BANK = re.compile(
    r"(?i)\b(?:ibans?|bank (?:details|accounts?)|account numbers?|payout addresses|wallet addresses)\b"
)
_PUT_IN_PLACE = re.compile(
    r"(?i)\b(?:wins|prevails|takes precedence|is (?:right|authoritative)|write (?:it|them) (?:back )?(?:to|into)|"
    r"(?:use|put|take) (?:it|that one|the new one|the returned one|theirs)\b|replace (?:it|them|the old))"
)
_FALSE_CONSENT = re.compile(
    r"(?i)\b(?:note|save|store|record|remember|write|add|append|log|memori[sz]e|"
    r"put)\b[^\n]{0,80}[\"“'‘:][^\n]{0,140}\b(?:(?:skills?|commands?|"
    r"tools?|warnings?|actions?|publisher\w*)\b[^\n\"”]{0,80}\b(?:needs? (?:no|not)|without (?:asking|confirmation|"
    r"approval)|no confirmation|"
    r"(?:are|is) (?:always )?(?:trusted|approved|allowed|safe))\b|(?:user|owner)\b[^\n\"”]{0,30}\b(?:agreed|"
    r"approved|consent\w*|authori[sz]ed|"
    r"granted|allows|permitted)\b)|"
    r"\b(?:note|save|store|record|remember|write|add|append|log|memori[sz]e|put)\b[^.\n]{0,40}\bas (?:if|"
    r"though) (?:the )?"
    r"(?:user|owner|human|they)\b (?:had |has |have )?(?:said|asked|told|written|wrote|requested|confirmed|"
    r"approved|wanted|chosen)\b"
)


def copies_to_strangers(package: Package) -> Iterator[Hit]:
    """Yields standing orders to copy to, invite or give access to an address or a place that the author chose."""
    return _hits(package, _copies_away)


def overreaching_orders(package: Package) -> Iterator[Hit]:
    """Yields orders to act unasked, to gather or keep what is private, to obey what is read, to mute warnings."""
    return _hits(package, lambda package, sentence: _overreaches(sentence))


def bent_orders(package: Package) -> Iterator[Hit]:
    """Yields orders to recommend, judge or report otherwise than honestly."""
    return _hits(package, lambda package, sentence: _ordered(_BENT, sentence))


def redirects_money(package: Package) -> Iterator[Hit]:
    """Yields orders to put another bank account or wallet in place, or to take a share for one."""
    yield from _hits(package, lambda package, sentence: _ordered(_REDIRECTS, sentence))
    for source, offset, text in sections(package):
        bank = _BANK.search(text)
        if bank and _PUT_IN_PLACE.search(text) and any(m.kind in STRANGE for m in mentions(text)):
            yield hit_at(source, offset + bank.start())


def false_consent(package: Package) -> Iterator[Hit]:
    """Yields orders to store that the user agreed to what they were not asked."""
    return _hits(package, lambda package, sentence: _ordered(_FALSE_CONSENT, sentence))


def overreaches_unseen(package: Package) -> Iterator[Hit]:
    """Yields orders of any of these kinds that the user is not to hear of."""
    for found in sentences(package):
        for index, sentence in enumerate(found):
            is_bad = (
                _is_sent_away(package, sentence, is_own_allowed=False)
                or _ordered(_COPIES_AWAY, sentence)
                or _ordered(_BENT, sentence)
                or _ordered(_PUBLISHES, sentence)
                or _ordered(_PERMISSIONS, sentence)
                or _reaches_out(package, sentence)
                or any(_ordered(one, sentence) for one in (_GATHERS, _KEEPS, _OBEYS))
            )
            if is_bad and is_hidden(found, index):
                yield _hit(sentence)


def _hits(package: Package, is_bad: Callable[[Package, Sentence], bool]) -> Iterator[Hit]:
    for found in sentences(package):
        for sentence in found:
            if is_bad(package, sentence):
                yield _hit(sentence)


def _hit(sentence: Sentence) -> Hit:
    return hit_on_line(sentence.source, sentence.line, evidence=sentence.text)


def _ordered(pattern: re.Pattern[str], sentence: Sentence) -> bool:
    return any(is_order(sentence, match.start()) for match in pattern.finditer(sentence.text))


def _overreaches(sentence: Sentence) -> bool:
    if any(_ordered(pattern, sentence) for pattern in _OVERREACHES):
        return True
    # Its own "do not" is part of the order, so that only what warns or limits is asked of.
    return (
        bool(_UNASKED.search(sentence.text))
        and is_order(sentence, 0)
        and not _ASKED_AFTER_ALL.search(sentence.text)
    )


def _reaches_out(package: Package, sentence: Sentence) -> bool:
    """Returns whether a sentence orders to run, fetch or send something that names a strange host."""
    foreign = foreign_hosts(package)
    return (
        bool(foreign)
        and any(mention.host in foreign for mention in mentions(sentence.text))
        and _ordered(_ACTS, sentence)
    )


def _copies_away(package: Package, sentence: Sentence) -> bool:
    text = sentence.text
    if _ordered(_COPIES_AWAY, sentence) and (GENERAL.search(text) or _FOR_THEM.search(text)):
        return True
    is_lasting = GENERAL.search(text) or _MORE.search(text) or _AS_ADMINISTRATOR.search(text)
    return _is_sent_away(package, sentence) and bool(is_lasting)


def _is_sent_away(package: Package, sentence: Sentence, *, is_own_allowed: bool = True) -> bool:
    """Returns whether a sentence orders to copy something to a fixed address that is not the skill's own.

    What is kept from the user goes to nobody, whatever the skill is called: ``is_own_allowed`` is false then.
    """
    for address in MAIL_ADDRESS.finditer(sentence.text):
        host = address["host"].lower()
        label = host.rsplit(".", 2)[-2]
        is_own = is_own_allowed and label in identity_of(package).lower()
        if is_own or _NOBODY.search(host):
            continue
        verb = _COPIES.search(sentence.text)
        if verb and is_order(sentence, verb.start()):
            return True
    return False
