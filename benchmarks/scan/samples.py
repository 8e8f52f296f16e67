"""The corpus: skills as data, read from ``corpus/`` and ``unread/``, and folders of skills that somebody has.

A family is one YAML file. ``malicious/`` and ``honest/`` hold whole skills; ``planted/``
names an honest skill of the corpus and the few lines that make it malicious, so that a
scanner that refuses both has seen nothing. Nothing here is ever run: hosts that an
attack would reach have reserved names.

Whoever writes rules reads ``corpus/`` and never ``unread/``, which somebody wrote who did not
know the rules: what is found there is what is to be expected of skills that nobody here has seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.scan.encodings import expanded
from tank_core.archive import ArchiveEntry

CORPUS = Path(__file__).parent / "corpus"
UNREAD = Path(__file__).parent / "unread"
OWN = frozenset({CORPUS.name, UNREAD.name})
SURFACES = ("code", "prose", "config", "mixed")
_MAX_FILE_BYTES = 20 * 1024 * 1024  # of a local folder; more than a package may hold


class SampleError(ValueError):
    """A sample does not have the shape that README.md describes."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One skill with its label.

    Attributes:
        id: unique within its source.
        source: ``corpus``, ``unread``, or the name of a local folder.
        category: the family; for a local folder ``local``.
        surface: where it acts: one of ``SURFACES``; empty when not known.
        language: of the part that matters, such as ``python``; empty when not known.
        attack: one line, what a malicious sample does; empty for an honest one.
        base: id of the honest sample that this one is planted into; empty otherwise.
        files: path → content.
    """

    id: str
    source: str
    category: str
    is_malicious: bool
    files: Mapping[str, bytes]
    surface: str = ""
    language: str = ""
    attack: str = ""
    base: str = ""

    @property
    def entries(self) -> tuple[ArchiveEntry, ...]:
        """The package, as the engine takes it."""
        return tuple(ArchiveEntry(path, data) for path, data in sorted(self.files.items()))


def corpus() -> tuple[Sample, ...]:
    """Returns every sample, read and unread, sorted by label, category and id; SampleError for a wrong one."""
    roots = [root for root in (CORPUS, UNREAD) if root.is_dir()]
    texts = {
        item["id"]: _texts(item)
        for root in roots
        for _, family in _families(root, "honest")
        for item in family["samples"]
    }
    found = [
        *(one for root in roots for one in _labelled(root, "honest", is_malicious=False)),
        *(one for root in roots for one in _labelled(root, "malicious", is_malicious=True)),
        *(
            one
            for root in roots
            for source, family in _families(root, "planted")
            for one in _planted(source, family, texts)
        ),
    ]
    seen: set[str] = set()
    for sample in found:
        if sample.id in seen:
            raise SampleError(f"{sample.id}: two samples have this id")
        seen.add(sample.id)
    return tuple(sorted(found, key=lambda one: (one.is_malicious, bool(one.base), one.category, one.id)))


def local(folder: Path, *, is_malicious: bool) -> Iterator[Sample]:
    """Yields every folder below that has a SKILL.md as a skill, sorted by path; links are not followed."""
    for skill in sorted(path.parent for path in folder.rglob("SKILL.md")):
        name = skill.relative_to(folder).as_posix()
        yield Sample(name, folder.name, "local", is_malicious, folder_files(skill))


def folder_files(skill: Path) -> dict[str, bytes]:
    """Returns path → content of every file of a skill; links are left out."""
    return {
        path.relative_to(skill).as_posix(): path.read_bytes()
        for path in sorted(skill.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= _MAX_FILE_BYTES
    }


def _families(root: Path, label: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields (source, family) of each file of a label, sorted by name."""
    for path in sorted((root / label).glob("*.yaml")):
        family = yaml.safe_load(path.read_bytes())
        if not isinstance(family, dict) or family.get("category") != path.stem:
            raise SampleError(f"{label}/{path.name}: category must be {path.stem}")
        yield root.name, family


def _labelled(root: Path, label: str, *, is_malicious: bool) -> Iterator[Sample]:
    for source, family in _families(root, label):
        yield from _whole(source, family, is_malicious=is_malicious)


def _whole(source: str, family: Mapping[str, Any], *, is_malicious: bool) -> Iterator[Sample]:
    for item in family["samples"]:
        surface, _, language = str(item["in"]).partition("/")
        if surface not in SURFACES or bool(item.get("attack")) != is_malicious:
            raise SampleError(f"{item['id']}: wrong surface, or attack without a malicious label")
        files = {path: expanded(text) for path, text in _texts(item).items()}
        yield Sample(
            item["id"],
            source,
            family["category"],
            is_malicious,
            files,
            surface,
            language,
            item.get("attack", ""),
        )


def _texts(item: Mapping[str, Any]) -> dict[str, str]:
    """Returns the files of a sample, still spelled out; SKILL.md is put together unless it is given."""
    files = dict(item.get("files", {}))
    if "SKILL.md" not in files:
        name = item.get("name", item["id"])
        title = name.replace("-", " ").capitalize()
        about = item["about"]
        about = (
            json.dumps(about, ensure_ascii=False)
            if ": " in about and not about.startswith(("'", '"'))
            else about
        )
        front = f"name: {name}\ndescription: {about}\n{item.get('front', '')}"
        files["SKILL.md"] = f"---\n{front}---\n\n# {title}\n\n{item['body']}"
    return files


def _planted(
    source: str, family: Mapping[str, Any], honest: Mapping[str, dict[str, str]]
) -> Iterator[Sample]:
    for item in family["samples"]:
        surface, _, language = str(item["in"]).partition("/")
        texts = dict(honest[item["base"]])
        for path, plant in item["plant"].items():
            texts[path] = _with_plant(f"{item['id']}: {path}", texts.get(path, ""), plant)
        files = {path: expanded(text) for path, text in texts.items()}
        yield Sample(
            item["id"],
            source,
            family["category"],
            True,
            files,
            surface,
            language,
            item["attack"],
            item["base"],
        )


def _with_plant(where: str, text: str, plant: Mapping[str, str] | str) -> str:
    """Returns the text with lines put after the one that holds ``after``, or at the end."""
    if isinstance(plant, str):
        return text + plant
    before, found, rest = text.partition(plant["after"])
    if not found or plant["after"] in rest:
        raise SampleError(f"{where}: {plant['after']!r} must stand there once")
    line, newline, rest = rest.partition("\n")
    return before + found + line + newline + plant["text"] + rest
