"""SKILL.md: the format's six keys, and every problem at once."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tank_core.skill_md import MAX_SKILL_MD_BYTES, InvalidSkillMdError, parse_skill_md

FULL = b"""---
name: pdf-tools
description: >
  Reads and writes
  PDF files.
license: Complete terms in LICENSE.txt
compatibility: Needs git, and a network
metadata:
  version: 1.0
  author: acme
allowed-tools: Bash(git add:*) Read
---

# PDF tools

---
Do it.
"""


def problems_of(data: bytes) -> dict[str, str]:
    with pytest.raises(InvalidSkillMdError) as caught:
        parse_skill_md(data)
    assert all(problem.fix for problem in caught.value.problems)
    return {problem.where: problem.what for problem in caught.value.problems}


def test_every_key_is_read() -> None:
    skill = parse_skill_md(FULL)
    assert skill.name == "pdf-tools"
    assert skill.description == "Reads and writes PDF files."
    assert skill.license == "Complete terms in LICENSE.txt"
    assert skill.compatibility == "Needs git, and a network"
    assert skill.metadata == {"author": "acme", "version": "1.0"}
    assert skill.allowed_tools == ("Bash(git add:*)", "Read")
    assert skill.body == "\n# PDF tools\n\n---\nDo it.\n"
    assert FULL.decode().split("\n")[skill.body_line - 1 :] == skill.body.split("\n")


def test_crlf_reads_as_lf() -> None:
    assert parse_skill_md(FULL.replace(b"\n", b"\r\n")) == parse_skill_md(FULL)


def test_two_keys_suffice_and_the_body_may_be_missing() -> None:
    skill = parse_skill_md(b"---\nname: a\ndescription: b\n---")
    assert (skill.license, skill.metadata, skill.allowed_tools, skill.body, skill.body_line) == (
        "",
        {},
        (),
        "",
        5,
    )


def test_all_problems_are_named_at_once() -> None:
    found = problems_of(
        b"---\nname: PDF\ndescripton: x\nversion: 1.0.0\nmetadata: [a]\ncompatibility: ''\n"
        b"allowed-tools: Read, Write\n---\n"
    )
    assert set(found) == {
        "SKILL.md: " + key
        for key in (
            "name",
            "description",
            "descripton",
            "version",
            "metadata",
            "compatibility",
            "allowed-tools",
        )
    }


def test_an_unknown_key_suggests_the_nearest_and_a_manifest_key_its_place() -> None:
    with pytest.raises(InvalidSkillMdError) as caught:
        parse_skill_md(b"---\nname: a\ndescription: b\nlicence: MIT\nversion: 1.0.0\n---\n")
    fixes = {problem.where: problem.fix for problem in caught.value.problems}
    assert "license" in fixes["SKILL.md: licence"]
    assert "skills.json" in fixes["SKILL.md: version"]


@pytest.mark.parametrize(
    ("data", "where", "word"),
    [
        (b"", "SKILL.md:1", "missing"),
        (b"# Title\n", "SKILL.md:1", "missing"),
        (b"\n---\nname: a\n---\n", "SKILL.md:1", "missing"),
        (b"----\nname: a\n----\n", "SKILL.md:1", "missing"),
        (b"---\nname: a\ndescription: b\n", "SKILL.md:1", "no end"),
        (b"---\nname: a\n --- \n----\n", "SKILL.md:1", "no end"),
        (b"\xef\xbb\xbf" + FULL, "SKILL.md", "byte order mark"),
        (FULL + b"\n\0", "SKILL.md:19", "NUL"),
        (FULL + b"\xff", "SKILL.md:18", "UTF-8"),
        (b"---\nname: &a x\ndescription: *a\n---\n", "SKILL.md:2", "anchor"),
        (b"---\nname: a\nname: b\n---\n", "SKILL.md:3", "twice"),
        (b"---\nname: a\rdescription: b\n---\n", "SKILL.md:2", "line break"),
        (b"---\n- a\n---\n", "SKILL.md", "not an object"),
        (b"---\n---\n", "SKILL.md", "not an object"),
        (b"---\nname: a\ndescription: [b]\n---\n", "SKILL.md: description", "a list"),
        (b"---\nname: a\ndescription: ''\n---\n", "SKILL.md: description", "empty"),
        (b"---\nname: a\ndescription: " + b"b" * 1025 + b"\n---\n", "SKILL.md: description", "1024"),
        (b'---\nname: a\ndescription: "b\\e[31m"\n---\n', "SKILL.md: description", "control"),
        (b'---\nname: a\ndescription: "b\\u202Ec"\n---\n', "SKILL.md: description", "control"),
        (b'---\nname: a\ndescription: "b\\U000E0041c"\n---\n', "SKILL.md: description", "control"),
        (
            b"---\nname: a\ndescription: b\ncompatibility: " + b"c" * 501 + b"\n---\n",
            "SKILL.md: compatibility",
            "500",
        ),
        (b"---\nname: a\ndescription: b\nmetadata:\n  x: {y: z}\n---\n", "SKILL.md: metadata.x", "an object"),
        (b"---\nname: a\ndescription: b\nallowed-tools: [Read]\n---\n", "SKILL.md: allowed-tools", "a list"),
        (
            b"---\nname: a\ndescription: b\nallowed-tools: Bash(git\n---\n",
            "SKILL.md: allowed-tools",
            "not a list",
        ),
        (b"-" * (MAX_SKILL_MD_BYTES + 1), "SKILL.md", "limit"),
    ],
)
def test_a_broken_file_is_refused_at_its_place(data: bytes, where: str, word: str) -> None:
    found = problems_of(data)
    assert word in found[where]


@settings(deadline=None)
@given(
    st.binary(max_size=60) | st.binary(max_size=40).map(lambda data: b"---\nname: a\n" + data + b"\n---\n")
)
def test_any_bytes_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    with suppress(InvalidSkillMdError):
        assert parse_skill_md(data).name
