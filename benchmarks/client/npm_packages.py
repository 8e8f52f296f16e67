"""The corpus as npm packages for verdaccio, and the graph as npm's own documents."""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import json
import tarfile
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from benchmarks.client.corpus import Skill
from benchmarks.client.graph import Graph


def verdaccio_config(storage: Path) -> str:
    """Returns a configuration that publishes for anybody and asks no other registry."""
    access = "    access: $all\n    publish: $all\n    unpublish: $all\n"
    return (
        f"storage: {storage}\nuplinks: {{}}\npackages:\n  '@*/*':\n{access}  '**':\n{access}"
        "log: {type: stdout, format: json, level: fatal}\nmax_body_size: 50mb\n"
    )


def publish(skills: Iterable[Skill], port: int) -> None:
    """Publishes every skill to a running verdaccio."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for skill in skills:
        body = json.dumps(_publication(skill, f"http://127.0.0.1:{port}")).encode()
        headers = {"Content-Type": "application/json"}
        connection.request("PUT", f"/{quote(skill.full_name, safe='@')}", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"verdaccio answered {answer.status}: {said[:300]!r}")
    connection.close()


def _publication(skill: Skill, base: str) -> dict[str, object]:
    tarball = _tarball(skill)
    file = f"{skill.name}-{skill.version}.tgz"
    version = {
        "name": skill.full_name,
        "version": skill.version,
        "dist": {
            "shasum": hashlib.sha1(tarball, usedforsecurity=False).hexdigest(),
            "integrity": _integrity(tarball),
            "tarball": f"{base}/{skill.full_name}/-/{file}",
        },
    }
    return {
        "_id": skill.full_name,
        "name": skill.full_name,
        "dist-tags": {"latest": skill.version},
        "versions": {skill.version: version},
        "_attachments": {
            file: {
                "content_type": "application/octet-stream",
                "data": base64.b64encode(tarball).decode(),
                "length": len(tarball),
            }
        },
    }


def _tarball(skill: Skill) -> bytes:
    described = {"name": skill.full_name, "version": skill.version}
    files = {
        "package.json": json.dumps(described).encode(),
        "SKILL.md": f"---\nname: {skill.name}\ndescription: does things\n---\n".encode(),
        "scripts/run.sh": b"#!/bin/sh\necho hi\n",
        **skill.files,
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(f"package/{path}")
            member.size, member.mode = len(data), 0o755 if path.endswith(".sh") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return gzip.compress(out.getvalue(), 9, mtime=0)


def _integrity(data: bytes) -> str:
    return f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}"


def write_graph(graph: Graph, root: Path, base: str) -> None:
    """Writes each package's document below ``root``, as a registry answers it to an installer."""
    for number, versions in enumerate(graph.packages):
        name = graph.name(number)
        described = {
            f"1.{minor}.0": {
                "name": name,
                "version": f"1.{minor}.0",
                "dependencies": {graph.name(other): f"^1.{least}.0" for other, least in needs.items()},
                "dist": {
                    "tarball": f"{base}/{name}/-/{name}-1.{minor}.0.tgz",
                    "integrity": _integrity(f"{name} {minor}".encode()),
                    "shasum": hashlib.sha1(f"{name} {minor}".encode(), usedforsecurity=False).hexdigest(),
                },
            }
            for minor, needs in enumerate(versions)
        }
        latest = {"latest": f"1.{len(versions) - 1}.0"}
        document = {
            "name": name,
            "dist-tags": latest,
            "versions": described,
            "modified": "2026-01-01T00:00:00Z",
        }
        (root / name).write_bytes(json.dumps(document).encode())
