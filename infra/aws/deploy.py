"""``python -m infra.aws.deploy``: package, upload, create or update the stack. Safe to repeat.

The base URL that clients use is written into attestations and into the API's
answers, and is the CDN's own address when there is no domain. The CDN stands
behind the API in the template, so the first deployment without a domain takes
two passes: one to learn the address, one to tell everybody.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import cloudformation_client, s3_client
from infra.aws.package import ROOT, TEMPLATE, package
from infra.aws.template import PENDING_URL

_GENERATED = "EdgeSecret"  # a parameter
_GENERATED_BYTES = 32

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Deployment:
    """What to deploy, and where.

    Attributes:
        artifacts_bucket: an existing bucket of the operator; holds zips and templates by digest.
        parameters: of the template; those that are left out keep their value, and a secret is made once.
    """

    stack: str
    artifacts_bucket: str
    packaged: Path
    parameters: Mapping[str, str] = field(default_factory=dict)


class DeploymentError(Exception):
    """The stack did not become what was asked; CloudFormation's events say why."""


def deploy(deployment: Deployment, s3: S3Client, cloudformation: CloudFormationClient) -> dict[str, str]:
    """Brings the stack to the packaged template; returns its outputs.

    Raises:
        DeploymentError: a pass did not complete.
    """
    template = uploaded_template(deployment, s3)
    outputs = _apply(deployment, template, dict(deployment.parameters), cloudformation)
    if outputs["PublicUrl"] == PENDING_URL:
        known = {**deployment.parameters, "PublicUrl": outputs["DistributionUrl"]}
        outputs = _apply(deployment, template, known, cloudformation)
    return outputs


def uploaded_template(deployment: Deployment, s3: S3Client) -> str:
    """Uploads the zips and the template that names them; returns the template's URL."""
    template = json.loads((deployment.packaged / TEMPLATE).read_text())
    uploaded: dict[str, str] = {}
    for resource in template["Resources"].values():
        local = resource.get("Properties", {}).get("CodeUri")
        if isinstance(local, str):
            if local not in uploaded:
                data = (deployment.packaged / local).read_bytes()
                uploaded[local] = _put(s3, deployment.artifacts_bucket, data, ".zip")
            resource["Properties"]["CodeUri"] = f"s3://{deployment.artifacts_bucket}/{uploaded[local]}"
    body = json.dumps(template, sort_keys=True, separators=(",", ":")).encode()
    key = _put(s3, deployment.artifacts_bucket, body, ".json")
    endpoint = s3.meta.endpoint_url
    return f"{endpoint}/{deployment.artifacts_bucket}/{key}"


def _put(s3: S3Client, bucket: str, data: bytes, suffix: str) -> str:
    """Stores bytes under their digest, so that changed code is a changed template."""
    key = f"tank/{hashlib.sha256(data).hexdigest()}{suffix}"
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    return key


def _apply(
    deployment: Deployment, template_url: str, parameters: dict[str, str], client: CloudFormationClient
) -> dict[str, str]:
    before = stack_of(client, deployment.stack)
    known = {p["ParameterKey"] for p in before["Parameters"]} if before else set()
    if _GENERATED not in known:
        parameters = {_GENERATED: secrets.token_urlsafe(_GENERATED_BYTES), **parameters}
    kept = known - parameters.keys()
    arguments: dict[str, Any] = {
        "StackName": deployment.stack,
        "TemplateURL": template_url,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            *({"ParameterKey": key, "ParameterValue": parameters[key]} for key in sorted(parameters)),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)),
        ],
    }
    if before is None:
        client.create_stack(**arguments)
        client.get_waiter("stack_create_complete").wait(StackName=deployment.stack)
    else:
        try:
            client.update_stack(**arguments)
        except client.exceptions.ClientError as exc:
            if "No updates" not in str(exc):
                raise
        else:
            client.get_waiter("stack_update_complete").wait(StackName=deployment.stack)
    after = stack_of(client, deployment.stack)
    if after is None or not after["StackStatus"].endswith("_COMPLETE") or "ROLLBACK" in after["StackStatus"]:
        raise DeploymentError(f"the stack is {after['StackStatus'] if after else 'gone'}")
    return outputs_of(after)


def stack_of(client: CloudFormationClient, name: str) -> dict[str, Any] | None:
    """Returns CloudFormation's description of a stack, or None when there is none."""
    try:
        described = client.describe_stacks(StackName=name)["Stacks"]
    except client.exceptions.ClientError as exc:
        if "does not exist" in str(exc):
            return None
        raise
    return {"Parameters": [], "Outputs": [], **described[0]} if described else None


def outputs_of(stack: Mapping[str, Any]) -> dict[str, str]:
    """Returns a stack's outputs by name."""
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def main(arguments: list[str] | None = None) -> None:
    """Packages and deploys, and prints the outputs."""
    parser = argparse.ArgumentParser(prog="python -m infra.aws.deploy", description=__doc__)
    parser.add_argument("--stack", default="tank")
    parser.add_argument("--artifacts-bucket", required=True)
    parser.add_argument("--packaged", type=Path, help="an already packaged folder")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PARAMETER=VALUE", help="a parameter of the template"
    )
    options = parser.parse_args(arguments)
    if any("=" not in given for given in options.set):
        parser.error("--set takes PARAMETER=VALUE")
    packaged = options.packaged or ROOT / "build" / "aws"
    if options.packaged is None:
        package(packaged)
    parameters = dict(given.split("=", 1) for given in options.set)
    deployment = Deployment(options.stack, options.artifacts_bucket, packaged, parameters)
    json.dump(deploy(deployment, s3_client(), cloudformation_client()), sys.stdout, indent=2, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
