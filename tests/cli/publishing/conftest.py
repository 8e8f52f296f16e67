"""A registry that takes signed publishes, beside a Sigstore, both on loopback."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3

from chalicelib.adapters.system import SystemClock
from infra.local.sigstore.trust import CI_TOKENS
from tank_core.binding import Binding
from tank_core.bundle import VerifiedBundle, verify_bundle
from tests.support.binding_documents import bindings_document, org_binding
from tests.support.browser import Browser
from tests.support.local_sigstore import BUILD, SigstoreScene, served_sigstore
from tests.support.publishing_documents import whoami, write_skill
from tests.support.registry_double import RegistryDouble

TICKET = "tank_ticket-for-one-publish"
STATUS = {
    "publish_id": "01J",
    "name": "@acme/notes",
    "version": "1.0.0",
    "state": "published",
    "created_at": 0,
}


@dataclass
class Desk:
    """The registry's side of a publish, and what it was given.

    ``uploads``: what was put, in order; ``tickets``: the bodies that asked for one.
    """

    registry: RegistryDouble
    scene: SigstoreScene
    uploads: list[str] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    announced: dict[str, Any] = field(default_factory=dict)
    bundle: bytes = b""

    def bind(self, *bindings: Binding, forbidden: bool = False, effective_at: int = 0) -> None:
        listed = (org_binding(b, effective_at=effective_at) for b in bindings)
        document = bindings_document(*listed, forbidden=forbidden)
        self.registry.answer_json("GET", "/v1/orgs/acme/bindings", document)

    def name_sigstore(self, kind: str = "local") -> None:
        """Lets the operator's document name the Sigstore."""
        targets = {
            "sigstore/trusted_root.json": self.scene.trusted_root,
            "sigstore/signing_config.json": self.scene.sigstore.signing_config_bytes(),
        }
        self.registry.sign_registry(targets, sigstore=kind)

    def verified(self) -> VerifiedBundle:
        """What the uploaded bundle proves."""
        return verify_bundle(self.bundle, trusted_root=self.scene.trusted_root)

    def bearers(self, request: str) -> list[str]:
        """The Authorization headers of a kind of request."""
        pairs = zip(self.registry.requests, self.registry.headers, strict=True)
        return [headers.get("Authorization", "") for asked, headers in pairs if asked == request]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    folder = tmp_path_factory.mktemp("served") / "sigstore"
    with served_sigstore(folder, SystemClock(), lambda _token: "alice") as made:
        yield made
        # The libraries close no session, and an open connection would hold the server.
        urllib3._DEFAULT_POOL.clear()
        gc.collect()


@pytest.fixture
def desk(registry: RegistryDouble, scene: SigstoreScene, tank: Any, project: Path) -> Desk:
    """A trusted registry that names a Sigstore and accepts every publish; the stages end at once."""
    made = Desk(registry, scene)
    made.name_sigstore()
    assert tank("trust", registry.url, "--fingerprint", registry.fingerprint).exit_code == 0
    made.bind()
    stages = [
        {"stage": "sign", "state": "passed", "started_at": 1, "ended_at": 2, "attempts": 1, "summary": "ok"}
    ]
    registry.answer_json(
        "GET", "/v1/publishes/01J", STATUS | {"expires_at": 9, "redrives": 0, "stages": stages}
    )
    registry.answer_json("GET", "/v1/whoami", whoami("ada"))
    registry.routes[("POST", "/v1/tickets")] = _json(
        201, lambda body: made.tickets.append(body) or {"ticket": TICKET, "publisher": "ada", "expires_at": 9}
    )
    registry.routes[("POST", "/v1/publishes")] = _json(201, lambda body: _begun(made, body))
    registry.routes[("PUT", "/bundle")] = lambda body, _: _put(made, "bundle", body)
    registry.routes[("PUT", "/archive")] = lambda body, _: _put(made, "archive", body)
    return made


@pytest.fixture
def skill(project: Path) -> Path:
    return write_skill(project / "notes")


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Gives a test a browser whose user has a token; returns the pages that it opens."""

    def with_token(token: str) -> list[str]:
        browser = Browser(token)
        monkeypatch.setattr("webbrowser.open", browser.open)
        return browser.opened

    return with_token


@pytest.fixture
def github_job(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes this process a job of the bound workflow; returns the secret with which it asks for tokens."""
    sigstore = desk.scene.sigstore
    secret = sigstore.builds.made(BUILD.github_claims(), now=sigstore.clock.now())
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{desk.scene.base_url}{CI_TOKENS}?api-version=2.0")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", secret)
    return secret


Answer = tuple[int, Mapping[str, str], bytes]


def _json(
    status: int, answer: Callable[[dict[str, Any]], Any]
) -> Callable[[bytes, Mapping[str, str]], Answer]:
    def route(body: bytes, _: Mapping[str, str]) -> Answer:
        document = answer(json.loads(body))
        return status, {"Content-Type": "application/json"}, json.dumps(document).encode()

    return route


def _begun(desk: Desk, body: dict[str, Any]) -> dict[str, Any]:
    desk.announced = body

    def link(path: str) -> dict[str, Any]:
        return {"url": f"{desk.registry.url}/{path}", "method": "PUT", "headers": {}, "expires_at": 9}

    begun = {"state": "reserved", "publish_id": "01J", "upload": link("archive"), "status_url": "x"}
    return begun | ({"bundle_upload": link("bundle")} if "bundle" in body else {})


def _put(desk: Desk, what: str, body: bytes) -> Answer:
    desk.uploads.append(what)
    if what == "bundle":
        desk.bundle = body
    return 200, {}, b""
