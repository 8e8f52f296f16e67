"""The embedded registry's own HTTP: readable objects, upload links, and what every answer carries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.ports.blobs import ObjectInfo
from infra.local.blobs import FileBlobStore
from infra.local.sqlite.database import Database
from infra.local.upload_links import UploadLinks
from infra.local.web.messages import Request, Response
from infra.local.web.objects import ObjectEndpoint
from infra.local.web.site import Site
from infra.local.web.uploads import UploadEndpoint
from infra.local.web.wsgi import Application, application
from tests.support.embedded_ports import MovableClock
from tests.support.wsgi import Answer, call

BODY = bytes(range(256)) * 3
BLOB = "/blobs/sha256/" + "a" * 64
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass
class World:
    blobs: FileBlobStore
    app: Application
    stored: list[ObjectInfo] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    is_listener_broken: bool = False

    def on_stored(self, info: ObjectInfo) -> None:
        self.stored.append(info)
        if self.is_listener_broken:
            raise RuntimeError("the listener broke")

    def get(self, path: str, **headers: str) -> Answer:
        return call(self.app, "GET", path, {name.replace("_", "-"): value for name, value in headers.items()})


def broken_api(request: Request) -> Response:
    raise RuntimeError(f"secret detail about {request.path}")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    database, clock = Database(tmp_path / "registry.sqlite"), MovableClock()
    links = UploadLinks(b"s" * 32, "http://registry.example")
    blobs = FileBlobStore(tmp_path / "blobs", database, links, clock)
    made = World(blobs, application(broken_api))
    uploads = UploadEndpoint(links, blobs, clock, made.on_stored)
    made.app = application(Site(broken_api, ObjectEndpoint(blobs), uploads, log=made.log.append))
    blobs.put(f"public{BLOB}", BODY, cache_control=IMMUTABLE)
    blobs.put(
        "public/targets/index/acme/tool.json",
        b"{}",
        content_type="application/json",
        cache_control="no-cache",
    )
    blobs.put("quarantine/sha256/" + "b" * 64, b"withdrawn")
    yield made
    database.close()


def test_a_public_object_is_served_with_its_headers(world: World) -> None:
    answer = world.get(BLOB)
    assert (answer.status, answer.body) == (200, BODY)
    assert answer.headers["cache-control"] == IMMUTABLE
    assert answer.headers["content-length"] == str(len(BODY))
    assert answer.headers["etag"] == f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert world.get("/targets/index/acme/tool.json").headers["content-type"] == "application/json"


def test_head_has_the_headers_and_no_body(world: World) -> None:
    got, headed = world.get(BLOB), call(world.app, "HEAD", BLOB)
    assert headed.body == b""
    assert headed.headers == got.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_an_object_that_is_known_is_not_sent_again(world: World, form: str) -> None:
    etag = world.get(BLOB).headers["etag"]
    answer = world.get(BLOB, If_None_Match=form.format(etag))
    assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=700-", 700, 768),
        ("bytes=-8", 760, 768),
        ("bytes=760-9999", 760, 768),
        ("bytes=-9999", 0, 768),
    ],
)
def test_a_range_is_served_as_a_part(world: World, asked: str, start: int, stop: int) -> None:
    answer = world.get(BLOB, Range=asked)
    assert (answer.status, answer.body) == (206, BODY[start:stop])
    assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/768"


@pytest.mark.parametrize("asked", ["bytes=768-", "bytes=900-950", "bytes=-0", "bytes=20-10"])
def test_a_range_that_does_not_exist_is_416(world: World, asked: str) -> None:
    answer = world.get(BLOB, Range=asked)
    assert (answer.status, answer.body) == (416, b"")
    assert answer.headers["content-range"] == "bytes */768"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-y"])
def test_other_ranges_are_ignored(world: World, asked: str) -> None:
    assert world.get(BLOB, Range=asked).status == 200


def test_a_range_of_another_object_is_the_whole_new_one(world: World) -> None:
    assert world.get(BLOB, Range="bytes=0-1", If_Range='"other"').body == BODY


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/blobs/sha256/" + "c" * 64,
        "/blobs/../../quarantine/sha256/" + "b" * 64,
        "/blobs/%2e%2e/%2e%2e/quarantine/sha256/" + "b" * 64,
        "/quarantine/sha256/" + "b" * 64,
        "/targets/index/acme/tool.json/",
        "/targets/index/acme%00/tool.json",
        "//registry.json",
        "/v1",
    ],
)
def test_nothing_else_can_be_read(world: World, path: str) -> None:
    answer = world.get(path)
    assert answer.status == 404
    assert json.loads(answer.body)["code"] == "no-such-object"


def test_objects_cannot_be_written_through_their_paths(world: World) -> None:
    answer = call(world.app, "PUT", BLOB, body=b"evil")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    assert world.get(BLOB).body == BODY


def test_every_answer_carries_the_security_headers(world: World) -> None:
    for path in (BLOB, "/nothing", "/v1/broken"):
        headers = world.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]


def test_a_fault_is_a_plain_500_and_its_cause_goes_to_the_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = world.get("/v1/broken")
    assert answer.status == 500
    assert b"secret" not in answer.body
    assert "secret detail" in capsys.readouterr().err


def link(world: World, body: bytes = b"an upload") -> str:
    digest = hashlib.sha256(body).hexdigest()
    made = world.blobs.presign_upload(
        "incoming/01jz/archive.tgz", size_bytes=len(body), sha256_hex=digest, ttl_seconds=900
    )
    return made.url.removeprefix("http://registry.example")


def test_an_upload_is_stored_and_told_once(world: World) -> None:
    target = link(world)
    assert call(world.app, "PUT", target, body=b"an upload").status == 200
    assert call(world.app, "PUT", target, body=b"an upload").status == 412
    assert [info.key for info in world.stored] == ["incoming/01jz/archive.tgz"]


@pytest.mark.parametrize(
    ("body", "announced"),
    [(b"another 1", None), (b"an upload, longer", None), (b"an uploa", "9"), (b"", None)],
)
def test_a_wrong_upload_is_refused_and_leaves_nothing(
    world: World, tmp_path: Path, body: bytes, announced: str | None
) -> None:
    headers = {"Content-Length": announced} if announced else {}
    answer = call(world.app, "PUT", link(world), headers, body=body)
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "wrong-upload")
    assert world.stored == []
    assert list((tmp_path / "blobs" / "arriving").iterdir()) == []


def test_an_upload_counts_even_if_nobody_could_be_told(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.is_listener_broken = True
    assert call(world.app, "PUT", link(world), body=b"an upload").status == 200
    assert "the listener broke" in capsys.readouterr().err


def test_the_log_never_holds_an_upload_links_signature(world: World) -> None:
    target = link(world)
    call(world.app, "PUT", target, body=b"an upload")
    assert world.log
    assert all("signature" not in line and "?" not in line for line in world.log)


def test_the_log_shows_a_path_that_would_steer_a_terminal_escaped(world: World) -> None:
    call(world.app, "GET", "/\x1b[2J\x85\r")
    assert " /\\x1b[2J\\x85\\r 404 " in world.log[-1]
