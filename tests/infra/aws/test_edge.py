"""How the API learns in AWS who asks, asserted on the template, and the CDN's function run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from chalicelib.api.client_address import EDGE_HEADER, VIEWER_HEADER
from infra.aws.template import merge_template

NODE = shutil.which("node")
TEMPLATE = merge_template()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
CONFIG = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
(API_BEHAVIOUR,) = CONFIG["CacheBehaviors"]


def test_the_cdn_proves_itself_to_the_api_with_a_secret_that_nobody_is_shown() -> None:
    (api,) = [origin for origin in CONFIG["Origins"] if origin["Id"] == API_BEHAVIOUR["TargetOriginId"]]
    assert api["OriginCustomHeaders"] == [{"HeaderName": EDGE_HEADER, "HeaderValue": {"Ref": "EdgeSecret"}}]
    parameter = TEMPLATE["Parameters"]["EdgeSecret"]
    assert parameter["NoEcho"] is True
    assert "Default" not in parameter
    assert "EdgeSecret" not in json.dumps(TEMPLATE["Outputs"])


def test_only_the_api_and_the_cdn_know_the_secret() -> None:
    knowing = [name for name, resource in RESOURCES.items() if '"EdgeSecret"' in json.dumps(resource)]
    assert sorted(knowing) == ["APIHandler", "Distribution"]
    variables = RESOURCES["APIHandler"]["Properties"]["Environment"]["Variables"]
    assert variables["TANK_EDGE_SECRET"] == {"Ref": "EdgeSecret"}


def test_every_request_to_the_api_passes_the_function_that_tells_the_viewer() -> None:
    (association,) = API_BEHAVIOUR["FunctionAssociations"]
    assert association["EventType"] == "viewer-request"
    assert association["FunctionARN"] == {"Fn::GetAtt": ["ViewerAddress", "FunctionMetadata.FunctionARN"]}
    assert RESOURCES["ViewerAddress"]["Properties"]["AutoPublish"] is True


@pytest.mark.skipif(NODE is None, reason="node runs the CDN's function")
def test_the_function_writes_the_viewers_address_over_what_the_viewer_sent() -> None:
    forged = [{"value": "192.0.2.1"}, {"value": "192.0.2.2"}]
    sent = {
        VIEWER_HEADER: {"value": "192.0.2.1", "multiValue": forged},
        EDGE_HEADER: {"value": "guess"},
        "authorization": {"value": "Bearer x"},
    }
    event = {"viewer": {"ip": "2001:db8::7"}, "request": {"uri": "/v1/health", "headers": sent}}
    code = RESOURCES["ViewerAddress"]["Properties"]["FunctionCode"]
    program = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    done = subprocess.run([str(NODE), "-e", program], capture_output=True, text=True, check=True, timeout=20)
    assert json.loads(done.stdout) == {
        "uri": "/v1/health",
        "headers": {VIEWER_HEADER: {"value": "2001:db8::7"}, "authorization": {"value": "Bearer x"}},
    }
