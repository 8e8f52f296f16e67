"""The AWS adapters over moto, as one of the implementations that the contract suites run on.

Artifacts go to a real OCI registry on loopback, when there is one: moto's ECR keeps
images and has no distribution API. moto keeps everything else in this process. It is not safe against threads where
DynamoDB is: each API call is atomic in AWS, so here each call holds a lock.
Upload links are not enforced by moto (``put_upload`` is None); the whole-stack
test in ministack and the test of the signed headers cover them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from botocore.client import BaseClient
from moto import mock_aws

from chalicelib.adapters import aws
from chalicelib.adapters.dynamo.accounts import DynamoAccounts
from chalicelib.adapters.dynamo.appeals import DynamoAppeals
from chalicelib.adapters.dynamo.audit_trail import DynamoAuditTrail
from chalicelib.adapters.dynamo.catalog import DynamoCatalog
from chalicelib.adapters.dynamo.index_state import DynamoIndexState
from chalicelib.adapters.dynamo.publishes import DynamoPublishes
from chalicelib.adapters.dynamo.rate_limits import DynamoRateLimits
from chalicelib.adapters.dynamo.tables import Tables, open_tables
from chalicelib.adapters.kms import KmsSigner
from chalicelib.adapters.s3 import S3BlobStore
from chalicelib.adapters.stepfunctions import StepFunctionsExecutions
from tests.support.oci_registry import RegistryOnDemand, is_installed
from tests.support.ports_under_test import PortsUnderTest

REGION: Final = "eu-central-1"
BUCKET = "tank-test-registry"
PREFIX = "tank-test"
_STATE_MACHINE = Path(__file__).parents[2] / "pipeline" / "publish.asl.json"
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
}


@contextmanager
def aws_ports() -> Iterator[PortsUnderTest]:
    """Yields the AWS adapters over empty, freshly made resources."""
    with emulated_aws(), ExitStack() as stack:
        tables = made_tables()
        artifacts = RegistryOnDemand(stack) if is_installed() else None
        states = aws.stepfunctions_client()
        machine = made_state_machine(states)

        def started() -> tuple[str, ...]:
            executions = states.list_executions(stateMachineArn=machine)["executions"]
            return tuple(sorted(execution["name"] for execution in executions))

        yield PortsUnderTest(
            catalog=DynamoCatalog(tables),
            publishes=DynamoPublishes(tables),
            accounts=DynamoAccounts(tables),
            appeals=DynamoAppeals(tables),
            audit_trail=DynamoAuditTrail(tables),
            rate_limits=DynamoRateLimits(tables),
            index_state=DynamoIndexState(tables),
            blobs=S3BlobStore(made_bucket(), BUCKET, now=lambda: int(time.time())),
            signer=KmsSigner(aws.kms_client(), made_key()),
            artifacts=artifacts,
            pull=artifacts.pull if artifacts else None,
            executions=StepFunctionsExecutions(states, machine),
            started_executions=started,
        )


@contextmanager
def emulated_aws() -> Iterator[None]:
    """Emulates AWS in this process for a while, one API call at a time."""
    lock = threading.RLock()
    original = BaseClient.__dict__["_make_api_call"]

    def one_at_a_time(client: BaseClient, *args: Any) -> Any:
        with lock:
            return original(client, *args)

    with ExitStack() as stack:
        stack.enter_context(patch.dict("os.environ", _ENVIRONMENT))
        stack.enter_context(mock_aws())
        stack.enter_context(patch.object(BaseClient, "_make_api_call", one_at_a_time))
        yield


def made_tables() -> Tables:
    """Returns the tables, created."""
    tables = open_tables(PREFIX, region=REGION)
    for model in tables.models().values():
        model.create_table(billing_mode="PAY_PER_REQUEST", wait=False)
    return tables


def made_bucket() -> Any:
    """Returns an S3 client whose bucket exists and keeps versions."""
    client = aws.s3_client()
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client


def made_key() -> str:
    """Returns the id of a fresh signing key."""
    key = aws.kms_client().create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    return key["KeyMetadata"]["KeyId"]


def made_state_machine(client: Any) -> str:
    """Returns the ARN of the publish state machine."""
    made = client.create_state_machine(
        name="publish",
        definition=_STATE_MACHINE.read_text(),
        roleArn="arn:aws:iam::123456789012:role/states",
    )
    return str(made["stateMachineArn"])
