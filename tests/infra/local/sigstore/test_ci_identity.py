"""A shell that looks like a build: what the operator's command prints is what the real detection reads."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
from sigstore.oidc import IdentityError, detect_credential

from chalicelib.adapters.system import SystemClock
from infra.local.__main__ import main
from infra.local.sigstore.ci_builds import Build, UnusableBuildError
from infra.local.sigstore.principal import GITHUB, GITLAB
from tests.support.local_sigstore import BUILD, SigstoreScene, served_sigstore
from tests.support.sigstore_api import Api

PATH = "/sigstore/ci/github/token"
WORDS = [
    *("--repository", "acme/skills", "--repository-id", "2002", "--owner-id", "1001"),
    *("--workflow", ".github/workflows/release.yml", "--ref", "refs/tags/v1.0.0"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serves, and returns the data folder that an operator would name."""
    folder = tmp_path_factory.mktemp("data")
    with served_sigstore(folder / "sigstore", SystemClock()):
        yield folder


def exported(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> dict[str, str]:
    assert main(["ci-identity", "--data", str(data), *WORDS, *words]) == 0
    lines = [shlex.split(line) for line in capsys.readouterr().out.splitlines()]
    assert all(line[0] == "export" and len(line) == 2 for line in lines)
    return {name: value for name, _, value in (line[1].partition("=") for line in lines)}


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "BUILDKITE", "GOOGLE_SERVICE_ACCOUNT_NAME"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def claims_of(token: str | None) -> dict[str, object]:
    assert token is not None
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_a_github_shell_gets_a_token_per_audience_with_githubs_claims(
    data: Path, shell: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in exported(capsys, data, "--environment", "release", "--runner", "self-hosted").items():
        shell.setenv(name, value)
    first, second = (claims_of(detect_credential(audience)) for audience in ("sigstore", "tank"))
    assert (first["iss"], first["aud"], second["aud"]) == (GITHUB, "sigstore", "tank")
    assert first["jti"] != second["jti"]
    assert first["repository_owner_id"] == "1001"
    assert first["runner_environment"] == "self-hosted"
    assert first["sub"] == "repo:acme/skills:environment:release"
    differing = {key for key in first if first[key] != second[key]}
    assert differing <= {"aud", "jti", "iat", "nbf", "exp"}


def test_a_gitlab_shell_has_both_tokens_in_its_environment(
    data: Path, shell: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = exported(capsys, data, "--gitlab")
    assert found.keys() == {"GITLAB_CI", "SIGSTORE_ID_TOKEN", "TANK_ID_TOKEN"}
    for name, value in found.items():
        shell.setenv(name, value)
    for audience in ("sigstore", "tank"):
        claims = claims_of(detect_credential(audience))
        assert (claims["iss"], claims["aud"], claims["project_id"]) == (GITLAB, audience, "2002")
        assert claims["runner_environment"] == "gitlab-hosted"


def test_another_audience_gets_no_token(
    data: Path, shell: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in exported(capsys, data).items():
        shell.setenv(name, value)
    with pytest.raises(IdentityError, match=r"build-secret-refused.*The audience is neither"):
        detect_credential("https://somebody.example")


def test_a_folder_that_never_served_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ci-identity", "--data", str(tmp_path), *WORDS]) == 1
    assert "no registry has served" in capsys.readouterr().err


def test_a_build_that_cannot_be_is_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ci-identity", "--data", str(data), *WORDS, "--ref", "v1.0.0"]) == 1
    assert "ref 'v1.0.0'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", "skills"),
        ("repository", "acme/ski lls"),
        ("repository_id", "0"),
        ("repository_id", "x"),
        ("owner_id", ""),
        ("workflow", ""),
        ("ref", "refs/pull/1"),
        ("ref", "refs/heads/"),
        ("event", "a b"),
        ("runner", ""),
    ],
)
def test_claims_have_the_forms_of_real_ones(field: str, value: str) -> None:
    values = {name: getattr(BUILD, name) for name in Build.__slots__}
    with pytest.raises(UnusableBuildError, match=field):
        Build(**{**values, field: value})


def secret(scene: SigstoreScene) -> str:
    return scene.sigstore.builds.made(BUILD.github_claims(), now=scene.clock.now())


def test_a_secret_is_good_for_fifteen_minutes(api: Api, scene: SigstoreScene) -> None:
    bearer = f"bearer {secret(scene)}"
    scene.clock.move(899)
    answer = api("GET", f"{PATH}?api-version=2.0&audience=sigstore", authorization=bearer)
    assert claims_of(json.loads(answer.body)["value"])["repository"] == "acme/skills"
    scene.clock.move(1)
    refused = api.refusal("GET", f"{PATH}?audience=sigstore", authorization=bearer)
    assert refused[:2] == (401, "build-secret-refused")
    assert "fifteen minutes are over" in refused[2]


@pytest.mark.parametrize("change", ["none", "body", "mac", "no mac", "not base64", "foreign"])
def test_a_secret_that_this_folder_did_not_make_is_refused(
    api: Api, scene: SigstoreScene, tmp_path: Path, change: str
) -> None:
    body, _, mac = secret(scene).partition(".")
    other = SigstoreScene(tmp_path / "other")
    foreign = secret(other)
    other.close()
    given = {
        "none": "",
        "body": f"{'B' if body[9] == 'A' else 'A'}{body}.{mac}",
        "mac": f"{body}.{mac[:-2]}AA",
        "no mac": f"{body}.",
        "not base64": "?.?",
        "foreign": foreign,
    }[change]
    refused = api.refusal("GET", f"{PATH}?audience=sigstore", authorization=f"Bearer {given}")
    assert refused[:2] == (401, "build-secret-refused")
    assert "not made with this registry's data folder" in refused[2]


def test_the_url_keeps_its_query_when_the_audience_is_added(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = urlsplit(exported(capsys, data)["ACTIONS_ID_TOKEN_REQUEST_URL"])
    assert (url.path, url.query) == (PATH, "api-version=2.0")
