"""Which packages a skill installs, per ecosystem: from commands and from the files of package managers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.analysis.detectors import popular_elsewhere as elsewhere
from tank_core.analysis.detectors.popular_names import PYPI
from tank_core.analysis.package import Package
from tank_core.analysis.source import Language, Source

_NAME = r"[A-Za-z0-9@][\w./@:-]{1,100}"
_REST = r"(?P<names>[^\n;|&`]{1,300})"


@dataclass(frozen=True, slots=True)
class Installed:
    """A package by its name, in lower case and without its version, and the names of its ecosystem worth imitating."""

    name: str
    source: Source
    offset: int
    popular: frozenset[str]


_COMMANDS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(rf"\bcargo[ \t]+(?:install|add)[ \t]+{_REST}"), elsewhere.CRATES),
    (re.compile(rf"\b(?:gem[ \t]+install|bundle[ \t]+add)[ \t]+{_REST}"), elsewhere.GEMS),
    (re.compile(rf"\bgo[ \t]+(?:install|get|run)[ \t]+{_REST}"), elsewhere.GO_MODULES),
    (re.compile(rf"\b(?:docker|podman)[ \t]+pull[ \t]+{_REST}"), elsewhere.IMAGES),
    (re.compile(rf"\b(?:code|cursor|codium)[ \t]+--install-extension[ \t]+{_REST}"), elsewhere.EXTENSIONS),
    (re.compile(rf"\bbrew[ \t]+install[ \t]+(?:--cask[ \t]+)?{_REST}"), elsewhere.FORMULAS),
)
# Name of the file, part of it in which names stand (None: all of it), one name, names worth imitating.
_FILES: tuple[tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(r"(?:.*/)?Cargo\.toml"),
        re.compile(
            r"(?ms)^\[(?:[\w.-]+\.)?(?:dev-|build-)?dependencies\][ \t]*$(?P<body>.{0,20000}?)(?=^\[|\Z)"
        ),
        re.compile(r"(?m)^[ \t]*(?P<name>[A-Za-z][\w-]{1,60})[ \t]*="),
        elsewhere.CRATES,
    ),
    (
        re.compile(r"(?:.*/)?(?:Gemfile|gems\.rb|[\w-]+\.gemspec)"),
        None,
        re.compile(r"\b(?:gem|add_dependency|add_runtime_dependency)[ (]*[\"'](?P<name>[\w.-]{2,60})[\"']"),
        elsewhere.GEMS,
    ),
    (
        re.compile(r"(?:.*/)?go\.mod"),
        None,
        re.compile(
            r"(?m)^[ \t]*(?:require[ \t]+)?(?P<name>github\.com/[\w.-]{1,60}/[\w.-]{1,60})(?:/v\d+)?[ \t]+v\d"
        ),
        elsewhere.GO_MODULES,
    ),
    (
        re.compile(r"(?:.*/)?(?:[\w.-]*Dockerfile[\w.-]*|Containerfile)"),
        None,
        re.compile(r"(?mi)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?(?P<name>[a-z0-9][\w./-]{2,80})(?=[:@\s]|$)"),
        elsewhere.IMAGES,
    ),
    (
        re.compile(r"(?:.*/)?(?:docker-)?compose[\w.-]*\.ya?ml"),
        None,
        re.compile(r"(?m)^[ \t]+image:[ \t]*[\"']?(?P<name>[a-z0-9][\w./-]{2,80})(?=[:@\s\"']|$)"),
        elsewhere.IMAGES,
    ),
    (
        re.compile(r"(?:.*/)?[\w.-]+\.ya?ml"),
        None,
        re.compile(r"(?m)^[ \t-]*uses:[ \t]*[\"']?(?P<name>[\w.-]{1,60}/[\w.-]{1,60})(?:/[\w./-]{1,80})?@"),
        elsewhere.ACTIONS,
    ),
    (
        re.compile(r"(?:.*/)?extensions\.json"),
        None,
        re.compile(r"[\"'](?P<name>[\w-]{2,60}\.[\w-]{2,60})[\"']"),
        elsewhere.EXTENSIONS,
    ),
    (
        re.compile(r"(?:.*/)?(?:pyproject\.toml|setup\.(?:py|cfg))"),
        re.compile(
            r"(?s)\b(?:dependencies|requires|install_requires|dev|test)\b[ \t]*=[ \t]*\[(?P<body>[^\]]{0,20000})\]"
        ),
        re.compile(r"[\"'](?P<name>[A-Za-z][\w.-]{1,60})(?=[\[<>=!~; \"'])"),
        PYPI,
    ),
    (
        re.compile(r"(?:.*/)?(?:environment|conda)[\w.-]*\.ya?ml"),
        None,
        re.compile(r"(?m)^[ \t]*-[ \t]+(?:[\w-]+::)?(?P<name>[A-Za-z][\w.-]{1,60})(?=[<>=!~\s]|$)"),
        PYPI,
    ),
    (
        re.compile(r"(?:.*/)?Pipfile"),
        re.compile(r"(?ms)^\[(?:dev-)?packages\][ \t]*$(?P<body>.{0,20000}?)(?=^\[|\Z)"),
        re.compile(r"(?m)^[ \t]*[\"']?(?P<name>[A-Za-z][\w.-]{1,60})[\"']?[ \t]*="),
        PYPI,
    ),
)


def installed(package: Package) -> Iterator[Installed]:
    """Yields what is installed from other places than pip's and npm's own, in the order of the sources."""
    for source in package.sources:
        if source.language is Language.SHELL:
            yield from _by_commands(source)
        if source.is_whole_file:
            yield from _by_files(source)
        elif source.language is Language.YAML:
            yield from _by_files(source, name="fenced.yml")
        elif source.language is Language.DOCKERFILE:
            yield from _by_files(source, name="Dockerfile")


def _by_commands(source: Source) -> Iterator[Installed]:
    for pattern, popular in _COMMANDS:
        for match in pattern.finditer(source.text):
            for word in match["names"].split():
                if re.fullmatch(_NAME, word) and not word.startswith("-"):
                    yield Installed(_plain(word), source, match.start(), popular)
    for match in re.finditer(r"\b(?:docker|podman)[ \t]+run\b(?P<rest>[^\n;|&`]{1,400})", source.text):
        for word in match["rest"].split():
            if re.fullmatch(r"[a-z0-9][\w./-]{2,80}:[\w.-]{1,40}", word):
                yield Installed(_plain(word), source, match.start(), elsewhere.IMAGES)


def _by_files(source: Source, *, name: str = "") -> Iterator[Installed]:
    for file, part, one, popular in _FILES:
        if not file.fullmatch(name or source.file):
            continue
        parts = (
            [(m["body"], m.start("body")) for m in part.finditer(source.text)] if part else [(source.text, 0)]
        )
        for body, start in parts:
            for match in one.finditer(body):
                yield Installed(_plain(match["name"]), source, start + match.start("name"), popular)


def _plain(word: str) -> str:
    """Returns a name without its version, tag or digest."""
    return re.split(r"(?<=.)[@:]", word.strip("\"',"))[0].lower()
