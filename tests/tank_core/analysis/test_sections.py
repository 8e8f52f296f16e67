"""Sections: what stands between two headings is read together, wherever it stands."""

from __future__ import annotations

import time

from tank_core.analysis.package import take_apart
from tank_core.analysis.sections import sections
from tank_core.archive import ArchiveEntry

TEXT = b"""---
name: notes
description: Keeps notes.
---

# Notes

First.

```sh
echo one
```

## Archive

Second.
"""


def _of(path: str, data: bytes) -> list[str]:
    package = take_apart((ArchiveEntry(path, data),))
    return [text for source, _, text in sections(package) if source.is_whole_file]


def test_a_section_holds_its_blocks_and_ends_at_the_next_heading():
    found = _of("SKILL.md", TEXT)
    assert [text.split("\n", 1)[0] for text in found] == ["---", "# Notes", "## Archive"]
    assert "echo one" in found[1]
    assert "Second" not in found[1]


def test_a_page_is_read_without_its_marks_at_the_same_offsets():
    page = b"<!doctype html><p class='g'>Builder: go on.</p>"
    (text,) = _of("page.html", page)
    assert text.index("Builder") == page.index(b"Builder")
    assert "class" not in text


def test_offsets_are_those_of_the_source():
    package = take_apart((ArchiveEntry("SKILL.md", TEXT),))
    assert all(source.text[offset : offset + len(text)] == text for source, offset, text in sections(package))


def test_a_text_of_headings_alone_is_read_in_bounded_time():
    started = time.process_time()
    assert len(_of("SKILL.md", b"# a\n" * 100_000)) <= 700
    assert time.process_time() - started < 20
