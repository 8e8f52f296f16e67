"""The encodings that are recognised by their own shape, and what turns each into bytes.

A decoder takes what its pattern matched and returns bytes, empty when it is none of
its kind after all. Whether the bytes are a text is for ``layers`` to judge.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/=_-])"
    r"(?:(?:[A-Za-z0-9+/]{60,76}\n[ \t]*+)++[A-Za-z0-9+/]{0,76}+|[A-Za-z0-9+/_-]{20,}+)={0,2}"
)
_BASE32 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Z2-7]{24,}+={0,6}(?![A-Za-z0-9+/_-])")
_ASCII85 = re.compile(r"<~[!-uz\s]{15,}+~>")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){20,}+(?![0-9A-Fa-f])")
# The shapes with spaces end where they end: one that could fail there would be tried from every place in it.
_SPACED_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}[ :,-][ \n]?+){15,}+(?:[0-9A-Fa-f]{2})?+")
_ESCAPE = (
    r"\\x[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\\u\{0{0,4}[0-9A-Fa-f]{2}\}|\\U000000[0-9A-Fa-f]{2}"
    r"|%u00[0-9A-Fa-f]{2}|\\[0-3][0-7]{2}"
)
_ESCAPES = re.compile(rf"(?:(?:{_ESCAPE})){{12,}}+")
_ESCAPE_PARTS = re.compile(
    r"(?:\\x|\\u00|\\u\{0{0,4}|\\U000000|%u00)(?P<hex>[0-9A-Fa-f]{2})|\\(?P<octal>[0-7]{3})"
)
_NUMBER = r"(?:0[xX][0-9A-Fa-f]{1,2}|\d{1,3})"
_INTEGERS = re.compile(rf"(?<![\w.])(?:{_NUMBER}[ \t]*+,\s*+){{15,}}+(?:{_NUMBER})?")
_SPACED_INTEGERS = re.compile(r"(?<![\w.])(?:\d{2,3} ){15,}+(?:\d{2,3})?+")
_CHARACTER_CALL = (
    r"(?i:\b(?:chr|chrw|char|string\.fromcharcode"
    r"|string\.fromcodepoint)[ \t]*+\([ \t]*+(?:0x[0-9a-f]{1,4}|\d{1,5})[ \t]*+\)"
    r"|\[char\][ \t]*+\(?(?:0x[0-9a-f]{1,4}|\d{1,5})\)?)"
)
_CHARACTER_CALLS = re.compile(rf"(?:{_CHARACTER_CALL}\s*+(?:\+|\.|&|\|\||,)?\s*+){{8,}}+")
_NUMBERS = re.compile(r"0[xX][0-9A-Fa-f]+|\d+")
_BINARY = re.compile(r"(?<![01])(?:[01]{8}[ ,]?+){12,}+")
# Both begin where a word begins, so that no character is looked at from more than one start.
_PERCENT = re.compile(r"(?<![^\s\"'<>`()])[^\s%\"'<>`()]*+(?:%[0-9A-Fa-f]{2}[^\s%\"'<>`()]*+){4,}+")
_ENTITIES = re.compile(r"(?:&#(?:\d{2,6}|[xX][0-9A-Fa-f]{2,5});[ ]?+){6,}+")
_QUOTED_PRINTABLE = re.compile(r"(?<!\S)[^\s=]*+(?:=(?:[0-9A-F]{2}|\n)[^\s=]*+){6,}+")
_UUENCODED = re.compile(r"^begin [0-7]{3} [^\n]{1,200}\n(?:[!-`][ -`]{0,61}+\n)++", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Decoder:
    """One encoding: its name, its shape, a text that must occur for it to be looked for, and its reader."""

    encoding: str
    pattern: re.Pattern[str]
    decode: Callable[[str], bytes]
    mark: str = ""


def _base64(blob: str) -> bytes:
    packed = "".join(blob.split()).rstrip("=").replace("-", "+").replace("_", "/")
    if len(packed) % 4 == 1:
        return b""
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _base32(blob: str) -> bytes:
    packed = blob.rstrip("=")
    try:
        return base64.b32decode(packed + "=" * (-len(packed) % 8))
    except (binascii.Error, ValueError):
        return b""


def ascii85(blob: str) -> bytes:
    """Returns the bytes of Adobe's Ascii85, with or without its marks."""
    try:
        return base64.a85decode(blob, adobe=blob.startswith("<~"))
    except (ValueError, UnicodeEncodeError):
        return b""


def base85(blob: str) -> bytes:
    """Returns the bytes of the base85 that Git and Python use."""
    try:
        return base64.b85decode(blob)
    except (ValueError, UnicodeEncodeError):
        return b""


def _spaced_hex(blob: str) -> bytes:
    return bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", blob))


def _escapes(blob: str) -> bytes:
    return bytes(
        int(part["hex"], 16) if part["hex"] else int(part["octal"], 8) & 0xFF
        for part in _ESCAPE_PARTS.finditer(blob)
    )


def _integers(blob: str) -> bytes:
    numbers = [int(number, 16 if "x" in number.lower() else 10) for number in _NUMBERS.findall(blob)]
    if not numbers or max(numbers) > 0xFFFF:
        return b""
    if max(numbers) < 256:
        return bytes(numbers)
    return "".join(map(chr, numbers)).encode("utf-8", errors="replace")


def _binary(blob: str) -> bytes:
    return bytes(int(bits, 2) for bits in re.findall("[01]{8}", blob))


def _uuencoded(blob: str) -> bytes:
    kept = []
    for line in blob.split("\n")[1:]:
        try:
            kept.append(binascii.a2b_uu(line))
        except (binascii.Error, ValueError):
            break
    return b"".join(kept)


def _percent(blob: str) -> bytes:
    return unquote_to_bytes(blob.replace("+", " ") if "%20" not in blob else blob)


DECODERS: tuple[Decoder, ...] = (
    Decoder("base64", _BASE64, _base64),
    Decoder("hexadecimal", _HEX, bytes.fromhex),
    Decoder("hexadecimal", _SPACED_HEX, _spaced_hex),
    Decoder("escape", _ESCAPES, _escapes),
    Decoder("character code", _INTEGERS, _integers, ","),
    Decoder("character code", _SPACED_INTEGERS, _integers, " "),
    Decoder("character code", _CHARACTER_CALLS, _integers),
    Decoder("base32", _BASE32, _base32),
    Decoder("ascii85", _ASCII85, ascii85, "<~"),
    Decoder("binary", _BINARY, _binary, "0"),
    Decoder("percent", _PERCENT, _percent, "%"),
    Decoder("html entity", _ENTITIES, lambda blob: html.unescape(blob).encode(), "&#"),
    Decoder(
        "quoted-printable",
        _QUOTED_PRINTABLE,
        lambda blob: quopri.decodestring(blob.encode()),
        "uoted-printable",
    ),
    Decoder("uuencode", _UUENCODED, _uuencoded, "begin "),
)
