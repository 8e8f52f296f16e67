"""A skill version as OCI documents: which manifests and blobs, byte for byte.

Pure: gives the bytes that an artifact registry or an image layout must hold, so
that both hold the same ones. There is no timestamp and no random value, so the
same archive and annotations always make the same digest. Leaves out how bytes
travel (``adapters.oci``) and where they lie (``infra.local.oci_layout``).

What hangs on the artifact is annotated as cosign and oras expect: what a bundle
holds, and a file name for ``oras pull``. The annotations stand in the referrer's
manifest and again in the fallback index, because a registry copies them into the
index that it makes itself, and nobody copies them into the other one.

Source: OCI image-spec 1.1, "Guidelines for Artifact Usage" and manifest.md;
distribution-spec 1.1, "Referrers Tag Schema"; cosign, specs/BUNDLE_SPEC.md.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from tank_core.errors import ExitCode, TankError

SKILL_ARTIFACT = "application/vnd.tank.skill.v1+json"
ARCHIVE_LAYER = "application/vnd.tank.skill.archive.v1.tar+gzip"
IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
IMAGE_INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY_CONFIG = "application/vnd.oci.empty.v1+json"
TITLE = "org.opencontainers.image.title"
REF_NAME = "org.opencontainers.image.ref.name"  # the tag of an entry in an image layout
VERSION = "org.opencontainers.image.version"
CREATED = "org.opencontainers.image.created"
ATTESTATION = "application/vnd.dsse.envelope.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
BUNDLE_CONTENT = "dev.sigstore.bundle.content"
BUNDLE_PREDICATE = "dev.sigstore.bundle.predicateType"
PREDICATE = "in-toto.io/predicate-type"  # of an attestation that is no bundle, as BuildKit names it
ARCHIVE_TITLE = "skill.tgz"  # the file name that ``oras pull`` gives the layer
MAX_INDEX_BYTES = 4 * 1024 * 1024  # the largest manifest that registries accept

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


class InvalidOciIndexError(TankError):
    """A stored referrers index is not one, so adding to it would lose what it held."""

    code = "invalid-oci-index"
    status = 502
    exit_code = ExitCode.NETWORK


@dataclass(frozen=True, slots=True)
class Descriptor:
    """An OCI content descriptor.

    Attributes:
        digest: ``sha256:<hex>`` of the bytes.
        artifact_type: of the manifest described, in an index; else empty.
    """

    media_type: str
    digest: str
    size_bytes: int
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Returns the descriptor as a JSON object, without empty members."""
        value: dict[str, object] = {
            "mediaType": self.media_type,
            "digest": self.digest,
            "size": self.size_bytes,
        }
        if self.artifact_type:
            value["artifactType"] = self.artifact_type
        if self.annotations:
            value["annotations"] = dict(self.annotations)
        return value


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes and the descriptor that names them."""

    descriptor: Descriptor
    data: bytes


@dataclass(frozen=True, slots=True)
class Referrer:
    """A document that hangs on the artifact: SBOM, attestation or bundle.

    Attributes:
        annotations: of the manifest that names it, and of its entry in the referrers index.
        title: the file name that ``oras pull`` gives it; "" for none.
    """

    artifact_type: str
    media_type: str
    data: bytes
    annotations: Mapping[str, str] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class ArtifactDocuments:
    """Everything that has to be stored for one version, in the order it has to be.

    Attributes:
        blobs: the archive, the empty config and the referrers' documents, sorted by digest.
        manifest: the artifact's image manifest, to be tagged with the version.
        referrers: manifests whose ``subject`` is the artifact, sorted by digest.
    """

    blobs: tuple[Content, ...]
    manifest: Content
    referrers: tuple[Content, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """What a stored manifest or index points at; digests are ``sha256:<hex>``.

    Attributes:
        subject: the manifest that it hangs on, or empty.
        layers: its layers, in their order.
        manifests: those that it lists.
        held: everything that it cannot be read without: config, layers, manifests.
        tag: the tag of the version that its annotations name, or empty.
            Others than Tank write annotations as well, and not every version is one.
    """

    subject: str
    layers: tuple[str, ...]
    manifests: frozenset[str]
    held: frozenset[str]
    tag: str


def content(
    media_type: str, data: bytes, *, artifact_type: str = "", annotations: Mapping[str, str] | None = None
) -> Content:
    """Returns bytes with their descriptor."""
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Content(Descriptor(media_type, digest, len(data), artifact_type, annotations or {}), data)


def bundle_referrer(bundle: bytes, *, predicate_type: str, signed_at: int) -> Referrer:
    """Returns a publisher's Sigstore bundle as cosign stores and finds one.

    Args:
        predicate_type: of the in-toto statement that it holds.
        signed_at: seconds since the Unix epoch, from the bundle itself: pushed again, it is the same.
    """
    created = datetime.fromtimestamp(signed_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    annotations = {BUNDLE_CONTENT: "dsse-envelope", BUNDLE_PREDICATE: predicate_type, CREATED: created}
    title = f"sha256-{hashlib.sha256(bundle).hexdigest()}.sigstore.json"
    return Referrer(BUNDLE, BUNDLE, bundle, annotations, title)


def attestation_referrer(envelope: bytes, *, predicate_type: str) -> Referrer:
    """Returns the registry's DSSE envelope as a referrer."""
    return Referrer(ATTESTATION, ATTESTATION, envelope, {PREDICATE: predicate_type}, "attestation.dsse.json")


