"""Downloads that a later command runs, in shell: the pipe into a shell, taken apart.

``curl -o x …; chmod +x x; ./x`` in one script, or in several blocks of one guide. The
same for a tree: an archive that is unpacked, a repository that is cloned, and the
installer, makefile or package that is then run in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from tank_core.analysis.detectors.hit import Hit, hit_on_line
from tank_core.analysis.hosts import Mention, mentions
from tank_core.analysis.package import Package
from tank_core.analysis.shell_words import Command, Pipeline, pipelines
from tank_core.analysis.source import Language, Source
from tank_core.analysis.steps import joined_steps

_DOWNLOADERS = frozenset({"curl", "wget", "fetch", "aria2c", "axel", "iwr", "irm", "invoke-webrequest"})
_COPIERS = frozenset({"scp", "rsync", "sftp", "ftp"})
_UNPACKERS = frozenset({"tar", "bsdtar", "unzip", "7z", "7za", "unrar", "cpio", "gunzip", "unar"})
_RUNNERS = re.compile(
    r"(?:ba|z|k|da)?sh|python[\d.]*|node|perl|ruby|php|source|\.|chmod|open|start|osascript|msiexec|rundll32|installer"
    r"|dpkg|rpm|hdiutil|bun|deno|java|mono|wine|cp|mv|install"
)
_INSTALLS = re.compile(
    r"pip[\d.]*|pipx|uv|npm|pnpm|yarn|apt|apt-get|dnf|yum|code|cursor|codium|gem|cargo|snap"
)
_DATA_FILE = re.compile(
    r"(?i)\.(?:json|jsonl|csv|tsv|xml|yaml|yml|txt|md|html|pdf|png|jpe?g|svg|parquet|sqlite|db)$"
)
# What runs the code of the folder that one is in.
_BUILDS = re.compile(
    r"(?:make|npm|pnpm|yarn|bun|pip[\d.]*|uv|cargo|go|docker|docker-compose|gradle|mvn|cmake|rake)"
)
_BUILDING = frozenset(
    ["install", "i", "ci", "add", "run", "start", "build", "up", "test", "sync", "all", "setup"]
)
_REMOTE = re.compile(r"(?:[\w.-]{1,64}@)?(?P<host>(?:[\w-]{1,63}\.){1,6}[a-z0-9]{1,24}):(?=[^/\s]|/[^/])")
_HERE = "."


@dataclass(slots=True)
class _Taken:
    """What came from a wanted host so far: files by name, folders by name, and whether one is in such a folder."""

    files: dict[str, Hit] = field(default_factory=dict)
    folders: dict[str, Hit] = field(default_factory=dict)
    inside: Hit | None = None


def fetched_and_started(package: Package, is_wanted: Callable[[Mention], bool]) -> Iterator[Hit]:
    """Yields the download of each file or tree from a wanted host that a later command runs."""
    shell = sorted(
        (s for s in package.sources if s.language is Language.SHELL), key=lambda s: (s.file, s.first_line)
    )
    found: dict[tuple[str, int], Hit] = {}  # by place: views of a text say the same again
    programs = [list(sources) for _, sources in groupby(shell, key=lambda source: source.file)]
    for sources in (*programs, *([steps] for steps in joined_steps(package))):
        taken = _Taken()
        for source in sources:
            for pipeline in pipelines(source.text):
                found.update({(h.file, h.line): h for h in _step(source, pipeline, taken, is_wanted)})
    yield from found.values()


def _step(
    source: Source, pipeline: Pipeline, taken: _Taken, is_wanted: Callable[[Mention], bool]
) -> Iterator[Hit]:
    fetched: Hit | None = None
    for command in pipeline.commands:
        if command.program == "cd" and len(command.arguments) > 1:
            taken.inside = taken.folders.get(_base(command.arguments[1])) or taken.folders.get(_HERE)
        run = _started(command, taken)
        if run is not None:
            taken.files = {name: hit for name, hit in taken.files.items() if hit != run}
            yield run
        if _takes(command, is_wanted):
            fetched = hit_on_line(source, pipeline.line)
            taken.files.update(dict.fromkeys(saved_names(command), fetched))
            if command.program == "git":
                taken.folders[_folder(command)] = fetched
        if command.program in _UNPACKERS:
            origin = fetched or next(
                (taken.files[n] for n in map(_base, command.words) if n in taken.files), None
            )
            if origin is not None:
                taken.folders[_HERE] = origin


def _takes(command: Command, is_wanted: Callable[[Mention], bool]) -> bool:
    words = " ".join(command.words)
    if command.program in _COPIERS:
        words = _REMOTE.sub(lambda match: f" https://{match['host']}/", words)
    elif command.program == "git":
        if not {"clone", "submodule"} & set(command.arguments[1:4]):
            return False
        words = re.sub(r"(?<!\S)(?:git|ssh)(?:@|://(?:\w+@)?)([\w.-]{4,200})[:/]", r" https://\1/", words)
    elif command.program not in _DOWNLOADERS:
        return False
    return any(map(is_wanted, mentions(words)))


def _started(command: Command, taken: _Taken) -> Hit | None:
    words = command.arguments
    if not words:
        return None
    if (_RUNNERS.fullmatch(command.program) or _INSTALLS.fullmatch(command.program)) and len(words) > 1:
        named = [w for w in words[1:] if not w.startswith(("-", "+")) and not w.isdigit()]
        for place, name in enumerate(map(_base, named)):
            is_run = place == 0 or not _DATA_FILE.search(name)  # what a program is given to read is not run
            if name in taken.files and is_run and command.program not in {"cp", "mv"}:
                return taken.files[name]
    if "/" in words[0] and _base(words[0]) in taken.files:
        return taken.files[_base(words[0])]
    return _started_within(command, taken)


def _started_within(command: Command, taken: _Taken) -> Hit | None:
    """Returns the tree that a command runs something of."""
    words = command.arguments
    script = words[1] if _RUNNERS.fullmatch(command.program) and len(words) > 1 else words[0]
    parts = [part for part in script.split("/") if part not in {"", "."}]
    below = next((taken.folders[part] for part in parts[:-1] if part in taken.folders), None)
    if below is not None and command.program not in {"chmod", "cp", "mv"}:
        return below
    tree = taken.inside or taken.folders.get(_HERE)
    if tree is None:
        return None
    is_own = script.startswith("./") or (script != words[0] and re.search(r"\.\w{1,4}$", script) is not None)
    builds = bool(_BUILDS.fullmatch(command.program)) and (
        len(words) == 1 or not _BUILDING.isdisjoint(words[1:3]) or "." in words
    )
    return tree if is_own or (builds and taken.inside is not None) else None


def _folder(command: Command) -> str:
    """Returns the name of the folder that a clone makes."""
    named = [word for word in command.arguments[2:] if not word.startswith("-") and not word.isdigit()]
    return _base(named[-1]).removesuffix(".git") if named else ""


def run_name(command: Command) -> str:
    """Returns the file name of what a shell runs; empty when it runs no file."""
    named = [word for word in command.arguments[1:] if not word.startswith(("-", "+"))]
    return _base(named[0]) if named else ""


def saved_names(command: Command) -> Iterator[str]:
    """Yields the file names that a download may be kept under."""
    words = command.words
    if command.program in _COPIERS:
        yield from (_base(word) for word in words[-2:])
        return
    for previous, word in pairwise(words):
        is_output = previous.lower() in {"-o", "--output", "--output-document", ">", "-outfile", "--out"}
        if is_output and not word.startswith("-"):
            yield _base(word)
        if re.fullmatch(r"-\w*o", previous):
            yield _base(word)
    if command.program != "curl" or any(
        re.fullmatch(r"-\w*O\w*|--remote-name(?:-all)?", word) for word in words
    ):
        for mention in mentions(" ".join(words)):
            yield _base(mention.path.split("?")[0])


def _base(word: str) -> str:
    return word.rstrip("/").rsplit("/", 1)[-1]
