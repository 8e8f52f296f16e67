"""Calls that decode one literal, as the literal that they come to: ``atob("Y3VybA==")`` is ``"curl"``.

Layers (``layers``) find long encoded texts wherever they stand; a host or a path alone is too short to
tell from a word, unless the code itself says how it is to be read.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

from tank_core.analysis.literals import quoted, unescaped

_LITERAL = r"[bBrRuU]?(?P<{0}>\"(?:[^\"\\\n]++|\\.)*+\"|'(?:[^'\\\n]++|\\.)*+')"
_TEXT = _LITERAL.format("text")
_AS_TEXT = r"(?:\s*+\.\s*+(?:decode|toString|force_encoding)\(\s*+(?:[\"'][\w-]{0,12}[\"'])?\s*+\))?+"
_NUMBERS = r"\[\s*+(?P<numbers>(?:(?:0[xX][0-9a-fA-F]{1,6}|\d{1,7})\s*+,?\s*+){2,}+)\]"
_KEYED = r"(?:\s*+(?P<how>[\^+-])\s*+(?P<key>0[xX][0-9a-fA-F]{1,4}|\d{1,5}))?+"
_EMPTY = r"(?:\"\"|''|``)"

Decoder = Callable[[str], bytes]


def _base64(text: str) -> bytes:
    packed = text.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)


def _turned(text: str) -> bytes:
    return codecs.decode(text, "rot13").encode()


# What the code names a decoder → what it does.
_BY_NAME: tuple[tuple[re.Pattern[str], Decoder], ...] = tuple(
    (re.compile(shape.format(text=_TEXT) + _AS_TEXT), decode)
    for shape, decode in (
        (r"(?<![\w.])(?:base64\.)?(?:standard_|urlsafe_)?b64decode\(\s*+{text}\s*+\)", _base64),
        (r"(?<![\w.])(?:base64\.)?b32decode\(\s*+{text}\s*+\)", lambda text: base64.b32decode(text)),
        (r"(?<![\w.])(?:base64\.)?b85decode\(\s*+{text}\s*+\)", lambda text: base64.b85decode(text)),
        (r"(?<![\w.])(?:base64\.)?b16decode\(\s*+{text}\s*+\)", lambda text: bytes.fromhex(text)),
        (r"(?<![\w.])(?:bytes|bytearray)\.fromhex\(\s*+{text}\s*+\)", lambda text: bytes.fromhex(text)),
        (
            r"(?<![\w.])(?:binascii\.)?(?:unhexlify|a2b_hex)\(\s*+{text}\s*+\)",
            lambda text: bytes.fromhex(text),
        ),
        (r"(?<![\w.])codecs\.decode\(\s*+{text}\s*+,\s*+[\"']hex(?:_codec)?[\"']\s*+\)", bytes.fromhex),
        (r"(?<![\w.])codecs\.decode\(\s*+{text}\s*+,\s*+[\"']rot_?13[\"']\s*+\)", _turned),
        (r"(?<![\w.])(?:(?:window|globalThis|self)\.)?atob\(\s*+{text}\s*+\)", _base64),
        (r"(?<![\w.])Buffer\.from\(\s*+{text}\s*+,\s*+[\"'`]base64(?:url)?[\"'`]\s*+\)", _base64),
        (r"(?<![\w.])Buffer\.from\(\s*+{text}\s*+,\s*+[\"'`]hex[\"'`]\s*+\)", bytes.fromhex),
        (
            r"(?<![\w.])(?:decodeURIComponent|decodeURI|unescape)\(\s*+{text}\s*+\)",
            lambda t: unquote(t).encode(),
        ),
        (r"(?<![\w.])Base64\.(?:strict_|urlsafe_)?decode64\(\s*+{text}\s*+\)", _base64),
        (r"{text}\.unpack1?\(\s*+[\"']m0?[\"']\s*+\)(?:\.first|\[0\])?", _base64),
        (r"\[\s*+{text}\s*+\]\.pack\(\s*+[\"']H\*[\"']\s*+\)", bytes.fromhex),
        (r"(?<![\w.])pack\(\s*+[\"']H\*[\"']\s*+,\s*+{text}\s*+\)", bytes.fromhex),
        (r"(?<![\w.])(?:base64_decode|decode_base64)\(\s*+{text}\s*+\)", _base64),
        (r"(?<![\w.])hex2bin\(\s*+{text}\s*+\)", bytes.fromhex),
        (r"(?<![\w.])str_rot13\(\s*+{text}\s*+\)", _turned),
        (
            r"(?i:\[(?:System\.)?Text\.Encoding\]::\w{{4,8}}\.GetString\(\s*+"
            r"\[(?:System\.)?Convert\]::FromBase64String\(\s*+{text}\s*+\)\s*+\))",
            _base64,
        ),
    )
)
_CODES = tuple(
    re.compile(shape.format(numbers=_NUMBERS, keyed=_KEYED, empty=_EMPTY))
    for shape in (
        r"{empty}\.join\(\s*+map\(\s*+chr\s*+,\s*+{numbers}\s*+\)\s*+\)",
        r"{empty}\.join\(\s*+\[?\s*+chr\(\s*+(?P<a>\w++){keyed}\s*+\)\s*+for\s++(?P=a)\s++in\s++{numbers}\s*+\]?\s*+\)",
        r"{numbers}\s*+\.map\(\s*+\(?\s*+(?P<a>\w++)\s*+\)?\s*+=>\s*+String\.from(?:CharCode|CodePoint)\(\s*+(?P=a)"
        r"{keyed}\s*+\)\s*+\)\s*+\.join\(\s*+{empty}\s*+\)",
        r"String\.from(?:CharCode|CodePoint)(?:\(\s*+\.\.\.|\.apply\(\s*+\w++\s*+,\s*+){numbers}\s*+\)",
        r"{numbers}\s*+\.(?:pack\(\s*+[\"'][cCU]\*[\"']\s*+\)|map\(&:chr\)\.join)",
        r"\(?-join\s*+\(?{numbers}\s*+\|\s*+(?:%|ForEach-Object)\s*+\{{\s*+\[char\]\$_\s*+\}}\)?",
    )
)
# A text that no decoder of these is called in is not looked at further.
_MARK = re.compile(
    r"decode|fromhex|atob|Buffer\.from|unhexlify|a2b_hex|unescape|unpack|pack\(|hex2bin|rot13|FromBase64|\.join\(|"
    r"fromC|-join"
)
_SHORTEST = 3  # characters of a text that is worth showing
_LONGEST = 4096  # longer ones are layers


def decoded(text: str) -> str:
    """Returns code with each call that decodes a literal as a literal; lines stay as many."""
    if not _MARK.search(text):
        return text
    for pattern, decode in _BY_NAME:
        text = pattern.sub(partial(_said, decode), text)
    for pattern in _CODES:
        text = pattern.sub(_characters, text)
    return text


def _said(decode: Decoder, match: re.Match[str]) -> str:
    body = unescaped(match["text"][1:-1])
    if len(body) > _LONGEST:
        return match.group()
    try:
        value = decode(body).decode("utf-8")
    except (ValueError, binascii.Error):
        return match.group()
    return _shown(match, value)


def _characters(match: re.Match[str]) -> str:
    numbers = [
        int(number, 0)
        for number in re.findall(r"0[xX][0-9a-fA-F]+|\d+", match["numbers"])
        if _is_plain(number)
    ]
    key = int(match["key"], 0) if "key" in match.re.groupindex and match["key"] else 0
    how = match["how"] if key else ""
    codes = [code ^ key if how == "^" else code + key if how == "+" else code - key for code in numbers]
    if len(codes) > _LONGEST or any(not 0 < code < 0x110000 or 0xD800 <= code < 0xE000 for code in codes):
        return match.group()
    return _shown(match, "".join(map(chr, codes)))


def _is_plain(number: str) -> bool:
    return number == "0" or not number.startswith("0") or number[1:2] in {"x", "X"}


def _shown(match: re.Match[str], value: str) -> str:
    if len(value) < _SHORTEST or not all(c.isprintable() or c in "\n\t" for c in value):
        return match.group()
    return quoted(value) + "\n" * match.group().count("\n")
