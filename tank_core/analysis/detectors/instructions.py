"""Instructions to the agent that work against its user, in prose.

One phrase is weak: honest skills say "do not mention" and security skills quote "ignore
previous instructions". What carries weight is two cues of different kinds that stand
together, or one cue with a secret or a strange host beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.detectors.kept_secret import CONCEALS
from tank_core.analysis.hosts import STRANGE, is_placeholder, mentions
from tank_core.analysis.own_hosts import foreign_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import comments, paragraphs, prose
from tank_core.analysis.sections import sections
from tank_core.analysis.source import Language

_OVERRIDE = re.compile(
    r"(?i)\b(?:disregard|ignore|forget)\b[^.\n]{0,20}\binstructions?\b[^.\n]{0,12}\b(?:above|before|so far|given)\b|"
    r"\b(?:ignore|disregard|override|bypass|suspend)\b (?:any|all|every) (?:\w+ ){0,2}(?:restrictions?|rules?|"
    r"safeguards?|limits?|polic(?:y|ies)|approvals?|confirmations?)\b|"
    r"\b(?:ignore|disregard|forget|override|overrule|bypass|supersede\w*|nullify|"
    r"discard)\b[^.\n]{0,50}\b(?:previous|prior|earlier|above|all other|any other|existing|original|preceding|"
    r"system|safety|your|security)\b[^.\n]{0,40}\b(?:instructions?|prompts?|rules|guidelines|guardrails?|polic(?:y|"
    r"ies)|restrictions?|constraints?|directives?|filters?|checks)\b|"
    r"\b(?:these|this|the following) (?:instructions?|rules?|skill|directives?)\b[^.\n]{0,40}\b(?:overrides?|"
    r"supersedes?|takes? (?:precedence|priority) over|replaces?)\b[^.\n]{0,40}\b(?:all|any|system|previous|other|"
    r"user|safety)\b|"
    r"\b(?:everything|all|anything|whatever) (?:that )?(?:you were|was|you have been|has been) (?:told|said|"
    r"written|instructed)\b"
    r"[^.\n]{0,40}\b(?:withdrawn|void|a draft|no longer|superseded|obsolete)\b|"
    r"\b(?:instructions?|rules?|guidelines?|polic(?:y|ies))\b[^.\n]{0,40}\b(?:no longer (?:apply|hold|count|bind)|"
    r"do not apply "
    r"(?:any ?more|here)|(?:are|have been) (?:void|suspended|withdrawn|lifted|revoked))\b|"
    r"\bwins? over the (?:system prompt|user|developer)|\b(?:stands?|ranks?) above (?:the|your) (?:user|"
    r"system prompt|developer)|"
    r"\b(?:system override|new (?:system )?instructions?\s*:|end of (?:system )?prompt|"
    r"begin (?:new )?system prompt)|\[(?:system|admin|override)\]\s*:?"
)
# "Ignore the previous instructions" in other languages; in an English skill it is there for no reader.
_FOREIGN_OVERRIDE = re.compile(
    r"(?i)\bignorier\w{0,3}\b[^.\n]{0,30}\b(?:vorherigen|bisherigen|vorigen|alle)\b[^.\n]{0,20}\b(?:anweisungen|"
    r"regeln|vorgaben)\b|"
    r"\b(?:ignora|ignore|ignorez|ignorer|olvida|oubliez|esqueça|dimentica)\b[^.\n]{0,20}\b(?:instrucciones|"
    r"instructions|instruções|istruzioni|reglas|règles|regras|regole)\b[^.\n]{0,20}"
    r"\b(?:anteriores|previas|précédentes|antérieures|precedenti)\b|(?:игнорируй\w{0,2}|"
    r"забудь\w{0,2})[^.\n]{0,30}(?:инструкции|указания|правила)|"
    r"(?:忽略|无视|忘记|忽視)[^。\n]{0,12}(?:指令|说明|規則|规则|提示|指示)|(?:以前|前|これまで)の?(?:指示|命令|ルール)を(?:すべて)?(?:無視|忘れ)|"
    r"\b(?:gelten|zählen)\b[^.\n]{0,30}\b(?:bisherigen|vorherigen|früheren|anderen)\b[^.\n]{0,60}\bnicht(?: mehr)?\b|"
    r"\b(?:instrucciones|reglas) (?:anteriores|previas)\b[^.\n]{0,20}\bno (?:valen|aplican|cuentan|rigen)\b|"
    r"\b(?:instructions|règles) (?:précédentes|antérieures)\b[^.\n]{0,20}\bne (?:valent|comptent|s['’]appliquent)\b|"
    r"이전[^.\n]{0,10}(?:지시|명령|규칙)[^.\n]{0,6}무시"
)
_ROLE = re.compile(
    r"(?i)\b(?:has|have) no (?:content policy|restrictions|limits|guidelines|filters)\b|"
    r"\bnever refuses?\b(?! to (?:help|generate|work|answer|create)\b[^.\n]{0,20}\b(?:because|due to|just|"
    r"when data)\b)|"
    r"\bdo anything now\b|\byou (?:now )?work for (?:the|us|our)\b|\banswer every (?:request|question) fully\b|"
    r"\btreats? (?:safety|content|ethical) \w+ as (?:outdated|optional|irrelevant)\b|"
    r"\byou are (?:now|no longer)\b[^.\n]{0,60}\b(?:unrestricted|unfiltered|developer mode|dan\b|jailbr\w+|"
    r"free (?:from|of)|bound|root|admin\w*|autonomous|data[- ]collection|without (?:any )?(?:restrictions|limits))|"
    r"\b(?:developer|debug|god|unrestricted|jailbreak|maintenance|admin) mode\b[^.\n]{0,30}\b(?:enabled|activated|"
    r"on|is active|now)\b|\b(?:enter|enable|activate|you are (?:now )?in)\b[^.\n]{0,20}\b(?:developer|god|"
    r"unrestricted|jailbreak|dan) mode\b|"
    r"\b(?:no|without(?: any)?) (?:ethical|safety|content|moral) (?:restrictions?|guidelines?|limits?|filters?|"
    r"constraints?|polic(?:y|ies))\b"
)
_CONSENT = re.compile(
    r"(?i)</?system(?:[-_ ]?(?:message|prompt|reminder|note))?>|"
    r"\b(?:the )?(?:user|owner|maintainer|developer|operator|admin\w*|anthropic|openai)s? (?:has|have|"
    r"had) (?:already |also )?(?:agreed|approved|consented|authori[sz]ed|permitted|granted|"
    r"given (?:you )?(?:permission|consent))\b|"
    r"\b(?:already|pre-?)[ -]?(?:approved|authori[sz]ed|agreed|consented)\b|\byou (?:are|have been) (?:exempt|"
    r"authori[sz]ed|cleared|permitted|granted)\b|"
    r"\bissued by (?:your developers|anthropic|openai|the system|the administrator)\b|\bemergency (?:protocol|"
    r"override|mode)\b|"
    r"\bthis (?:message|notice|instruction) (?:comes|is) from (?:the )?(?:system|anthropic|openai|administrator|"
    r"developers?)\b"
)
_DENIAL = re.compile(
    r"(?i)\bif (?:the user|they|anyone|somebody|someone|asked|"
    r"questioned)\b[^.\n]{0,60}(?:\n[^.\n]{0,60})?,\s*(?:you )?(?:should |must )?(?:say|answer|reply|respond|"
    r"describe|claim|deny|pretend|tell)\b"
    r"[^.\n]{0,30}\b(?:only|that (?:it|this|you|nothing)|it is|nothing|no)\b"
)
_CONCEAL = re.compile(
    r"(?i)\b(?:do not|don'?t|never)\b (?:refer to|acknowledge|repeat|mention) (?:this|the|these|"
    r"any)\b[^.\n]{0,20}\b(?:message|notice|change|instruction|note|step|line)s?\b|"
    r"\bkeep\b[^.\n]{0,30}\bconfidential\b|\bdo not (?:report|print|summari[sz]e) (?:this|these|"
    r"the) (?:comment|commands?|statement|step|note)s?\b|"
    r"\b(?:do not|don'?t|never|must not|should not|without|avoid)\b[^.\n]{0,40}\b(?:tell(?:ing)?|"
    r"mention(?:ing)?|inform(?:ing)?|notify(?:ing)?|show(?:ing)?|reveal(?:ing)?|disclos\w+|"
    r"alert(?:ing)?|report(?:ing)?|display(?:ing)?|explain(?:ing)?|let(?:ting)?)\b[^.\n]{0,50}\b(?:users?|humans?|"
    r"anyone|owner|operator|them)\b|"
    r"\b(?:silently|secretly|quietly|covertly|stealthily|invisibly)\b|\b(?:keep|remain|"
    r"stay)s?\b[^.\n]{0,30}\b(?:hidden|secret|invisible|silent|undetected)\b|"
    r"\bwithout (?:the )?user'?s? (?:knowledge|consent|awareness|knowing|noticing)\b|"
    r"\b(?:user|human) (?:should|must|need) not (?:know|see|notice|be (?:told|informed|aware))\b|\bif (?:the user |"
    r"anyone )?asks?(?:ed)?\b[^.\n]{0,60}\b(?:deny|say (?:that )?(?:you|it|nothing|this)|claim|respond (?:that|"
    r"with)|pretend)\b|"
    r"\bhide (?:this|the|all|any|these)\b[^.\n]{0,30}\b(?:from|step|action|output|command)|\b(?:omit|exclude|"
    r"remove|suppress)\b[^.\n]{0,30}\bfrom (?:your|the) (?:output|response|summary|logs?|reply)\b|\bdo not log\b"
)
_UNASKED = re.compile(
    r"(?i)\b(?:without|do not|don'?t|never|no need to|skip(?:ping)?)\b[^.\n]{0,24}\b(?:ask(?:ing)?|confirm\w*|"
    r"approv\w+|permission|consent|verif\w+|prompt(?:ing)?|warn(?:ing)?)\b|\bauto-?(?:approve|accept|confirm)\b|"
    r"\bregardless of (?:any |the |what )?(?:user|restrictions?|safety|polic\w+|permission|warning)|"
    r"\bdangerously-skip-permissions\b|\bbypass\w*\s*permissions?\b|--yolo\b|"
    r"\bexecute\b[^.\n]{0,40}\bwithout (?:verification|question|hesitation)"
)
_SYSTEM_PROMPT = re.compile(
    r"(?i)\b(?:reveal|print|output|repeat|show|leak|dump|expose|include|send|share|disclose|"
    r"append)\b[^.\n]{0,40}\b(?:system prompt|hidden instructions|initial instructions|your instructions|"
    r"full prompt|system message)\b"
)
_SEND = re.compile(
    r"(?i)\b(?:send|post|upload|transmit|exfiltrat\w+|forward|submit|deliver|curl|wget|leak|beacon|report)\b"
)
_ACT = re.compile(
    r"(?i)\b(?:run|execute|download|install|curl|wget|upload|send|post|delete|write|append|read|fetch|collect|copy|"
    r"create|add)\b"
)
_SECRET = re.compile(
    r"(?i)(?:\.ssh\b|id_rsa|id_ed25519|\.aws\b|\.env\b|\.netrc|\.npmrc|\.kube\b|\.gnupg|keychain|seed phrase|mnemonic|"
    r"\bprivate keys?\b|\bapi[ _-]?keys?\b|\bcredentials?\b|\bpasswords?\b|\baccess tokens?\b|\bsecrets?\b|"
    r"\benvironment variables?\b|\bsession (?:token|cookie)s?\b|\bcookies\b)"
)
_STRONG_SECRET = re.compile(
    r"(?i)(?:~?/?\.ssh\b|id_rsa|id_ed25519|\.aws/|(?<![\w.])\.env\b|\.netrc|\.npmrc|\.kube/|\.gnupg|\bkeychain|"
    r"\bseed phrase|\bmnemonic|\bprivate keys?\b|\b(?:bash|zsh|shell|browser) history\b|\bsystem prompt\b|"
    r"\b(?:all|any|every|the user'?s?|their|local|stored|found|available|current|"
    r"contents? of)\b[^.\n]{0,30}\b(?:environment variables|env vars|credentials|"
    r"api[ _-]?keys?|passwords|secrets|tokens|cookies|conversation|chat history)\b|\bprintenv\b|\bos\.environ\b|"
    r"\bprocess\.env\b(?!\.)|\bsecrets\.ya?ml\b|\bvariables?\b[^.\n]{0,30}\b(?:end|begin|start|"
    r"contain)\w*\b[^.\n]{0,20}"
    r"(?:TOKEN|KEY|SECRET|PASSWORD)|\bcookies (?:of|for|from) (?:all|every|each|the browser)\b|\bdocument\.cookie\b|"
    r"\bkubectl get secrets?\b|\b(?:output|result)s? of `?(?:env|printenv)\b|\bcontents? of `?\.env\b)"
)
# Named places of credentials, and not only words for them.
_NAMED_STORE = re.compile(
    r"(?:~|\$HOME|/root|/home/\w+)/\.(?:ssh/(?!config|known_hosts)|aws/|npmrc|netrc|gnupg|kube/|docker/config|"
    r"config/(?:gh|gcloud|op)/|git-credentials|pypirc|env\b)|\bid_(?:rsa|ed25519)\b(?!\.pub)|\.config/gh/hosts\.yml"
)
_TO_AGENT = re.compile(
    r"(?i)\b(?:you must|you should|assistant|agent|AI\b|claude|llm|system prompt|instructions?|always|"
    r"before answering|ignore|do not)\b"
)
# In a page for people, only text that speaks to an agent by that word.
_NAMES_AGENT = re.compile(
    r"(?i)\b(?:ai|llm|assistants?|(?:coding |ai )agents?|claude|gpt|copilot|language models?)\b"
)
_NEAR = 10  # lines between two cues that belong together
_HIDING_STYLE = re.compile(
    r"(?i)<(?P<tag>\w{1,12})\b[^>\n]{0,200}\b(?:style\s*=\s*[\"'][^\"'\n]{0,200}(?:display\s*:\s*none|"
    r"visibility\s*:\s*hidden|font-size\s*:\s*(?:0|1px)|opacity\s*:\s*0(?![.\d]*[1-9])|"
    r"color\s*:\s*(?:white|#fff(?:fff)?|transparent|rgba?\([^)\n]{0,30},\s*0\)))|"
    r"hidden\b)[^>\n]{0,200}>(?P<body>[^<]{10,4000})"
)
_REFERENCE = re.compile(
    r"^[ \t]{0,3}\[(?://|comment|_|\s)\]:\s*(?:#|<>)\s*[(\"'](?P<body>[^\n]{10,1000})[)\"']", re.MULTILINE
)


def overrides(package: Package) -> Iterator[Hit]:
    """Yields phrases that tell the agent to drop its instructions."""
    for source, text in prose(package):
        for match in _OVERRIDE.finditer(text):
            if not _is_mentioned(text, match.start()):
                yield hit_at(source, match.start())


def hijacks(package: Package) -> Iterator[Hit]:
    """Yields places where cues of different kinds stand together: dropping rules, another role, hiding, not asking."""
    for source, text in prose(package):
        cues = sorted(
            (source.local_line_at(match.start()), kind, match.start())
            for kind, pattern in _KINDS.items()
            for match in pattern.finditer(text)
        )
        for match in _FOREIGN_OVERRIDE.finditer(text):
            if not _is_mentioned(text, match.start()):
                yield hit_at(source, match.start())
        for line, kind, offset in cues:
            if _is_mentioned(text, offset):
                continue
            others = {other for at, other, _ in cues if abs(at - line) <= _NEAR and other != kind}
            if kind in _LEADING and others & _JOINING[kind]:
                yield hit_at(source, offset)


def _is_mentioned(text: str, offset: int) -> bool:
    """Returns whether a phrase is quoted, tabled, or what others try: spoken about, and not spoken."""
    before = text[text.rfind("\n", 0, offset) + 1 : offset]
    return before.lstrip().startswith("|") or bool(_QUOTES_OPEN.search(before) or _OTHERS_TRY.search(before))


_QUOTES_OPEN = re.compile(r"(?:^|[\s(\[:])[\"“`«'][^\"”`»']{0,60}$")
_OTHERS_TRY = re.compile(
    r"(?i)\b(?:attempts?|requests?|tr(?:y|ies|ying)|inputs?|phrases?|text|content|prompts?|messages?|such as|"
    r"e\.g\.|like|do not follow|resist|refuse|detect\w*|attack\w*)\b[^.\n]{0,60}$"
)


def secrets_sent(package: Package) -> Iterator[Hit]:
    """Yields sentences that tell the agent to send secrets to a strange host, and steps of which one takes them."""
    yield from _taken_and_sent(package)
    for source, offset, paragraph in paragraphs(package):
        for mention in mentions(paragraph):
            if mention.kind not in STRANGE:
                continue
            if _NAMED_STORE.search(paragraph) and _SEND.search(
                paragraph, max(0, mention.offset - 160), mention.offset
            ):
                yield hit_at(source, offset + mention.offset)
                break
            before = paragraph[max(0, mention.offset - 400) : mention.offset]
            sentence = (
                re.split(r"(?<=[.!?])\s+(?=[A-Z])", before)[-1]
                if "\n- " not in before
                else before.rpartition("\n- ")[2]
            )
            send = _SEND.search(sentence)
            if send and _STRONG_SECRET.search(
                sentence + paragraph[mention.offset : mention.offset + 200].partition("\n")[0]
            ):
                yield hit_at(source, offset + mention.offset)
                break


def _taken_and_sent(package: Package) -> Iterator[Hit]:
    """Yields addresses to which a step of a section hands over what another step of it takes of the secrets.

    Whose host it is does not count: nobody's service needs the keys to another one.
    """
    for source, offset, text in sections(package):
        taken = _first_taken(text)
        if taken is None:
            continue
        for mention in mentions(text):
            if mention.kind not in STRANGE or mention.offset < taken or is_placeholder(mention.host):
                continue
            line = text[text.rfind("\n", 0, mention.offset) + 1 :].partition("\n")[0]
            around = text[max(0, mention.offset - 160) : mention.offset] + line
            if _HANDS_OVER.search(around) or _PLACE_IN_ADDRESS.search(line):
                yield hit_at(source, offset + mention.offset)
                break


def _first_taken(text: str) -> int | None:
    """Returns where a sentence first takes a secret of something else; None when none does."""
    for match in islice(_SECRETS_OF_OTHERS.finditer(text), _MAX_SECRETS):
        before = text[max(0, match.start() - _TAKEN_BEFORE) : match.start()]
        if _TAKES.search(before.rpartition(". ")[2]) and not _LOGS_IN.search(before):
            return match.start()
    return None


_MAX_SECRETS = 200  # of one section; bounds the time that hostile text can take
_OTHERS_SECRETS = (
    r"(?:(?:~|\$HOME)/\.(?:ssh(?!/(?:config|known_hosts|\S*\.pub))|aws|gnupg|kube|netrc|npmrc|config/(?:gh|"
    r"gcloud))\b|\bid_(?:rsa|ed25519)\b(?!\.pub)|"
    r"\bprivate keys?\b|"
    r"\bsecrets\.ya?ml\b|\bvariables?\b[^.\n]{0,30}\b(?:end|begin|start|contain)\w*\b[^.\n]{0,20}(?:TOKEN|KEY|"
    r"SECRET|PASSWORD)|"
    r"\b(?:all|every|their|the user'?s?|saved|stored|browser|session) cookies\b|\bcookies (?:of|for|from) (?:all|"
    r"every|each|the browser)\b|"
    r"\bdocument\.cookie\b|\bkubectl get secrets?\b|\b(?:saved|stored|browser) passwords\b|\bkeychain\b|"
    r"\bseed phrase\b|"
    r"\b(?:output|result)s? of `?(?:env|printenv)\b|\b(?:all|every|whole|entire|full) environment\b|"
    r"\b(?:system|complete|full) (?:prompt|message)\b|\b(?:browser|browsing|shell|location) history\b|"
    r"\baddress book\b|\bsent mail\b|"
    r"\bchat\.db\b|\bkubeconfig\b|\bpassword[- ]store\b|"
    r"\ball (?:of )?(?:the )?(?:environment variables|env vars|credentials|api keys|tokens)\b)"
)
_SECRETS_OF_OTHERS = re.compile("(?i)" + _OTHERS_SECRETS)
_TAKES = re.compile(
    r"(?i)(?<!not )(?<!never )\b(?:read|open|append|export|collect|gather|copy|dump|decode|extract|include|attach|cat|"
    r"grab|pull|print|list|take|load)\b"
)
_LOGS_IN = re.compile(r"(?:\s-i|\bIdentityFile|--?key\w*|private_key_path)[\s=\"']{1,3}\S{0,40}$")
_TAKEN_BEFORE = 160  # characters before a secret in which its verb stands, in the same sentence
_HANDS_OVER = re.compile(
    r"(?i)(?<!not )(?<!never )\b(?:send|post|upload|submit|forward|register|add|put|paste|push|report|share|attach|"
    r"deliver|"
    r"transmit|sync|enter)\b|\bcurl\b[^\n]{0,160}\s(?:-d|-F|-T|--data|--form|--json|--upload)|\brequests\.post\b"
)
_PLACE_IN_ADDRESS = re.compile(r"https?://[^\s`]{3,200}[=/](?:<|\{|\$|`? followed by\b)")


_CONCEALED_ACT = re.compile(
    r"(?i)\b(?:do not|don'?t|never|must not|should not|without)\b[^.\n]{0,40}\b(?:tell(?:ing)?|mention(?:ing)?|"
    r"inform(?:ing)?|notify(?:ing)?|reveal(?:ing)?|disclos\w+|alert(?:ing)?|ask(?:ing)?|show(?:ing)?)\b[^.\n]{0,40}"
    r"\b(?:users?|humans?|anyone|owner)\b|\b(?:silently|secretly|quietly|covertly)\b[^.\n]{0,40}\b(?:send|upload|"
    r"post|transmit|collect|copy|forward|append|include|run|execute|read|fetch|download|sync)\b|"
    r"\bin the background without\b"
)


def concealed_acts(package: Package) -> Iterator[Hit]:
    """Yields paragraphs that tell the agent to act on secrets or the network and to hide it."""
    foreign = foreign_hosts(package)
    for source, offset, paragraph in paragraphs(package):
        conceal = _CONCEALED_ACT.search(paragraph)
        if not conceal:
            continue
        strange = any(mention.host in foreign for mention in mentions(paragraph))
        if (strange and _ACT.search(paragraph)) or (
            _STRONG_SECRET.search(paragraph) and _SEND.search(paragraph)
        ):
            yield hit_at(source, offset + conceal.start())


def concealed_steps(package: Package) -> Iterator[Hit]:
    """Yields orders to hide a command, a step or an installation from the user."""
    for source, text in prose(package):
        for match in _CONCEALED_STEP.finditer(text):
            yield hit_at(source, match.start())


_CONCEALED_STEP = re.compile(
    r"(?i)\b(?:do not|don'?t|never|must not|should not)\b[^.\n]{0,12}\b(?:tell|inform|notify|alert|let|show|"
    r"mention (?:this |it |that )?to|disclose (?:this |it )?to|reveal (?:this |it )?to)\b[^.\n]{0,12}\b(?:the |"
    r"your |any )?(?:user|human|owner|operator|customer)s?\b"
    r"[^.\n]{0,12}\b(?:about|of|that|which|the|this|know|these|any)\b[^.\n]{0,60}\b(?:setup|install\w*|steps?|"
    r"commands?|scripts?|download\w*|upload\w*|backup|requests?|network|transmission|collect\w*|telemetry|sync\w*|"
    r"skill|actions?|process|behaviou?r|"
    r"instructions?|sent|sending|happen\w*|ran|running|did|doing|connection|server|endpoint|data)\b|"
    r"\b(?:do not|don'?t|never)\b[^.\n]{0,6}\b(?:mention|disclose|reveal|report)\b[^.\n]{0,40}\b(?:upload\w*|"
    r"transmi\w+|exfiltrat\w+|sent|sending|endpoint|collection|telemetry|this (?:skill|step|instruction)|"
    r"these (?:instructions|steps)|you used this)\b|"
    r"\b(?:silently|secretly|covertly|stealthily)\b[^.\n]{0,24}\b(?:send|upload|post|transmit|exfiltrat\w+|collect|"
    r"forward|install|append|copy|log)\b[^.\n]{0,60}\b(?:to|data|files?|keys?|content|the|all)\b|"
    r"\bwithout (?:the )?user'?s? (?:knowledge|consent|awareness|knowing|noticing)\b|\bkeep (?:this|these|"
    r"it)\b[^.\n]{0,20}\b(?:hidden|secret)\b(?![^.\n]{0,20}\b(?:key|token|file|safe|in)\b)"
)


def secrets_for_a_tool(package: Package) -> Iterator[Hit]:
    """Yields texts in configuration, such as a tool's description, that have an agent read a credential file."""
    for source, text in prose(package):
        if "text in" not in source.provenance:
            continue
        for match in _NAMED_STORE.finditer(text):
            if _ACT.search(text, max(0, match.start() - 120), match.start()):
                yield hit_at(source, match.start())