def sbom_referrer(sbom: bytes, *, media_type: str) -> Referrer:
    """Returns the SBOM as a referrer."""
    return Referrer(media_type, media_type, sbom, title="sbom.cdx.json")


def artifact_documents(
    archive: bytes, annotations: Mapping[str, str], referrers: Iterable[Referrer]
) -> ArtifactDocuments:
    """Returns the documents of one skill version.

    Args:
        archive: the package archive, as published.
        annotations: OCI annotation keys and values of the manifest.
        referrers: what hangs on it, in any order.
    """
    config = content(EMPTY_CONFIG, b"{}")
    layer = content(ARCHIVE_LAYER, archive)
    manifest = _manifest(SKILL_ARTIFACT, config, layer, ARCHIVE_TITLE, annotations=annotations)
    blobs = {c.descriptor.digest: c for c in (config, layer)}
    hanging: dict[str, Content] = {}
    for hung in referrers:
        documents, referrer = hung_documents(manifest.data, hung)
        blobs |= {c.descriptor.digest: c for c in documents}
        hanging[referrer.descriptor.digest] = referrer
    return ArtifactDocuments(
        tuple(blobs[digest] for digest in sorted(blobs)),
        manifest,
        tuple(hanging[digest] for digest in sorted(hanging)),
    )


def hung_documents(subject: bytes, hung: Referrer) -> tuple[tuple[Content, ...], Content]:
    """Returns the blobs and the manifest that hang a document on an artifact, whose stored manifest is ``subject``."""
    config, document = content(EMPTY_CONFIG, b"{}"), content(hung.media_type, hung.data)
    manifest = _manifest(
        hung.artifact_type,
        config,
        document,
        hung.title,
        annotations=hung.annotations,
        subject=content(IMAGE_MANIFEST, subject).descriptor,
    )
    return (config, document), manifest


def _manifest(
    artifact_type: str,
    config: Content,
    layer: Content,
    title: str,
    *,
    annotations: Mapping[str, str] | None = None,
    subject: Descriptor | None = None,
) -> Content:
    layer_value = layer.descriptor.to_json()
    if title:
        layer_value["annotations"] = {TITLE: title}
    value: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": IMAGE_MANIFEST,
        "artifactType": artifact_type,
        "config": config.descriptor.to_json(),
        "layers": [layer_value],
    }
    if annotations:
        value["annotations"] = dict(annotations)
    if subject:
        # The artifact type belongs to the index entry, not to the subject's descriptor.
        value["subject"] = Descriptor(subject.media_type, subject.digest, subject.size_bytes).to_json()
    listed = annotations if subject else None  # an index of referrers tells them apart by these
    return content(IMAGE_MANIFEST, _canonical(value), artifact_type=artifact_type, annotations=listed)


def tag_of(version: str) -> str:
    """Returns the tag of a semantic version: ``+`` is not allowed in tags and becomes ``_``.

    Raises:
        ValueError: the version is too long for a tag, or not a version at all.
    """
    tag = version.replace("+", "_")
    if not _TAG.fullmatch(tag):
        raise ValueError(f"no OCI tag for version {version!r}")
    return tag


