"""The state machines: ``pipeline/publish.asl.json`` and ``rescan.asl.json`` as they are, and what surrounds them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from infra.aws.names import Template, arn_of, ref, sub

PUBLISH, RESCAN = "publish", "rescan"
MACHINES = (PUBLISH, RESCAN)
_PIPELINE = Path(__file__).parents[2] / "pipeline"
_PLACEHOLDER = re.compile(r"\$\{(\w+)FunctionArn\}")


def definition(machine: str = PUBLISH) -> dict[str, Any]:
    """Returns a state machine, read from its single source."""
    value: dict[str, Any] = json.loads(_text(machine))
    return value


def invoked_functions(machine: str = PUBLISH) -> tuple[str, ...]:
    """Returns the names of the functions that the definition's placeholders want, sorted."""
    return tuple(sorted(set(_PLACEHOLDER.findall(_text(machine)))))


def workflow_resources() -> Template:
    """Returns the state machines, each with its role and log group, and what starts rescans."""
    resources: Template = {}
    for machine in MACHINES:
        resources |= _machine(machine)
    return resources | _rescan_schedule()


def _text(machine: str) -> str:
    return (_PIPELINE / f"{machine}.asl.json").read_text()


def _machine(machine: str) -> Template:
    functions, name = invoked_functions(machine), machine.title()
    return {
        f"{name}StateMachine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": sub(f"${{Prefix}}-{machine}"),
                "StateMachineType": "STANDARD",
                "Definition": definition(machine),
                "DefinitionSubstitutions": {f"{f}FunctionArn": arn_of(f"{f}Function") for f in functions},
                "RoleArn": arn_of(f"{name}Role"),
                "LoggingConfiguration": {
                    "Level": "ERROR",
                    # Working documents may quote what a hostile package contains.
                    "IncludeExecutionData": False,
                    "Destinations": [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn_of(f"{name}Logs")}}],
                },
                "TracingConfiguration": {"Enabled": True},
            },
        },
        f"{name}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            # Step Functions writes only to groups whose name begins like this, once there are many.
            "Properties": {
                "LogGroupName": sub(f"/aws/vendedlogs/states/${{Prefix}}-{machine}"),
                "RetentionInDays": 90,
            },
        },
        f"{name}Role": _role(functions),
    }


def _rescan_schedule() -> Template:
    """Rules come with a deployment, so a look now and then finds what is due; most looks find nothing."""
    return {
        "RescanSchedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "Judges published versions again that other rules judged than today's",
                "ScheduleExpression": "rate(1 hour)",
                "Targets": [
                    {
                        "Id": "rescan",
                        "Arn": ref("RescanStateMachine"),
                        "RoleArn": arn_of("RescanScheduleRole"),
                        "Input": "{}",
                    }
                ],
            },
        },
        "RescanScheduleRole": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": _assumed_by("events.amazonaws.com"),
                "Policies": [
                    _policy(
                        "start-rescans",
                        [
                            {
                                "Effect": "Allow",
                                "Action": "states:StartExecution",
                                "Resource": ref("RescanStateMachine"),
                            }
                        ],
                    )
                ],
            },
        },
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
            "AssumeRolePolicyDocument": _assumed_by("states.amazonaws.com"),
            "Policies": [_policy("run-stages", statements)],
        },
    }


def _assumed_by(service: str) -> Template:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
            }
        ],
    }


def _policy(name: str, statements: list[Template]) -> Template:
    return {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
