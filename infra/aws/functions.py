"""The functions: the API's additions, the five stages, a rescan's steps, those with a key, starter, sweeper and ends.

Each has a role and a log group of its own. Analyze, and a rescan's Scan, run semgrep on
untrusted bytes from a container image, in a network that reaches the object store, the
tables of attempts and appeals, and nothing else (``network``); every other function is a zip.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from infra.aws.names import (
    BUCKET,
    BUCKET_ARN,
    INDEX_FUNCTION,
    INDEX_KEY_ALIAS,
    KEY_ALIAS,
    OCI_REGISTRY,
    STATE_MACHINE_ARN,
    WAIVER_FUNCTION,
    Template,
    arn_of,
    ref,
    sub,
)
from infra.aws.rights import RIGHTS

STAGES_ZIP = "./stages.zip"
RUNTIME = "python3.11"
TRUSTED_ROOT = "/var/task/sigstore/_store/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev/trusted_root.json"
LOG_DAYS = 90


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a function is, and how long one call may take."""

    memory_mib: int
    timeout_seconds: int  # of a step never above the state's own TimeoutSeconds in its definition


# Memory buys CPU in Lambda: 1769 MiB are one core.
SHAPES = {
    "Starter": Shape(512, 30),
    "Sweeper": Shape(512, 60),
    "Sign": Shape(1024, 60),
    "Validate": Shape(1024, 60),
    "Score": Shape(512, 30),
    "Store": Shape(1024, 120),
    "Index": Shape(1024, 900),  # a publish takes a second; a rebuild writes every document again
    "Waive": Shape(512, 30),
    "Reject": Shape(512, 30),
    "Fail": Shape(512, 30),
    "RescanPick": Shape(512, 120),  # one look reads the whole table of versions
    "RescanRecord": Shape(1024, 120),
    "RescanWithdraw": Shape(512, 120),
    "RescanFail": Shape(512, 30),
}
ANALYZE = Shape(3538, 300)
_HANDLERS = {"Starter": "start", "Sweeper": "sweep"}
_IMAGES = ("Analyze", "RescanScan")
_RIGHTS_OF = {"Sweeper": "Starter"}  # it does what a lost upload event would have done


def function_resources() -> Template:
    """Returns every function with its role and log group, and what wakes the starter and sweeper."""
    resources: Template = {"ApiRole": _role("Api"), "APIHandler": _api_additions()}
    resources |= _log_group("Api")
    for name, shape in SHAPES.items():
        resources |= _log_group(name)
        resources[f"{name}Role"] = _role(name)
        resources[f"{name}Function"] = _zip_function(name, shape)
    for name in _IMAGES:
        resources |= _log_group(name)
        resources[f"{name}Role"] = _role(name, in_network=True)
        resources[f"{name}Function"] = _image_function(name)
    return resources | _starter_wiring() | _index_schedule()


def environment() -> Template:
    """Returns the environment that ``chalicelib.settings`` reads."""
    return {
        "Variables": {
            "TANK_PUBLIC_URL": ref("PublicUrl"),
            "TANK_BUCKET": BUCKET,
            "TANK_TABLE_PREFIX": ref("Prefix"),
            "TANK_STATE_MACHINE_ARN": sub(STATE_MACHINE_ARN),
            "TANK_KMS_KEY_ID": KEY_ALIAS,
            "TANK_INDEX_FUNCTION": INDEX_FUNCTION,
            "TANK_WAIVER_FUNCTION": WAIVER_FUNCTION,
            "TANK_OCI_REGISTRY": OCI_REGISTRY,
        }
    }


def _api_additions() -> Template:
    """Returns what is merged over the function that Chalice writes."""
    return {
        "Properties": {
            "Role": arn_of("ApiRole"),
            "Environment": {
                "Variables": {**environment()["Variables"], "TANK_EDGE_SECRET": ref("EdgeSecret")}
            },
            "LoggingConfig": {"LogGroup": ref("ApiLogs")},
        }
    }


def _zip_function(name: str, shape: Shape) -> Template:
    function = {
        "CodeUri": STAGES_ZIP,
        "Handler": _handler(name),
        "Runtime": RUNTIME,
        **_common(name, shape),
    }
    function["Environment"]["Variables"]["TANK_TRUSTED_ROOT"] = TRUSTED_ROOT
    if name == "Index":
        # One at a time: callers wait for their turn, and no two rounds meet.
        function["ReservedConcurrentExecutions"] = 1
        function["Environment"]["Variables"]["TANK_INDEX_KMS_KEY_ID"] = INDEX_KEY_ALIAS
    if name in ("Score", "RescanRecord"):
        function["Environment"]["Variables"]["TANK_EARLIER_KEYS"] = ref("EarlierAttestationKeys")
    if name in ("RescanRecord", "RescanWithdraw"):
        function["Environment"]["Variables"]["TANK_RESCAN_TAKEDOWN"] = ref("RescanTakedown")
    return {"Type": "AWS::Serverless::Function", "Properties": function}


