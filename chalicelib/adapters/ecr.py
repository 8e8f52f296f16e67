"""What ECR wants beyond the distribution API: a fresh password, and a repository before the first push.

Version tags are immutable in the registry itself; only the fallback indexes
``sha256-<hex>`` may be replaced, because they grow.

Source: ECR API reference, GetAuthorizationToken and CreateRepository; ECR user
guide, "Image tag mutability".
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from chalicelib.adapters.aws import ecr_client, port_errors
from chalicelib.adapters.oci import OciRegistry
from chalicelib.ports.errors import PortError

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_HOST_PART = ".dkr.ecr."


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
    )


class EcrAccess:
    """Credentials and repositories of one account's private registry."""

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
