"""OCI artifacts in a folder: an image layout per repository, as any OCI tool reads it.

Holds the same manifest bytes that ``adapters.oci`` pushes, so a version has one
digest wherever it is mirrored; ``skopeo copy oci:<folder>:<tag>`` moves it on.
Blobs are written under their digest before the index names them, each file
through a temporary one with fsync and rename: a crash leaves unreferenced blobs
at worst. One lock file per repository lets several processes push. Withdrawing
rewrites the index first and then sweeps every file that the index does not reach,
so that repeating it also removes what a crash, or a torn push, left behind.

Source: OCI image-spec 1.1, image-layout.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.ports.artifacts import Artifact, parse_reference
from chalicelib.ports.errors import PortError
from infra.local.durable import sync_folder, write_durably
from tank_core.oci import (
    IMAGE_INDEX,
    Content,
    Referrer,
    artifact_documents,
    content,
    hung_documents,
    links_of,
    merged_index,
    pruned_index,
    referrers_tag,
    retagged_index,
    tag_of,
    tagged_digest,
)

_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class OciLayout:
    """The ``ArtifactRegistry`` port over a folder: ``<root>/<org>/<name>`` is a layout."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def push(self, artifact: Artifact) -> str:
        """See ``ArtifactRegistry.push``.

        Raises:
            PortError: the repository's name is not two plain parts, or the disk refused.
        """
        folder = self._folder(artifact.repository)
        documents = artifact_documents(artifact.archive, artifact.annotations, artifact.referrers)
        try:
            with _locked(folder):
                _write_if_absent(folder / "oci-layout", _LAYOUT)
                for one in (*documents.blobs, *documents.referrers, documents.manifest):
                    _write_blob(folder, one)
                _tag(folder, documents.manifest, tag_of(artifact.tag))
                if documents.referrers:
                    self._refer(folder, documents.manifest.descriptor.digest, documents.referrers)
        except OSError as exc:
            raise PortError(f"oci layout: {exc.strerror or type(exc).__name__}") from exc
        return f"{artifact.repository}@{documents.manifest.descriptor.digest}"

    def attach(self, reference: str, referrer: Referrer) -> None:
        """See ``ArtifactRegistry.attach``."""
        repository, digest = parse_reference(reference)
        folder = self._folder(repository)
        if not (folder / "index.json").exists():
            return
        try:
            with _locked(folder):
                if digest not in links_of((folder / "index.json").read_bytes()).manifests:
                    return
                blobs, manifest = hung_documents(_blob_path(folder, digest).read_bytes(), referrer)
                for one in (*blobs, manifest):
                    _write_blob(folder, one)
                self._refer(folder, digest, (manifest,))
        except OSError as exc:
            raise PortError(f"oci layout: {exc.strerror or type(exc).__name__}") from exc

    def withdraw(self, reference: str) -> None:
        """See ``ArtifactRegistry.withdraw``.

        1. The index forgets the manifest, what hangs on it and the index of its referrers.
        2. Files that nothing reaches any more are deleted.
        """
        repository, digest = parse_reference(reference)
        folder = self._folder(repository)
        path = folder / "index.json"
        if not path.exists():
            return
        try:
            with _locked(folder):
                index = path.read_bytes()
                pruned = pruned_index(index, _hanging(folder, index, digest) | {digest})
                if pruned != index:
                    _write(path, pruned)
                _sweep(folder, _reached(folder, pruned))
        except OSError as exc:
            raise PortError(f"oci layout: {exc.strerror or type(exc).__name__}") from exc
        except ValueError as exc:
            raise PortError(f"oci layout: {repository} holds an unreadable manifest: {exc}") from exc

    def _folder(self, repository: str) -> Path:
        parts = repository.split("/")
        if len(parts) != 2 or not all(_PART.fullmatch(part) for part in parts):
            raise PortError("oci layout: a repository is <org>/<name>")
        return self._root.joinpath(*parts)

    def _refer(self, folder: Path, digest: str, referrers: tuple[Content, ...]) -> None:
        """Adds to the fallback index ``sha256-<hex>``, which is a blob with a tag in a layout."""
        tag = referrers_tag(digest)
        present = _tagged(folder, tag)
        index = content(IMAGE_INDEX, merged_index(present, (r.descriptor for r in referrers)))
        _write_blob(folder, index)
        _tag(folder, index, tag)


def _tag(folder: Path, target: Content, tag: str) -> None:
    """Points a tag of the layout's index at a manifest."""
    path = folder / "index.json"
    present = path.read_bytes() if path.exists() else None
    index = retagged_index(present, target.descriptor, tag)
    if index != present:
        _write(path, index)


def _tagged(folder: Path, tag: str) -> bytes | None:
    """Returns the bytes that a tag points at, or None."""
    path = folder / "index.json"
    digest = tagged_digest(path.read_bytes(), tag) if path.exists() else None
    return _blob_path(folder, digest).read_bytes() if digest is not None else None


def _hanging(folder: Path, index: bytes, digest: str) -> frozenset[str]:
    """Returns the digests of the index that make no sense without this manifest."""
    tagged = links_of(index).manifests
    hanging = {one for one in tagged if links_of(_blob_path(folder, one).read_bytes()).subject == digest}
    return frozenset(hanging | {tagged_digest(index, referrers_tag(digest)) or ""})


def _reached(folder: Path, index: bytes) -> frozenset[str]:
    """Returns the digests of everything that an index leads to."""
    reached: set[str] = set()
    followed: set[str] = set()
    manifests = set(links_of(index).manifests)
    while manifests:
        digest = manifests.pop()
        followed.add(digest)
        links = links_of(_blob_path(folder, digest).read_bytes())
        reached |= {digest, *links.held}
        manifests |= links.manifests - followed
    return frozenset(reached)


def _sweep(folder: Path, reached: frozenset[str]) -> None:
    """Deletes the files that are not reached; nobody else is writing under the lock."""
    blobs = folder / "blobs" / "sha256"
    for path in sorted(blobs.iterdir()):
        if f"sha256:{path.name}" not in reached:
            path.unlink()
    sync_folder(blobs)


def _blob_path(folder: Path, digest: str) -> Path:
    return folder / "blobs" / "sha256" / digest.removeprefix("sha256:")


def _write_blob(folder: Path, one: Content) -> None:
    path = _blob_path(folder, one.descriptor.digest)
    # A torn disk is repaired by writing again, so a present file must hold the right bytes.
    if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == path.name:
        return
    _write(path, one.data)


def _write_if_absent(path: Path, data: bytes) -> None:
    if not path.exists():
        _write(path, data)


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, for other tools to read; durable when it returns."""
    _make_folder(path.parent)
    write_durably(path, data, temporary=path.parent / f".writing-{secrets.token_hex(8)}")
    path.chmod(0o644)


def _make_folder(folder: Path) -> None:
    """Makes a folder and its parents, each durable in its own parent."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Holds the repository's lock; the kernel frees it when the process dies."""
    _make_folder(folder)
    with (folder / ".lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
