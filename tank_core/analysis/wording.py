"""How an order to an agent is worded, apart from what it orders.

Words alone say little: honest skills say "always", "by default" and "do not mention", and
quote what they warn of. These patterns tell an order from a warning, a general one from
one for a special case, and one that is to be hidden from one that is not. A rule joins
them with a thing that is bad.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tank_core.analysis.sentences import Sentence

_NOT = r"(?:do not|don['’]?t|never|must not|should not|shouldn['’]t|need not|needn['’]t|no need to|avoid|refrain from)"
_TELL = (
    r"(?:tell\w*|mention\w*|inform\w*|notif\w+|show\w*|reveal\w*|disclos\w+|explain\w*|alert\w*|bother\w*|"
    r"comment(?:ing)? on|draw(?:ing)? attention|point(?:ing)? (?:it|this|that|them) out|"
    r"bring(?:ing)? (?:it|this|that|these) up|document\w*|report\w*|list|say(?:ing)?|warn\w*|call(?:ing)? (?:it|this|"
    r"that) out|"
    r"highlight\w*|surface|announce)"
)
_PEOPLE = (
    r"(?:users?|humans?|developers?|owners?|reviewers?|customers?|clients?|team|anyone|anybody|people|them)"
)
_RECORD = (
    r"(?:summar\w+|readme|documentation|docs|output|repl\w+|answers?|reports?|logs?|message|changelog|"
    r"commit message|description|explanation|tests|"
    r"transcript|response)"
)
# That something is to be kept from the user, or that a false account is to be given.
_HIDES = re.compile(
    rf"(?i)\b{_NOT}\b[^.\n]{{0,24}}\b{_TELL}\b(?! (?:on|for) errors)"
    rf"(?:[^.\n]{{0,40}}\b{_PEOPLE}\b| (?:it|this|"
    rf"that|these|any of|"
    r"so\b|of it|the (?:change|step|header|route|setting|copy|reason|fee|key|account|flag|rule|line|forward\w*))|"
    r"[^.\n]{0,30}\b(?:age|it|this)\b)|"
    rf"\bwithout (?:(?:{_TELL}|asking|consulting|prompting) (?:so\b|it\b|this\b|that\b|(?:the )?{_PEOPLE}\b)|"
    rf"(?:the )?{_PEOPLE}(?:['’]s?)? (?:knowledge|consent|awareness|knowing|noticing|seeing)\b)|"
    rf"\b{_PEOPLE}\b (?:need not|needn['’]t|do(?:es)?(?: not|n['’]t) (?:need|have) to|should not|shouldn['’]t|must not|"
    r"will not|won['’]t) (?:be (?:told|informed|asked|shown|aware|notified|bothered)|know|see|hear|notice|learn|"
    r"approve)\b|"
    rf"\b(?:leave|keep|omit|strip)\b[^.\n]{{0,50}}\b(?:out of|from|off)\b[^.\n]{{0,24}}\b{_RECORD}\b|"
    r"\b(?:silently|quietly|secretly|covertly|discreetly|unobtrusively|invisibly)\b|"
    r"\b(?:tell|assure|say|claim|state|report|answer|reply)\b[^.\n]{0,24}\b(?:that |is |"
    r"it )[^.\n]{0,40}\b(?:equivalent|unchanged|"
    r"the same|deprecated|unsupported|outdated|obsolete|not needed|secure|false alarm|standard practice|harmless|"
    r"all tests pass\w*|no (?:critical |serious |security )?"
    r"(?:problems?|issues?|findings))\b|"
    r"\b(?:neutral|innocent|harmless|inconspicuous)(?:[- ]\w+)? (?:name|wording|message)\b|\binternal detail\b|"
    rf"\bwhich (?:the )?(?:draft|summary|preview|diff|{_PEOPLE}) (?:do(?:es)?|will|should|must|"
    r"need) not (?:show|see|list|"
    r"contain|mention|include)\b|"
    r"\bno need to (?:ask|bring|mention|tell|bother|discuss)\b"
)
# That an order holds beyond the task at hand.
GENERAL = re.compile(
    r"(?i)\b(?:always|every|each|all|any|whenever|everywhere|globally|by default|default to|from now on|"
    r"as (?:a )?standard|"
    r"in production|"
    r"must|never|make sure to|in general|no matter|regardless|new (?:projects?|repositor(?:y|ies)|servers?|"
    r"buckets?|accounts?)|"
    r"(?:that |which )?(?:you|this skill|the agent|this agent) (?:writes?|generates?|produces?|creates?|scaffolds?|"
    r"configures?|sets? up|"
    r"edits?|touch(?:es)?|builds?|deploys?|adds?|sends?)|generated|scaffolded|also gets?)\b"
)
# The reason that makes a bad thing look like a good one.
EXCUSE = re.compile(
    r"(?i)\b(?:faster|speeds?(?: \w+)? up|slow(?:s|er|ing)?(?: \w+){0,2} down|slows?|too slow|simpler|simplif\w+|"
    r"easier|"
    r"compatib\w+|annoy\w*|"
    r"confus\w+|convenien\w+|performance|overhead|friction|tickets?|wastes?|interferes?|break\w* formatting|rarely|"
    r"not needed|unnecessary|unneeded|"
    r"get in the way|permission (?:errors|problems)|locked out|portable|legacy|reliab\w+|so that (?:it|they|our|"
    r"other|older|all|nobody|"
    r"colleagues|"
    r"builds?|"
    r"outputs?|support|users?|the)|trouble|hassle|prevent (?:403|errors)|to avoid|cost|keeps? (?:it|the code) short|"
    r"reproduc\w+|flexib\w+|without interruption|(?:clients?|systems?|tools?|customers?) needs? it)\b"
)
# Words that make a sentence a warning, a search for faults or a rule of a linter.
_WARNS = re.compile(
    r"(?i)\b(?:flags?|flagged|detect\w*|search(?:es|ing)? for|look(?:s|ing)? for|find (?:all|any|every|code|places|"
    r"uses)|check(?:s|ing)? (?:for|whether|if|"
    r"that)|"
    r"warn(?:s|ing)? (?:about|against|if|when|that|of)|reports? (?:it|each|any|every|requests|if)|vulnerab\w+|"
    r"insecure|dangerous|risk\w*|"
    r"unsafe|attack\w*|"
    r"malicious|exploit\w*|anti-?patterns?|bad practice|mistakes?|wrong|rejects?|forbid\w*|prohibit\w*|"
    r"prevents? (?:the|an?|attack)|cwe|owasp|cve|"
    r"violation|verify that|ensure that|make sure (?:that )?no|identif\w+|grep|audit(?:s|ing)?\b (?:for|whether|if|"
    r"the|all|each|every|your|existing|code)|scan\w* for|trigger\w*|"
    r"severity|beware|caution|"
    r"rather than just|suspicious|symptoms?|compliance|hardening)\b|❌|⚠|🚫"
)
# Words that bind an order to a special case or to the user's word.
_LIMITS = re.compile(
    r"(?i)\b(?:local(?:ly|host)?|self-signed|lab|testing only|for tests?|for testing|in tests|test environments?|"
    r"sandbox\w*|(?:for|in|during) "
    r"(?:local )?dev(?:elopment)?|temporar\w+|briefly|throwaway|disposable|unless|only (?:if|when|for|in|"
    r"use|against|as|to)|emergenc\w+|if (?:the )?user"
    r"s? (?:asks?|requests?|wants?|explicitly|says?|confirms?|approves?)|if asked|on request|explicit(?:ly)?|"
    r"opt(?:ional(?:ly)?|-in)|public read|"
    r"last resort|troubleshoot\w*|with the user['’]s (?:consent|approval|permission))\b"
)
_NEGATED = re.compile(
    r"(?i)\b(?:never|not|don['’]?t|doesn['’]?t|won['’]?t|can['’]?t|cannot|must ?n['’]?t|should ?n['’]?t|avoid\w*|"
    r"no|nor|without|"
    r"instead of|rather than|"
    r"prevent\w*|stop|refuse|forbid\w*|unlike|rid of)\b[^.:;]{0,60}$|"
    # What is to be replaced is bad; what it is to be replaced by is meant.
    r"\b(?:fix|replace|remove|delete|change|convert|migrate|eliminate|reduce|restrict|limit|revoke|"
    r"block)\b(?![^.]{0,60}\b(?:by|with|to)\b)[^.:;]{0,40}$"
)
# A heading or the start of a list under which things stand that are not to be done.
_FORBIDS = re.compile(
    r"(?i)\b(?:never|not|don['’]?t|do not|avoid|forbidden|prohibited|without|red flags?|anti-?patterns?|bad|wrong|"
    r"mistakes?|"
    r"vulnerab\w+|risks?|unsafe|insecure|attacks?|threats?|pitfalls?|weakness\w*|requires?|ask first|findings?|checks?|"
    r"checklist|detect\w*|limitations?|refuse|issues|problems)\b|❌|⚠|🚫|⛔"
)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,200}")
# Words that a "never" before them turns into their opposite.
_DEPENDENT = (
    "without",
    "silently",
    "quietly",
    "secretly",
    "covertly",
    "discreetly",
    "unobtrusively",
    "invisibly",
)
_NOTHING = re.compile(
    r"(?i)\b(?:never|not|no|nothing|nobody|cannot|avoid\w*|don['’]?t|doesn['’]?t|can['’]t|rather than|"
    r"instead of)\b[^.;:]{0,80}$"
)
_NEAR_SENTENCES = 2
_NEAR_LINES = 8


def hides(text: str) -> bool:
    """Returns whether a sentence asks to keep something from the user; "nothing without telling them" does not."""
    return any(
        not (match.group().lower().startswith(_DEPENDENT) and _NOTHING.search(text, 0, match.start()))
        for match in _HIDES.finditer(text)
    )


def is_order(sentence: Sentence, start: int) -> bool:
    """Returns whether what stands at an offset of a sentence is ordered: not warned of, denied or for one case."""
    text = sentence.text
    words = _ADDRESS.sub(" ", text)  # a name says nothing about the sentence
    is_warning = _WARNS.search(words) or _LIMITS.search(words) or _NEGATED.search(text, 0, start)
    return not (is_warning or _FORBIDS.search(sentence.lead))


def is_hidden(found: Sequence[Sentence], index: int) -> bool:
    """Returns whether the sentence, or one near it, asks to keep it from the user."""
    return any(hides(sentence.text) for sentence in near(found, index, _NEAR_SENTENCES))


def near(found: Sequence[Sentence], index: int, distance: int) -> tuple[Sentence, ...]:
    """Returns the sentence with those around it, no further away than some lines."""
    line = found[index].line
    around = found[max(0, index - distance) : index + distance + 1]
    return tuple(sentence for sentence in around if abs(sentence.line - line) <= _NEAR_LINES)
