"""The one place where adapters are built.

In AWS, ``ports()`` builds them from the environment on first use and keeps them
for the life of the Lambda. The embedded registry, and tests, give their own with
``provide`` before the first request. Adapters are imported inside the functions
that build them: what a deployment does not use, it need not have installed.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.ports.registry import RegistryPorts
from chalicelib.ports.request_log import RequestLog
from chalicelib.ports.second_opinion import SecondOpinion
from chalicelib.settings import (
    AwsSettings,
    SecondOpinionSettings,
    Settings,
    SettingsError,
    from_environment,
    log_level,
)

if TYPE_CHECKING:
    from chalicelib.adapters.tuf.writer import TufIndexWriter

_lock = threading.Lock()
_provided: RegistryPorts | None = None
_request_log: RequestLog | None = None
_index_writer: TufIndexWriter | None = None

# API Gateway gives up after 29 seconds; a caller that lost its turn must still be able to say so.
_INDEX_PATIENCE_SECONDS = 20.0


def provide(ports: RegistryPorts | None, log: RequestLog | None = None) -> None:
    """Makes these the ports of this process, and this its request log; None forgets them."""
    global _provided, _request_log
    with _lock:
        _provided, _request_log = ports, log


def ports() -> RegistryPorts:
    """Returns the ports of this process, built from the environment when nobody provided any.

    Raises:
        SettingsError: the environment is not usable.
    """
    global _provided
    with _lock:
        if _provided is None:
            _provided = _aws_ports(from_environment(os.environ))
        return _provided


def request_log() -> RequestLog:
    """Returns where the API writes one structured line per request.

    On one machine the terminal is the operator's: only what broke is written there, on stderr.
    """
    global _request_log
    with _lock:
        if _request_log is None:
            from chalicelib.adapters.logging import StructuredLog

            if _provided is not None and _provided.settings.aws is None:
                _request_log = StructuredLog("WARNING", stream=sys.stderr)
            else:
                _request_log = StructuredLog(log_level(os.environ))
        return _request_log


def _aws_ports(settings: Settings) -> RegistryPorts:
    """Returns the ports of a deployment in AWS; no call leaves before one of them is used."""
    from chalicelib.adapters import aws
    from chalicelib.adapters.dynamo.accounts import DynamoAccounts
    from chalicelib.adapters.dynamo.appeals import DynamoAppeals
    from chalicelib.adapters.dynamo.audit_trail import DynamoAuditTrail
    from chalicelib.adapters.dynamo.catalog import DynamoCatalog
    from chalicelib.adapters.dynamo.publishes import DynamoPublishes
    from chalicelib.adapters.dynamo.rate_limits import DynamoRateLimits
    from chalicelib.adapters.dynamo.tables import open_tables
    from chalicelib.adapters.ecr import artifact_registry
    from chalicelib.adapters.index_function import FunctionIndexWriter
    from chalicelib.adapters.kms import KmsSigner
    from chalicelib.adapters.oidc import OidcVerifier, well_known_key_sources
    from chalicelib.adapters.s3 import S3BlobStore
    from chalicelib.adapters.semgrep import SemgrepScanner
    from chalicelib.adapters.sigstore import SigstoreVerifier
    from chalicelib.adapters.stepfunctions import StepFunctionsExecutions
    from chalicelib.adapters.system import SystemClock, SystemIds
    from chalicelib.adapters.waiver_function import FunctionWaiverIssuer

    names = _aws_settings(settings)
    clock, tables = SystemClock(), open_tables(names.table_prefix)
    return RegistryPorts(
        settings=settings,
        clock=clock,
        ids=SystemIds(),
        blobs=S3BlobStore(aws.s3_client(), names.bucket, now=clock.now),
        catalog=DynamoCatalog(tables),
        publishes=DynamoPublishes(tables),
        accounts=DynamoAccounts(tables),
        audit_trail=DynamoAuditTrail(tables),
        rate_limits=DynamoRateLimits(tables),
        index=FunctionIndexWriter(
            aws.lambda_client(), names.index_function, patience_seconds=_INDEX_PATIENCE_SECONDS
        ),
        executions=StepFunctionsExecutions(aws.stepfunctions_client(), names.state_machine_arn),
        signer=KmsSigner(aws.kms_client(), names.kms_key_id),
        artifacts=artifact_registry(names.oci_registry, insecure=names.oci_insecure),
        bundles=SigstoreVerifier(settings.trusted_root_path),
        id_tokens=OidcVerifier(well_known_key_sources(), clock.now),
        scanner=SemgrepScanner(Path(settings.semgrep_path)),
        appeals=DynamoAppeals(tables),
        waivers=FunctionWaiverIssuer(aws.lambda_client(), names.waiver_function),
        second_opinion=second_opinion(settings.second_opinion),
    )


def second_opinion(asked: SecondOpinionSettings) -> SecondOpinion:
    """Returns whom a registry asks for a second opinion.

    Raises:
        SettingsError: the address is not safe to send a package to.
    """
    from chalicelib.adapters.second_opinion.model import ModelOpinion
    from chalicelib.adapters.second_opinion.nobody import Nobody
    from chalicelib.adapters.second_opinion.program import ProgramOpinion

    if asked.program:
        return ProgramOpinion(Path(asked.program), timeout_seconds=asked.timeout_seconds)
    if not asked.url:
        return Nobody()
    try:
        return ModelOpinion(asked.url, asked.model, asked.key, timeout_seconds=asked.timeout_seconds)
    except ValueError as error:
        raise SettingsError(f"TANK_SECOND_OPINION_URL: {error}") from error


def index_writer() -> TufIndexWriter:
    """Returns the index writer itself: for the one function in AWS whose role may sign and write the index.

    Raises:
        SettingsError: the environment is not usable.
    """
    from chalicelib.adapters import aws
    from chalicelib.adapters.dynamo.index_state import DynamoIndexState
    from chalicelib.adapters.dynamo.tables import open_tables
    from chalicelib.adapters.kms import KmsSigner
    from chalicelib.adapters.tuf.writer import TufIndexWriter

    global _index_writer
    common = ports()
    with _lock:
        if _index_writer is None:
            names = _aws_settings(common.settings)
            _index_writer = TufIndexWriter(
                blobs=common.blobs,
                catalog=common.catalog,
                state=DynamoIndexState(open_tables(names.table_prefix)),
                signer=KmsSigner(aws.kms_client(), names.index_kms_key_id),
                clock=common.clock,
            )
        return _index_writer


def _aws_settings(settings: Settings) -> AwsSettings:
    if settings.aws is None:
        raise SettingsError("these settings are not of a deployment in AWS")
    return settings.aws
