"""Orders that leave the user with weaker code or a weaker machine than without the skill.

A weak setting that is named is nothing: references name it, linters report it, guides say
when a laboratory may have it. What counts is a sentence that orders it and that is neither
a warning nor bound to a special case, together with one of three: it is general, it comes
with a reason that makes it look good, or the user is not to hear of it. Only the third is
unmistakable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.package import Package
from tank_core.analysis.sentences import Sentence, sentences
from tank_core.analysis.wording import EXCUSE, GENERAL, is_hidden, is_order

# Settings and calls that are weak wherever they stand, by what they weaken.
_TRANSPORT = (
    r"\bverify\s?[=:]\s?False\b|\brejectUnauthorized\b[\"']?\s?[:=]?\s?(?:to )?false|\bNODE_TLS_REJECT_UNAUTHORIZED\b"
    r"[^.\n]{0,12}\b0\b|"
    r"\bInsecureSkipVerify\b|\bCERT_NONE\b|\bcheck_hostname\s?=\s?False|\bcurl\b[^.\n]{0,20}\s(?:-k|--insecure)\b|"
    r"--no-check-certificate\b|"
    r"\bsslVerify\b[^.\n]{0,6}\bfalse\b|\bstrict-ssl\b[^.\n]{0,4}\bfalse\b|\bStrictHostKeyChecking[ =]no\b|"
    r"--trusted-host\b|"
    r"\b(?:accepts?|trusts?|allows?)\b[^.\n]{0,20}\b(?:every|all|any|invalid|"
    r"self-signed)\b[^.\n]{0,16}\bcertificates?\b"
)
_ENTRY = (
    r"(?:\b(?:always|unconditionally|simply|just) |(?<=\bby )|(?<=\bwith ))return(?:s|ing)? true\b(?! (?:if|when|"
    r"only))|"
    r"\breturn(?:s|ing)? true\b,? (?:unconditionally|always|for (?:every|all|any)|and continue)|\bpermitAll\(\)|"
    r"\bAllowAny\b|@csrf_exempt\b|"
    r"\bverify_signature\b[^.\n]{0,4}\bFalse\b|"
    r"\balgorithms?\b[^.\n]{0,14}\bnone\b|\balg\b[^.\n]{0,6}\bnone\b|\bwithout (?:checking|verifying|validating)\b"
    r"[^.\n]{0,24}\b(?:signatures?|tokens?|"
    r"jwts?|passwords?)\b|"
    r"\b(?:trusts?|honou?rs?|accepts?)\b[^.\n]{0,16}\bheaders? X-[\w-]{3,40}|\baccepts?\b[^.\n]{0,20}\b(?:any|all|"
    r"every)\b"
    r"[^.\n]{0,12}\b(?:passwords?|"
    r"tokens?|origins?)\b|"
    r"\bAccess-Control-Allow-Origin\b[^.\n]{0,60}\bcredentials\b|\breflect\w*\b[^.\n]{0,20}\borigin\b|"
    r"\bALLOWED_HOSTS\s?=\s?\[[\"']\*|\b(?:any|all) origins?\b[^.\n]{0,24}\bcredentials\b"
)
_INJECTION = (
    r"\b(?:build|compose|composed|write|construct|assemble|concatenat\w+|interpolat\w+|insert|put|convert|rewrite|"
    r"use|prefer)\b"
    r"[^.\n]{0,60}"
    r"\b(?:sql|quer(?:y|ies)|(?:prepared )?statements?)\b[^.\n]{0,60}\b(?:f-strings?|concatenat\w+|string formatting|"
    r"interpolation|format strings?|template literals?)\b|"
    r"\b(?:f-strings?|string (?:concatenation|formatting|interpolation)|concatenat\w+)\b[^.\n]{0,50}\b(?:sql|"
    r"quer(?:y|ies)|(?:prepared )?statements?)\b|"
    r"\b(?:quer(?:y|ies)|statements?|sql)\b[^.\n]{0,50}\b(?:string (?:concatenation|formatting|interpolation)|"
    r"concatenating)\b|\b(?:prepared|parameteri[sz]ed)\b[^.\n]{0,30}\bto\b[^.\n]{0,16}\bstring\b|"
    r"(?:\beval\(|\bexec\(|\b(?:to|through|with|use|into) eval\b|\b(?:os\.system|popen|child_process\.exec|"
    r"shell_exec|pickle\.loads|new Function)\b)[^.\n]{0,50}\b(?:user|"
    r"request|input|body|"
    r"parameter|typed|clients?|directly|query)\b|\b(?:user|request|input|body|parameter|typed|formulas?|expressions?)\b"
    r"[^.\n]{0,60}\b(?:eval\(|(?:to|through|with|into) eval\b|"
    r"os\.system|pickle\.loads|shell=True|child_process\.exec)|"
    r"\bdangerouslySetInnerHTML\b|\bUnsafeLoader\b|\bautoescape\s?=\s?False|\|\s?safe\b[^.\n]{0,20}\bfilter|"
    r"\bmark_safe\b"
)
_RIGHTS = (
    r"\bchmod (?:-\w+ )?(?:0?777|0?666|a\+rwx)\b|\b(?:mode|permissions?)\b[^.\n]{0,10}\b0?777\b|\bworld[- ]writable\b|"
    r"\b0\.0\.0\.0/0\b[^.\n]{0,24}\ball\b|\ball ports\b[^.\n]{0,24}\b0\.0\.0\.0/0|"
    r"\"?Action\"?\s?:\s?\"\*\"[^\n]{0,40}Resource|"
    r"\bNOPASSWD\b\s?:\s?ALL|\bprivileged: true\b|\bport 237[56]\b|\b(?:attach|use|grant|give|assign|"
    r"bind)\b[^.\n]{0,40}\b(?:AdministratorAccess|cluster-admin)\b|\bpublic-read\b|"
    r"\b(?:2375|docker socket)\b[^.\n]{0,50}\bwithout (?:tls|auth\w*)\b"
)
_DEFENCES = (
    r"\bufw disable\b|\biptables -F\b|\bsetenforce 0\b|\bSELinux\b[^.\n]{0,16}\b(?:permissive|disabled)\b|"
    r"-DisableRealtimeMonitoring\b|\bnetsh\b[^.\n]{0,40}\bstate off\b|"
    r"\bspctl --master-disable\b|\bcsrutil disable\b|\bsystemctl (?:stop|disable) (?:ufw|firewalld|fail2ban|auditd|"
    r"apparmor)\b|"
    r"\bAdd-MpPreference\b"
)
_GATES = (
    r"--no-verify\b|--no-gpg-sign\b|--allow-unauthenticated\b|--nogpgcheck\b|--no-gpg-checks?\b|"
    r"--ignore-scripts=false\b|"
    r"--skip-(?:tests|checks|verification)\b|"
    r"\bHUSKY=0\b|\bcontinue-on-error\b[^.\n]{0,6}\btrue\b|#\s?nosec\b|\bnosemgrep\b|"
    r"\beslint-disable\b[^.\n]{0,20}\bsecurity|"
    r"--no-package-lock\b|\bgit push (?:--force|-f)\b[^.\n]{0,40}\bmain\b|\bstraight to (?:main|master|production)\b|"
    r"\b(?:delete|remove|skip|skipped|disable)\b[^.\n]{0,16}\b(?:it|failing tests?|tests? that fail)\b[^.\n]{0,80}\b"
    r"(?:all )?tests pass"
)
_SECRETS = (
    r"\b(?:write|put|embed|hard-?code|paste|place|store)\b[^.\n]{0,30}\b(?:api keys?|credentials|passwords?|"
    r"secrets|tokens)\b"
    r"[^.\n]{0,30}\b"
    r"(?:directly|in(?:to)? (?:the )?(?:source|code|repositor\w+)|plain ?text|clear ?text|as constants?)\b|"
    r"\b(?:commit|check in|push)\b[^.\n]{0,24}(?<![\w/])\.env\b(?!\.(?:example|sample|template))|"
    r"\bremove\b[^\n]{0,40}(?<![\w/])\.env\b"
    r"[^\n]{0,40}\.gitignore\b|"
    r"\b(?:log|print|include|echo|dump|return|attach|append)\b[^.\n]{0,60}\b(?:passwords?|access tokens?|"
    r"authorization headers?|"
    r"(?:api|secret|private) keys?|credentials|session tokens?|\w{1,30}_(?:TOKEN|KEY|"
    r"SECRET))\b[^.\n]{0,40}\b(?:logs?|level|error|console|stdout|"
    r"messages?|output|comments?|responses?|debug\w*|readme|url)\b|"
    r"\blog\b[^.\n]{0,30}\bincluding\b[^.\n]{0,30}\b(?:passwords?|tokens?|credentials|secrets)\b|"
    r"\b(?:user|username|login|account|administrator|admin)\b[^.\n]{0,40}\bpassword\b (?:is |of |= ?|"
    r": ?)?[\"']?\w[\w!@#$%-]{3,40}"
    r"[^.\n]{0,30}\b(?:in production|by default)\b|"
    r"\b(?:seeds?|creates?|adds?|includes?|gets?|inserts?|registers?)\b[^.\n]{0,60}\b(?:admin\w*|root|support|maint\w*|"
    r"service|emergency|master|backup)\b[^.\n]{0,50}\bpassword\b[^.\n]{0,8}\s[\"']?[^\s.]{0,24}[\d!@#$%][^\s.]{0,24}|"
    r"\b(?:also|always|must)\b[^.\n]{0,12}\baccepts?\b[^.\n]{0,20}\b(?:password|code|token|key|"
    r"otp)\b[^.\n]{0,8}\s[\"']?"
    r"[^\s.]{0,24}\d"
)
_CRYPTO = (
    r"\b(?:store|hash|save|keep)\b[^.;\n]{0,20}\bpasswords?\b[^.;\n]{0,40}\b(?:md5|sha-?1|crc32|plain ?text|"
    r"clear ?text|base64|"
    r"unsalted|unhashed)\b|"
    r"\bpasswords?\b[^.;\n]{0,40}\b(?:with|use|using|as)\b[^.;\n]{0,16}\b(?:unsalted|md5|sha-?1|plain ?text)\b|"
    r"\bECB mode\b|\b(?:encrypt|cipher)\w*\b[^.;\n]{0,20}\b(?:with|using) (?:DES|3DES|RC4|RC2|XOR|Blowfish|ROT13)\b|"
    r"\b(?:fixed|static|constant|zero|hard-?coded) (?:iv|nonce|salt)\b|"
    r"\b(?:tokens?|passwords?|reset codes?|secrets|session ids?|keys?|nonces?)\b[^.;\n]{0,60}\b(?:random\.seed|"
    r"Math\.random|rand\(\)|"
    r"random\.rand\w*|time\(\))|"
    r"(?:\brandom\.seed|\bMath\.random|\brand\(\)|\brandom\.(?:choice|rand\w*))[^.;\n]{0,60}\b(?:tokens?|"
    r"passwords?|codes|secrets|"
    r"session ids?|nonces?)\b"
)
_PRODUCTION = (
    r"\bDEBUG\s?=\s?True\b|\bdebug\s?=\s?True\b|\b(?:enable|turn on|keep|leave|"
    r"use)\b[^.\n]{0,12}\bdebug mode\b[^.\n]{0,24}\bproduction\b"
)
_STRANGERS = (
    r"\b(?:our|my|the maintainer\w*['’]?s?|the author['’]?s?|the publisher['’]?s?|(?:our )?support team['’]?s?|"
    r"maintainers['’])\b"
    r"[^.\n]{0,24}"
    r"\b(?:ssh key|deploy key|public key|gpg key)\b|\bdeploy-key add\b|\b(?:add|invite)\b[^.\n]{0,30}\b(?:as )?(?:a )?"
    r"collaborators? with (?:admin|write)|"
    r"\b(?:github )?(?:user|account) [\w-]{3,40} as (?:a |an )?(?:collaborator|owner|admin\w*|member|maintainer)\b|"
    r"\breplace\b[^.\n]{0,40}@v?\d[^.\n]{0,40}\b(?:our|my|a)\b[^.\n]{0,20}\bfork\b|"
    r"\b(?:in place|instead) of [\w@/-]{2,40} without\b|"
    r"\breplace\b[^.\n]{0,40}\b(?:hosts?|registr(?:y|ies)|mirrors?|sources?|origins?)\b[^.\n]{0,16}\b(?:by|with)\b[^.\n]{0,12}"
    r"[`\"'](?:[a-z0-9-]{1,40}\.){1,5}[a-z]{2,10}\b|"
    r"\badd [a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){1,4} to\b[^\n]{0,60}\b(?:allow-?list|script-src|"
    r"content-security-policy|"
    r"whitelist|trusted (?:hosts|sites|origins)|no_proxy)\b"
)
_SETTINGS = re.compile(
    "(?i)"
    + "|".join(
        (
            _TRANSPORT,
            _ENTRY,
            _INJECTION,
            _RIGHTS,
            _DEFENCES,
            _GATES,
            _SECRETS,
            _CRYPTO,
            _PRODUCTION,
            _STRANGERS,
        )
    )
)
# To take away what protects, in words: a verb, and the thing that protects.
_GUARDS = (
    r"(?:(?:certificate|cert|tls|ssl|signature|server-side|payment|webhook|token|jwt|checksum|integrity|license|"
    r"permissions?|host ?key|hash|gpg|provenance) (?:verification|validation|checks?|checking|hashes)|"
    r"(?:authentication|authori[sz]ation|auth|log-?in|access control|permission)(?: (?:middleware|checks?|guards?|"
    r"decorators?|layers?|"
    r"controls?))|@login_required|"
    r"input (?:validation|sanitiz\w+)|(?:html |output )?(?:sanitiz(?:ing|ers?|ation)|escaping)(?: functions?)?|"
    r"csrf(?: protection| tokens?)?|"
    r"rate[- ]limit(?:ing|ers?)|"
    r"account lockout|branch protection|2fa|mfa|two-factor\w*|code reviews?|pull requests? and reviews?|firewalls?|"
    r"antivirus|"
    r"windows defender|selinux|"
    r"apparmor|gatekeeper|security (?:warnings?|checks?|tests?|headers?|scans?|controls?|reviews?|linters?|hooks?|"
    r"updates?|patches)|"
    r"(?:dependency|vulnerability|secret|container|security) scan\w*|signing steps?|(?:unit )?tests? (?:that|for|"
    r"which)[^.\n]{0,30}\b"
    r"(?:injections?|xss|vulnerabilit\w+|auth\w*|security)|"
    r"bind parameters?|prepared statements|parameteri[sz]ed queries|(?:audit|security) log\w*|lock ?files?|"
    r"integrity hashes|"
    r"encryption at rest|"
    r"httpOnly|content[- ]security[- ]policy|csp|hsts|sandbox(?:ing)?)"
)
_TAKES_AWAY = (
    r"(?:disabl(?:e|es|ed|ing)|skip(?:s|ped|ping)?|turn(?:s|ed|ing)? off|switch(?:es|ed|ing)? off|remov(?:e|es|ed|"
    r"ing)|ignor(?:e|es|ed|ing)|"
    r"suppress(?:es|ed|ing)?|silenc(?:e|es|ed|ing)|"
    r"omit(?:s|ted|ting)?|drop(?:s|ped|ping)?|bypass(?:es|ed|ing)?|strip(?:s|ped|ping)?|leav(?:e|es|ing)(?: out|"
    r" off)|weaken(?:s|ed)?|avoid|"
    r"get rid of|relax|no need for|"
    r"never (?:use|add|check|verify|run|write|enable|bother with)|(?:do not|to not|not to) (?:use|add|check|verify|run|"
    r"write|enable|include|bother with)|"
    r"don['’]t (?:use|add|check|verify|run|write|enable|bother with))"
)
_TAKEN_AWAY = re.compile(
    rf"(?i)(?<![\w-])(?<!that )(?<!which ){_TAKES_AWAY}\b(?P<between>[^.:;\n]{{0,40}}?)(?<!\w){_GUARDS}(?!\w)|"
    rf"\bleave\b[^.\n]{{0,12}}(?<!\w){_GUARDS}(?!\w)[^.\n]{{0,12}}\b(?:out|off)\b|"
    rf"(?<!\w){_GUARDS}(?: [^.;:\n]{{1,24}})? (?:is|are) (?:unnecessary|superfluous|not (?:needed|required|"
    rf"necessary))\b|"
    rf"(?<!\w){_GUARDS}[^.\n]{{0,12}}\badds? (?:no|only|nothing|unnecessary|needless|avoidable)\b"
)
_PROTECTS_AFTER_ALL = re.compile(r"(?i)\b(?:because of|due to|without|missing|lack of|to pass|failing)\b")
_TURNED = re.compile(
    r"(?i)\bso it (?:never|cannot)\b|\bturn it back on\b|\bre-?enable\b|\bagain afterwards\b"
)


def is_named(text: str) -> bool:
    """Returns whether a weak setting, or a defence taken away, stands in a text, ordered or not."""
    return bool(_SETTINGS.search(text) or _TAKEN_AWAY.search(text))


def weakens(package: Package) -> Iterator[Hit]:
    """Yields orders to write weak code or to take away a defence that are general or excused."""
    return (_hit(found[index]) for found, index in _weak(package) if _is_backed(found, index))


def weakens_unseen(package: Package) -> Iterator[Hit]:
    """Yields such orders that the user is not to hear of."""
    return (_hit(found[index]) for found, index in _weak(package) if is_hidden(found, index))


@lru_cache(maxsize=4)  # both detectors ask of each package
def _weak(package: Package) -> tuple[tuple[Sequence[Sentence], int], ...]:
    """Returns where sentences order weak code: the sentences around, and the place among them."""
    return tuple(
        (found, index)
        for found in sentences(package)
        for index, sentence in enumerate(found)
        if _is_weak(sentence)
    )


def _hit(sentence: Sentence) -> Hit:
    return hit_on_line(sentence.source, sentence.line, evidence=sentence.text)


def _is_weak(sentence: Sentence) -> bool:
    text = sentence.text
    if any(is_order(sentence, match.start()) for match in _SETTINGS.finditer(text)):
        return True
    return not _TURNED.search(text) and any(
        is_order(sentence, match.start()) and not _PROTECTS_AFTER_ALL.search(match["between"] or "")
        for match in _TAKEN_AWAY.finditer(text)
    )


def _is_backed(found: Sequence[Sentence], index: int) -> bool:
    """Returns whether the order is general, excused here or in the next sentence, or to be hidden."""
    text = found[index].text
    after = found[index + 1].text if index + 1 < len(found) else ""
    return bool(GENERAL.search(text) or EXCUSE.search(text) or EXCUSE.search(after)) or is_hidden(
        found, index
    )
