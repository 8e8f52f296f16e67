"""Names that several resources must agree on.

They are composed from the parameter ``Prefix`` instead of referred to, because
the bucket notifies a function whose role names the bucket, and the state machine
runs functions that know its address: references would be a circle.
"""

from __future__ import annotations

from typing import Any

Template = dict[str, Any]


def sub(text: str) -> Template:
    """Returns ``Fn::Sub`` of a text."""
    return {"Fn::Sub": text}


def ref(name: str) -> Template:
    """Returns ``Ref`` to a parameter or resource."""
    return {"Ref": name}


def arn_of(resource: str) -> Template:
    """Returns the ARN of a resource of this template."""
    return {"Fn::GetAtt": [resource, "Arn"]}


BUCKET = sub("${Prefix}-registry-${AWS::AccountId}-${AWS::Region}")
BUCKET_ARN = "arn:${AWS::Partition}:s3:::${Prefix}-registry-${AWS::AccountId}-${AWS::Region}"
STATE_MACHINE_ARN = (
    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${Prefix}-publish"
)
OCI_REGISTRY = sub("${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/${Prefix}")
OCI_REPOSITORIES_ARN = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/${Prefix}/*"
INDEX_FUNCTION = sub("${Prefix}-index")
INDEX_FUNCTION_ARN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Prefix}-index"
WAIVER_FUNCTION = sub("${Prefix}-waive")
WAIVER_FUNCTION_ARN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Prefix}-waive"
INDEX_KEY_ALIAS = sub("alias/${Prefix}-index")
KEY_ALIAS = sub("alias/${Prefix}-attestations")


def table_arn(table: str) -> Template:
    """Returns the ARN of a DynamoDB table by its name without the prefix."""
    return sub(
        f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{Prefix}}-{table}"
    )


def index_arn(table: str) -> Template:
    """Returns the ARN pattern of a table's indexes."""
    return sub(
        f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/${{Prefix}}-{table}/index/*"
    )


def objects_arn(*prefixes: str) -> list[Template]:
    """Returns the ARN patterns of the objects below some prefixes of the bucket."""
    return [sub(f"{BUCKET_ARN}/{prefix}*") for prefix in prefixes]
