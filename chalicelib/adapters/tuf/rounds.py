"""Plans a round of the index writer: everything it will write, decided and signed before the first write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from securesystemslib.signer import Key
from tuf.api.metadata import MetaFile

from chalicelib.adapters.tuf.authority import Authority
from chalicelib.adapters.tuf.draft import (
    Changes,
    Draft,
    Listing,
    Noticed,
    changes_of,
    composed,
    signed_timestamp,
)
from chalicelib.adapters.tuf.metadata import meta_file, online_key
from chalicelib.adapters.tuf.view import IndexView, present_timestamp, read_bin, read_target, read_view
from chalicelib.ports.blobs import BlobStore
from chalicelib.ports.catalog import Catalog
from chalicelib.ports.index_state import IndexStanding, RetiredObject
from chalicelib.ports.signer import AttestationSigner
from tank_core import tuf_layout
from tank_core.notices import MAX_NOTICES_BYTES, parse_notices

EVERYTHING = "*"
_KEPT_SECONDS = 3600  # longer than any reader takes from the timestamp to the document that it leads to
_MOST_RETIRED = 600  # a burst of two hundred publishes; what it pushes out goes before its hour
_ROOT_ENDING = ".root.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a round is for; without anything, a new snapshot and what a crash left.

    Attributes:
        names: skills to write.
        is_rebuild: everything, from the catalog, and nothing from the object store.
        is_renewal: every bin is signed again as it is.
        is_timestamp_only: the snapshot stays.
        version_at_least: of everything that is written.
        authority: what a ceremony signed, to be built on.
    """

    names: frozenset[str] = frozenset()
    is_rebuild: bool = False
    is_renewal: bool = False
    is_timestamp_only: bool = False
    version_at_least: int = 0
    authority: Authority | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A planned round.

    Attributes:
        expected_revision: of the standing that the plan was made from.
        logged: the standing before the first object is written.
        ended: the standing after the last one.
        objects: URL path → bytes that never change, in the order of writing.
        roots: URL path → new roots, oldest first; empty when there is none.
        timestamp: what makes the rest visible.
        etag: of the timestamp that it replaces; None when there is none.
        is_redo: whether an earlier round did not end.
        is_rebuild: whether it writes everything, whatever the object store holds.
        overdue: URL paths that readers are no longer sent to.
    """

    expected_revision: int
    logged: IndexStanding
    ended: IndexStanding
    objects: Mapping[str, bytes]
    roots: Mapping[str, bytes]
    timestamp: bytes
    etag: str | None
    is_redo: bool
    is_rebuild: bool
    overdue: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Start:
    """What a round begins with: the standing, brought up to its authority, and what is to be done."""

    before: IndexStanding | None
    standing: IndexStanding
    names: tuple[str, ...]
    is_rebuild: bool
    etag: str | None
    view: IndexView | None
    listings: Mapping[str, Listing] = field(default_factory=dict)
    noticed: Noticed | None = None

    @property
    def expected_revision(self) -> int:
        """Of the standing that is replaced; 0 when there is none."""
        return self.before.revision if self.before else 0

    @property
    def is_redo(self) -> bool:
        """Whether an earlier round did not end."""
        return self.before is not None and bool(self.before.pending)


def plan_round(
    asked: Asked,
    before: IndexStanding | None,
    blobs: BlobStore,
    catalog: Catalog,
    signer: AttestationSigner,
    now: int,
) -> Round:
    """Returns the round: one signature per changed bin and two more, one alone for a timestamp.

    Args:
        asked: what it is for.
        before: the standing; None only when an authority is asked for.
        blobs: read only.
        catalog: read only.
        signer: the online key.
        now: epoch seconds.

    Raises:
        IndexTamperedError: ``index-tampered``.
        PortError: a store did not answer.
    """
    start = _start(asked, before, blobs, catalog, online_key(signer))
    changes = changes_of(catalog, start.names, start.listings, start.noticed)
    draft = _draft(asked, start, changes, signer, now)
    kept, overdue = retire(start.standing.retired, _replaced(start, changes, draft), draft.objects, now)
    authority = asked.authority.files if asked.authority else {}
    roots = {path: data for path, data in authority.items() if path.endswith(_ROOT_ENDING)}
    # Targets before the metadata that lists them: where that is, they are.
    others = {path: authority[path] for path in sorted(authority) if path not in roots}
    is_signed_anew = start.is_rebuild or asked.is_renewal
    logged = replace(
        start.standing,
        pending=draft.sha256_hex,
        unfinished=(EVERYTHING,) if start.is_rebuild else start.names,
        bins_signed_at=now if is_signed_anew else start.standing.bins_signed_at,
        retired=kept,
        current=start.view.sha256_hex if start.view else start.standing.current,
    )
    return Round(
        expected_revision=start.expected_revision,
        logged=logged,
        ended=replace(
            logged, revision=logged.revision + 1, current=draft.sha256_hex, pending="", unfinished=()
        ),
        objects={**others, **draft.objects},
        roots=dict(sorted(roots.items(), key=lambda item: (len(item[0]), item[0]))),
        timestamp=draft.timestamp,
        etag=start.etag,
        is_redo=start.is_redo,
        is_rebuild=start.is_rebuild,
        overdue=overdue,
    )


def retire(
    before: Iterable[RetiredObject], replaced: Iterable[str], written: Iterable[str], now: int
) -> tuple[tuple[RetiredObject, ...], tuple[str, ...]]:
    """Returns what waits for its deletion from now on, oldest first, and what is deleted now.

    Args:
        before: what waited so far, oldest first.
        replaced: URL paths that this round stops referring to.
        written: URL paths that this round refers to: none of them may go.
        now: epoch seconds.
    """
    needed, new = set(written), [RetiredObject(path, now) for path in sorted(replaced)]
    waiting = [old for old in (*before, *new) if old.key not in needed]
    kept = [old for old in waiting[-_MOST_RETIRED:] if old.at + _KEPT_SECONDS > now]
    return tuple(kept), tuple(old.key for old in waiting if old not in kept)


def _start(
    asked: Asked, before: IndexStanding | None, blobs: BlobStore, catalog: Catalog, key: Key
) -> _Start:
    standing = _brought_up(before, asked)
    unfinished = before.unfinished if before else ()
    is_rekeyed = before is not None and before.online_key != standing.online_key
    is_rebuild = asked.is_rebuild or is_rekeyed or not standing.current or EVERYTHING in unfinished
    view = None if is_rebuild else read_view(blobs, standing, key)
    names = tuple(sorted(asked.names.union(unfinished)))
    noticed = _noticed(blobs, view, key) if view and names else None
    if view is None or (noticed and noticed.is_first):  # an earlier release wrote no notices, so of nothing
        return _from_the_catalog(standing, before, blobs, catalog)
    roles = {tuf_layout.bin_of(tuf_layout.index_target(name)) for name in names}
    wanted = tuf_layout.every_bin() if asked.is_renewal else sorted(roles)
    return _Start(
        before=before,
        standing=standing,
        names=names,
        is_rebuild=False,
        etag=view.etag,
        view=view,
        listings={role: dict(read_bin(blobs, view, role, key).targets) for role in wanted},
        noticed=noticed,
    )


def _from_the_catalog(
    standing: IndexStanding, before: IndexStanding | None, blobs: BlobStore, catalog: Catalog
) -> _Start:
    """Returns the start of a round that writes everything, whatever the object store holds."""
    found = present_timestamp(blobs)
    return _Start(
        before=before,
        standing=standing,
        names=tuple(catalog.names()),
        is_rebuild=True,
        etag=found.etag if found else None,
        view=None,
        listings={role: {} for role in tuf_layout.every_bin()},
        noticed=Noticed(),
    )


def _noticed(blobs: BlobStore, view: IndexView, key: Key) -> Noticed:
    """Returns the published notices; without any, those of nothing."""
    listing = dict(read_bin(blobs, view, tuf_layout.bin_of(tuf_layout.NOTICES_TARGET), key).targets)
    found = listing.get(tuf_layout.NOTICES_TARGET)
    if found is None:
        return Noticed()
    return Noticed(parse_notices(read_target(blobs, found, MAX_NOTICES_BYTES)), listing)


def _brought_up(before: IndexStanding | None, asked: Asked) -> IndexStanding:
    """Returns the standing with the next revision and the authority that is asked for."""
    revision = max(before.revision + 1 if before else 1, asked.version_at_least)
    if asked.authority is None:
        if before is None:
            raise ValueError("there is no standing and no authority to begin one")
        return replace(before, revision=revision)
    authority = asked.authority
    begun = before or IndexStanding(revision, authority.root_file, authority.targets_file, "", 0)
    return replace(
        begun,
        revision=revision,
        root=authority.root_file,
        targets=authority.targets_file,
        online_key=authority.online_key_id,
        authority_expires_at=authority.expires_at,
    )


def _draft(asked: Asked, start: _Start, changes: Changes, signer: AttestationSigner, now: int) -> Draft:
    version, root = start.standing.revision, start.standing.root.version
    if asked.is_timestamp_only and not changes.bins and start.view is not None:
        meta = start.view.timestamp.snapshot_meta
        return Draft({}, signed_timestamp(meta, root=root, version=version, now=now, signer=signer))
    kept: Mapping[str, MetaFile] = start.view.snapshot.meta if start.view else {}
    targets = meta_file(start.standing.targets)
    return composed(changes, version=version, now=now, kept=kept, targets=targets, root=root, signer=signer)


def _replaced(start: _Start, changes: Changes, draft: Draft) -> list[str]:
    """Returns the URL paths that the round stops referring to."""
    if start.view is None or not draft.objects:
        return []
    meta = start.view.snapshot.meta
    bins = [tuf_layout.metadata_path(role, meta[f"{role}.json"].version) for role in changes.bins]
    snapshot = tuf_layout.metadata_path("snapshot", start.view.timestamp.snapshot_meta.version)
    return [*changes.retired, *bins, snapshot]
