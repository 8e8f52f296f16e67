"""The contract of ``chalicelib.ports.artifacts``."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable

import pytest

from chalicelib.ports.artifacts import Artifact, ArtifactRegistry
from chalicelib.ports.errors import PortError
from tank_core.oci import Referrer, artifact_documents, bundle_referrer, referrers_tag
from tests.support.ports_under_test import PortsUnderTest

Pull = Callable[[str, str], bytes | None]

ARTIFACT = Artifact(
    repository="acme/tool",
    tag="1.0.0_build.1",
    archive=b"archive",
    annotations={
        "org.opencontainers.image.title": "@acme/tool",
        "org.opencontainers.image.version": "1.0.0+build.1",
    },
    referrers=(
        Referrer("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b"{}"),
        Referrer("application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", b'{"a":1}'),
        bundle_referrer(b'{"b":1}', predicate_type="https://predicate.example/v1", signed_at=1),
    ),
)


DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def artifacts(ports: PortsUnderTest) -> ArtifactRegistry:
    if ports.artifacts is None:
        pytest.skip("docker-registry (Debian) is not installed")
    return ports.artifacts


@pytest.fixture
def pull(ports: PortsUnderTest, artifacts: ArtifactRegistry) -> Pull:
    assert ports.pull is not None
    return ports.pull


def _contents(artifact: Artifact, pull: Pull, reference: str) -> dict[str, bytes | None]:
    """Returns what is pulled for every name of an artifact that a reader can know."""
    digest = reference.partition("@")[2]
    documents = artifact_documents(
        artifact.archive,
        artifact.annotations,
        artifact.referrers,
    )
    archive = f"sha256:{hashlib.sha256(artifact.archive).hexdigest()}"
    names = [artifact.tag, digest, referrers_tag(digest), archive]
    names += [referrer.descriptor.digest for referrer in documents.referrers]
    return {name: pull(artifact.repository, name) for name in names}


def test_a_push_returns_the_repository_and_the_manifest_digest(artifacts: ArtifactRegistry) -> None:
    assert re.fullmatch(r"acme/tool@sha256:[0-9a-f]{64}", artifacts.push(ARTIFACT))


def test_the_same_artifact_pushed_again_is_the_same(artifacts: ArtifactRegistry) -> None:
    assert artifacts.push(ARTIFACT) == artifacts.push(ARTIFACT)


@pytest.mark.parametrize(
    "changes", [{"archive": b"other"}, {"annotations": {"org.opencontainers.image.title": "@acme/other"}}]
)
def test_another_artifact_has_another_digest(artifacts: ArtifactRegistry, changes: dict[str, object]) -> None:
    other = dataclasses.replace(ARTIFACT, **changes)  # type: ignore[arg-type]
    assert artifacts.push(ARTIFACT) != artifacts.push(other)


def test_a_withdrawn_artifact_is_pulled_by_none_of_its_names(artifacts: ArtifactRegistry, pull: Pull) -> None:
    reference = artifacts.push(ARTIFACT)
    assert None not in _contents(ARTIFACT, pull, reference).values()
    artifacts.withdraw(reference)
    assert set(_contents(ARTIFACT, pull, reference).values()) == {None}


LATER = Referrer("application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", b'{"a":2}')


def _listed(pull: Pull, reference: str) -> list[str]:
    repository, _, digest = reference.partition("@")
    index = pull(repository, referrers_tag(digest))
    return [] if index is None else sorted(entry["digest"] for entry in json.loads(index)["manifests"])


def test_what_is_attached_later_is_found_beside_what_was_pushed(
    artifacts: ArtifactRegistry, pull: Pull
) -> None:
    reference = artifacts.push(ARTIFACT)
    before = _listed(pull, reference)
    for _ in range(2):
        artifacts.attach(reference, LATER)
    (added,) = sorted(set(_listed(pull, reference)) - set(before))
    assert set(before) < set(_listed(pull, reference))
    manifest = json.loads(pull("acme/tool", added) or b"{}")
    assert manifest["subject"]["digest"] == reference.partition("@")[2]
    assert pull("acme/tool", manifest["layers"][0]["digest"]) == LATER.data


def test_what_was_attached_goes_with_the_artifact(artifacts: ArtifactRegistry, pull: Pull) -> None:
    reference = artifacts.push(ARTIFACT)
    artifacts.attach(reference, LATER)
    (added, *_) = [d for d in _listed(pull, reference) if LATER.data in _layers(pull, d)]
    artifacts.withdraw(reference)
    assert pull("acme/tool", added) is None
    assert _listed(pull, reference) == []


def _layers(pull: Pull, manifest: str) -> list[bytes | None]:
    layers = json.loads(pull("acme/tool", manifest) or b"{}")["layers"]
    return [pull("acme/tool", layer["digest"]) for layer in layers]


def test_attaching_to_a_withdrawn_artifact_brings_nothing_back(
    artifacts: ArtifactRegistry, pull: Pull
) -> None:
    reference = artifacts.push(ARTIFACT)
    artifacts.withdraw(reference)
    artifacts.attach(reference, LATER)
    assert set(_contents(ARTIFACT, pull, reference).values()) == {None}


def test_attaching_where_nothing_was_pushed_does_nothing(artifacts: ArtifactRegistry, pull: Pull) -> None:
    artifacts.attach(f"acme/never-pushed@{DIGEST}", LATER)
    assert pull("acme/never-pushed", DIGEST) is None


def test_withdrawing_again_changes_nothing(artifacts: ArtifactRegistry, pull: Pull) -> None:
    reference = artifacts.push(ARTIFACT)
    for _ in range(2):
        artifacts.withdraw(reference)
    assert set(_contents(ARTIFACT, pull, reference).values()) == {None}


def test_another_version_stays_as_it_was(artifacts: ArtifactRegistry, pull: Pull) -> None:
    other = dataclasses.replace(
        ARTIFACT,
        tag="2.0.0",
        archive=b"archive 2",
        annotations={"org.opencontainers.image.version": "2.0.0"},
    )
    reference, withdrawn = artifacts.push(other), artifacts.push(ARTIFACT)
    before = _contents(other, pull, reference)
    artifacts.withdraw(withdrawn)
    assert _contents(other, pull, reference) == before
    assert None not in before.values()
    for referrer in other.referrers:  # the same bytes hang on both versions
        digest = f"sha256:{hashlib.sha256(referrer.data).hexdigest()}"
        assert pull(other.repository, digest) == referrer.data


@pytest.mark.parametrize("repository", ["acme/tool", "acme/never-pushed"])
def test_withdrawing_what_is_not_there_does_nothing(
    artifacts: ArtifactRegistry, pull: Pull, repository: str
) -> None:
    reference = artifacts.push(ARTIFACT)
    artifacts.withdraw(f"{repository}@{DIGEST}")
    assert None not in _contents(ARTIFACT, pull, reference).values()


@pytest.mark.parametrize("reference", ["", "acme/tool:1.0.0", f"../acme@{DIGEST}", "acme/tool@sha256:../.."])
def test_what_is_not_a_reference_is_refused(artifacts: ArtifactRegistry, reference: str) -> None:
    with pytest.raises(PortError, match="reference"):
        artifacts.withdraw(reference)
