"""A few alarms that mean that somebody must look, and one dashboard to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence

from infra.aws.names import INDEX_FUNCTION, Template, ref, sub

_STAGES = ("sign", "analyze", "validate", "score", "store")


def monitoring_resources() -> Template:
    """Returns the alarms, their topic and the dashboard."""
    machine = [{"Name": "StateMachineArn", "Value": ref("PublishStateMachine")}]
    api = [{"Name": "ApiName", "Value": "tank"}, {"Name": "Stage", "Value": "api"}]
    queue = [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["LostUploads", "QueueName"]}}]
    return {
        "AlarmTopic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "KmsMasterKeyId": "alias/aws/sns",
                "Subscription": {
                    "Fn::If": [
                        "HasAlarmEmail",
                        [{"Protocol": "email", "Endpoint": ref("AlarmEmail")}],
                        ref("AWS::NoValue"),
                    ]
                },
            },
        },
        "PublishFailedAlarm": _alarm(
            "A publish failed by the registry's fault: see the execution, mend, redrive",
            ("AWS/States", "ExecutionsFailed", "Sum"),
            machine,
        ),
        "PublishTimedOutAlarm": _alarm(
            "A publish ran out of time", ("AWS/States", "ExecutionsTimedOut", "Sum"), machine
        ),
        "RescanFailedAlarm": _alarm(
            "Published versions could not be scanned again, or the functions have different rules: see the "
            "execution and the log of rescan-fail; every version keeps its verdict",
            ("AWS/States", "ExecutionsFailed", "Sum"),
            [{"Name": "StateMachineArn", "Value": ref("RescanStateMachine")}],
        ),
        "LostUploadsAlarm": _alarm(
            "Upload events could not be handled; the sweeper starts them within 15 minutes",
            ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
            queue,
        ),
        "IndexAlarm": _alarm(
            "The index could not be signed, was tampered with, or its root or targets expire within a month: "
            "see the index function's log and docs/tuf-ceremony.md",
            ("AWS/Lambda", "Errors", "Sum"),
            [{"Name": "FunctionName", "Value": INDEX_FUNCTION}],
        ),
        "ApiErrorsAlarm": _alarm(
            "The API answers with errors of its own", ("AWS/ApiGateway", "5XXError", "Sum"), api, at_least=5
        ),
        "ApiSlowAlarm": _alarm(
            "One in a hundred API requests takes longer than three seconds",
            ("AWS/ApiGateway", "Latency", "p99"),
            api,
            at_least=3000,
            periods=3,
        ),
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": sub("${Prefix}-registry"), "DashboardBody": sub(_dashboard())},
        },
    }


def _alarm(
    description: str,
    metric: tuple[str, str, str],
    dimensions: list[Template],
    *,
    at_least: int = 1,
    periods: int = 1,
) -> Template:
    namespace, name, statistic = metric
    key = "ExtendedStatistic" if statistic.startswith("p") else "Statistic"
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": name,
            key: statistic,
            "Dimensions": dimensions,
            "Period": 300,
            "EvaluationPeriods": periods,
            "Threshold": at_least,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("AlarmTopic")],
        },
    }


def _dashboard() -> str:
    executions = [
        ["AWS/States", metric, "StateMachineArn", "${PublishStateMachine}"]
        for metric in ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
    ]
    durations = [
        ["AWS/Lambda", "Duration", "FunctionName", f"${{Prefix}}-{stage}", {"stat": "p90"}]
        for stage in _STAGES
    ]
    api = [
        ["AWS/ApiGateway", metric, "ApiName", "tank", "Stage", "api"]
        for metric in ("Count", "4XXError", "5XXError")
    ]
    reads = [
        ["AWS/CloudFront", metric, "DistributionId", "${Distribution}", "Region", "Global"]
        for metric in ("Requests", "4xxErrorRate", "5xxErrorRate")
    ]
    widgets = [
        _widget("Publishes", executions, "Sum", 0, "${AWS::Region}"),
        _widget("Stages, p90 in milliseconds", durations, "p90", 1, "${AWS::Region}"),
        _widget("API", api, "Sum", 2, "${AWS::Region}"),
        _widget("Reads through the CDN", reads, "Sum", 3, "us-east-1"),
    ]
    return json.dumps({"widgets": widgets}, sort_keys=True)


def _widget(
    title: str, metrics: Sequence[Sequence[object]], statistic: str, place: int, region: str
) -> Template:
    return {
        "type": "metric",
        "x": 12 * (place % 2),
        "y": 6 * (place // 2),
        "width": 12,
        "height": 6,
        "properties": {
            "title": title,
            "metrics": metrics,
            "stat": statistic,
            "period": 300,
            "region": region,
            "view": "timeSeries",
        },
    }
