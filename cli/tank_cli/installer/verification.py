"""From a line of the lock to files that may be installed.

The registry's attestation, signed with a key that its root vouches for, makes the
lock's words true: a lock can come from anybody who can change a project. The publisher's
own signature, where there is one, is what makes the registry's word about it true.
What was once verified is remembered by everything that the answer depended on, so
that a repeated install asks for no signature and no network.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tank_cli.cache import Cache
from tank_cli.installer.anchors import Anchors
from tank_cli.installer.package import Package
from tank_cli.store import COPY, TreeStore
from tank_core import canonical, integrity
from tank_core.errors import ExitCode, Problem, TankError
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName

if TYPE_CHECKING:
    from tank_cli.client.blobs import BlobStore
    from tank_cli.client.connection import Connection
    from tank_cli.installer.bundle_process import BundleProcess
    from tank_core.archive import ArchiveEntry

_MAX_ENVELOPE_BYTES = 64 * 1024  # an attestation has about 3 kB, with a signature 5 kB
_MAX_BUNDLE_BYTES = 256 * 1024  # as tank_core.bundle, which a warm install must not load
_PARALLEL = 32  # as many as there may be connections


class LockMismatchError(TankError):
    """The lock says something about a version that its attestation or its archive does not."""

    code = "lock-mismatch"
    exit_code = ExitCode.INTEGRITY


class Verifier:
    """Fetches and verifies what a lock names.

    Args:
        cache: where bytes and verifications stay.
        blobs: returns where bytes come from; not called when the cache has everything.
        anchors: what is believed: the registry's keys, and the root of its Sigstore.
        renewed: fetches the anchors anew; asked at most once, when something is refused that a
            rotated key or root may have signed.
        remembers: False verifies everything again, whatever was verified before.
        store: where unpacked packages stay; by default nowhere.
        beside: verifies bundles while others are downloaded; None verifies all of them here.
    """

    def __init__(
        self,
        cache: Cache,
        blobs: Callable[[], BlobStore],
        anchors: Anchors,
        *,
        renewed: Callable[[], Anchors] | None = None,
        remembers: bool = True,
        store: TreeStore | None = None,
        beside: BundleProcess | None = None,
    ) -> None:
        self._cache = cache
        self._blobs = blobs
        self._anchors = anchors
        self._renewed = renewed
        self._remembers = remembers
        self._beside = beside
        self._lines: dict[
            SkillName, tuple[LockedSkill, str]
        ] = {}  # the line last asked about, and its canonical form
        self._ahead: dict[str, bytes] = {}  # by digest: what was just fetched, and is not read a second time
        self._found_verified: dict[SkillName, LockedSkill] = {}  # by these anchors, in this run
        self._store = store or TreeStore(Path(), COPY)

    @classmethod
    def of(
        cls,
        connection: Connection,
        *,
        told: Callable[[int], None] | None = None,
        remembers: bool = True,
        store: TreeStore | None = None,
        beside: BundleProcess | None = None,
    ) -> Verifier:
        """Returns the verifier of what one registry gives out, by the anchors that hold now.

        Args:
            connection: to the registry.
            told: called with the size of each piece that is downloaded, in bytes.
            remembers: as above; ``store`` and ``beside`` as well.

        Raises:
            UntrustedRegistryError: untrusted-registry.
        """
        return cls(
            connection.cache,
            partial(connection.blobs, told),
            Anchors.of(connection),
            renewed=partial(Anchors.newest, connection),
            remembers=remembers,
            store=store,
            beside=beside,
        )

    def verify(self, skills: Mapping[SkillName, LockedSkill]) -> None:
        """Verifies every skill, and installs none.

        Raises:
            TankError: as ``packages``.
        """
        for _ in self.packages(skills):
            pass  # each is verified as it comes

    def unverified(self, skills: Mapping[SkillName, LockedSkill]) -> tuple[SkillName, ...]:
        """Returns the skills whose lines were not verified before, sorted."""
        return tuple(sorted(name for name, skill in skills.items() if not self._is_verified(name, skill)))

    def packages(self, skills: Mapping[SkillName, LockedSkill]) -> Iterator[tuple[SkillName, Package]]:
        """Yields each skill's verified package, in the order given; downloads run in parallel.

        What was verified before and lies unpacked in the store is taken from there: its tree hash, over
        every byte, is one of the facts that were verified. All others come from their archives.

        Raises:
            LockMismatchError: lock-mismatch.
            AttestationError: attestation-refused.
            BundleRefusedError: bundle-refused.
            ProvenanceError: provenance-mismatch.
            SignatureMismatchError: signature-mismatch.
            NoTrustedRootError: no-trusted-root.
            BlobMismatchError: blob-mismatch.
            BlobUnavailableError: blob-unavailable; what is expected is missing.
            NetworkError: network-error; it is not in the cache either.
            ArchiveError: archive-…
        """
        stored = {name: package for name, skill in skills.items() if (package := self._stored(name, skill))}
        packed = {name: skill for name, skill in skills.items() if name not in stored}
        unpacked = self._unpacked(packed)
        for name in skills:
            yield name, stored.get(name) or next(unpacked)

    def entries(self, name: SkillName, skill: LockedSkill) -> tuple[ArchiveEntry, ...]:
        """Returns the verified files of one archive, for who wants to read and not to install them.

        Raises:
            TankError: as ``packages``.
        """
        from tank_core.archive import read_archive

        data = self._fetched(name, skill)
        self._verified(name, skill, data)
        return read_archive(data)

    def _stored(self, name: SkillName, skill: LockedSkill) -> Package | None:
        if not (self._store.keeps and self._is_verified(name, skill)):
            return None
        return Package.stored(self._store, skill.tree_hash, partial(self.entries, name, skill))

    def _unpacked(self, skills: Mapping[SkillName, LockedSkill]) -> Iterator[Package]:
        if not skills:
            return
        from concurrent.futures import ThreadPoolExecutor  # a warm install has nothing to wait for

        with ThreadPoolExecutor(_PARALLEL) as pool:
            for name, data in zip(skills, pool.map(self._fetched, skills, skills.values()), strict=True):
                yield self._verified(name, skills[name], data)

    def _fetched(self, name: SkillName, skill: LockedSkill) -> bytes:
        """Returns the archive; what else its verification will read is then in the cache."""
        from tank_core.archive import DEFAULT_LIMITS

        # The size is the lock's word, and the whole archive is held in memory before anything is verified.
        DEFAULT_LIMITS.check_archive_size(skill.size_bytes)
        what = f"the archive of {name}@{skill.version}"
        data = self._bytes(skill.digest, skill.size_bytes, what, skill.integrity)
        if not self._is_verified(name, skill):
            self._ahead[skill.attestations["registry"]] = self._envelope(name, skill)
            self._prefetch_bundle(name, skill)
        return data

    def _prefetch_bundle(self, name: SkillName, skill: LockedSkill) -> None:
        digest = skill.attestations.get("bundle")
        # Which bundle it is, is so far the lock's word. Whatever is wrong with it comes up again, and
        # with its reason, when the lock is compared with the attestation.
        with contextlib.suppress(TankError):
            if digest:
                bundle = self._ahead[digest] = self._bundle(name, skill, digest)
                if self._beside:
                    self._beside.submit(bundle)

    def _bytes(self, digest: str, max_bytes: int, what: str, archive_integrity: str = "") -> bytes:
        return self._ahead.pop(digest, None) or self._cache.blob_or(
            digest, lambda: self._downloaded(digest, max_bytes, what, archive_integrity)
        )

    def _downloaded(self, digest: str, max_bytes: int, what: str, archive_integrity: str) -> bytes:
        from tank_cli.client.transport import NetworkError

        try:
            return self._blobs().get(digest, max_bytes=max_bytes, what=what, integrity=archive_integrity)
        except NetworkError as error:
            raise NetworkError(
                f"{what[0].upper()}{what[1:]} is not in the cache, and could not be fetched.",
                why=error.what,
                fix=error.fix,
            ) from error

    def _verified(self, name: SkillName, skill: LockedSkill, data: bytes) -> Package:
        """Returns the package of an archive that everybody involved vouches for.

        1. The bytes have the lock's SHA-512; their SHA-256 was checked when they were read.
        2. They are a canonical archive, whose files have the lock's tree hash.
        3. A key that the pinned root vouches for attests this name, this version and these bytes.
        4. The lock says of the version what the attestation says.
        5. The archive's own manifest is the attested one, and the lock agrees with it.
        6. Where a bundle is attested, the publisher's signature is good and says what is
           attested and locked (``signatures.check_signature``).
        """
        from tank_core.archive import read_archive  # what comes from the store is unpacked

        integrity.check_integrity(  # 1
            skill.integrity, integrity.sha512_integrity(data), f"the archive of {name}@{skill.version}"
        )
        entries = read_archive(data)  # 2
        package = Package.unpacked(entries)
        problems = [_differs("tree_hash", skill.tree_hash, package.tree_hash)]
        if not self._is_verified(name, skill):
            problems += self._against_attestation(name, skill, entries)
        found = tuple(problem for problem in problems if problem)
        if found:
            raise _mismatch(name, skill, found)
        self._cache.remember_verified(self._facts(name, skill))
        return package.kept(self._store, entries, partial(self.entries, name, skill))

    def _against_attestation(
        self, name: SkillName, skill: LockedSkill, entries: tuple[ArchiveEntry, ...]
    ) -> list[Problem | None]:
        """Returns what the lock has wrong; with newer anchors, if that is what a refusal was about."""
        from tank_core.attestation import AttestationError  # loads cryptography: a warm install must not
        from tank_core.bundle import BundleRefusedError

        try:
            return self._differences(name, skill, entries)
        except (AttestationError, BundleRefusedError):
            if not self._renew():
                raise
            return self._differences(name, skill, entries)

    def _renew(self) -> bool:
        """Fetches the anchors anew, once; returns whether they changed. Offline the refusal stands."""
        from tank_cli.client.transport import NetworkError

        if self._renewed is None:
            return False
        before, fetch = self._anchors, self._renewed
        self._renewed = None
        with contextlib.suppress(NetworkError):
            self._anchors = fetch()
            self._found_verified.clear()
        return self._anchors != before

    def _differences(
        self, name: SkillName, skill: LockedSkill, entries: tuple[ArchiveEntry, ...]
    ) -> list[Problem | None]:
        from tank_cli.installer.signatures import check_signature
        from tank_core.attestation import verify_attestation

        summary = verify_attestation(  # 3
            self._envelope(name, skill),
            self._anchors.keys,
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
        problems += _against_manifest(name, skill, entries, summary.manifest_digest)  # 5
        if not any(problems) and summary.bundle_digest:  # 6
            bundle = self._bundle(name, skill, summary.bundle_digest)
            root = self._anchors.trusted_root
            known = self._beside.result(bundle, root) if self._beside and root is not None else None
            check_signature(name, skill, summary, bundle, root, known=known)
        return problems

    def _envelope(self, name: SkillName, skill: LockedSkill) -> bytes:
        what = f"the attestation of {name}@{skill.version}"
        return self._bytes(skill.attestations["registry"], _MAX_ENVELOPE_BYTES, what)

    def _bundle(self, name: SkillName, skill: LockedSkill, digest: str) -> bytes:
        what = f"the publisher's signature of {name}@{skill.version}"
        return self._bytes(digest, _MAX_BUNDLE_BYTES, what)

    def _is_verified(self, name: SkillName, skill: LockedSkill) -> bool:
        if not self._remembers:
            return False
        if self._found_verified.get(name) is skill:
            return True
        is_verified = self._cache.is_verified(self._facts(name, skill))
        if is_verified:
            self._found_verified[name] = skill
        return is_verified

    def _facts(self, name: SkillName, skill: LockedSkill) -> tuple[str, ...]:
        """Returns everything that a verification depended on."""
        known, line = self._lines.get(name, (None, ""))
        if known is not skill:
            line = canonical.compact({str(name): skill.to_json()}).decode()
            self._lines[name] = skill, line
        return (
            "2",  # the version of the steps above: a new step makes every old answer worthless
            *self._anchors.facts(is_signed="bundle" in skill.attestations),
            line,
        )


def _against_manifest(
    name: SkillName, skill: LockedSkill, entries: Iterable[ArchiveEntry], attested_digest: str
) -> list[Problem | None]:
    from tank_core.manifest import parse_skill_manifest

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
