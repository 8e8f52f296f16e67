"""Single TUF files: bytes to metadata, metadata to signed bytes.

Source: TUF specification 1.0.31, section 4 (file formats).
"""

from __future__ import annotations

import base64
import hashlib
import textwrap
from datetime import UTC, datetime
from typing import Any, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.signer import Key, Signature, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization import DeserializationError
from tuf.api.serialization.json import JSONSerializer

from chalicelib.ports.index_state import TrustedFile
from chalicelib.ports.signer import AttestationSigner
from tank_core.errors import ExitCode, TankError

S = TypeVar("S", Root, Timestamp, Snapshot, Targets)
_COMPACT = JSONSerializer(compact=True)
_PEM_BEGIN, _PEM_END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"


class IndexTamperedError(TankError):
    """The object store does not hold what the index writer wrote last; the writer extends and signs none of it."""

    code = "index-tampered"
    status = 503
    exit_code = ExitCode.INTEGRITY


def tampered(why: str) -> IndexTamperedError:
    """Returns the refusal to go on from what the object store holds."""
    return IndexTamperedError(
        "The registry's index in the object store is not the one that was written last.",
        why=why,
        fix="Find out who wrote to the object store, then rebuild the index from the catalog: docs/tuf-ceremony.md.",
    )


def p256_key(pem: str) -> SSlibKey:
    """Returns a public P-256 key as a TUF key; its id is the digest of its DER form.

    Args:
        pem: SubjectPublicKeyInfo, whatever its line breaks: one key has one spelling here.

    Raises:
        ValueError: it is no PEM.
    """
    lines = pem.strip().splitlines()
    if len(lines) < 3 or (lines[0], lines[-1]) != (_PEM_BEGIN, _PEM_END):
        raise ValueError("not a PEM public key")
    der = base64.b64decode("".join(lines[1:-1]), validate=True)
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode("ascii"), 64))
    spelt = f"{_PEM_BEGIN}\n{body}\n{_PEM_END}\n"
    return SSlibKey(hashlib.sha256(der).hexdigest(), "ecdsa", "ecdsa-sha2-nistp256", {"public": spelt})


def material_of(key: Key) -> bytes:
    """Returns what makes a public key that key, whatever id and spelling metadata gives it.

    Raises:
        ValueError: it is none that TUF clients verify with here.
    """
    public = str(key.keyval["public"])
    if key.keytype == "ed25519":
        return bytes.fromhex(public)
    loaded = load_pem_public_key(public.encode())
    return loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def online_key(signer: AttestationSigner) -> SSlibKey:
    """Returns the public half of the key that signs the index."""
    return p256_key(signer.public_key_pem())


def signed_online(signed: Timestamp | Snapshot | Targets, signer: AttestationSigner) -> bytes:
    """Returns a metadata file with the one signature of the online key; costs one signature."""
    metadata: Metadata[Any] = Metadata(signed)
    key_id = online_key(signer).keyid
    metadata.signatures[key_id] = Signature(key_id, signer.sign(metadata.signed_bytes).hex())
    return metadata.to_bytes(_COMPACT)


def parsed(kind: type[S], data: bytes, *, what: str) -> Metadata[S]:
    """Returns a metadata file of one kind, unverified.

    Raises:
        IndexTamperedError: ``index-tampered``; it is no such file.
    """
    try:
        metadata: Metadata[S] = Metadata.from_bytes(data)
    except (DeserializationError, RepositoryError, ValueError) as exc:
        raise tampered(f"{what} is no TUF metadata.") from exc
    if metadata.signed.type != kind.type:
        raise tampered(f"{what} is metadata of another kind.")
    return metadata


def verified_online(kind: type[S], data: bytes, key: Key, *, what: str) -> S:
    """Returns what the online key signed.

    Raises:
        IndexTamperedError: ``index-tampered``; another kind, or no signature of that key.
    """
    metadata = parsed(kind, data, what=what)
    signature = metadata.signatures.get(key.keyid)
    if signature is None:
        raise tampered(f"{what} has no signature of the index key.")
    try:
        key.verify_signature(signature, metadata.signed_bytes)
    except Exception as exc:  # whatever a verification raises, it did not verify
        raise tampered(f"{what} has a signature that the index key did not make.") from exc
    return metadata.signed


def trusted_file(version: int, data: bytes) -> TrustedFile:
    """Returns how a file is referred to: version, size and digest."""
    return TrustedFile(version, len(data), hashlib.sha256(data).hexdigest())


def meta_file(file: TrustedFile) -> MetaFile:
    """Returns the same in TUF's own form."""
    return MetaFile(file.version, file.size_bytes, {"sha256": file.sha256_hex})


def moment(epoch_seconds: int) -> datetime:
    """Returns a time as TUF wants it."""
    return datetime.fromtimestamp(epoch_seconds, tz=UTC)


def epoch(when: datetime) -> int:
    """Returns a TUF time in seconds since the epoch."""
    return int(when.timestamp())
