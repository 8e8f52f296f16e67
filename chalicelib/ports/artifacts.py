"""The port that mirrors a version as an OCI artifact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Referrer:
    """A document that hangs on the artifact: SBOM, attestation or bundle."""

    artifact_type: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Artifact:
    """A skill version as an OCI artifact.

    ``repository``: ``org/name``; ``tag``: the version, with ``+`` as ``_``;
    ``annotations``: OCI annotation keys, sorted. No timestamps: same input, same digest.
    """

    repository: str
    tag: str
    archive: bytes
    annotations: dict[str, str]
    referrers: tuple[Referrer, ...]


class ArtifactRegistry(Protocol):
    """Keeps OCI artifacts."""

    def push(self, artifact: Artifact) -> str:
        """Pushes archive, manifest and referrers (with the ``sha256-<hex>`` tag fallback); safe to repeat.

        Returns:
            The reference ``<repository>@sha256:<hex>`` of the image manifest.
        """
        ...