def _handler(name: str) -> str:
    return f"pipeline.handlers.{_HANDLERS.get(name, _words(name).replace('-', '_'))}.handler"


def _words(name: str) -> str:
    """Returns a function's name as AWS and Python have it, such as ``rescan-pick``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _image_function(name: str) -> Template:
    properties = {
        "PackageType": "Image",
        "ImageUri": ref("AnalyzeImageUri"),
        "ImageConfig": {"Command": [_handler(name)]},
        "EphemeralStorage": {"Size": 1024},
        "VpcConfig": {
            "SecurityGroupIds": [{"Fn::GetAtt": ["AnalyzeSecurityGroup", "GroupId"]}],
            "SubnetIds": [ref("AnalyzeSubnetA"), ref("AnalyzeSubnetB")],
        },
        **_common(name, ANALYZE),
    }
    properties["Environment"]["Variables"]["TANK_SEMGREP"] = "/opt/semgrep/bin/semgrep"
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def _common(name: str, shape: Shape) -> Template:
    return {
        "FunctionName": sub(f"${{Prefix}}-{_words(name)}"),
        "Role": arn_of(f"{name}Role"),
        "MemorySize": shape.memory_mib,
        "Timeout": shape.timeout_seconds,
        "Architectures": ["x86_64"],
        "Tracing": "Active",
        "LoggingConfig": {"LogGroup": ref(f"{name}Logs")},
        "Environment": environment(),
    }


def _log_group(name: str) -> Template:
    return {
        f"{name}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "LogGroupName": sub(f"/tank/${{Prefix}}/{_words(name)}"),
                "RetentionInDays": LOG_DAYS,
            },
        }
    }


def _role(name: str, *, in_network: bool = False) -> Template:
    rights = RIGHTS[_RIGHTS_OF.get(name, name)]
    statements = [right.statement() for right in rights]
    statements += [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": arn_of(f"{name}Logs"),
        },
        {
            "Effect": "Allow",
            "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
            "Resource": "*",
        },
    ]
    if name == "Starter":
        statements.append({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn_of("LostUploads")})
    properties: Template = {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        "Policies": [
            {
                "PolicyName": "least-privilege",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }
        ],
    }
    if in_network:
        managed = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
        properties["ManagedPolicyArns"] = [sub(managed)]
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def _index_schedule() -> Template:
    """A timestamp lives for a day and is signed again after half of it: hourly leaves room for failures."""
    return {
        "IndexSchedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "Signs again what of the index would expire, and finishes what a crash left",
                "ScheduleExpression": "rate(1 hour)",
                "Targets": [
                    {"Id": "index", "Arn": arn_of("IndexFunction"), "Input": json.dumps({"resign": True})}
                ],
            },
        },
        "IndexSchedulePermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref("IndexFunction"),
                "Principal": "events.amazonaws.com",
                "SourceArn": arn_of("IndexSchedule"),
            },
        },
    }


def _starter_wiring() -> Template:
    """The object event starts a publish; what it loses after its retries, the sweeper finds."""
    return {
        "StarterPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref("StarterFunction"),
                "Principal": "s3.amazonaws.com",
                "SourceAccount": ref("AWS::AccountId"),
                "SourceArn": sub(BUCKET_ARN),
            },
        },
        "StarterRetries": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": ref("StarterFunction"),
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 2,
                "DestinationConfig": {"OnFailure": {"Destination": arn_of("LostUploads")}},
            },
        },
        "LostUploads": {
            "Type": "AWS::SQS::Queue",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True},
        },
        "SweeperSchedule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": "Starts what lost events should have started, and expires what nobody uploaded",
                "ScheduleExpression": "rate(15 minutes)",
                "Targets": [{"Id": "sweeper", "Arn": arn_of("SweeperFunction")}],
            },
        },
        "SweeperPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": ref("SweeperFunction"),
                "Principal": "events.amazonaws.com",
                "SourceArn": arn_of("SweeperSchedule"),
            },
        },
    }
