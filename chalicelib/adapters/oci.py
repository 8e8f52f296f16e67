"""Pushes skill versions to an OCI registry; the one importer of oras.

oras gives the session, the authentication and the URLs. Manifests are sent as
the very bytes of ``tank_core.oci`` and not through ``oras``' own push, which
would serialise them anew and give every registry another digest.

Safe to repeat: content is asked for before it is sent, a tag that already names
the right manifest is left alone (immutable tags refuse even the same one), and
the referrers index is merged. Two writers of one version cannot meet, because a
version is stored by one execution; its index has a tag of its own.

Source: OCI distribution-spec 1.1, "Pushing Content" and "Referrers Tag Schema".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.ports.errors import PortError
from tank_core.oci import (
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    MAX_INDEX_BYTES,
    Content,
    artifact_documents,
    merged_index,
    referrers_tag,
    tag_of,
)

if TYPE_CHECKING:
    from requests import Response

    from chalicelib.ports.artifacts import Artifact

Credentials = Callable[[], tuple[str, str]]  # user name and password, fresh enough to use now
TIMEOUT_SECONDS = (5, 30)  # connect, read; requests itself would wait for ever


class OciRegistry:
    """The ``ArtifactRegistry`` port over any registry that speaks the distribution API."""

    def __init__(
        self,
        registry: str,
        *,
        insecure: bool = False,
        credentials: Credentials | None = None,
        prepare_repository: Callable[[str], None] | None = None,
    ) -> None:
        """Takes the registry's address; nothing is sent before the first push.

        Args:
            registry: ``host[:port]``, and a path below which all repositories lie, if any.
            insecure: plain http; for loopback.
            credentials: asked before each push; None pushes without.
            prepare_repository: makes a repository, by its path, if there is none (ECR
                knows no push into the void).
        """
        self._host, _, prefix = registry.partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix else ""
        self._insecure = insecure
        self._credentials = credentials
        self._prepare_repository = prepare_repository

    def push(self, artifact: Artifact) -> str:
        """See ``ArtifactRegistry.push``."""
        documents = artifact_documents(
            artifact.archive,
            artifact.annotations,
            [(r.artifact_type, r.media_type, r.data) for r in artifact.referrers],
        )
        repository = f"{self._prefix}{artifact.repository}"
        if self._prepare_repository is not None:
            self._prepare_repository(repository)
        target = _Repository(self._host, repository, insecure=self._insecure, credentials=self._credentials)
        for blob in documents.blobs:
            target.put_blob(blob)
        manifest = documents.manifest.descriptor
        target.put_manifest(tag_of(artifact.tag), documents.manifest)
        for referrer in documents.referrers:
            target.put_manifest(referrer.descriptor.digest, referrer)
        if documents.referrers:
            target.merge_index(referrers_tag(manifest.digest), documents.referrers)
        return f"{artifact.repository}@{manifest.digest}"


class _Repository:
    """One repository during one push."""

    def __init__(self, host: str, path: str, *, insecure: bool, credentials: Credentials | None) -> None:
        # oras costs a third of a second to import and is not in the API's package.
        import oras.container
        import oras.provider

        logging.getLogger("oras").setLevel(logging.CRITICAL)  # it prints response bodies
        self._registry = oras.provider.Registry(host, insecure=insecure, auth_backend="basic")
        if credentials is not None:
            self._registry.auth.set_basic_auth(*credentials())
        self._container = oras.container.Container(path, registry=host)
        self._base = f"{self._registry.prefix}://"

    def put_blob(self, blob: Content) -> None:
        """Uploads bytes under their digest, unless the repository has them."""
        digest = blob.descriptor.digest
        if self._send("HEAD", self._base + self._container.get_blob_url(digest), accept=(200, 404)).ok:
            return
        start = self._send("POST", self._base + self._container.upload_blob_url(), accept=(202,))
        location = self._registry._get_location(start, self._container)
        if not location:
            raise PortError("oci: the registry opened an upload without saying where")
        joined = f"{location}{'&' if '?' in location else '?'}digest={digest}"
        self._send("PUT", joined, blob.data, "application/octet-stream", accept=(201,))

    def put_manifest(self, reference: str, manifest: Content) -> None:
        """Puts a manifest under a tag or its digest, unless it is there already."""
        url = self._base + self._container.manifest_url(reference)
        present = self._send("HEAD", url, accept=(200, 404))
        if present.ok and present.headers.get("Docker-Content-Digest") == manifest.descriptor.digest:
            return
        self._send("PUT", url, manifest.data, manifest.descriptor.media_type, accept=(201,))

    def merge_index(self, tag: str, referrers: tuple[Content, ...]) -> None:
        """Adds referrers to the fallback index of the referrers tag schema."""
        url = self._base + self._container.manifest_url(tag)
        answer = self._send("GET", url, accept=(200, 404))
        present = answer.content if answer.ok else None
        if present is not None and len(present) > MAX_INDEX_BYTES:
            raise PortError(f"oci: the index {tag} has {len(present)} bytes")
        merged = merged_index(present, (r.descriptor for r in referrers))
        if merged != present:
            self._send("PUT", url, merged, IMAGE_INDEX, accept=(201,))

    def _send(
        self,
        method: str,
        url: str,
        data: bytes | None = None,
        content_type: str = "",
        *,
        accept: tuple[int, ...],
    ) -> Response:
        import requests

        headers = {"Accept": f"{IMAGE_MANIFEST}, {IMAGE_INDEX}"}
        if content_type:
            headers["Content-Type"] = content_type
        try:
            response = self._exchange(method, url, data, headers)
        except requests.RequestException as exc:
            raise PortError(f"oci: {method} failed: {type(exc).__name__}") from exc
        if response.status_code not in accept:
            raise PortError(f"oci: {method} answered {response.status_code} {_codes(response)}".rstrip())
        return response

    def _exchange(self, method: str, url: str, data: bytes | None, headers: dict[str, str]) -> Response:
        """Sends one request, and once more with credentials when they are asked for.

        Not ``Registry.do_request``: it retries every failure with sleeps of up to
        81 seconds and without any timeout; the state machine has the better retry.
        """
        session, auth = self._registry.session, self._registry.auth
        response = session.request(method, url, data=data, headers=headers, timeout=TIMEOUT_SECONDS)
        if response.status_code != 401 or getattr(auth, "_basic_auth", None) is None:
            return response  # type: ignore[no-any-return]  # oras is untyped
        headers, _ = auth.authenticate_request(response, headers)
        return session.request(  # type: ignore[no-any-return]  # as above
            method, url, data=data, headers=headers, timeout=TIMEOUT_SECONDS
        )


def _codes(response: Any) -> str:
    """Returns the registry's error codes, which are a fixed vocabulary, and none of its words."""
    try:
        return ", ".join(sorted({str(error["code"])[:40] for error in response.json()["errors"]}))
    except (ValueError, KeyError, TypeError):
        return ""
