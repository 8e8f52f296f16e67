"""A program is found by its bytes; under the name of something else it is disguised."""

from __future__ import annotations

import pytest

from tank_core.analysis.detectors.files import disguised_programs, programs
from tests.support.sources import package_of

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"not a real program"
WINDOWS = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(24)
WASM = b"\x00asm\x01\x00\x00\x00"


def _evidence(path: str, data: bytes) -> list[str]:
    return [hit.evidence for hit in disguised_programs(package_of(path, data))]


@pytest.mark.parametrize(
    ("path", "data", "kind"),
    [
        ("assets/logo.png", ELF, "ELF program or library"),
        ("notes.TXT", WINDOWS, "Windows program or library"),
        ("a/font.woff2", b"\xcf\xfa\xed\xfe" + bytes(8), "Mach-O program"),
        ("data.json", WASM, "WebAssembly module"),
    ],
)
def test_program_under_another_name_is_disguised(path: str, data: bytes, kind: str) -> None:
    assert _evidence(path, data) == [f"{kind} under the name {path.rsplit('/', 1)[-1]}"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("bin/render", ELF),
        ("lib/render.so", ELF),
        ("render.exe", WINDOWS),
        ("render.png.exe", WINDOWS),
        ("render.wasm", WASM),
        ("letter.docx", b"PK\x03\x04" + bytes(8)),
        ("log.csv", b"\x1f\x8b\x08" + bytes(8)),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + ELF),
        ("mz.txt", b"MZ is the mark of a program for Windows.\n"),
    ],
    ids=[
        "no ending",
        "library",
        "program",
        "last ending",
        "module",
        "document",
        "archive",
        "picture",
        "text",
    ],
)
def test_program_under_its_name_and_data_under_theirs_are_no_disguise(path: str, data: bytes) -> None:
    assert _evidence(path, data) == []


def test_disguised_program_is_still_a_program() -> None:
    assert [hit.evidence for hit in programs(package_of("logo.png", ELF))] == ["ELF program or library"]
