"""The contract of ``chalicelib.ports.artifacts``."""

from __future__ import annotations

import dataclasses
import re

import pytest

from chalicelib.ports.artifacts import Artifact, ArtifactRegistry, Referrer
from tests.support.ports_under_test import PortsUnderTest

ARTIFACT = Artifact(
    repository="acme/tool",
    tag="1.0.0_build.1",
    archive=b"archive",
    annotations={"org.opencontainers.image.title": "@acme/tool", "org.opencontainers.image.version": "1.0.0"},
    referrers=(
        Referrer("application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", b"{}"),
        Referrer("application/vnd.in-toto+json", "application/vnd.dsse.envelope.v1+json", b'{"a":1}'),
    ),
)


@pytest.fixture
def artifacts(ports: PortsUnderTest) -> ArtifactRegistry:
    if ports.artifacts is None:
        pytest.skip("this implementation has no artifact registry of its own; test_oci.py runs against one")
    return ports.artifacts


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
