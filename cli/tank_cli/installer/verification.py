"""From a line of the lock to files that may be installed.

The registry's attestation, signed with a pinned key, is what makes the lock's
words true: a lock can come from anybody who can change a project. What was once
verified is remembered by everything that the answer depended on, so that a
repeated install asks for no signature and no network.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tank_cli.cache import Cache
from tank_core import canonical, integrity
from tank_core.archive import DEFAULT_LIMITS, ArchiveEntry, read_archive, tree_hash
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.lockfile import LockedSkill
from tank_core.manifest import parse_skill_manifest
from tank_core.names import SkillName

if TYPE_CHECKING:
    from tank_cli.client.blobs import BlobStore

_MAX_ENVELOPE_BYTES = 64 * 1024  # an attestation has about 3 kB
_PARALLEL = 16


class LockMismatchError(TankError):
    """The lock says something about a version that its attestation or its archive does not."""

    code = "lock-mismatch"
    exit_code = ExitCode.INTEGRITY


class Verifier:
    """Fetches and verifies what a lock names.

    Args:
        cache: where bytes and verifications stay.
        blobs: returns where bytes come from; not called when the cache has everything.
        keys: the registry's pinned keys, key id → PEM.
    """

    def __init__(self, cache: Cache, blobs: Callable[[], BlobStore], keys: Mapping[str, str]) -> None:
        self._cache = cache
        self._blobs = blobs
        self._keys = keys

    def unverified(self, skills: Mapping[SkillName, LockedSkill]) -> tuple[SkillName, ...]:
        """Returns the skills whose lines were not verified before, sorted."""
        return tuple(sorted(n for n, s in skills.items() if not self._cache.is_verified(self._facts(n, s))))

    def packages(
        self, skills: Mapping[SkillName, LockedSkill]
    ) -> Iterator[tuple[SkillName, tuple[ArchiveEntry, ...]]]:
        """Yields the verified files of each skill, in the order given; downloads run in parallel.

        Raises:
            LockMismatchError: lock-mismatch.
            AttestationError: attestation-refused.
            BlobMismatchError: blob-mismatch.
            BlobUnavailableError: blob-unavailable.
            ArchiveError: archive-…
        """
        with ThreadPoolExecutor(_PARALLEL) as pool:
            for name, data in zip(skills, pool.map(self._archive, skills, skills.values()), strict=True):
                yield name, self._verified(name, skills[name], data)

    def _archive(self, name: SkillName, skill: LockedSkill) -> bytes:
        # The size is the lock's word, and the whole archive is held in memory before anything is verified.
        DEFAULT_LIMITS.check_archive_size(skill.size_bytes)
        return self._bytes(
            skill.digest, skill.size_bytes, f"the archive of {name}@{skill.version}", skill.integrity
        )

    def _bytes(self, digest: str, max_bytes: int, what: str, archive_integrity: str = "") -> bytes:
        data = self._cache.blob(digest)
        if data is None:
            data = self._blobs().get(digest, max_bytes=max_bytes, what=what, integrity=archive_integrity)
            self._cache.add_blob(digest, data)
        return data

    def _verified(self, name: SkillName, skill: LockedSkill, data: bytes) -> tuple[ArchiveEntry, ...]:
        """Returns the files of an archive that everybody involved vouches for.

        1. The bytes have the lock's SHA-512; their SHA-256 was checked when they were read.
        2. They are a canonical archive, whose files have the lock's tree hash.
        3. A pinned key attests this name, this version and these bytes.
        4. The lock says of the version what the attestation says.
        5. The archive's own manifest is the attested one, and the lock agrees with it.
        """
        integrity.check_integrity(  # 1
            skill.integrity, integrity.sha512_integrity(data), f"the archive of {name}@{skill.version}"
        )
        entries = read_archive(data)  # 2
        problems = [_differs("tree_hash", skill.tree_hash, tree_hash(entries))]
        facts = self._facts(name, skill)
        if not self._cache.is_verified(facts):
            problems += self._against_attestation(name, skill, entries)
        found = tuple(problem for problem in problems if problem)
        if found:
            raise _mismatch(name, skill, found)
        self._cache.remember_verified(facts)
        return entries

    def _against_attestation(
        self, name: SkillName, skill: LockedSkill, entries: tuple[ArchiveEntry, ...]
    ) -> list[Problem | None]:
        from tank_core.attestation import verify_attestation  # loads cryptography: a warm install must not

        what = f"the attestation of {name}@{skill.version}"
        envelope = self._bytes(skill.attestations["registry"], _MAX_ENVELOPE_BYTES, what)
        summary = verify_attestation(  # 3
            envelope,
            self._keys,
            name=name,
            version=skill.version,
            digest=skill.digest,
            integrity=skill.integrity,
        )
        capabilities = integrity.sha256_digest(canonical.compact(skill.capabilities.to_json()))
        problems = [  # 4
            _differs("publisher", skill.publisher, summary.publisher),
            _differs("verdict", str(skill.verdict), str(summary.verdict)),
            _differs("audit_score", _score(skill.audit_score), _score(summary.score)),
            _differs("attestations.bundle", skill.attestations.get("bundle", ""), summary.bundle_digest),
            _differs("capabilities", capabilities, summary.capabilities_digest),
        ]
        return problems + _against_manifest(name, skill, entries, summary.manifest_digest)  # 5

    def _facts(self, name: SkillName, skill: LockedSkill) -> tuple[str, ...]:
        """Returns everything that a verification depended on."""
        return (
            "1",  # the version of the steps above: a new step makes every old answer worthless
            *sorted(self._keys),
            canonical.compact({str(name): skill.to_json()}).decode(),
        )


def _against_manifest(
    name: SkillName, skill: LockedSkill, entries: Iterable[ArchiveEntry], attested_digest: str
) -> list[Problem | None]:
    data = next((entry.data for entry in entries if entry.path == "skills.json"), b"")
    manifest = parse_skill_manifest(data)
    return [
        _differs("skills.json in the archive", integrity.sha256_digest(data), attested_digest),
        _differs("name", str(name), str(manifest.name)),
        _differs("version", str(skill.version), str(manifest.version)),
        _differs("dependencies", _ranges(skill.dependencies), _ranges(manifest.skills)),
    ]


def _score(value: float | None) -> str:
    return "unscanned" if value is None else f"{value:g}"  # 9 and 9.0 are one score


def _ranges(dependencies: Mapping[SkillName, object]) -> str:
    return ", ".join(f"{name} {version_range}" for name, version_range in sorted(dependencies.items()))


def _differs(what: str, locked: str, actual: str) -> Problem | None:
    if hmac.compare_digest(locked.encode(), actual.encode()):
        return None
    shown = f"The lock has {locked or 'nothing'}; verified is {actual or 'nothing'}."
    return Problem(what, shown, "Restore skills.lock, or remove it and run `tank install`.")


def _mismatch(name: SkillName, skill: LockedSkill, problems: tuple[Problem, ...]) -> LockMismatchError:
    return LockMismatchError(
        f"The lock is wrong about {name}@{skill.version}.",
        why="What the registry attests, and what the archive holds, is something else.",
        fix="Find out who changed skills.lock; restore it from version control.",
        problems=problems,
    )
