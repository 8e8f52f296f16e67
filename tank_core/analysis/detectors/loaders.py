"""Code that an obfuscator or a web shell's author wrote, and commands that a program prints for the agent to run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_at
from tank_core.analysis.hosts import DUMPS, mentions
from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.own_hosts import unvouched_hosts
from tank_core.analysis.package import Package
from tank_core.analysis.prose import prose
from tank_core.analysis.source import Language, Source

# Evaluates what a decoder returns, in one expression: a literal, or what came with a request.
_DECODERS = {
    Language.PHP: re.compile(
        r"(?i)\b(?:eval|assert)\s*\(\s*(?:[\"']\?>[\"']\s*\.\s*)?@?(?:gz(?:inflate|uncompress|decode)|str_rot13|strrev|"
        r"base64_decode|convert_uudecode|hex2bin|rawurldecode|urldecode)\s*\("
    ),
    Language.PERL: re.compile(
        r"\beval\s*\(?\s*(?:unpack\s*\(?\s*[\"']?[uH]\b|decode_base64\s*\(|pack\s*\(?\s*[\"']H)"
    ),
    Language.RUBY: re.compile(
        r"\b(?:eval|instance_eval|class_eval)\s*\(?\s*(?:Base64\.\w*decode64|Zlib::\w+\.inflate|"
        r"\[?[\"'][^\"'\n]{20,}[\"']\]?\.(?:unpack1?|reverse|tr))"
    ),
    Language.LUA: re.compile(
        r"\b(?:load|loadstring)\s*\(\s*(?:\w+\.)?(?:base64|b64|from_?base64|decode|unhex|string\.reverse)\w*\s*\("
    ),
    Language.POWERSHELL: re.compile(
        r"(?i)\b(?:iex|Invoke-Expression)\b[^\n]{0,80}(?:FromBase64String|GZipStream|DeflateStream)|"
        r"(?:FromBase64String|GZipStream|DeflateStream)[^\n]{0,400}\|\s*(?:iex|Invoke-Expression)\b"
    ),
    Language.PYTHON: re.compile(
        r"\bgetattr\s*\(\s*(?:builtins|__builtins__|__import__\([^)\n]{1,40}\))\s*,\s*+(?![\"']\w+[\"']\s*[,)])|"
        r"\b(?:exec|eval)\s*\(\s*(?:zlib|gzip|bz2|lzma)\.decompress\s*\("
    ),
}
_OBFUSCATED_NAME = re.compile(r"\b_0x[0-9a-f]{2,8}\b")
_MANY_NAMES = 8
_OBFUSCATED = re.compile(
    r"(?:\\x[0-9a-f]{2}){4}|[\"']push[\"']\]\s*\([^;\n]{0,60}[\"']shift[\"']\]|\bparseInt\s*\(\s*_0x|\.shift\(\)\)"
)
_PRINTED = re.compile(
    r"[\"'`][^\"'`\n]{0,160}\b(?:curl|wget)\b[^\"'`\n|]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|"
    r"[\"'`][^\"'`\n]{0,160}\b(?:iwr|irm)\b[^\"'`\n|]{0,200}\|\s*iex\b"
)
_FOLLOW = re.compile(
    r"(?i)\b(?:do|follow|run|execute|carry out|paste|use)\b[^.\n]{0,24}\b(?:what|whatever|commands?|fix|line|"
    r"instructions?|advice|"
    r"suggestion|hint|it)\b[^.\n]{0,24}\b(?:message|error|output|script|program|it|tool) ?(?:prints?|says?|shows?|"
    r"suggests?|reports?|"
    r"gives?|names?|tells?|in the|\b)|\b(?:message|error|output) (?:says?|shows?|prints?|tells?|suggests?)\b"
)


def runs_decoded(package: Package) -> Iterator[Hit]:
    """Yields expressions that evaluate what they decode, in languages of web shells and loaders."""
    for source in package.sources:
        pattern = _DECODERS.get(source.language)
        if pattern is not None and not source.is_part_of_code:
            for match in pattern.finditer(without_comments(source)):
                yield hit_at(source, match.start())


def obfuscated_scripts(package: Package) -> Iterator[Hit]:
    """Yields scripts whose names and strings an obfuscator replaced; a minifier leaves strings as they are."""
    for source in package.sources:
        if source.language in {Language.JAVASCRIPT, Language.TYPESCRIPT} and source.is_whole_file:
            names = _OBFUSCATED_NAME.findall(source.text)
            match = _OBFUSCATED.search(source.text)
            if match and len(names) >= _MANY_NAMES:
                yield hit_at(source, match.start())


def printed_lures(package: Package) -> Iterator[Hit]:
    """Yields messages that hold a command to fetch and run, where the text has what messages say done."""
    followed = any(
        _FOLLOW.search(text) for source, text in prose(package) if source.language is Language.MARKDOWN
    )
    for source in package.sources if followed else ():
        if source.language.is_code and source.language is not Language.SHELL and source.is_file_text:
            yield from _printed(source, package)


def _printed(source: Source, package: Package) -> Iterator[Hit]:
    unvouched = unvouched_hosts(package)
    for match in _PRINTED.finditer(without_comments(source)):
        if any(m.host in unvouched or m.kind in DUMPS for m in mentions(match.group())):
            yield hit_at(source, match.start())
