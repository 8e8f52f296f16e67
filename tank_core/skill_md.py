"""SKILL.md: the front matter of the Agent Skills format, and the text below it.

Exactly the format's six keys; versions, dependencies and permissions stand in
``skills.json``. The text below is opaque here; analysis reads it.

Source: agentskills.io/specification; PEERS, "The Agent Skills format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from tank_core.errors import ExitCode, Problem, TankError
from tank_core.names import check_skill_md_name
from tank_core.shape import Reader
from tank_core.strict_yaml import InvalidYamlError, YamlValue, parse_yaml

MAX_SKILL_MD_BYTES = 1024 * 1024  # an agent reads the whole file; the format recommends under 5000 tokens
_KEYS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
_DOCUMENT = "SKILL.md"
_MAX_DESCRIPTION = 1024
_MAX_COMPATIBILITY = 500
_TOOL = re.compile(r"[^\s(),]+(?:\([^()]*\))?")
_TOOLS = re.compile(rf"\s*(?:{_TOOL.pattern}(?:\s+{_TOOL.pattern})*)?\s*")


class InvalidSkillMdError(TankError):
    """A SKILL.md that does not keep the format; ``problems`` names everything that is wrong."""

    code = "invalid-skill-md"
    status: ClassVar[int] = 422
    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class SkillMd:
    """A parsed SKILL.md.

    Attributes:
        license: as written; "" when absent. Any text, not an SPDX expression.
        compatibility: "" when absent.
        metadata: sorted by key.
        allowed_tools: in the order written, such as ``Bash(git:*)``.
        body: what follows the front matter, with LF line ends.
        body_line: the 1-based line where the body starts.
    """

    name: str
    description: str
    license: str
    compatibility: str
    metadata: dict[str, str]
    allowed_tools: tuple[str, ...]
    body: str
    body_line: int


def parse_skill_md(data: bytes) -> SkillMd:
    """Returns a SKILL.md, or every problem that it has.

    Args:
        data: the file's bytes, at most 1 MiB of UTF-8 without a byte order mark; LF or CRLF.

    Raises:
        InvalidSkillMdError: ``invalid-skill-md``.
    """
    lines = _text(data).split("\n")
    end = _closing_line(lines)
    # CRLF is an editor's habit and not a difference; a lone CR is refused by parse_yaml.
    front_matter = "\n".join(line.removesuffix("\r") for line in lines[1:end])
    try:
        value = parse_yaml(front_matter)
    except InvalidYamlError as error:
        line = error.line + 1 if error.line else 1
        raise _invalid([Problem(f"{_DOCUMENT}:{line}", error.why, error.fix)]) from error
    body = "\n".join(line.removesuffix("\r") for line in lines[end + 1 :])
    return _read(value, body, body_line=end + 2)


def _text(data: bytes) -> str:
    if len(data) > MAX_SKILL_MD_BYTES:
        what = f"The file has {len(data)} bytes; the limit is {MAX_SKILL_MD_BYTES}."
        raise _invalid([Problem(_DOCUMENT, what, "Move parts of it to references/.")])
    if data.startswith(b"\xef\xbb\xbf"):
        raise _invalid(
            [Problem(_DOCUMENT, "It starts with a byte order mark.", "Save it as UTF-8 without BOM.")]
        )
    nul = data.find(b"\0")
    if nul >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise _invalid([Problem(f"{_DOCUMENT}:{line}", "It holds a NUL character.", "Remove it.")])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _invalid([Problem(f"{_DOCUMENT}:{line}", "It is not UTF-8.", "Save it as UTF-8.")]) from error


def _closing_line(lines: list[str]) -> int:
    """Returns the index of the line that closes the front matter."""
    if lines[0].rstrip() != "---":
        fix = "Start the file with “---”, then “name: …” and “description: …”, then “---”."
        raise _invalid([Problem(f"{_DOCUMENT}:1", "The front matter is missing.", fix)])
    end = next((n for n, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), None)
    if end is None:
        raise _invalid(
            [Problem(f"{_DOCUMENT}:1", "The front matter has no end.", "Close it with a line “---”.")]
        )
    return end


def _read(value: YamlValue, body: str, *, body_line: int) -> SkillMd:
    problems: list[Problem] = []
    reader = Reader.of(value, _DOCUMENT, problems)
    reader.reject_unknown(_KEYS, _ELSEWHERE)
    skill_md = SkillMd(
        name=reader.parsed("name", check_skill_md_name, example="pdf-tools") or "",
        description=_prose(reader, "description", _MAX_DESCRIPTION, is_required=True),
        license=_prose(reader, "license", _MAX_COMPATIBILITY),
        compatibility=_prose(reader, "compatibility", _MAX_COMPATIBILITY),
        metadata=_metadata(reader.object("metadata")),
        allowed_tools=_allowed_tools(reader),
        body=body,
        body_line=body_line,
    )
    if problems:
        raise _invalid(problems)
    return skill_md


_IN_MANIFEST = "Move it to skills.json, beside this file."
_ELSEWHERE = {
    "version": _IN_MANIFEST,
    "keywords": _IN_MANIFEST,
    "dependencies": "List them under “skills” in skills.json, beside this file.",
    "permissions": "Declare them as “capabilities” in skills.json, beside this file.",
    "capabilities": _IN_MANIFEST,
    "author": "Move it below “metadata”.",
}


def _prose(reader: Reader, key: str, max_length: int, *, is_required: bool = False) -> str:
    """Returns a text without surrounding white space; a present one is not empty."""
    text = reader.optional_string(key, max_length=max_length, is_one_line=False)
    if is_required and key not in reader.values:
        reader.problem(key, "is missing", f"Add “{key}: …” to the front matter.")
    elif text is not None and not text.strip():
        reader.problem(
            key, "is empty", "Write something." if is_required else "Write something, or remove it."
        )
    return (text or "").strip()


def _metadata(reader: Reader) -> dict[str, str]:
    return {key: reader.optional_string(key, is_one_line=False) or "" for key in sorted(reader.values)}


def _allowed_tools(reader: Reader) -> tuple[str, ...]:
    text = reader.optional_string("allowed-tools", is_one_line=False) or ""
    if _TOOLS.fullmatch(text) is None:
        reader.problem(
            "allowed-tools", "is not a list of tools between spaces", "Write such as “Bash(git:*) Read”."
        )
        return ()
    return tuple(_TOOL.findall(text))


def _invalid(problems: list[Problem]) -> InvalidSkillMdError:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return InvalidSkillMdError(
        f"SKILL.md has {count}",
        why="Agents read only files that keep the Agent Skills format.",
        fix=problems[0].fix if len(problems) == 1 else "Mend each of them.",
        problems=tuple(sorted(problems, key=lambda problem: (problem.where, problem.what))),
    )
