"""Encoded text that turns out to be code, or to hide another encoded text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.package import Package

_CODE = re.compile(
    r"(?i)\b(?:curl|wget)\b[^\n]{0,200}https?://|/dev/tcp/|\b(?:ba|z)?sh\s+-[ic]\b|\bimport\s+(?:os|sys|socket|"
    r"subprocess|"
    r"requests|urllib|base64|ctypes)\b|\b(?:exec|eval|compile|__import__)\s*\(|\bos\.(?:system|popen)\s*\(|"
    r"\bsubprocess\.\w+\s*\(|\brequire\s*\(\s*['\"](?:child_process|https?|net|fs|os)['\"]|"
    r"\b(?:iex|invoke-expression|invoke-webrequest|downloadstring|start-process)\b|\bchild_process\b|"
    r"\bchmod\s+\+x\b|\bnc\s+(?:-\w+\s+)*\S+\s+\d{2,5}\b|\bosascript\b|\bpowershell\b"
)
# Encodings that turn some text into words by chance: what comes out must be a command and not only a word of code.
_WEAK = re.compile(r"(?:shift|rot13|reversed) layer \d+[^,]*$")
_PLAIN = re.compile(
    r"(?i)https?://|\b(?:curl|wget)\s|/dev/tcp/|\bos\.system\s*\(|\bsubprocess\.\w+\s*\(|\b(?:exec|eval)\s*\(\s*\w|"
    r"\bbash\s+-|\bchild_process\b"
)
_NESTED = re.compile(r"layer \d+, .*layer \d+")


def decodes_to_code(package: Package) -> Iterator[Hit]:
    """Yields each encoded text that decodes to a program or a command."""
    for source in package.sources:
        match = _CODE.search(source.text) if source.is_decoded else None
        if match and not (_WEAK.search(source.provenance) and not _PLAIN.search(source.text)):
            yield hit_on_line(source, 1, evidence=source.text[max(0, match.start() - 40) : match.end() + 100])


def nested_layers(package: Package) -> Iterator[Hit]:
    """Yields texts that were encoded more than once; nothing honest needs that."""
    for source in package.sources:
        if source.is_decoded and _NESTED.search(source.provenance):
            yield hit_on_line(source, 1, evidence=source.text)
