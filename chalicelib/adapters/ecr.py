"""What ECR wants beyond the distribution API: a password, a repository before the push, its own deletion.

Version tags are immutable in the registry itself; only the fallback indexes
``sha256-<hex>`` may be replaced, because they grow. Deletion goes through the API
of ECR: the function that takes down has neither oras nor a registry password.

Source: ECR API reference, GetAuthorizationToken, CreateRepository, ListImages,
BatchGetImage and BatchDeleteImage; ECR user guide, "Image tag mutability".
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from chalicelib.adapters.aws import ecr_client, port_errors
from chalicelib.adapters.oci import OciRegistry
from chalicelib.ports.errors import PortError
from tank_core.oci import IMAGE_INDEX, IMAGE_MANIFEST, hanging_on, referrers_tag

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecr.type_defs import ImageFailureTypeDef, ImageIdentifierTypeDef

_HOST_PART = ".dkr.ecr."
_BATCH = 100  # the most images that one call takes


def artifact_registry(registry: str, *, insecure: bool) -> OciRegistry:
    """Returns the registry at an address, with what ECR needs when it is one of ECR's.

    Args:
        registry: ``host[:port][/prefix]``.
        insecure: plain http; for loopback.
    """
    if _HOST_PART not in registry.partition("/")[0]:
        return OciRegistry(registry, insecure=insecure)
    access = EcrAccess(ecr_client())
    return OciRegistry(
        registry,
        insecure=insecure,
        credentials=access.credentials,
        prepare_repository=access.prepare_repository,
        delete_artifact=access.delete_artifact,
    )


class EcrAccess:
    """Credentials, repositories and deletion in one account's private registry."""

    def __init__(self, client: ECRClient) -> None:
        self._client = client

    def credentials(self) -> tuple[str, str]:
        """Returns user name and password, good for twelve hours.

        Raises:
            PortError: ECR gave none.
        """
        with port_errors("ecr get authorization token"):
            answer = self._client.get_authorization_token()
        try:
            token = answer["authorizationData"][0]["authorizationToken"]
            user, _, password = base64.b64decode(token).decode("ascii").partition(":")
        except (LookupError, ValueError) as exc:
            raise PortError("ecr get authorization token: no token in the answer") from exc
        return user, password

    def prepare_repository(self, path: str) -> None:
        """Makes the repository unless it is there.

        Raises:
            PortError: ECR refused.
        """
        with port_errors(f"ecr create repository {path}"):
            try:
                self._client.create_repository(
                    repositoryName=path,
                    imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
                    imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "sha256-*"}],
                )
            except self._client.exceptions.RepositoryAlreadyExistsException:
                return

    def delete_artifact(self, path: str, digest: str) -> None:
        """Deletes a manifest, its tags, its referrers and the indexes of them; nothing when absent.

        ECR refuses to delete what an index lists, so indexes go first, and what hangs on
        the manifest is found by its subject, which a crash in between does not lose.
        Layers that no image holds cannot be read in ECR.

        Raises:
            PortError: ECR kept some of it.
        """
        with port_errors(f"ecr withdraw {path}"):
            try:
                found = hanging_on(digest, dict(self._untagged(path)))
            except self._client.exceptions.RepositoryNotFoundException:
                return
            except ValueError as exc:
                raise PortError(f"ecr withdraw {path}: {exc}") from exc
            indexes, referrers = found
            self._delete(path, [{"imageTag": referrers_tag(digest)}])
            self._delete(path, [{"imageDigest": index} for index in indexes])
            self._delete(path, [{"imageDigest": referrer} for referrer in referrers])
            self._delete(path, [{"imageDigest": digest}])

    def _untagged(self, path: str) -> Iterator[tuple[str, bytes]]:
        """Yields digest and bytes of the manifests without a tag, as all referrers are."""
        pages = self._client.get_paginator("list_images").paginate(
            repositoryName=path, filter={"tagStatus": "UNTAGGED"}
        )
        for page in pages:
            for images in _batches(page["imageIds"]):
                answer = self._client.batch_get_image(
                    repositoryName=path, imageIds=images, acceptedMediaTypes=[IMAGE_MANIFEST, IMAGE_INDEX]
                )
                self._check(path, answer["failures"])
                for image in answer["images"]:
                    yield image["imageId"]["imageDigest"], image["imageManifest"].encode()

    def _delete(self, path: str, images: Sequence[ImageIdentifierTypeDef]) -> None:
        for batch in _batches(images):
            answer = self._client.batch_delete_image(repositoryName=path, imageIds=batch)
            self._check(path, answer["failures"])

    @staticmethod
    def _check(path: str, failures: Sequence[ImageFailureTypeDef]) -> None:
        codes = {failure.get("failureCode", "Unknown") for failure in failures} - {"ImageNotFound"}
        if codes:
            raise PortError(f"ecr withdraw {path}: {', '.join(sorted(codes))}")


def _batches(images: Sequence[ImageIdentifierTypeDef]) -> Iterator[Sequence[ImageIdentifierTypeDef]]:
    return (images[start : start + _BATCH] for start in range(0, len(images), _BATCH))
