"""The publish state machine: ``pipeline/publish.asl.json`` as it is, and what surrounds it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from infra.aws.names import STATE_MACHINE, Template, arn_of, sub

DEFINITION = Path(__file__).parents[2] / "pipeline" / "publish.asl.json"
_PLACEHOLDER = re.compile(r"\$\{(\w+)FunctionArn\}")


def definition() -> dict[str, Any]:
    """Returns the state machine, read from its single source."""
    value: dict[str, Any] = json.loads(DEFINITION.read_text())
    return value


def invoked_functions() -> tuple[str, ...]:
    """Returns the names of the functions that the definition's placeholders want, sorted."""
    return tuple(sorted(set(_PLACEHOLDER.findall(DEFINITION.read_text()))))


def workflow_resources() -> Template:
    """Returns the state machine with its role and log group."""
    functions = invoked_functions()
    return {
        "PublishStateMachine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": STATE_MACHINE,
                "StateMachineType": "STANDARD",
                "Definition": definition(),
                "DefinitionSubstitutions": {f"{f}FunctionArn": arn_of(f"{f}Function") for f in functions},
                "RoleArn": arn_of("PublishRole"),
                "LoggingConfiguration": {
                    "Level": "ERROR",
                    # Working documents may quote what a hostile package contains.
                    "IncludeExecutionData": False,
                    "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn_of("PublishLogs")}}],
                },
                "TracingConfiguration": {"Enabled": True},
            },
        },
        "PublishLogs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            # Step Functions writes only to groups whose name begins like this, once there are many.
            "Properties": {
                "LogGroupName": sub("/aws/vendedlogs/states/${Prefix}-publish"),
                "RetentionInDays": 90,
            },
        },
        "PublishRole": _role(functions),
    }


def _role(functions: tuple[str, ...]) -> Template:
    statements: list[Template] = [
        {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": [arn_of(f"{name}Function") for name in functions],
        },
        {
            # Log delivery has no resource-level permissions (Step Functions guide, "CloudWatch Logs").
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": "*",
        },
    ]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": "run-stages",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
        },
    }
