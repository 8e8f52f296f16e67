"""From an answer that says no to an error that a person can act on.

Source: RFC 9457; FORMATS, "HTTP".
"""

from __future__ import annotations

import json
from typing import Any

from tank_cli.client.transport import Answer
from tank_cli.failures import RegistryError
from tank_core.errors import Problem, quoted

_MAX_TEXT = 2000  # characters of one text; ours stay below 500
_MAX_PROBLEMS = 200  # a manifest can have one per line
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITHOUT_WORDS = {
    401: ("not-authenticated", "Log in again: tank login"),
    403: ("forbidden", "Ask an owner of the organisation for the right, or use another token."),
    404: ("not-found", "Check the name, and which registry you talk to."),
    410: ("version-withdrawn", "Use another version."),
    413: ("too-large", "Make it smaller."),
    429: ("rate-limited", "Wait a little, then try again."),
}


def registry_error(answer: Answer, url: str) -> RegistryError:
    """Returns the error that an answer means.

    Args:
        answer: one that is not what was asked for; most have a status of 400 or more.
        url: what was asked, for answers that carry no words of their own.
    """
    body = _problem(answer)
    if answer.status in _REDIRECTS:
        return _redirected(answer, url)
    code, fix = _WITHOUT_WORDS.get(answer.status, ("registry-error", "Try again later."))
    return RegistryError(
        _text(body, "detail") or _text(body, "title") or f"{url} answered {answer.status}.",
        why=_text(body, "why") or "The registry refused the request.",
        fix=_text(body, "fix") or fix,
        problems=_problems(body),
        remote_code=_text(body, "code") or code,
        http_status=answer.status,
        request_id=_text(body, "request_id") or answer.headers.get("x-request-id", ""),
    )


def _redirected(answer: Answer, url: str) -> RegistryError:
    place = answer.headers.get("location", "")
    return RegistryError(
        f"{url} answered {answer.status}: look elsewhere" + (f", at {quoted(place)}." if place else "."),
        why="Redirects are not followed: you trust the address that you gave, and a token goes nowhere else.",
        fix="If the registry has moved, trust it at its new address: tank trust URL; else tell its operator.",
        remote_code="registry-error",
        http_status=answer.status,
    )


def _problem(answer: Answer) -> dict[str, Any]:
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _problems(body: dict[str, Any]) -> tuple[Problem, ...]:
    listed = body.get("problems")
    if not isinstance(listed, list):
        return ()
    return tuple(
        Problem(_text(item, "where"), _text(item, "what"), _text(item, "fix"))
        for item in listed[:_MAX_PROBLEMS]
        if isinstance(item, dict)
    )


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    return value[:_MAX_TEXT] if isinstance(value, str) else ""