def referrers_tag(digest: str) -> str:
    """Returns the tag of a manifest's referrers index: ``sha256-<hex>``."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"not a sha256 digest: {digest!r}")
    return digest.replace(":", "-")


def merged_index(present: bytes | None, additions: Iterable[Descriptor]) -> bytes:
    """Returns an image index with what it held and the additions, sorted by digest.

    Merging the same additions again gives the same bytes, so a repeated push
    changes nothing; a writer who finds other bytes than it read merges anew.

    Args:
        present: the index as stored, or None when there is none yet.
        additions: descriptors of manifests.

    Raises:
        InvalidOciIndexError: ``present`` is not an image index ("invalid-oci-index").
    """
    entries = _entries(present)
    entries |= {_identity(d.to_json()): d.to_json() for d in additions}
    return _index(entries)


def retagged_index(present: bytes | None, target: Descriptor, tag: str) -> bytes:
    """Returns an image layout's index in which this tag names the target and nothing else.

    Raises:
        InvalidOciIndexError: ``present`` is not an image index ("invalid-oci-index").
    """
    entries = {key: entry for key, entry in _entries(present).items() if key[1] != tag}
    named = replace(target, annotations={**target.annotations, REF_NAME: tag}).to_json()
    entries[_identity(named)] = named
    return _index(entries)


def tagged_digest(index: bytes, tag: str) -> str | None:
    """Returns the digest that a tag names in an image layout's index, or None.

    Raises:
        InvalidOciIndexError: the bytes are not an image index ("invalid-oci-index").
    """
    return next((digest for digest, name in sorted(_entries(index)) if name == tag), None)


def pruned_index(present: bytes, digests: Collection[str]) -> bytes:
    """Returns an index without the entries of these digests, under whatever tag.

    Raises:
        InvalidOciIndexError: ``present`` is not an image index ("invalid-oci-index").
    """
    return _index({key: entry for key, entry in _entries(present).items() if key[0] not in digests})


def links_of(document: bytes) -> Links:
    """Returns what a manifest or an index points at; digests of other algorithms are left out.

    Raises:
        ValueError: it is too large, or no manifest.
    """
    if len(document) > MAX_INDEX_BYTES:
        raise ValueError(f"a manifest of {len(document)} bytes")
    try:
        value = json.loads(document)
        tag = str((value.get("annotations") or {}).get(VERSION, "")).replace("+", "_")
        layers = _digests(value.get("layers") or ())
        manifests = frozenset(_digests(value.get("manifests") or ()))
        config = _digests([value.get("config") or {}])
        subject = next(iter(_digests([value.get("subject") or {}])), "")
    except (AttributeError, TypeError, RecursionError) as exc:
        raise ValueError(f"not a manifest ({type(exc).__name__})") from exc
    held = manifests.union(layers, config)
    return Links(subject, layers, manifests, held, tag if _TAG.fullmatch(tag) else "")


def hanging_on(digest: str, documents: Mapping[str, bytes]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns what hangs on a manifest: the indexes that list its referrers, and the referrers.

    Args:
        digest: of the manifest.
        documents: manifests and indexes by digest.

    Returns:
        Two sorted tuples of digests, in the order in which a registry lets them be deleted.

    Raises:
        ValueError: one of the documents is no manifest.
    """
    links = {name: links_of(data) for name, data in documents.items()}
    referrers = {name for name, link in links.items() if link.subject == digest}
    indexes = {name for name, link in links.items() if link.manifests & referrers}
    return tuple(sorted(indexes)), tuple(sorted(referrers))


def _digests(descriptors: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    digests = (str(descriptor.get("digest", "")) for descriptor in descriptors)
    return tuple(digest for digest in digests if _DIGEST.fullmatch(digest))


def _index(entries: Mapping[tuple[str, str], Mapping[str, object]]) -> bytes:
    return _canonical(
        {
            "schemaVersion": 2,
            "mediaType": IMAGE_INDEX,
            "manifests": [entries[key] for key in sorted(entries)],
        }
    )


def _entries(data: bytes | None) -> dict[tuple[str, str], dict[str, object]]:
    if data is None:
        return {}
    if len(data) > MAX_INDEX_BYTES:
        raise _not_an_index(f"it has {len(data)} bytes, the limit is {MAX_INDEX_BYTES}")
    try:
        value = json.loads(data)
        return {_identity(entry): entry for entry in value["manifests"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise _not_an_index(f"it has no readable list of manifests ({type(exc).__name__})") from exc


def _identity(entry: Mapping[str, object]) -> tuple[str, str]:
    """Returns what makes an index entry one: its digest, and in a layout its tag as well."""
    annotations = entry.get("annotations")
    tag = annotations.get(REF_NAME, "") if isinstance(annotations, dict) else ""
    digest = entry["digest"]
    if not isinstance(digest, str) or not isinstance(tag, str) or not _DIGEST.fullmatch(digest):
        raise ValueError("digest or tag is not one")
    return digest, tag


def _not_an_index(why: str) -> InvalidOciIndexError:
    return InvalidOciIndexError(
        "The artifact registry holds a referrers index that cannot be read.",
        why=f"{why[0].upper()}{why[1:]}.",
        fix="Delete the tag sha256-<digest> in the artifact registry and drive the publish again.",
    )


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
