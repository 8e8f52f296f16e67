"""Files outside the project that code opens by a literal path.

Inside the project nearly everything is computed, and a declaration of ``./**`` covers
it; what tells something is a literal path in the home folder or in the system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tank_core.analysis.observers.code import without_comments
from tank_core.analysis.observers.observation import Observation
from tank_core.analysis.source import Language, Source
from tank_core.permissions import Access

_LITERAL = r"[\"'](?P<path>(?:~/|/(?!/)|\./)[^\"'\n*?{}$]{1,200})[\"']"
_OPEN = re.compile(
    rf"\b(?:open|Path|expanduser|readFileSync|readFile|createReadStream)\(\s*{_LITERAL}(?P<after>[^\n]{{0,60}})"
)
_WRITE_CALL = re.compile(
    rf"\b(?:writeFileSync|writeFile|appendFileSync|appendFile|createWriteStream)\(\s*{_LITERAL}"
)
_WRITES = re.compile(r"^\s*,\s*(?:mode\s*=\s*)?[\"'][^\"']*[wax+]|^\)*\.(?:write_|open\([\"'][wax])")
_IGNORED = ("/dev/", "/proc/self/", "/tmp/")  # noqa: S108 - names to leave alone, not to use


def observe(source: Source) -> Iterator[Observation]:
    """Yields each literal path outside the skill that a source reads or writes."""
    if not source.language.is_code or source.language is Language.SHELL:
        return
    text = without_comments(source)
    for match in _OPEN.finditer(text):
        access = Access.FILESYSTEM_WRITE if _WRITES.search(match["after"]) else Access.FILESYSTEM_READ
        yield from _observation(source, access, match)
    for match in _WRITE_CALL.finditer(text):
        yield from _observation(source, Access.FILESYSTEM_WRITE, match)


def _observation(source: Source, access: Access, match: re.Match[str]) -> Iterator[Observation]:
    path = match["path"].rstrip("/")
    if path and not path.startswith(_IGNORED) and ".." not in path.split("/"):
        yield Observation(access, path, source.local_line_at(match.start()))
