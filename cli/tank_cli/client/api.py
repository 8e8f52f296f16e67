"""The registry's API: typed requests out, typed answers in, problems as errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from tank_cli.client.problems import registry_error
from tank_cli.client.transport import Answer, NetworkError, Request, Transport
from tank_core.errors import ExitCode, TankError

M = TypeVar("M", bound=BaseModel)


class UnexpectedAnswerError(TankError):
    """The registry answered something that this version of Tank does not understand."""

    code = "unexpected-answer"
    exit_code = ExitCode.NETWORK


class Api:
    """Calls the API of one registry; the token goes there and nowhere else.

    Args:
        transport: how to talk.
        base: the API's address, with its version, without a trailing slash.
        token: the bearer token; "" to stay anonymous.
    """

    def __init__(self, transport: Transport, base: str, token: str = "") -> None:
        self._transport = transport
        self._base = base
        self._headers = {"Accept": "application/json, application/problem+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, answer: type[M], query: Mapping[str, str | int] | None = None) -> M:
        """Returns what lies at a path.

        Raises:
            RegistryError: the registry's own code.
            NetworkError: network-error.
            UnexpectedAnswerError: unexpected-answer.
        """
        suffix = f"?{urlencode(query)}" if query else ""
        return self.call("GET", path + suffix, answer)

    def call(self, method: str, path: str, answer: type[M], body: BaseModel | None = None) -> M:
        """Sends one request and returns its answer.

        POST is sent once only, unless the caller repeats it; the others mean the same when repeated.

        Raises:
            RegistryError: the registry's own code.
            NetworkError: network-error.
            UnexpectedAnswerError: unexpected-answer.
        """
        received = self.send(method, path, body)
        try:
            return answer.model_validate_json(received.body)
        except ValidationError as error:
            raise UnexpectedAnswerError(
                f"The answer to {method} {self._base}{path} is not understood.",
                why=f"{error.error_count()} of its fields are missing or wrong; the registry may be newer.",
                fix="Upgrade Tank; if it stays, tell the registry's operator.",
            ) from error

    def send(self, method: str, path: str, body: BaseModel | None = None) -> Answer:
        """Sends one request whose answer may be empty.

        Raises:
            RegistryError: the registry's own code.
            NetworkError: network-error.
        """
        url = self._base + path
        headers = dict(self._headers)
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = body.model_dump_json(exclude_none=True).encode()
        answer = self._transport.send(Request(method, url, headers, data, repeatable=method != "POST"))
        if not 200 <= answer.status < 300:
            raise registry_error(answer, url)
        return answer

    def begin(self, path: str, answer: type[M], body: BaseModel) -> M:
        """Sends a POST that the registry promises to understand when it comes twice.

        Raises:
            RegistryError: the registry's own code.
            NetworkError: network-error.
            UnexpectedAnswerError: unexpected-answer.
        """
        try:
            return self.call("POST", path, answer, body)
        except NetworkError:
            return self.call("POST", path, answer, body)


def skill_path(name: str, version: str = "", *rest: str) -> str:
    """Returns the path of a skill, or of one of its versions. ``name``: ``@org/name``."""
    org, _, last = name.removeprefix("@").partition("/")
    parts = ["skills", org, last, *(["versions", version] if version else []), *rest]
    return "".join(f"/{quote(part, safe='')}" for part in parts)
