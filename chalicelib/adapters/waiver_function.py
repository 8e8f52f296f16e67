"""The waiver issuer as the API sees it in AWS: a call of the one function that may sign waivers.

The API's own role may use no key. What it can have signed this way is a waiver: the
function makes the statement itself, from the fields, and refuses what no reader
would accept.

Source: Lambda API reference, Invoke (FunctionError).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.aws import port_errors
from chalicelib.ports.errors import PortError
from tank_core.integrity import parse_digest
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.waivers import Waiver

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_NUMBERS = frozenset({"line", "granted_at", "expires_at"})
_PARSED = frozenset({"name", "version"})


class FunctionWaiverIssuer:
    """The ``WaiverIssuer`` port over one Lambda function."""

    def __init__(self, client: LambdaClient, function: str) -> None:
        self._client = client
        self._function = function

    def issue(self, waiver: Waiver) -> str:
        """See ``WaiverIssuer.issue``."""
        payload = json.dumps(event_of(waiver)).encode()
        with port_errors("invoke the waiver function"):
            answer = self._client.invoke(FunctionName=self._function, Payload=payload)
        body = json.loads(answer["Payload"].read() or b"{}")
        if answer.get("FunctionError"):
            raise PortError(f"the waiver function: {body.get('errorType')}: {body.get('errorMessage')}")
        digest = str(body["digest"])
        parse_digest(digest)
        return digest


def event_of(waiver: Waiver) -> dict[str, Any]:
    """Returns the event that asks for a waiver."""
    values = {field.name: getattr(waiver, field.name) for field in fields(Waiver)}
    return {"issue": {name: str(value) if name in _PARSED else value for name, value in values.items()}}


def waiver_in(event: Mapping[str, Any]) -> Waiver:
    """Returns the waiver that an event asks for.

    Raises:
        ValueError: the event asks for something else.
        InvalidNameError, InvalidVersionError: its name or version is none.
    """
    asked = event.get("issue")
    names = {field.name for field in fields(Waiver)}
    if len(event) != 1 or not isinstance(asked, dict) or set(asked) != names:
        raise ValueError("an event of the waiver function asks for one waiver")
    if any(type(value) is not (int if name in _NUMBERS else str) for name, value in asked.items()):
        raise ValueError("a field of the waiver has another type")
    return Waiver(
        **{
            **asked,
            "name": SkillName.parse(asked["name"]),
            "version": Version.parse(asked["version"]),
        }
    )
