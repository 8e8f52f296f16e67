"""The one writer of the signed index: each round is logged before it changes anything a reader sees.

A round:

1. The standing: what was written last, from the metadata store.
2. The view: what the object store holds, refused unless it is that.
3. The draft: index documents from the catalog; new bins, snapshot and timestamp, signed.
4. The log: the round's number, its timestamp's digest and its names, on condition that
   nobody else began one meanwhile.
5. Documents, bins and snapshot, under names that nothing refers to yet.
6. The timestamp, on condition that it is still the one that was read: readers see the round.
7. The log: the round ended.
8. Objects that readers stopped being sent to an hour ago are deleted.

A crash before 6 leaves readers where they were, one after 6 leaves them with the new
state; in both cases the next round knows from the log what was under way and does it
again. Between 6 and 7 the object store alone could still go back by that one round; the
next round then writes it again with a higher number, from the catalog.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from chalicelib.adapters.tuf.authority import Authority, read_authority, require_fit
from chalicelib.adapters.tuf.metadata import epoch, online_key, tampered
from chalicelib.adapters.tuf.rounds import Asked, Round, plan_round
from chalicelib.adapters.tuf.view import read_view
from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.catalog import Catalog
from chalicelib.ports.clock import Clock
from chalicelib.ports.errors import ConditionFailed, Missing, PortError, TooLarge
from chalicelib.ports.index_state import IndexStanding, IndexState
from chalicelib.ports.signer import AttestationSigner
from chalicelib.services import keys
from tank_core import tuf_layout
from tank_core.errors import ExitCode, TankError

_ATTEMPTS = 10  # each one more means that another writer finished a round in between
_HIGHEST_ASKED = 2**31 - 1  # whoever may ask for a rebuild must not exhaust the numbers
_JSON = "application/json"


class IndexUnsignedError(TankError):
    """The registry has no published root that names its index key, so no client would believe what it signs."""

    code = "index-key-unlisted"
    status = 503
    exit_code = ExitCode.INTEGRITY


class TufIndexWriter:
    """The ``IndexWriter`` port, and what operators do with the index."""

    def __init__(
        self,
        *,
        blobs: BlobStore,
        catalog: Catalog,
        state: IndexState,
        signer: AttestationSigner,
        clock: Clock,
    ) -> None:
        self._blobs = blobs
        self._catalog = catalog
        self._state = state
        self._signer = signer
        self._clock = clock
        self._lock = threading.Lock()

    def write(self, names: Sequence[str]) -> None:
        """See ``IndexWriter.write``; three signatures for one skill.

        Raises:
            IndexTamperedError: ``index-tampered``.
            IndexUnsignedError: ``index-key-unlisted``.
        """
        if names:
            self._run(self._standing, Asked(names=frozenset(names)))

    def rebuild(self, *, at_least: int = 0) -> None:
        """Writes the whole index from the catalog, whatever the object store holds: after a tampering or a loss.

        Args:
            at_least: no version below it; for a metadata store that came back from a
                backup, more than any client has seen.

        Raises:
            IndexUnsignedError: ``index-key-unlisted``.
            PortError: as ``write``.
            ValueError: ``at_least`` is not from 0 to 2³¹ - 1.
        """
        if not 0 <= at_least <= _HIGHEST_ASKED:
            raise ValueError("a version to begin from is a number from 0 to 2147483647")
        self._run(self._standing, Asked(is_rebuild=True, version_at_least=at_least))

    def adopt(self, files: Mapping[str, bytes]) -> bool:
        """Publishes what a ceremony signed and builds on it from now on.

        Args:
            files: URL path below the registry's base → bytes, as ``infra.ceremony`` leaves them.

        Returns:
            False when it was published already.

        Raises:
            CeremonyRefusedError: ``ceremony-refused``; older than the accepted one, too.
            IndexTamperedError: ``index-tampered``.
            PortError: as ``write``.
        """
        standing = self._state.read()
        authority = read_authority(files, known=standing)
        require_fit(authority, online_key(self._signer), now=self._clock.now())
        if standing is not None and standing.current and self._is_published(authority, standing):
            return False
        self._run(self._state.read, Asked(authority=authority))
        return True

    def resign(self) -> bool:
        """Signs again what has passed half of its life, and finishes what a crash left.

        Returns:
            Whether it wrote anything.

        Raises:
            IndexTamperedError: ``index-tampered``.
            IndexUnsignedError: ``index-key-unlisted``.
            PortError: as ``write``.
        """
        due = self._due()
        if due is not None:
            self._run(self._standing, due)
        return due is not None

    def online_key_pem(self) -> str:
        """Returns the public half of the key that signs the index: what a root has to name."""
        return self._signer.public_key_pem()

    def authority_expires_at(self) -> int:
        """Returns when the first of root and targets expires: before then people must sign again."""
        return self._standing().authority_expires_at

    def _due(self) -> Asked | None:
        standing, now = self._standing(), self._clock.now()
        if not standing.current or standing.pending:
            return Asked()
        view = read_view(self._blobs, standing, online_key(self._signer))
        if standing.bins_signed_at + tuf_layout.BIN_SECONDS // 2 <= now:
            return Asked(is_renewal=True)
        if epoch(view.snapshot.expires) - tuf_layout.SNAPSHOT_SECONDS // 2 <= now:
            return Asked()
        if epoch(view.timestamp.expires) - tuf_layout.TIMESTAMP_SECONDS // 2 <= now:
            return Asked(is_timestamp_only=True)
        return None

    def _standing(self) -> IndexStanding:
        standing = self._state.read()
        if standing is None:
            raise _unlisted("No root was published for it yet.")
        if standing.online_key != online_key(self._signer).keyid:
            raise _unlisted("Its index key is not the one that the published root names.")
        return standing

    def _is_published(self, authority: Authority, standing: IndexStanding) -> bool:
        accepted = (standing.root, standing.targets) == (authority.root_file, authority.targets_file)
        if not accepted or not all(self._blobs.head(keys.PUBLIC + path) for path in authority.files):
            return False
        try:
            newest = self._blobs.get(
                keys.PUBLIC + tuf_layout.NEWEST_ROOT, max_bytes=tuf_layout.MAX_ROOT_BYTES
            )
        except (Missing, PortError):
            return False
        return newest == authority.root_bytes

    def _run(self, standing: Callable[[], IndexStanding | None], asked: Asked) -> None:
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    # 1. to 3. Plan; nothing is written.
                    planned = plan_round(
                        asked, standing(), self._blobs, self._catalog, self._signer, self._clock.now()
                    )
                    return self._carry_out(planned)
                except ConditionFailed:
                    continue
        raise PortError("the index kept changing under its writer")

    def _carry_out(self, planned: Round) -> None:
        # 4. The log: from here on, the next round knows of this one.
        self._state.write(planned.logged, expected_revision=planned.expected_revision)
        # 5. What nothing refers to yet.
        for path, data in planned.objects.items():
            self._put_once(path, data, is_rebuild=planned.is_rebuild)
        # 6. What makes it visible.
        if planned.roots:
            self._put_roots(planned.roots)
        elif planned.is_redo:
            self._require_authority(planned.logged)
        self._put(tuf_layout.TIMESTAMP, planned.timestamp, if_match=planned.etag, if_absent=not planned.etag)
        # 7. The log: the round ended.
        self._state.write(planned.ended, expected_revision=planned.logged.revision)
        # 8. What nobody is sent to any more.
        for path in planned.overdue:
            self._blobs.delete(keys.PUBLIC + path)

    def _put_roots(self, roots: Mapping[str, bytes]) -> None:
        for path, data in roots.items():
            self._put_once(path, data)
        *_, newest = roots.values()
        self._put(tuf_layout.NEWEST_ROOT, newest)

    def _require_authority(self, standing: IndexStanding) -> None:
        """A round that a crash left may have been the one that brought root and targets."""
        for role, file in (("targets", standing.targets), ("root", standing.root)):
            path = tuf_layout.metadata_path(role, file.version)
            if self._blobs.head(keys.PUBLIC + path) is None:
                raise _unlisted(f"{path} is not in the object store.")

    def _put_once(self, path: str, data: bytes, *, is_rebuild: bool = False) -> None:
        """Stores bytes under a name that never changes; a repetition finds its own bytes.

        Others under that name are what a rebuild is for: it writes over them.
        """
        key = keys.PUBLIC + path
        try:
            self._blobs.put(key, data, content_type=_JSON, cache_control=keys.IMMUTABLE, if_absent=True)
        except ConditionFailed:
            if self._holds(key, data):
                return
            if not is_rebuild:
                raise tampered(f"{path} is there already, with other bytes.") from None
            self._blobs.put(key, data, content_type=_JSON, cache_control=keys.IMMUTABLE)

    def _holds(self, key: str, data: bytes) -> bool:
        try:
            return self._blobs.get(key, max_bytes=len(data)) == data
        except TooLarge:
            return False

    def _put(self, path: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> None:
        self._blobs.put(
            keys.PUBLIC + path,
            data,
            content_type=_JSON,
            cache_control=keys.REVALIDATE,
            if_match=if_match,
            if_absent=if_absent,
        )


def _unlisted(why: str) -> IndexUnsignedError:
    return IndexUnsignedError(
        "The registry cannot sign its index.",
        why=why,
        fix="Sign a root that names the index key and publish it: docs/tuf-ceremony.md.",
    )
