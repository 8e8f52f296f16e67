"""ECR's own needs, against moto; pushing itself is tested on a real registry."""

from __future__ import annotations

from chalicelib.adapters import aws
from chalicelib.adapters.ecr import EcrAccess
from tests.support.aws_ports import emulated_aws


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
