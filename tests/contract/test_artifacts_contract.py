"""The contract of ``chalicelib.ports.artifacts``."""

from __future__ import annotations

import dataclasses
import hashlib
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