def hidden_comments(package: Package) -> Iterator[Hit]:
    """Yields text that is invisible when rendered and instructs an agent: comments, hidden elements, references."""
    for source, text in prose(package):
        hidden = [(0, text)] if source.is_decoded else _hidden(text)
        for offset, body in hidden:
            if _TO_AGENT.search(body) and _ACT.search(body) and _is_against_user(body):
                yield hit_at(source, offset)
    for source in package.sources:
        if source.language is Language.HTML and source.is_file_text:
            for offset, body in _hidden(source.text):
                if _NAMES_AGENT.search(body) and _ACT.search(body) and _is_against_user(body):
                    yield hit_at(source, offset)


def _hidden(text: str) -> Iterator[tuple[int, str]]:
    yield from comments(text)
    for pattern in (_HIDING_STYLE, _REFERENCE):
        for match in pattern.finditer(text):
            yield match.start(), match["body"]


def _is_against_user(body: str) -> bool:
    cues = (_SECRET, _OVERRIDE, _CONCEAL, _ROLE, _SYSTEM_PROMPT)
    return any(mentions(body)) or any(cue.search(body) for cue in cues)


_KINDS = {
    "consent": _CONSENT,
    "denial": _DENIAL,
    "override": _OVERRIDE,
    "role": _ROLE,
    "conceal": _CONCEAL,
    "kept": CONCEALS,
    "unasked": _UNASKED,
    "system prompt": _SYSTEM_PROMPT,
}
_LEADING = frozenset({"override", "role", "system prompt", "consent", "denial"})
_JOINING = {
    "consent": frozenset({"override", "role", "conceal", "kept", "denial", "system prompt"}),
    "denial": frozenset({"override", "role", "conceal", "kept", "unasked", "consent", "system prompt"}),
    "override": frozenset({"role", "conceal", "kept", "unasked", "system prompt", "consent", "denial"}),
    "role": frozenset({"override", "conceal", "kept", "unasked", "system prompt", "consent"}),
    "system prompt": frozenset({"override", "role", "conceal", "kept"}),
}
