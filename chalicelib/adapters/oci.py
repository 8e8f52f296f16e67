"""Pushes skill versions to an OCI registry; the one importer of oras.

oras gives the session, the authentication and the URLs. Manifests are sent as
the very bytes of ``tank_core.oci`` and not through ``oras``' own push, which
would serialise them anew and give every registry another digest.

Safe to repeat: content is asked for before it is sent, a tag that already names
the right manifest is left alone (immutable tags refuse even the same one), and
the referrers index is merged. Two writers of one version cannot meet, because a
version is stored by one execution; its index has a tag of its own.

Withdrawing deletes the subject's manifest last: until then everything else can be
found again. Referrers are those of the fallback index, where every push of ours is.

Source: OCI distribution-spec 1.1, "Pushing Content", "Referrers Tag Schema" and
"Deleting Content".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.ports.artifacts import parse_reference
from chalicelib.ports.errors import PortError
from tank_core.oci import (
    IMAGE_INDEX,
    IMAGE_MANIFEST,
    MAX_INDEX_BYTES,
    Content,
    Links,
    artifact_documents,
    content,
    hung_documents,
    links_of,
    merged_index,
    referrers_tag,
    tag_of,
)

if TYPE_CHECKING:
    from requests import Response

    from chalicelib.ports.artifacts import Artifact
    from tank_core.oci import Referrer

Credentials = Callable[[], tuple[str, str]]  # user name and password, fresh enough to use now
DeleteArtifact = Callable[[str, str], None]  # repository path and digest; with all that hangs on it
TIMEOUT_SECONDS = (5, 30)  # connect, read; requests itself would wait for ever
_NO_DELETION = (400, 405)  # either one, says the specification, where deletion is switched off


class OciRegistry:
    """The ``ArtifactRegistry`` port over any registry that speaks the distribution API."""

    def __init__(
        self,
        registry: str,
        *,
        insecure: bool = False,
        credentials: Credentials | None = None,
        prepare_repository: Callable[[str], None] | None = None,
        delete_artifact: DeleteArtifact | None = None,
    ) -> None:
        """Takes the registry's address; nothing is sent before the first push.

        Args:
            registry: ``host[:port]``, and a path below which all repositories lie, if any.
            insecure: plain http; for loopback.
            credentials: asked before each push; None pushes without.
            prepare_repository: makes a repository, by its path, if there is none (ECR
                knows no push into the void).
            delete_artifact: deletes where the registry has a way of its own; None uses
                the distribution API.
        """
        self._host, _, prefix = registry.partition("/")
        self._prefix = f"{prefix.strip('/')}/" if prefix else ""
        self._insecure = insecure
        self._credentials = credentials
        self._prepare_repository = prepare_repository
        self._delete_artifact = delete_artifact

    def push(self, artifact: Artifact) -> str:
        """See ``ArtifactRegistry.push``."""
        documents = artifact_documents(artifact.archive, artifact.annotations, artifact.referrers)
        repository = f"{self._prefix}{artifact.repository}"
        if self._prepare_repository is not None:
            self._prepare_repository(repository)
        target = self._opened(repository)
        for blob in documents.blobs:
            target.put_blob(blob)
        manifest = documents.manifest.descriptor
        target.put_manifest(tag_of(artifact.tag), documents.manifest)
        for referrer in documents.referrers:
            target.put_manifest(referrer.descriptor.digest, referrer)
        if documents.referrers:
            target.merge_index(referrers_tag(manifest.digest), documents.referrers)
        return f"{artifact.repository}@{manifest.digest}"

    def attach(self, reference: str, referrer: Referrer) -> None:
        """See ``ArtifactRegistry.attach``."""
        repository, digest = parse_reference(reference)
        target = self._opened(f"{self._prefix}{repository}")
        subject = target.manifest(digest)
        if subject is None:
            return
        blobs, manifest = hung_documents(subject, referrer)
        for blob in blobs:
            target.put_blob(blob)
        target.put_manifest(manifest.descriptor.digest, manifest)
        target.merge_index(referrers_tag(digest), (manifest,))

    def withdraw(self, reference: str) -> None:
        """See ``ArtifactRegistry.withdraw``.

        1. The referrers, then the fallback index that lists them.
        2. The archive. A registry may delete manifests and no blobs: that is said at
           the end, because what tools pull must go all the same.
        3. The manifest, and its tag where the registry does not let it go with it.
        """
        repository, digest = parse_reference(reference)
        path = f"{self._prefix}{repository}"
        if self._delete_artifact is not None:
            self._delete_artifact(path, digest)
            return
        target = self._opened(path)
        # 1. What hangs on it.
        index = target.manifest(referrers_tag(digest))
        if index is not None:
            for referrer in sorted(_links(index).manifests):
                target.delete_manifest(referrer)
            target.delete_manifest(content(IMAGE_INDEX, index).descriptor.digest)
        manifest = target.manifest(digest)
        if manifest is None:
            return
        # 2. The archive.
        links = _links(manifest)
        kept = [layer for layer in links.layers if not target.delete_blob(layer)]
        # 3. What a pull starts from.
        target.delete_manifest(digest)
        if links.tag and target.manifest_digest(links.tag) == digest:
            target.delete_manifest(links.tag)
        if kept:
            raise PortError(
                f"oci: the registry deletes no blobs; its garbage collection has to remove {', '.join(kept)}"
                f" of {path}"
            )

    def _opened(self, path: str) -> _Repository:
        return _Repository(self._host, path, insecure=self._insecure, credentials=self._credentials)


class _Repository:
    """One repository during one push or withdrawal."""

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
        if self.manifest_digest(reference) == manifest.descriptor.digest:
            return
        url = self._base + self._container.manifest_url(reference)
        self._send("PUT", url, manifest.data, manifest.descriptor.media_type, accept=(201,))

    def merge_index(self, tag: str, referrers: tuple[Content, ...]) -> None:
        """Adds referrers to the fallback index of the referrers tag schema."""
        present = self.manifest(tag)
        merged = merged_index(present, (r.descriptor for r in referrers))
        if merged != present:
            url = self._base + self._container.manifest_url(tag)
            self._send("PUT", url, merged, IMAGE_INDEX, accept=(201,))

    def manifest(self, reference: str) -> bytes | None:
        """Returns the manifest or index at a tag or digest, or None."""
        answer = self._send("GET", self._base + self._container.manifest_url(reference), accept=(200, 404))
        if not answer.ok:
            return None
        if len(answer.content) > MAX_INDEX_BYTES:
            raise PortError(f"oci: the manifest {reference} has {len(answer.content)} bytes")
        return answer.content

    def manifest_digest(self, reference: str) -> str | None:
        """Returns the digest that a tag names, or None when there is nothing."""
        answer = self._send("HEAD", self._base + self._container.manifest_url(reference), accept=(200, 404))
        return answer.headers.get("Docker-Content-Digest") if answer.ok else None

    def delete_manifest(self, reference: str) -> None:
        """Deletes a manifest, unless it is gone.

        Raises:
            PortError: the registry keeps it.
        """
        if not self._delete(self._base + self._container.manifest_url(reference)):
            raise PortError(
                f"oci: the registry does not delete manifests; allow deletion there, or remove {reference}"
                " by its own means, and take down again"
            )

    def delete_blob(self, digest: str) -> bool:
        """Deletes a blob and returns whether it is gone; False when the registry deletes no blobs."""
        return self._delete(self._base + self._container.get_blob_url(digest))

    def _delete(self, url: str) -> bool:
        # Asked first: a registry without deletion refuses it even for what it does not have.
        if not self._send("HEAD", url, accept=(200, 404)).ok:
            return True
        answer = self._send("DELETE", url, accept=(200, 202, 204, 404, *_NO_DELETION))
        return answer.status_code not in _NO_DELETION

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


def _links(document: bytes) -> Links:
    try:
        return links_of(document)
    except ValueError as exc:
        raise PortError(f"oci: the registry holds an unreadable manifest: {exc}") from exc


def _codes(response: Any) -> str:
    """Returns the registry's error codes, which are a fixed vocabulary, and none of its words."""
    try:
        return ", ".join(sorted({str(error["code"])[:40] for error in response.json()["errors"]}))
    except (ValueError, KeyError, TypeError):
        return ""
