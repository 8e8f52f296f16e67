"""Talks to the API through Chalice's local gateway, and holds every answer against the OpenAPI document."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from chalice.config import Config
from chalice.local import LocalGateway
from jsonschema import Draft202012Validator

from chalicelib.api.application import application
from chalicelib.api.openapi import document
from chalicelib.api.routes import ROUTES
from chalicelib.ports.request_log import RequestLine
from tests.support.scene import Scene


@dataclass(slots=True)
class MemoryLog:
    lines: list[RequestLine] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def answered(self, line: RequestLine) -> None:
        self.lines.append(line)

    def broke(self, line: RequestLine, error: BaseException) -> None:
        self.lines.append(line)
        self.failures.append(error)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class ApiClient:
    """One application over one scene; an answer that its own document does not describe fails the test."""

    def __init__(self, registry: Scene) -> None:
        self.registry = registry
        self.log = MemoryLog()
        self.asked: set[str] = set()
        self._gateway = LocalGateway(application(lambda: registry.ports, lambda: self.log), Config())
        self.description = document(ROUTES, registry.ports.settings.public_url)

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        secret: str = "",
        raw: bytes | None = None,
        **headers: str,
    ) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if secret:
            sent["authorization"] = f"Bearer {secret}"
        data = b"" if body is None else json.dumps(body).encode()
        if raw is not None:
            data = raw
        if data:
            sent.setdefault("content-type", "application/json")
        answer = self._gateway.handle_request(method, path, sent, data)
        reply = Reply(answer["statusCode"], dict(answer["headers"]), answer["body"])
        self._check(method, path.partition("?")[0], reply)
        return reply

    def _check(self, method: str, path: str, reply: Reply) -> None:
        assert reply.headers["X-Request-Id"]
        if method == "HEAD":
            return
        described = self._operation(method, path)
        if described is None or reply.status == 304:
            return
        self.asked.add(f"{method} {described['operationId']}")
        responses = described["responses"]
        if reply.status >= 400:
            content = responses["default"]["content"]
        else:
            content = responses[str(reply.status)].get("content")
        if content is None:
            assert reply.text == ""
            return
        ((media_type, described_body),) = content.items()
        assert reply.headers["Content-Type"] == media_type
        schema = {**described_body["schema"], "components": self.description["components"]}
        Draft202012Validator(schema).validate(reply.json)

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        # Fixed paths before patterns: /v1/search is no {org}.
        for pattern in sorted(self.description["paths"], key=lambda p: p.count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
                operation: dict[str, Any] | None = self.description["paths"][pattern].get(method.lower())
                return operation
        return None
