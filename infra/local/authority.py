"""Root and targets of an embedded registry: signed at the start, for as long as the offline keys lie here.

At the first start the keys are made in the data folder, because nobody was asked to
bring any. They belong somewhere else; from the day they are gone, a start that
needs a new signature refuses and says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chalicelib.adapters.tuf.metadata import epoch, p256_key
from chalicelib.adapters.tuf.writer import TufIndexWriter
from infra.ceremony.folder import Ceremony
from infra.ceremony.keys import OfflineSigner, PublicKey, new_key, signer_of
from infra.ceremony.roles import RoleKeys, RootPlan, plan_of, with_online_key
from infra.local.due import causes_for_targets, expiry_of
from infra.local.durable import make_folder, read_secret
from infra.local.folder import DataFolder
from tank_core import tuf_layout
from tank_core.errors import TankError

_ROOT_KEY, _TARGETS_KEY = "root.pem", "targets.pem"


class OfflineKeyMissingError(TankError):
    """Something changed that only an offline key may sign, and the key is not here."""

    code = "offline-key-missing"


def settle_authority(
    folder: DataFolder, writer: TufIndexWriter, contents: Mapping[str, bytes], *, now: int
) -> str:
    """Brings root and targets up to date, publishes them, and has the index signed under them.

    1. The first root, with new offline keys, if there is none.
    2. The next root, when the index key changed or half of the year is over.
    3. The next targets, when they would say something else, or half of the year is over.
    4. All of it to the index writer, which verifies it as a client would.

    Args:
        folder: the data folder.
        writer: of this registry.
        contents: target path → bytes: what the registry says of itself.
        now: epoch seconds.

    Returns:
        The fingerprint of the newest root, ``sha256:<hex>``, as ``tank trust`` pins it.

    Raises:
        CeremonyRefusedError: ``ceremony-refused``; the files are not those that were published.
        ExposedFileError: others may read an offline key.
        OfflineKeyMissingError: a signature is needed and its key is not here.
    """
    ceremony, online = Ceremony(folder.ceremony), p256_key(writer.online_key_pem())
    make_folder(folder.ceremony)
    # 1.
    root = ceremony.root()
    if root is None:
        ceremony.sign_root(
            _first_plan(folder, online),
            _signers(folder, _ROOT_KEY, "The first root", "there is none yet"),
            now=now,
        )
    # 2.
    elif plan_of(root).online != online or epoch(root.expires) - tuf_layout.ROOT_SECONDS // 2 <= now:
        is_same_key = plan_of(root).online == online
        cause = expiry_of("its signatures", root.expires) if is_same_key else "the index key changed"
        signers = _signers(folder, _ROOT_KEY, "A new root", cause)
        ceremony.sign_root(with_online_key(plan_of(root), online), signers, now=now)
    # 3.
    if _is_targets_due(ceremony, contents, online, now):
        causes = "; ".join(_causes(ceremony, contents, online, now)) or "what they list changed"
        signers = _signers(folder, _TARGETS_KEY, "New targets", causes)
        ceremony.sign_targets(contents, signers, now=now)
    # 4.
    writer.adopt(ceremony.files())
    return tuf_layout.root_fingerprint(ceremony.authority().root_bytes)


def _first_plan(folder: DataFolder, online: PublicKey) -> RootPlan:
    for each in (folder.keys, folder.offline_keys):
        make_folder(each)
    held = []
    for name in (_ROOT_KEY, _TARGETS_KEY):
        path = folder.offline_keys / name
        if not path.exists():
            new_key(path)
        held.append(RoleKeys((signer_of(read_secret(path)).public_key,)))
    return RootPlan(held[0], held[1], online)


def _is_targets_due(ceremony: Ceremony, contents: Mapping[str, bytes], online: PublicKey, now: int) -> bool:
    targets = ceremony.targets()
    if targets is None or targets.delegations is None:
        return True
    said = {target: ceremony.target(target) for target in targets.targets}
    is_delegated = targets.delegations.keys == {online.keyid: online}
    is_young = epoch(targets.expires) - tuf_layout.TARGETS_SECONDS // 2 > now
    return said != contents or not is_delegated or not is_young


def _causes(ceremony: Ceremony, contents: Mapping[str, bytes], online: PublicKey, now: int) -> Sequence[str]:
    targets = ceremony.targets()
    is_young = targets is None or epoch(targets.expires) - tuf_layout.TARGETS_SECONDS // 2 > now
    return tuple(causes_for_targets(ceremony, contents, online, is_young=is_young))


def _signers(folder: DataFolder, name: str, what: str, cause: str) -> Sequence[OfflineSigner]:
    path = folder.offline_keys / name
    if not path.exists():
        raise OfflineKeyMissingError(
            f"{what} must be signed, and the offline key is not here.",
            why=f"{cause[0].upper()}{cause[1:]}.",
            fix=f"Put {path} back for this start, or undo what changed; or sign with `python -m infra.ceremony` "
            "where the key is (docs/tuf-ceremony.md).",
        )
    return [signer_of(read_secret(path))]


def offline_keys_here(folder: DataFolder) -> bool:
    """Returns whether keys that belong on another machine lie in the data folder."""
    return any((folder.offline_keys / name).exists() for name in (_ROOT_KEY, _TARGETS_KEY))
