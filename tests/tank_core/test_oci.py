"""Pins the OCI documents of a skill: their bytes are what every mirror agrees on."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.oci import (
    ARCHIVE_LAYER,
    BUNDLE,
    EMPTY_CONFIG,
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    MAX_INDEX_BYTES,
    SKILL_ARTIFACT,
    Descriptor,
    InvalidOciIndexError,
    Referrer,
    artifact_documents,
    attestation_referrer,
    bundle_referrer,
    content,
    hanging_on,
    links_of,
    merged_index,
    pruned_index,
    referrers_tag,
    retagged_index,
    sbom_referrer,
    tag_of,
    tagged_digest,
)

ARCHIVE = b"archive bytes"
SBOM = sbom_referrer(b"{}sbom", media_type="application/vnd.cyclonedx+json")
VSA = attestation_referrer(b"{}vsa", predicate_type="https://slsa.dev/verification_summary/v1")
PUBLISHED = bundle_referrer(
    b"{}bundle", predicate_type="https://predicate.example/v1", signed_at=1_700_000_000
)

digests = st.integers(0, 30).map(lambda n: f"sha256:{n:064x}")
descriptors = st.builds(Descriptor, st.just(IMAGE_MANIFEST), digests, st.just(7), st.just(SKILL_ARTIFACT))
tags = st.sampled_from(["1.0.0", "1.0.1", "2.0.0-rc.1", "3.0.0_build"])


def test_manifest_is_an_artifact_manifest_with_the_archive_as_its_only_layer() -> None:
    documents = artifact_documents(ARCHIVE, {"org.opencontainers.image.version": "1.0.0"}, [])
    manifest = json.loads(documents.manifest.data)
    assert manifest["artifactType"] == SKILL_ARTIFACT
    assert manifest["config"] == {
        "mediaType": EMPTY_CONFIG,
        "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "size": 2,
    }
    assert [(layer["mediaType"], layer["digest"]) for layer in manifest["layers"]] == [
        (ARCHIVE_LAYER, f"sha256:{hashlib.sha256(ARCHIVE).hexdigest()}")
    ]
    assert manifest["annotations"] == {"org.opencontainers.image.version": "1.0.0"}


def test_each_referrer_names_the_artifact_as_its_subject() -> None:
    documents = artifact_documents(ARCHIVE, {}, [SBOM, VSA])
    subjects = [json.loads(referrer.data)["subject"] for referrer in documents.referrers]
    expected = {
        "mediaType": IMAGE_MANIFEST,
        "digest": documents.manifest.descriptor.digest,
        "size": len(documents.manifest.data),
    }
    assert subjects == [expected, expected]


def test_a_bundle_hangs_there_as_cosign_writes_one() -> None:
    """Byte for byte what cosign's BUNDLE_SPEC.md shows, but for its digests."""
    documents = artifact_documents(ARCHIVE, {}, [PUBLISHED])
    (referrer,) = documents.referrers
    hexadecimal = hashlib.sha256(b"{}bundle").hexdigest()
    annotations = {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://predicate.example/v1",
        "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
    }
    assert json.loads(referrer.data) == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "annotations": annotations,
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "size": 2,
        },
        "layers": [
            {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "digest": f"sha256:{hexadecimal}",
                "size": 8,
                "annotations": {"org.opencontainers.image.title": f"sha256-{hexadecimal}.sigstore.json"},
            }
        ],
        "subject": {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": documents.manifest.descriptor.digest,
            "size": len(documents.manifest.data),
        },
    }
    (entry,) = json.loads(merged_index(None, [referrer.descriptor]))["manifests"]
    assert entry == {
        "mediaType": IMAGE_MANIFEST,
        "digest": referrer.descriptor.digest,
        "size": len(referrer.data),
        "artifactType": BUNDLE,
        "annotations": annotations,
    }


def test_the_artifacts_own_annotations_stay_out_of_an_image_layouts_index() -> None:
    documents = artifact_documents(ARCHIVE, {"org.opencontainers.image.version": "1.0.0"}, [])
    assert documents.manifest.descriptor.annotations == {}


@pytest.mark.parametrize("one", [SBOM, VSA, PUBLISHED])
def test_pushed_again_a_referrer_is_the_same_bytes(one: Referrer) -> None:
    first, again = (artifact_documents(ARCHIVE, {}, [one]).referrers for _ in range(2))
    assert first == again


def test_every_blob_that_a_manifest_names_is_there() -> None:
    documents = artifact_documents(ARCHIVE, {}, [SBOM, VSA])
    there = {blob.descriptor.digest for blob in documents.blobs}
    for one in (documents.manifest, *documents.referrers):
        manifest = json.loads(one.data)
        assert {manifest["config"]["digest"], manifest["layers"][0]["digest"]} <= there


def test_the_order_of_annotations_and_referrers_does_not_matter() -> None:
    one = artifact_documents(ARCHIVE, {"a": "1", "b": "2"}, [SBOM, VSA])
    other = artifact_documents(ARCHIVE, {"b": "2", "a": "1"}, [VSA, SBOM])
    assert one == other


@pytest.mark.parametrize(
    ("version", "tag"), [("1.0.0", "1.0.0"), ("1.0.0-rc.1+build.5", "1.0.0-rc.1_build.5")]
)
def test_tag_writes_plus_as_underscore(version: str, tag: str) -> None:
    assert tag_of(version) == tag


