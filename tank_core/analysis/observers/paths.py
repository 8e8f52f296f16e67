"""Paths as permission entries: what a path in code, as it is written, means below one of the four roots."""

from __future__ import annotations

import re

from tank_core.analysis.observers.values import HOLE

_IGNORED = ("/dev/", "/proc/self/", "/tmp/", "/var/tmp/", "/private/tmp/")  # noqa: S108 - names to leave alone
_PLAIN = re.compile(r"[\w.@+ ~/\x00*-]{1,200}")
_HOME = re.compile(r"^(?:/home/[\w.-]{1,40}|/Users/[\w.-]{1,40}|/root|\$\{?HOME\}?|%USERPROFILE%)(?=/|$)")
_FILE = re.compile(r"(?:^|/)[\w.-]*[\w-]\.[A-Za-z0-9]{1,8}$|/")


def entry(text: str, *, own: bool = False, needs_shape: bool = False) -> str | None:
    """Returns the ``filesystem`` entry of a path; None when it names none that can be declared.

    Args:
        text: the path as written; holes are parts that are computed.
        own: whether it is relative to the skill's own folder.
        needs_shape: whether a relative text counts only when it looks like a path.
    """
    text = _HOME.sub("~", text.strip())
    if (
        not text
        or not _PLAIN.fullmatch(text)
        or ".." in text.split("/")
        or text in {"~", "/", "-", ".", "./", "*"}
    ):
        return None
    if text.startswith(_IGNORED) or text in {"/tmp", "/dev/null"}:  # noqa: S108 - the same
        return None
    if needs_shape and not _FILE.search(text):
        return None
    return _shaped(text, own=own)


def _shaped(text: str, *, own: bool) -> str | None:
    segments = [("*" if HOLE in segment and segment != HOLE else segment) for segment in text.split("/")]
    if HOLE in segments:  # what is computed may have segments of its own
        position = segments.index(HOLE)
        segments = [*segments[:position], "**"]
    path = "/".join(_wild(segment) for segment in segments).rstrip("/")
    if path in {"**", "", "~/**", "/**"}:
        return None
    if path.startswith(("/", "~/", "skill:/")):
        return path
    path = path.removeprefix("./")
    return ("skill:/" if own else "./") + path if path and not path.startswith("~") else None


def _wild(segment: str) -> str:
    return "**" if segment == "**" else re.sub(r"\*+", "*", segment)
