"""The package under examination: the uploaded bytes, read from their one version.

Every stage reads the very bytes whose version the upload event named, and checks
their digest again, so that what is analysed is what is promoted (PEERS, hole 4).
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.ports.errors import TooLarge
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services.waivers import Archive
from pipeline.execution import StageInput
from tank_core import integrity
from tank_core.archive import ArchiveEntry, read_archive
from tank_core.errors import ExitCode, TankError

MANIFEST = "skills.json"
SKILL_MD = "SKILL.md"


class UploadMismatchError(TankError):
    """The stored bytes are not the ones that were announced."""

    code = "upload-mismatch"
    status = 422
    exit_code = ExitCode.INTEGRITY


class MissingFileError(TankError):
    """The package lacks a file that every skill has."""

    code = "missing-file"
    status = 422


@dataclass(frozen=True, slots=True)
class Upload:
    """The stored bytes and the digests that the registry computed of them."""

    data: bytes
    integrity: str
    digest: str


def read_upload(given: StageInput, ports: RegistryPorts) -> Upload:
    """Returns the uploaded archive, if it is what the publisher announced.

    Raises:
        UploadMismatchError: ``upload-mismatch``: another size or digest.
        ports.errors.Missing: the object is gone: our fault, retried.
    """
    try:
        data = ports.blobs.get(given.key, max_bytes=given.publish.size_bytes, version_id=given.version_id)
    except TooLarge as error:
        raise _mismatch(given, "it is larger than announced") from error
    upload = Upload(data, integrity.sha512_integrity(data), integrity.sha256_digest(data))
    if len(data) != given.publish.size_bytes:
        raise _mismatch(given, f"it has {len(data)} bytes, {given.publish.size_bytes} were announced")
    if upload.digest != given.publish.digest or upload.integrity != given.publish.integrity:
        raise _mismatch(given, f"its digest is {upload.digest}, {given.publish.digest} was announced")
    return upload


def archive_of(given: StageInput) -> Archive:
    """Returns what a waiver would have to be about to count for this publish."""
    publish = given.publish
    return Archive(publish.name, publish.version, publish.digest, publish.integrity)


def read_entries(given: StageInput, ports: RegistryPorts) -> tuple[ArchiveEntry, ...]:
    """Returns the files of the uploaded archive, sorted by path.

    Raises:
        UploadMismatchError: as ``read_upload``.
        ArchiveError: the archive breaks the archive policy; the code says how.
    """
    return read_archive(read_upload(given, ports).data)


def file_named(entries: tuple[ArchiveEntry, ...], path: str) -> bytes:
    """Returns the content of one file.

    Raises:
        MissingFileError: ``missing-file``.
    """
    for entry in entries:
        if entry.path == path:
            return entry.data
    raise MissingFileError(
        f"The package has no {path} at its root.",
        why="Every skill carries SKILL.md (for agents) and skills.json (for Tank).",
        fix=f"Add {path} to the skill's folder, or to `files` in skills.json, and publish again.",
    )


def _mismatch(given: StageInput, detail: str) -> UploadMismatchError:
    return UploadMismatchError(
        f"The uploaded archive is not the announced one: {detail}.",
        why="The registry hashes the stored bytes itself and trusts no value that a client sent.",
        fix=f"Run `tank publish` again; {given.publish.version} was not published and is still free.",
    )