@pytest.mark.parametrize("version", ["", "-1", "1.0.0/..", "1" * 129])
def test_tag_refuses_what_a_registry_would(version: str) -> None:
    with pytest.raises(ValueError, match="no OCI tag"):
        tag_of(version)


def test_referrers_tag_refuses_another_algorithm() -> None:
    with pytest.raises(ValueError, match="not a sha256 digest"):
        referrers_tag("sha512:" + "0" * 64)


@given(st.lists(descriptors), st.lists(descriptors))
def test_merging_again_changes_nothing(first: list[Descriptor], second: list[Descriptor]) -> None:
    merged = merged_index(merged_index(None, first), second)
    assert merged_index(merged, second) == merged
    assert merged_index(merged, first) == merged


@given(st.lists(descriptors), st.lists(descriptors))
def test_merging_keeps_what_both_writers_added_in_any_order(
    first: list[Descriptor], second: list[Descriptor]
) -> None:
    assert merged_index(merged_index(None, first), second) == merged_index(merged_index(None, second), first)


@given(st.lists(st.tuples(descriptors, tags)))
def test_a_tag_names_what_it_was_last_given(moves: list[tuple[Descriptor, str]]) -> None:
    index: bytes | None = None
    for target, tag in moves:
        index = retagged_index(index, target, tag)
    if index is not None:
        last = {tag: target.digest for target, tag in moves}
        assert {tag: tagged_digest(index, tag) for tag in last} == last
        assert len(json.loads(index)["manifests"]) == len(last)


@pytest.mark.parametrize(
    "present",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"manifests":7}',
        b'{"manifests":[{}]}',
        b'{"manifests":[{"digest":"x"}]}',
    ],
    ids=["empty", "no-list", "array", "not-utf8", "number", "no-digest", "bad-digest"],
)
def test_an_index_that_cannot_be_read_is_never_written_over(present: bytes) -> None:
    with pytest.raises(InvalidOciIndexError):
        merged_index(present, [])


def test_links_of_a_manifest_are_its_config_its_layers_and_its_version() -> None:
    documents = artifact_documents(ARCHIVE, {"org.opencontainers.image.version": "1.0.0+b"}, [SBOM])
    links = links_of(documents.manifest.data)
    archive = f"sha256:{hashlib.sha256(ARCHIVE).hexdigest()}"
    assert (links.subject, links.layers, links.tag) == ("", (archive,), "1.0.0_b")
    assert links.held == {archive, f"sha256:{hashlib.sha256(b'{}').hexdigest()}"}
    assert links_of(documents.referrers[0].data).subject == documents.manifest.descriptor.digest


def test_links_of_an_index_are_the_manifests_that_it_lists() -> None:
    referrers = artifact_documents(ARCHIVE, {}, [SBOM, VSA]).referrers
    links = links_of(merged_index(None, (referrer.descriptor for referrer in referrers)))
    assert links.manifests == links.held == {referrer.descriptor.digest for referrer in referrers}


@pytest.mark.parametrize(
    "document",
    [
        b'{"annotations":{"org.opencontainers.image.version":"1.0 beta"}}',
        b'{"annotations":null,"layers":null,"config":null,"manifests":null,"subject":null}',
        b'{"layers":[{"digest":"sha512:00"},{"digest":"sha256:../../etc"},{}]}',
    ],
)
def test_links_of_foreign_manifests_are_only_what_can_be_followed(document: bytes) -> None:
    links = links_of(document)
    assert (links.subject, links.layers, links.held, links.tag) == ("", (), frozenset(), "")


@pytest.mark.parametrize(
    "document", [b"", b"[]", b'{"layers":[1]}', b'{"layers":7}', b"\xff", b"{}" + b" " * MAX_INDEX_BYTES]
)
def test_what_is_no_manifest_has_no_links(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"manifest|Expecting|decode"):
        links_of(document)


def test_what_hangs_on_a_manifest_is_found_by_subject_and_no_more() -> None:
    one, other = (artifact_documents(ARCHIVE, {"v": v}, [SBOM, VSA]) for v in ("1", "2"))
    indexes = [
        content(IMAGE_INDEX, merged_index(None, (r.descriptor for r in listed)))
        for listed in (one.referrers, one.referrers[:1], other.referrers)
    ]
    stored = (one.manifest, other.manifest, *one.referrers, *other.referrers, *indexes)
    found = hanging_on(one.manifest.descriptor.digest, {c.descriptor.digest: c.data for c in stored})
    assert found == (
        tuple(sorted(index.descriptor.digest for index in indexes[:2])),
        tuple(referrer.descriptor.digest for referrer in one.referrers),
    )


@given(st.lists(st.tuples(descriptors, tags), max_size=8), st.sets(digests))
def test_pruning_removes_the_entries_of_these_digests_and_keeps_the_others(
    entries: list[tuple[Descriptor, str]], removed: set[str]
) -> None:
    index = merged_index(None, [])
    for descriptor, tag in entries:
        index = retagged_index(index, descriptor, tag)
    before = json.loads(index)["manifests"]
    after = json.loads(pruned_index(index, removed))["manifests"]
    assert after == [entry for entry in before if entry["digest"] not in removed]
