"""Which runs have an identity of their own, and where its tokens come from."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tank_cli.signing.ambient import GITHUB, GITLAB, IdentityUnavailableError, absence, found

GITHUB_ENVIRONMENT = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.invalid/token?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job-secret",
}


def token_for(audience: str) -> str:
    """Returns what looks like a token to who does not verify it."""
    payload = base64.urlsafe_b64encode(json.dumps({"aud": audience}).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.e30"


@contextmanager
def github(status: int, answer: str) -> Iterator[tuple[str, list[str]]]:
    """Serves the token endpoint of a job; yields its URL and the bearer of each request."""
    bearers: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            bearers.append(self.headers["Authorization"])
            audience = parse_qs(urlsplit(self.path).query)["audience"][0]
            body = (answer or json.dumps({"value": token_for(audience)})).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stays quiet."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/token?api-version=2", bearers
        finally:
            server.shutdown()
            thread.join(5)


@pytest.mark.parametrize(
    ("environment", "service"),
    [
        (GITHUB_ENVIRONMENT, GITHUB),
        ({"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": "a.b.c"}, GITLAB),
        ({"GITLAB_CI": "true", "TANK_ID_TOKEN": "a.b.c"}, GITLAB),
        ({}, None),
        ({"GITHUB_ACTIONS": "true"}, None),
        (GITHUB_ENVIRONMENT | {"GITHUB_ACTIONS": ""}, None),
        ({"GITLAB_CI": "true"}, None),
        ({"SIGSTORE_ID_TOKEN": "a.b.c"}, None),
    ],
    ids=[
        "github",
        "gitlab",
        "gitlab, half",
        "a laptop",
        "github without permission",
        "github's variables alone",
        "gitlab without tokens",
        "gitlab's variable alone",
    ],
)
def test_a_job_with_an_identity_is_recognised(environment: Mapping[str, str], service: str | None) -> None:
    ambient = found(environment)
    assert (ambient.service if ambient else None) == service


def test_github_is_asked_for_each_audience_with_the_jobs_secret(
    home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with github(200, "") as (url, bearers):
        for name, value in (GITHUB_ENVIRONMENT | {"ACTIONS_ID_TOKEN_REQUEST_URL": url}).items():
            monkeypatch.setenv(name, value)
        ambient = found(GITHUB_ENVIRONMENT)
        assert ambient is not None
        assert [ambient.token(audience) for audience in ("sigstore", "tank")] == [
            token_for("sigstore"),
            token_for("tank"),
        ]
    assert bearers == ["bearer job-secret"] * 2


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (403, "{}", "code=403"),
        (200, "{", "malformed"),
        (200, '{"value": 7}', "malformed"),
        (200, '{"value": "no token"}', "Malformed"),
        (200, json.dumps({"value": token_for("another")}), "audience"),
    ],
    ids=["refused", "no JSON", "no text", "no token", "another audience"],
)
def test_what_github_answers_instead_of_a_token_is_no_identity(
    home: object, monkeypatch: pytest.MonkeyPatch, status: int, answer: str, reason: str
) -> None:
    with github(status, answer) as (url, _):
        for name, value in (GITHUB_ENVIRONMENT | {"ACTIONS_ID_TOKEN_REQUEST_URL": url}).items():
            monkeypatch.setenv(name, value)
        ambient = found(GITHUB_ENVIRONMENT)
        assert ambient is not None
        with pytest.raises(IdentityUnavailableError) as caught:
            ambient.token("sigstore")
    assert reason in caught.value.why
    assert "job-secret" not in caught.value.why


def test_gitlab_gives_each_token_in_a_variable_of_its_own() -> None:
    ambient = found({"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": "a.b.c", "TANK_ID_TOKEN": "d.e.f"})
    assert ambient is not None
    assert (ambient.token("sigstore"), ambient.token("tank")) == ("a.b.c", "d.e.f")


def test_a_missing_gitlab_token_is_named_with_what_to_add() -> None:
    ambient = found({"GITLAB_CI": "true", "SIGSTORE_ID_TOKEN": "a.b.c"})
    assert ambient is not None
    with pytest.raises(IdentityUnavailableError) as caught:
        ambient.token("tank")
    assert "TANK_ID_TOKEN" in caught.value.why
    assert "aud: tank" in caught.value.fix


def test_tokens_are_not_part_of_what_is_printed_of_an_identity() -> None:
    assert "secret" not in repr(found({"GITLAB_CI": "true", "TANK_ID_TOKEN": "secret"}))


@pytest.mark.parametrize(
    ("environment", "fix"),
    [
        ({"GITHUB_ACTIONS": "true"}, "id-token: write"),
        ({"GITLAB_CI": "true"}, "SIGSTORE_ID_TOKEN and TANK_ID_TOKEN"),
        ({}, "terminal"),
    ],
    ids=["github", "gitlab", "elsewhere"],
)
def test_the_fix_for_no_identity_fits_where_it_runs(environment: Mapping[str, str], fix: str) -> None:
    assert fix in absence(environment).fix
