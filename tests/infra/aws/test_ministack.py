"""The whole stack from the packaged template, in an emulator that enforces IAM and signatures.

Substituted, because the emulator has no such thing: the analyze image becomes a
zip with the same handler, artifacts go to an OCI registry on loopback, the
bucket's TLS-only rule is left out (plain http), the CDN is not passed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from chalicelib import wiring
from chalicelib.adapters.aws import cloudformation_client, s3_client
from chalicelib.adapters.s3 import S3BlobStore
from chalicelib.adapters.tuf.metadata import p256_key
from infra.aws.bootstrap import INDEX_KEY, bootstrap, describe, environment_of, index_function
from infra.aws.deploy import Deployment, deploy
from infra.aws.package import STAGES_ZIP, TEMPLATE
from infra.ceremony.folder import Ceremony
from infra.ceremony.roles import RoleKeys, RootPlan
from tank_core import integrity
from tank_core.archive import ArchiveEntry, pack
from tank_core.tuf_layout import REGISTRY_TARGET, SIGNING_CONFIG_TARGET, TRUSTED_ROOT_TARGET
from tests.support.memory_index import OfflineKeys
from tests.support.oci_registry import is_installed, running_registry
from tests.support.tuf_reader import Reader

ROOT = Path(__file__).parents[3]
MINISTACK = ROOT / ".venv-ministack" / "bin" / "ministack"
SEMGREP = ROOT / ".venv-semgrep" / "bin" / "semgrep"
REGION = "eu-central-1"
_START_SECONDS, _PUBLISH_SECONDS = 30, 240

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not MINISTACK.exists(), reason="make .venv-ministack/.ready first"),
    pytest.mark.skipif(not SEMGREP.exists(), reason="make .venv-semgrep/.ready first"),
    pytest.mark.skipif(not is_installed(), reason="docker-registry (Debian) is not installed"),
]


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed and bootstrapped registry."""

    outputs: dict[str, str]
    api: httpx.Client


