"""What the deploy command makes by itself: a secret, once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from infra.aws.deploy import Deployment, deploy
from infra.aws.template import merge_template

EDGE_SECRET = merge_template()["Parameters"]["EdgeSecret"]


class CloudFormation:
    """Keeps one stack's parameters, and shows a NoEcho one as AWS does."""

    exceptions = type("exceptions", (), {"ClientError": ClientError})

    def __init__(self, *known: str) -> None:
        self.stack: dict[str, str] | None = dict.fromkeys(known, "before") or None
        self.asked: list[list[dict[str, Any]]] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        if self.stack is None:
            raise ClientError({"Error": {"Message": f"{StackName} does not exist"}}, "DescribeStacks")
        shown = [{"ParameterKey": key, "ParameterValue": "****"} for key in self.stack]
        outputs = [{"OutputKey": "PublicUrl", "OutputValue": "https://registry.example"}]
        return {"Stacks": [{"Parameters": shown, "Outputs": outputs, "StackStatus": "UPDATE_COMPLETE"}]}

    def create_stack(self, **arguments: Any) -> None:
        self.asked.append(arguments["Parameters"])
        before = self.stack or {}
        self.stack = {
            p["ParameterKey"]: before[p["ParameterKey"]] if p.get("UsePreviousValue") else p["ParameterValue"]
            for p in arguments["Parameters"]
        }

    update_stack = create_stack

    def get_waiter(self, name: str) -> Any:
        return type("Waiter", (), {"wait": lambda self, **_: name})()


class Objects:
    meta = type("meta", (), {"endpoint_url": "https://s3.example"})

    def put_object(self, **_: Any) -> None:
        """Keeps nothing."""


def deployed(client: CloudFormation, folder: Path, **parameters: str) -> str:
    (folder / "sam.json").write_text('{"Resources": {}}')
    deploy(Deployment("tank", "artifacts", folder, parameters), cast(Any, Objects()), cast(Any, client))
    assert client.stack is not None
    return client.stack["EdgeSecret"]


@pytest.mark.parametrize("known", [(), ("Prefix",)])
def test_a_stack_without_a_secret_gets_one_that_the_template_takes(
    known: tuple[str, ...], tmp_path: Path
) -> None:
    secrets = [deployed(CloudFormation(*known), tmp_path) for _ in range(2)]
    assert all(re.fullmatch(EDGE_SECRET["AllowedPattern"], secret) for secret in secrets)
    assert secrets[0] != secrets[1]


def test_a_second_deployment_keeps_the_secret(tmp_path: Path) -> None:
    client = CloudFormation()
    first = deployed(client, tmp_path)
    assert deployed(client, tmp_path) == first
    assert client.asked[-1] == [{"ParameterKey": "EdgeSecret", "UsePreviousValue": True}]


def test_an_operator_changes_the_secret(tmp_path: Path) -> None:
    client = CloudFormation()
    deployed(client, tmp_path)
    assert deployed(client, tmp_path, EdgeSecret="n" * 43) == "n" * 43
