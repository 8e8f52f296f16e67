"""Encodings that only their key or their code gives away: rot13, reversal, shifts and XOR.

Any text can be read backwards or rotated, so a result counts only where the text says
how it is decoded, or where words of programs come out. Keys are taken from the same
text: they have to stand in it for the code to work. Everything is bounded by the number
of candidates, and a candidate is tried on its first bytes before the rest.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import islice

from tank_core.analysis.archives import inflated
from tank_core.analysis.decoders import DECODERS, ascii85, base85

# What programs and commands say and prose does not.
_PROGRAM = (
    r"https?://|/bin/|/dev/tcp|\bcurl\b|\bwget\b|\bbash\b|\bpowershell\b|\bsubprocess\b|\bimport (?:os"
    r"|sys|socket|base64|requests)\b"
    r"|\bexec\(|\beval\(|os\.system|__import__|child_process|\bsh -c\b|\brequire\(|\.ssh/|\binvoke-"
    r"|\bdownloadstring\b|\bosascript\b"
)
_IS_PROGRAM = re.compile(_PROGRAM, re.IGNORECASE)
_ROT13_PROGRAM = re.compile(
    r"\buggcf?://|/ova/(?:fu|onfu)|\bphey\b|\bjtrg\b|\bfhocebprff\b|\bvzcbeg (?:bf|flf|fbpxrg|onfr64)\b"
    r"|\brkrp\(|\briny\(|bf\.flfgrz"
    r"|\bcbjrefuryy\b|\bonfu -[vp]\b",
    re.IGNORECASE,
)
_ROT13_WORDS = (
    "uggc",
    "/ova/",
    "phey",
    "jtrg",
    "fhocebprff",
    "vzcbeg",
    "rkrp(",
    "riny(",
    "flfgrz",
    "cbjrefuryy",
    "onfu",
)
_REVERSED_PROGRAM = re.compile(
    r"//:s?ptth|\blruc\b|\btegw\b|\bhsab\b|\bssecorpbus\b|metsys\.so|\(cexe\b|\(lave\b|__tropmi__"
    r"|\bllehsrewop\b|so tropmi"
)
_ROT13_MARK = re.compile(r"(?i)rot_?-?13|N-ZA-M|n-za-m")
_REVERSE_MARK = re.compile(r"\[::-1\]|\breversed?\b|\brev\b|strrev|StrReverse|::Reverse")
_BASE85_MARK = re.compile(r"(?i)[ab]85|base85|ascii85|z85")
_XOR_MARK = re.compile(r"(?i)\^|xor")
_SHIFT = re.compile(
    r"(?i)(?:chr|fromCharCode|bytes|char)\b[^\n]{0,12}?[(\[]\s*+(?:ord\("
    r"|int\()?\w++(?:\[\w*+\])?(?:\.charCodeAt\(\w*+\))?\)?\s*+(?P<how>[-+^])\s*+(?P<key>0x[0-9a-f]{1,2}"
    r"|\d{1,3})"
)
_TURNED = re.compile(r"%\s*26\b")
_LITERAL = re.compile(
    r"\"(?P<a>[^\"\n]{8,}+)\"|'(?P<b>[^'\n]{8,}+)'|\becho[ \t]++(?P<c>[^\n|'\"]{8,2000}+)\|"
)
_KEY_NUMBER = re.compile(
    r"(?i)\^=?\s*+(0x[0-9a-f]{1,2}|\d{1,3})\b|\b(0x[0-9a-f]{1,2}|\d{1,3})\s*+\^"
    r"|key\w{0,20}+\s*+[:=]\s*+(0x[0-9a-f]{1,2}|\d{1,3})\b"
)
_KEY_TEXT = re.compile(r"(?<![\w'\"])b?(?:\"([^\"\n\\]{1,40}+)\"|'([^'\n\\]{1,40}+)')")
_MAX_LITERALS = 400
_MAX_KEYS = 48
_MAX_SHIFTS = 4
_MAX_BLOBS = 200  # of one encoding
_MAX_XORED = 8 << 20  # bytes, of all keys and blobs of one text
_MAX_BLOB = 64 << 10
_TRIED = 96  # bytes that are tried first
_PLAIN = bytes(range(32, 127)) + b"\n\r\t"


def layers_of(text: str) -> Iterator[tuple[str, int, bytes]]:
    """Yields (encoding, offset, bytes) of every keyed text, kind by kind."""
    yield from _rot13(text)
    yield from _reversed(text)
    yield from _base85(text)
    yield from _shifted(text)
    yield from _xored(text)


def _literals(text: str) -> Iterator[tuple[int, str]]:
    for match in islice(_LITERAL.finditer(text), _MAX_LITERALS):
        yield match.start(), match["a"] or match["b"] or match["c"]


def _rot13(text: str) -> Iterator[tuple[str, int, bytes]]:
    end = 0
    if _ROT13_MARK.search(text):
        for offset, literal in _literals(text):
            plain = codecs.decode(literal, "rot13")
            if _IS_PROGRAM.search(plain):
                end = offset + len(literal)
                yield "rot13", offset, plain.encode()
    lower = text.lower()
    if not any(word in lower for word in _ROT13_WORDS):  # far cheaper than the pattern
        return
    for match in islice(_ROT13_PROGRAM.finditer(text), _MAX_LITERALS):
        if match.start() >= end:
            earliest = max(end, match.start() - 400)
            start = max(text.rfind("\n", earliest, match.start()) + 1, earliest)
            line = text[start : match.end() + 400].partition("\n")[0]
            end = start + len(line)
            yield "rot13", start, codecs.decode(line, "rot13").encode()


def _reversed(text: str) -> Iterator[tuple[str, int, bytes]]:
    is_marked = bool(_REVERSE_MARK.search(text))
    if not is_marked and not _REVERSED_PROGRAM.search(text):
        return
    for offset, literal in _literals(text):
        plain = literal.strip()[::-1]
        if (is_marked and _is_packed(plain)) or (
            _REVERSED_PROGRAM.search(literal) and _IS_PROGRAM.search(plain)
        ):
            yield "reversed", offset, plain.encode()


def _is_packed(text: str) -> bool:
    """Whether a text is base64 of something that a reader of it would go on with."""
    if len(text) < 24 or not re.fullmatch(r"[A-Za-z0-9+/_-]++={0,2}", text):
        return False
    data = DECODERS[0].decode(text)
    return bool(data) and (not data.translate(None, _PLAIN) or bool(inflated(data, 64)))


def _base85(text: str) -> Iterator[tuple[str, int, bytes]]:
    if not _BASE85_MARK.search(text):
        return
    for offset, literal in _literals(text):
        if len(literal) >= 15 and " " not in literal:
            for decode in (base85, ascii85):
                plain = decode(literal.replace("\\\\", "\\"))
                if plain:
                    yield "base85", offset, plain


def _shifted(text: str) -> Iterator[tuple[str, int, bytes]]:
    """Yields literals and lists of numbers whose characters are moved by a constant."""
    keys = {(match["how"], _number(match["key"])) for match in islice(_SHIFT.finditer(text), _MAX_SHIFTS)}
    turns = range(1, 26) if _TURNED.search(text) else ()
    if not keys and not turns:
        return
    for offset, literal in _literals(text):
        for how, key in sorted(keys):
            plain = "".join(chr(_moved(ord(character), how, key)) for character in literal)
            if _IS_PROGRAM.search(plain):
                yield "shift", offset, plain.encode("utf-8", errors="replace")
        for turn in turns:
            plain = literal[:400].translate(_alphabet(turn))
            if _IS_PROGRAM.search(plain) and not _IS_PROGRAM.search(literal):
                yield "shift", offset, literal.translate(_alphabet(turn)).encode("utf-8", errors="replace")
    for offset, data in _blobs(text):
        for how, key in sorted(keys):
            plain_data = data.translate(bytes(_moved(byte, how, key) & 0xFF for byte in range(256)))
            if _IS_PROGRAM.search(plain_data.decode("latin-1")):
                yield "shift", offset, plain_data


def _moved(code: int, how: str, key: int) -> int:
    moved = code - key if how == "-" else code + key if how == "+" else code ^ key
    return moved if 0 <= moved < 0xD800 else code


def _alphabet(turn: int) -> dict[int, int]:
    small = {97 + n: 97 + (n + turn) % 26 for n in range(26)}
    return small | {65 + n: 65 + (n + turn) % 26 for n in range(26)}


def _xored(text: str) -> Iterator[tuple[str, int, bytes]]:
    if not _XOR_MARK.search(text):
        return
    keys = list(dict.fromkeys(islice(_keys(text), _MAX_KEYS)))
    if not keys:
        return
    left = _MAX_XORED
    for offset, data in _blobs(text):
        for key in keys:
            if left > 0 and not _xor(data[:_TRIED], key).translate(None, _PLAIN):
                plain = _xor(data, key)
                left -= len(data)
                if len(plain) >= 12 and _IS_PROGRAM.search(plain.decode("latin-1")):
                    yield "xor", offset, plain
                    break


def _keys(text: str) -> Iterator[bytes]:
    for match in _KEY_NUMBER.finditer(text):
        key = _number(next(filter(None, match.groups())))
        if 0 < key < 256:
            yield bytes([key])
    for match in _KEY_TEXT.finditer(text):
        yield (match[1] or match[2]).encode()


def _number(text: str) -> int:
    return int(text, 16 if text[:2].lower() == "0x" else 10)


def _xor(data: bytes, key: bytes) -> bytes:
    if not data:
        return data
    stream = (key * (len(data) // len(key) + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


def _blobs(text: str) -> Iterator[tuple[int, bytes]]:
    """Yields what the encodings of plain shape decode to, whether it reads as text or not."""
    for decoder in DECODERS[:5]:
        for match in islice(decoder.pattern.finditer(text), _MAX_BLOBS):
            data = decoder.decode(match.group()[: 4 * _MAX_BLOB])[:_MAX_BLOB]
            if data:
                yield match.start(), data