@pytest.fixture(scope="module")
def stack(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    work = tmp_path_factory.mktemp("ministack")
    with ExitStack() as running:
        endpoint = running.enter_context(_emulator(work))
        registry = running.enter_context(running_registry(work))
        root = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        running.enter_context(patch.dict(os.environ, {"AWS_ENDPOINT_URL": endpoint, **root}))
        outputs = _deployed(_substituted(packaged, work, registry))
        running.enter_context(patch.dict(os.environ, environment_of(outputs)))
        running.callback(wiring.provide, None)
        _signed(outputs, work)
        token = (work / "admin.token").read_text().strip()
        api = httpx.Client(
            base_url=f"{endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        yield Stack(outputs, running.enter_context(api))


@contextmanager
def _emulator(work: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(work / "s3"),
        "TMPDIR": str(work),
    }
    with (work / "ministack.log").open("wb") as log:
        server = subprocess.Popen(
            [str(MINISTACK)], env={**os.environ, **settings}, stdout=log, stderr=log, cwd=work
        )
        try:
            deadline = time.monotonic() + _START_SECONDS
            while time.monotonic() < deadline:
                with socket.socket() as attempt:
                    if attempt.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)  # waits for a process, not for a result
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _substituted(packaged: Path, work: Path, registry: str) -> Path:
    """Returns a copy of the package with the four substitutions of this module's docstring."""
    folder = work / "packaged"
    shutil.copytree(packaged, folder)
    with (
        zipfile.ZipFile(folder / STAGES_ZIP) as stages,
        zipfile.ZipFile(folder / "analyze.zip", "w") as analyze,
    ):
        for name in stages.namelist():
            analyze.writestr(name, stages.read(name))
    template = json.loads((folder / TEMPLATE).read_text())
    for name in ("AnalyzeFunction", "RescanScanFunction"):
        function = template["Resources"][name]["Properties"]
        (handler,) = function["ImageConfig"]["Command"]
        for key in ("PackageType", "ImageUri", "ImageConfig", "VpcConfig"):
            del function[key]
        function |= {"CodeUri": "./analyze.zip", "Handler": handler, "Runtime": "python3.11"}
        function["Environment"]["Variables"]["TANK_SEMGREP"] = str(SEMGREP)
    store = template["Resources"]["StoreFunction"]["Properties"]["Environment"]["Variables"]
    store |= {"TANK_OCI_REGISTRY": registry, "TANK_OCI_INSECURE": "1"}
    policy = template["Resources"]["RegistryBucketPolicy"]["Properties"]["PolicyDocument"]
    policy["Statement"] = [s for s in policy["Statement"] if s["Sid"] != "TlsOnly"]
    (folder / TEMPLATE).write_text(json.dumps(template))
    return folder


def _deployed(folder: Path) -> dict[str, str]:
    s3 = s3_client()
    s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    parameters = {"AnalyzeImageUri": f"unused@sha256:{'0' * 64}"}
    return deploy(Deployment("tank", "artifacts", folder, parameters), s3, cloudformation_client())


def _signed(outputs: dict[str, str], work: Path) -> None:
    """Holds the ceremony between the two steps of the bootstrap, as its guide says."""
    index, described = index_function(outputs["IndexFunctionName"]), work / "described"
    describe(wiring.ports(), index.online_key_pem(), described)
    ceremony, keys, now = Ceremony(work / "ceremony"), OfflineKeys(), int(time.time())
    online = p256_key((described / INDEX_KEY).read_text())
    plan = RootPlan(RoleKeys((keys.root.public_key,)), RoleKeys((keys.targets.public_key,)), online)
    ceremony.sign_root(plan, [keys.root], now=now)
    targets = (REGISTRY_TARGET, TRUSTED_ROOT_TARGET, SIGNING_CONFIG_TARGET)
    contents = {target: (described / target).read_bytes() for target in targets}
    ceremony.sign_targets(contents, [keys.targets], now=now)
    bootstrap(wiring.ports(), index, ceremony, work / "admin.token")


def _packed(folder: Path) -> bytes:
    return pack(
        ArchiveEntry(
            path.relative_to(folder).as_posix(), path.read_bytes(), bool(path.stat().st_mode & 0o100)
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    )


def _announced(stack: Stack, skill: Path, data: bytes) -> dict[str, Any]:
    manifest = json.loads((skill / "skills.json").read_text())
    stack.api.post("/v1/orgs", json={"org": manifest["name"][1:].partition("/")[0]})
    answer = stack.api.post(
        "/v1/publishes",
        json={
            "name": manifest["name"],
            "version": manifest["version"],
            "integrity": integrity.sha512_integrity(data),
            "digest": integrity.sha256_digest(data),
            "size_bytes": len(data),
            "manifest": manifest,
        },
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _put(upload: dict[str, Any], data: bytes, **headers: str) -> int:
    sent = {**upload["headers"], **headers}
    return httpx.request(upload["method"], upload["url"], headers=sent, content=data, timeout=30).status_code


def _ended(stack: Stack, publish_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PUBLISH_SECONDS
    while time.monotonic() < deadline:
        status = stack.api.get(f"/v1/publishes/{publish_id}").json()
        if status["state"] not in ("reserved", "running"):
            return dict(status)
        time.sleep(0.5)  # polls a process as the command does
    raise AssertionError("the publish did not end")


def test_first_deployment_learns_its_own_address(stack: Stack) -> None:
    assert stack.outputs["PublicUrl"] == stack.outputs["DistributionUrl"]


def test_publish_goes_from_upload_link_to_index_document(stack: Stack) -> None:
    skill = ROOT / "examples" / "text-tools"
    data = _packed(skill)
    announced = _announced(stack, skill, data)
    upload = announced["upload"]

    assert _put(upload, data[:-1] + bytes([data[-1] ^ 1])) == 400  # another digest
    assert _put(upload, data[:-1], **{"content-length": str(len(data) - 1)}) == 403  # another size
    assert _put(upload, data) == 200
    assert _put(upload, data) == 412  # a second upload

    status = _ended(stack, announced["publish_id"])
    assert status["state"] == "published", status
    bucket = stack.outputs["BucketName"]
    reader = Reader.of(S3BlobStore(s3_client(), bucket, now=lambda: int(time.time())))
    document = reader.document("@demo/text-tools", now=int(time.time()))
    shutil.rmtree(reader.folder)
    assert document is not None
    (version,) = json.loads(document)["versions"]
    blob = s3_client().get_object(Bucket=bucket, Key=f"public/blobs/sha256/{version['digest'][7:]}")
    assert blob["Body"].read() == data


def test_malicious_skill_is_rejected_and_nothing_of_it_is_readable(stack: Stack) -> None:
    skill = ROOT / "examples" / "malicious-weather"
    data = _packed(skill)
    announced = _announced(stack, skill, data)
    assert _put(announced["upload"], data) == 200
    status = _ended(stack, announced["publish_id"])
    assert status["state"] == "rejected", status
    assert status["rejection"]["stage"] == "analyze"
    listing = s3_client().list_objects_v2(Bucket=stack.outputs["BucketName"], Prefix="public/")
    assert not [
        entry["Key"]
        for entry in listing["Contents"]
        if "malicious" in entry["Key"] or "weather" in entry["Key"]
    ]
