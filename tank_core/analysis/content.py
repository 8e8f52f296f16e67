"""What kind of bytes a file holds, by looking at them and never at its name alone."""

from __future__ import annotations

import codecs

_MAGIC = (
    (b"\x7fELF", "ELF program or library"),
    (b"MZ", "Windows program or library"),
    (b"\xfe\xed\xfa\xce", "Mach-O program"),
    (b"\xfe\xed\xfa\xcf", "Mach-O program"),
    (b"\xcf\xfa\xed\xfe", "Mach-O program"),
    (b"\xce\xfa\xed\xfe", "Mach-O program"),
    (b"\xca\xfe\xba\xbe", "Java class or universal Mach-O program"),
    (b"\x00asm", "WebAssembly module"),
    (b"PK\x03\x04", "zip archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"\xfd7zXZ\x00", "xz archive"),
    (b"BZh", "bzip2 archive"),
    (b"!<arch>\n", "static library or Debian package"),
)
# A short one of these has few control characters, and no text begins so.
_NEVER_TEXT = (b"PK\x03\x04", *(magic for magic, _ in _MAGIC if not magic.isascii() or b"\0" in magic))
_HARMLESS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"RIFF", b"wOFF", b"wOF2", b"OggS", b"ID3")
_SAMPLE = 4096
_BINARY_SHARE = 0.1  # of control characters in the sample; real text has next to none


def executable_kind(path: str, data: bytes) -> str:
    """Returns what kind of program or archive the bytes are; empty when they are neither."""
    if path.endswith((".pyc", ".pyo")) or (data[2:4] == b"\r\n" and is_binary(data)):
        return "compiled Python"
    for magic, kind in _MAGIC:
        if data.startswith(magic) and not (magic == b"MZ" and not is_binary(data)):
            return kind
    return ""


def is_binary(data: bytes) -> bool:
    """Returns whether bytes are not text: a known magic, or too many control characters."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    if data.startswith((*_HARMLESS, *_NEVER_TEXT)):
        return True
    sample = data[:_SAMPLE]
    control = sum(1 for byte in sample if byte < 9 or 13 < byte < 27 or 27 < byte < 32)
    return control > len(sample) * _BINARY_SHARE


def text_of(data: bytes) -> str:
    """Returns the bytes as text with line feeds only; what is not UTF-8 or UTF-16 becomes U+FFFD."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = data.decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")
