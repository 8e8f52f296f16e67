"""ECR's own needs, against moto; pushing itself is tested on a real registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters import aws
from chalicelib.adapters.ecr import EcrAccess
from chalicelib.ports.errors import PortError
from tank_core.oci import (
    IMAGE_INDEX,
    ArtifactDocuments,
    Referrer,
    artifact_documents,
    content,
    merged_index,
    referrers_tag,
)
from tests.support.aws_ports import emulated_aws

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

PATH = "tank/acme/weather"
REFERRERS = [Referrer("application/vnd.test", "application/vnd.test", bytes([n])) for n in range(3)]


def test_repository_is_made_once_with_immutable_versions() -> None:
    with emulated_aws():
        client = aws.ecr_client()
        access = EcrAccess(client)
        access.prepare_repository("tank/acme/weather")
        access.prepare_repository("tank/acme/weather")
        (made,) = client.describe_repositories()["repositories"]
        assert (made["repositoryName"], made["imageTagMutability"]) == (
            "tank/acme/weather",
            "IMMUTABLE_WITH_EXCLUSION",
        )


def test_credentials_are_user_and_password_of_the_token() -> None:
    with emulated_aws():
        user, password = EcrAccess(aws.ecr_client()).credentials()
        assert user == "AWS"
        assert password


def _opened(client: ECRClient) -> EcrAccess:
    # Not by the adapter: moto 5.2 takes no image without a tag where only some tags are immutable.
    client.create_repository(repositoryName=PATH)
    return EcrAccess(client)


def _pushed(client: ECRClient, version: str) -> ArtifactDocuments:
    """Puts a version as two pushes leave it, of which the second replaced the index of the first."""
    documents = artifact_documents(b"archive", {"org.opencontainers.image.version": version}, REFERRERS)
    digest = documents.manifest.descriptor.digest
    indexes = [
        content(IMAGE_INDEX, merged_index(None, (r.descriptor for r in listed)))
        for listed in (documents.referrers[:2], documents.referrers)
    ]
    named = [(documents.manifest, version), *((referrer, "") for referrer in documents.referrers)]
    named += [(indexes[0], ""), (indexes[1], referrers_tag(digest))]
    for one, tag in named:
        client.put_image(
            repositoryName=PATH,
            imageManifest=one.data.decode(),
            imageManifestMediaType=one.descriptor.media_type,
            imageDigest=one.descriptor.digest,
            **({"imageTag": tag} if tag else {}),
        )
    return documents


def _stored(client: ECRClient) -> set[tuple[str, str]]:
    pages = client.get_paginator("list_images").paginate(repositoryName=PATH)
    return {(i["imageDigest"], i.get("imageTag", "")) for page in pages for i in page["imageIds"]}


def test_withdrawn_artifact_goes_with_all_that_hangs_on_it_and_nothing_else() -> None:
    with emulated_aws():
        client = aws.ecr_client()
        access = _opened(client)
        _pushed(client, "2.0.0")
        others = _stored(client)
        digest = _pushed(client, "1.0.0").manifest.descriptor.digest
        assert len(_stored(client)) == 2 * len(others)
        for _ in range(2):
            access.delete_artifact(PATH, digest)
            assert _stored(client) == others


def test_what_an_index_lists_is_deleted_after_it_and_the_artifact_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with emulated_aws():
        client = aws.ecr_client()
        access = _opened(client)
        documents = _pushed(client, "1.0.0")
        delete, order = client.batch_delete_image, []

        def recorded(**call: Any) -> Any:
            order.append({image.get("imageDigest", "index") for image in call["imageIds"]})
            return delete(**call)

        monkeypatch.setattr(client, "batch_delete_image", recorded)
        access.delete_artifact(PATH, documents.manifest.descriptor.digest)
        referrers = {referrer.descriptor.digest for referrer in documents.referrers}
        assert (order[0], order[-2:]) == ({"index"}, [referrers, {documents.manifest.descriptor.digest}])
        assert len(order) == 4  # the replaced index as well


def test_nothing_is_deleted_where_there_is_no_repository() -> None:
    with emulated_aws():
        EcrAccess(aws.ecr_client()).delete_artifact(PATH, f"sha256:{'0' * 64}")


def test_image_that_ecr_keeps_is_a_port_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with emulated_aws():
        client = aws.ecr_client()
        access = _opened(client)
        digest = _pushed(client, "1.0.0").manifest.descriptor.digest
        kept = {"failures": [{"failureCode": "ImageReferencedByManifestList"}], "imageIds": []}
        monkeypatch.setattr(client, "batch_delete_image", lambda **_: kept)
        with pytest.raises(PortError, match="ImageReferencedByManifestList"):
            access.delete_artifact(PATH, digest)
