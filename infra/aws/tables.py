"""The DynamoDB tables, made from the row models that the adapters use."""

from __future__ import annotations

from typing import Any

from chalicelib.adapters.dynamo.tables import RateWindowRow, open_tables
from infra.aws.names import Template, sub


def table_resources() -> Template:
    """Returns one ``AWS::DynamoDB::Table`` per row model."""
    models = open_tables("unused", region="us-east-1").models()
    return {_logical_id(name): _table(name, model) for name, model in models.items()}


def table_names() -> tuple[str, ...]:
    """Returns the tables' names without the prefix, sorted."""
    return tuple(sorted(open_tables("unused", region="us-east-1").models()))


def _logical_id(name: str) -> str:
    return "".join(part.title() for part in name.split("_")) + "Table"


def _table(name: str, model: Any) -> Template:
    schema = model._get_schema()  # pynamodb's own description of what CreateTable needs
    properties: Template = {
        "TableName": sub(f"${{Prefix}}-{name}"),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": a["AttributeName"], "AttributeType": a["AttributeType"]}
            for a in sorted(schema["attribute_definitions"], key=lambda a: a["AttributeName"])
        ],
        "KeySchema": _keys(schema["key_schema"]),
        "SSESpecification": {"SSEEnabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
    }
    indexes = schema["global_secondary_indexes"]
    if indexes:
        properties["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index["index_name"],
                "KeySchema": _keys(index["key_schema"]),
                "Projection": {"ProjectionType": index["projection"]["ProjectionType"]},
            }
            for index in indexes
        ]
    if issubclass(model, RateWindowRow):
        # Counters of windows that ended are worth nothing: no backup, and no protection.
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires_at", "Enabled": True}
        properties["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": False}
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _keys(schema: list[dict[str, str]]) -> list[Template]:
    """Returns the key schema with the hash key first, as CloudFormation wants it."""
    ordered = sorted(schema, key=lambda key: key["KeyType"])
    return [{"AttributeName": key["AttributeName"], "KeyType": key["KeyType"]} for key in ordered]
