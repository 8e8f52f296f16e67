"""Calls the local Sigstore in process, as an HTTP client would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from infra.local.sigstore.authorisation import refused
from infra.local.sigstore.web.endpoint import sigstore_endpoint
from infra.local.web.site import Site
from infra.local.web.wsgi import application
from tests.support.local_sigstore import SigstoreScene
from tests.support.wsgi import Answer, call

BASE_URL = "http://registry.example:8470"
REGISTRY_TOKEN = "tank_" + "a" * 43


@dataclass
class Api:
    """Calls the stand-in as an HTTP client would, through everything that the server puts around it."""

    scene: SigstoreScene

    def __post_init__(self) -> None:
        endpoint = sigstore_endpoint(self.scene.sigstore, publisher_of)
        self._app = application(Site(endpoint, endpoint, endpoint, sigstore=endpoint))

    def __call__(self, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(self._app, method, target, named, body)

    def refusal(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, str, str]:
        """Returns status, code and why of an answer that must be a problem."""
        answer = self(method, target, body, **headers)
        assert answer.headers["content-type"] == "application/problem+json", answer.body
        problem: dict[str, Any] = json.loads(answer.body)
        return answer.status, problem["code"], problem["why"]


def publisher_of(token: str) -> str:
    if token != REGISTRY_TOKEN:
        raise refused("the token is not valid")
    return "alice"
