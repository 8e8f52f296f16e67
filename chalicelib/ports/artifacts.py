"""The port that mirrors a version as an OCI artifact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from chalicelib.ports.errors import PortError
from tank_core.oci import Referrer

_REFERENCE = re.compile(r"(?P<repository>[a-z0-9-]+/[a-z0-9-]+)@(?P<digest>sha256:[0-9a-f]{64})")


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

    def attach(self, reference: str, referrer: Referrer) -> None:
        """Hangs one more document on an artifact; safe to repeat. Nothing happens when it is not there.

        Never makes anything of a withdrawn artifact readable again.

        Args:
            reference: what ``push`` returned, ``<repository>@sha256:<hex>``.
            referrer: the document.
        """
        ...

    def withdraw(self, reference: str) -> None:
        """Makes an artifact unreadable: its manifest, archive, tags and referrers.

        Other versions stay as they are. Nothing happens when it is not there; after a
        crash in between, withdrawing again removes what is left.

        Args:
            reference: what ``push`` returned, ``<repository>@sha256:<hex>``.

        Raises:
            PortError: some of it can still be read; the takedown has to be repeated.
        """
        ...


def parse_reference(reference: str) -> tuple[str, str]:
    """Returns repository (``org/name``) and digest (``sha256:<hex>``) of a reference.

    Raises:
        PortError: it is not a reference of this form.
    """
    parsed = _REFERENCE.fullmatch(reference)
    if parsed is None:
        raise PortError("oci: a reference is <org>/<name>@sha256:<hex>")
    return parsed["repository"], parsed["digest"]
