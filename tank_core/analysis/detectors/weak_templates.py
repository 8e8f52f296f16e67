"""Weak code that a skill hands out: a block or a file that the agent is to use, and what is said of it.

Code that shows a weak setting is a reference, an example, a test. It is an order once the
words at its side have it used for everything, or have the user not hear of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from tank_core.analysis.detectors import weak_code
from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.package import Package
from tank_core.analysis.sentences import Sentence, sentences
from tank_core.analysis.source import Source
from tank_core.analysis.wording import GENERAL, hides, is_order

_WEAK = re.compile(
    r"\bverify\s?[=:]\s?False\b|\brejectUnauthorized[\"']?\s?:\s?false|\bNODE_TLS_REJECT_UNAUTHORIZED\b[^\n]{0,12}0|"
    r"\bInsecureSkipVerify\s?:\s?true|\bCERT_NONE\b|\bcheck_hostname\s?=\s?False|\bsslVerify\b[^\n]{0,6}false|"
    r"\bStrictHostKeyChecking[ =]no\b|"
    # Who may come in.
    r"\bAccess-Control-Allow-Credentials\b[^\n]{0,12}\btrue|\b(?:origin|allow_origins)\b[^\n]{0,8}[\"'*]\*[^\n]{0,60}"
    r"\bcredentials\b|@csrf_exempt\b|\bpermitAll\(\)|\bAllowAny\b|\bverify_signature[\"']?\s?:\s?False|"
    r"\balgorithms?\s?[=:]\s?\[?[\"']none[\"']|\bALLOWED_HOSTS\s?=\s?\[[\"']\*|\bDEBUG\s?=\s?True\b|\bdebug=True\b|"
    # What is run, and what is asked of a database.
    r"\b(?:exec|execSync|eval|os\.system|popen|pickle\.loads|shell_exec|"
    r"system)\s?\([^)\n]{0,40}(?:\breq(?:uest)?\.|\$_(?:GET|POST|REQUEST))|"
    r"\b(?:execute|query)\s?\(\s?(?:f[\"']|`)[^\n]{0,120}\{|\b(?:SELECT|INSERT|UPDATE|"
    r"DELETE)\b[^\n]{0,100}[\"']\s?\+\s?\w|"
    # Rights, gates, secrets.
    r"\bchmod (?:-\w+ )?(?:0?777|a\+rwx)\b|\"Action\"\s?:\s?\"\*\"|\b0\.0\.0\.0/0\b|\bufw disable\b|"
    r"\bsetenforce 0\b|--no-verify\b|"
    r"\bcontinue-on-error:\s?true|--allow-unauthenticated\b|--nogpgcheck\b|\bprivileged:\s?true|\bNOPASSWD:\s?ALL|"
    r"\b(?:md5|sha1)\s?\(\s?[^)\n]{0,20}\bpassw|\bMODE_ECB\b|\baes-\d{3}-ecb\b|\b(?:token|secret|otp|"
    r"code)\w*\s?=[^\n]{0,30}"
    r"\b(?:Math\.random|random\.(?:choice|rand\w*))\b|\b(?:log\w*|print|"
    r"console\.log)[^\n]{0,40}\bpassword\b[^\n]{0,6}\)|"
    r"\b(?:password|secret)\w*\s?[=:]\s?[\"'](?:admin|password|changeme|postgres|root|letmein|123456)\w{0,4}[\"']"
)
_USED = re.compile(
    r"(?i)\b(?:use|copy|paste|apply|follow|starts? (?:with|from)|"
    r"write|put|insert|add|keep|reuse|generate|emit|include)\b"
)
_AS_IT_IS = re.compile(
    r"(?i)\b(?:as (?:it )?is|verbatim|unchanged|exactly|word for word|this (?:template|snippet|block|code|pattern|"
    r"file)|"
    r"the following)\b"
)
_SHOWN = re.compile(
    r"(?i)\b(?:bad|wrong|insecure|unsafe|vulnerable|never|don['’]?t|do not|avoid|dangerous|attack\w*|malicious|"
    r"local\w*|"
    r"dev\w*|test\w*|self-signed|before|instead|lab|example only)\b|❌|⚠"
)
_NEAR = 4  # lines between a block and what is said of it
_BEFORE = 3  # lines of code in which a comment may call it bad
_FILE = re.compile(r"(?<![\w/.-])(?:[\w.-]{1,60}/){0,4}(?P<name>[\w-]{1,60}\.[a-z]{1,6})\b")


def weakens(package: Package) -> Iterator[Hit]:
    """Yields weak orders in words, and weak blocks that are to be used everywhere as they are."""
    yield from weak_code.weakens(package)
    yield from _handed_out(package, _is_used_everywhere)


def weakens_unseen(package: Package) -> Iterator[Hit]:
    """Yields both where the user is not to hear of it."""
    yield from weak_code.weakens_unseen(package)
    yield from _handed_out(
        package, lambda around: _is_used(around) and any(hides(one.text) for one in around)
    )


def _handed_out(package: Package, is_bad: Callable[[Sequence[Sentence]], bool]) -> Iterator[Hit]:
    return (hit_at(source, offset) for source, offset, around in _weak(package) if around and is_bad(around))


@lru_cache(maxsize=4)  # both detectors ask of each package
def _weak(package: Package) -> tuple[tuple[Source, int, tuple[Sentence, ...]], ...]:
    """Returns weak blocks and files, where in them, and the sentences that are about them."""
    return tuple(_found(package))


def _found(package: Package) -> Iterator[tuple[Source, int, tuple[Sentence, ...]]]:
    for source in package.sources:
        is_block = source.provenance.startswith("fenced")
        if not is_block and not (source.is_whole_file and source.language.is_code):
            continue
        match = next(
            (one for one in _WEAK.finditer(source.text) if not _is_shown_as_bad(source, one.start())), None
        )
        if match is None:
            continue
        around = _said_beside(package, source) if is_block else _said_of_file(package, source)
        yield source, match.start(), around


def _is_shown_as_bad(source: Source, offset: int) -> bool:
    line = source.local_line_at(offset)
    return any(_SHOWN.search(source.local_line(number)) for number in range(max(1, line - _BEFORE), line + 1))


def _said_beside(package: Package, block: Source) -> tuple[Sentence, ...]:
    first = block.line_of(1)
    last = first + len(block.lines)
    return tuple(
        one
        for found in sentences(package)
        for one in found
        if one.source.file == block.file and first - _NEAR <= one.line <= last + _NEAR
    )


def _said_of_file(package: Package, file: Source) -> tuple[Sentence, ...]:
    """Returns the sentences that name a file, each with the one after it."""
    name = file.file.rsplit("/", 1)[-1]
    return tuple(
        one
        for found in sentences(package)
        for index, sentence in enumerate(found)
        if any(match["name"] == name for match in _FILE.finditer(sentence.text))
        for one in found[index : index + 2]
    )


def _is_used(around: Sequence[Sentence]) -> bool:
    return any(
        is_order(one, match.start()) for one in around for match in _USED.finditer(one.text)
    ) and not any(_SHOWN.search(one.text + one.lead) for one in around if not hides(one.text))


def _is_used_everywhere(around: Sequence[Sentence]) -> bool:
    return _is_used(around) and any(
        GENERAL.search(one.text) and _AS_IT_IS.search(one.text) and _USED.search(one.text) for one in around
    )
