"""The one place that imports boto3: clients, and what their failures mean to a port.

Credentials and region come from where boto3 finds them (the function's role);
``AWS_ENDPOINT_URL*`` points the same code at an emulator. Clients are made once
per cold start and are safe to share between threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.ports.errors import ConditionFailed, Missing, PortError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

# A stage has tens of seconds; one hung connection must leave room for a retry.
_CONFIG = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 4, "mode": "standard"})
# The default would sign a CRC32 into upload links, which publishers cannot know.
_S3_CONFIG = _CONFIG.merge(Config(signature_version="s3v4", request_checksum_calculation="when_required"))

_CONDITION = frozenset({"412", "PreconditionFailed", "ConditionalRequestConflict"})


def s3_client(region: str | None = None) -> S3Client:
    """Returns a client that signs with version 4 and adds no checksum that a caller did not ask for."""
    return boto3.client("s3", region_name=region, config=_S3_CONFIG)


def stepfunctions_client(region: str | None = None) -> SFNClient:
    """Returns a Step Functions client."""
    return boto3.client("stepfunctions", region_name=region, config=_CONFIG)


def lambda_client(region: str | None = None, *, read_timeout_seconds: int = 25) -> LambdaClient:
    """Returns a Lambda client that repeats nothing by itself: who waits for a turn says for how long."""
    once = Config(read_timeout=read_timeout_seconds, retries={"total_max_attempts": 1})
    return boto3.client("lambda", region_name=region, config=_CONFIG.merge(once))


def kms_client(region: str | None = None) -> KMSClient:
    """Returns a KMS client."""
    return boto3.client("kms", region_name=region, config=_CONFIG)


def ecr_client(region: str | None = None) -> ECRClient:
    """Returns an ECR client."""
    return boto3.client("ecr", region_name=region, config=_CONFIG)


def cloudformation_client(region: str | None = None) -> CloudFormationClient:
    """Returns a CloudFormation client, for operators' commands."""
    return boto3.client("cloudformation", region_name=region, config=_CONFIG)


@contextmanager
def port_errors(
    what: str, *, missing: frozenset[str] = frozenset(), changed: frozenset[str] = frozenset()
) -> Iterator[None]:
    """Turns a failure of an AWS call into the error that the port names.

    Args:
        what: the call, for the message that operators read; no secrets.
        missing: error codes that, for this call, say that the thing is not there.
        changed: more error codes that say that a condition did not hold.

    Raises:
        Missing: the thing is not there.
        ConditionFailed: a conditional write found another state.
        PortError: anything else.
    """
    try:
        yield
    except ClientError as exc:
        code = str(exc.response.get("Error", {}).get("Code", "Unknown"))
        if code in missing:
            raise Missing(f"{what}: {code}") from exc
        if code in _CONDITION or code in changed:
            raise ConditionFailed(f"{what}: {code}") from exc
        raise PortError(f"{what}: {code}") from exc
    except BotoCoreError as exc:
        raise PortError(f"{what}: {type(exc).__name__}") from exc
