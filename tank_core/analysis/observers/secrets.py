"""Secrets that code reads from the environment, by the names that secrets have."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_SECRET = re.compile(
    r"(?:[A-Z0-9]+_)*(?:TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|PAT|APIKEY|AUTH)(?:_[A-Z0-9]+)*"
)
_MAX_NAME = 100  # characters; keeps the match of a hostile name short
_NOT_SECRET = re.compile(r".*(?:PUBLIC_KEY|KEY_ID$|TOKENIZERS?|KEYBOARD|_FILE$|_PATH$|MAX_TOKENS?|TOKENS$)")
_READS = re.compile(
    r"\bos\.environ(?:\.get\(|\[)\s*[\"'](?P<a>\w+)[\"']|\b(?:os\.)?getenv\(\s*[\"'](?P<b>\w+)[\"']"
    r"|\bprocess\.env\.(?P<c>\w+)|\bprocess\.env\[\s*[\"'](?P<d>\w+)[\"']|\bENV(?:\.fetch\(|\[)\s*[\"'](?P<e>\w+)[\"']"
    r"|\$env:(?P<f>\w+)|\benviron\[\s*[\"'](?P<g>\w+)[\"']"
)
_SHELL_READS = re.compile(r"\$\{?([A-Z][A-Z0-9_]+)")
_SHELL_WRITES = re.compile(
    r"^[ \t]*+(?:export[ \t]++|local[ \t]++|readonly[ \t]++)?([A-Z][A-Z0-9_]+)=", re.MULTILINE
)


def observe(source: Source) -> Iterator[Observation]:
    """Yields each environment variable with a secret's name that a source reads."""
    if not source.language.is_code:
        return
    text = without_comments(source)
    if source.language is Language.SHELL:
        own = set(_SHELL_WRITES.findall(text))
        found = [(m.group(1), m.start()) for m in _SHELL_READS.finditer(text) if m.group(1) not in own]
    else:
        found = [(next(filter(None, m.groups())), m.start()) for m in _READS.finditer(text)]
    for name, offset in found:
        if len(name) <= _MAX_NAME and _SECRET.fullmatch(name) and not _NOT_SECRET.fullmatch(name):
            yield Observation(Access.SECRETS, name, source.local_line_at(offset))
