"""The corpus as wheels, and the graph as a simple index with metadata files, for uv.

Source: PEP 427 (wheels), 503 (simple index), 658 (metadata beside a file).
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.client.corpus import Skill
from benchmarks.client.graph import Graph

_DATE = (1980, 1, 1, 0, 0, 0)


def write_corpus(skills: Iterable[Skill], root: Path) -> str:
    """Writes an index of wheels below ``root``; returns the requirements that pin all of them by hash."""
    lines = []
    for skill in skills:
        name = f"{skill.org}-{skill.name}"
        file = f"{name.replace('-', '_')}-{skill.version}-py3-none-any.whl"
        wheel = _wheel(name, skill)
        digest = hashlib.sha256(wheel).hexdigest()
        (root / "files").mkdir(parents=True, exist_ok=True)
        (root / "files" / file).write_bytes(wheel)
        (root / "files" / f"{file}.metadata").write_bytes(_metadata(name, skill.version, ()))
        _write_page(root / "simple" / name, {file: digest})
        lines.append(f"{name}=={skill.version} --hash=sha256:{digest}\n")
    return "".join(lines)


def write_graph(graph: Graph, root: Path) -> str:
    """Writes an index without wheels, as only a resolver reads it; returns the roots as requirements."""
    files = root / "files"
    files.mkdir(parents=True, exist_ok=True)
    for number, versions in enumerate(graph.packages):
        name = graph.name(number)
        listed = {}
        for minor, needs in enumerate(versions):
            file = f"{name.replace('-', '_')}-1.{minor}.0-py3-none-any.whl"
            wanted = tuple(f"{graph.name(other)}>=1.{least}.0,<2" for other, least in needs.items())
            (files / f"{file}.metadata").write_bytes(_metadata(name, f"1.{minor}.0", wanted))
            listed[file] = hashlib.sha256(file.encode()).hexdigest()
        _write_page(root / "simple" / name, listed)
    return "".join(f"{graph.name(number)}>=1.{least}.0,<2\n" for number, least in graph.roots.items())


def _write_page(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    links = "\n".join(
        f'<a href="../../files/{file}#sha256={digest}" data-core-metadata="true">{file}</a><br>'
        for file, digest in files.items()
    )
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>\n{links}\n</body></html>")


def _metadata(name: str, version: str, requirements: Iterable[str]) -> bytes:
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    lines += [f"Requires-Dist: {requirement}\n" for requirement in requirements]
    return "".join(lines).encode()


def _wheel(name: str, skill: Skill) -> bytes:
    folder = name.replace("-", "_")
    info = f"{folder}-{skill.version}.dist-info"
    files = {
        f"{folder}/skills.json": b"{}",
        f"{folder}/SKILL.md": f"---\nname: {skill.name}\ndescription: does things\n---\n".encode(),
        f"{folder}/scripts/run.sh": b"#!/bin/sh\necho hi\n",
        **{f"{folder}/{path}": data for path, data in skill.files.items()},
        f"{info}/METADATA": _metadata(name, skill.version, ()),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},{_recorded(data)},{len(data)}\n" for path, data in files.items()]
    files[f"{info}/RECORD"] = "".join([*record, f"{info}/RECORD,,\n"]).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data in files.items():
            member = zipfile.ZipInfo(path, _DATE)
            member.external_attr = (0o755 if path.endswith(".sh") else 0o644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return out.getvalue()


def _recorded(data: bytes) -> str:
    return f"sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()}"
