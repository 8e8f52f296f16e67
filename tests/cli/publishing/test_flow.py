"""A signed publish from the command line to the registry's desk, with a Sigstore on loopback."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.sigstore.principal import GITLAB
from tank_cli.context import Context
from tank_cli.publishing.prepare import prepare
from tank_core.binding import GITLAB_HOSTED
from tank_core.integrity import sha256_digest
from tank_core.provenance import check_publisher_statement
from tests.support.browser import log_in
from tests.support.identities import build_binding, person_binding
from tests.support.local_sigstore import BUILD

TICKET, STORED = "tank_ticket-for-one-publish", "tank_stored-token"
# The library shuts its redirect server down and does not close its socket (sigstore-python 4.5.1, oauth.py).
pytestmark = [
    pytest.mark.timeout(30),
    pytest.mark.filterwarnings("ignore:.*socket:pytest.PytestUnraisableExceptionWarning"),
]
BEGIN, LOOK = "POST /v1/publishes", "GET /v1/publishes/01J"


def bound_build() -> Any:
    return build_binding(environment="")


def bound_person(desk: Any) -> Any:
    sigstore = desk.scene.sigstore
    return person_binding(issuer=sigstore.tokens.person_issuer, subject=sigstore.address_of("alice"))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there, who has a stored token."""
    monkeypatch.setattr(Context, "interactive", property(lambda _: True))
    monkeypatch.setenv("TANK_TOKEN", STORED)


@pytest.fixture
def browser(login: Callable[[str], list[str]]) -> list[str]:
    """A browser whose user logs in at whatever it is sent to; returns the pages that it opened."""
    return login(STORED)


def check_uploaded(desk: Any, skill: Path) -> None:
    """The bundle came first, is the announced one, and is about this archive."""
    package = prepare(skill)
    assert desk.uploads == ["bundle", "archive"]
    assert desk.announced["bundle"]["digest"] == sha256_digest(desk.bundle)
    check_publisher_statement(
        desk.verified().statement,
        name=package.manifest.name,
        version=str(package.manifest.version),
        archive_integrity=package.integrity,
        digest=package.digest,
    )


def test_a_github_job_signs_and_publishes_without_any_stored_token(
    tank: Any, desk: Any, skill: Path, github_job: str
) -> None:
    desk.bind(bound_build())
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    check_uploaded(desk, skill)
    assert desk.verified().claims.workflow.endswith("/.github/workflows/release.yml@refs/tags/v1.0.0")
    assert "Signed by https://github.com/acme/skills (repository 2002, owner 1001" in result.err


def test_the_ticket_is_asked_for_this_skill_with_a_token_for_tank(
    tank: Any, desk: Any, skill: Path, github_job: str
) -> None:
    import jwt

    desk.bind(bound_build())
    assert tank("publish", skill).exit_code == 0
    (asked,) = desk.tickets
    assert asked["name"] == "@acme/notes"
    claims = jwt.decode(asked["id_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["repository_id"]) == ("tank", "2002")
    assert desk.bearers("POST /v1/tickets") == [""]


def test_a_stored_token_is_not_used_where_there_is_a_ticket(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    desk.bind(bound_build())
    assert tank("publish", skill).exit_code == 0
    assert set(desk.bearers(BEGIN) + desk.bearers(LOOK)) == {f"Bearer {TICKET}"}
    assert not any(STORED in headers.get("Authorization", "") for headers in desk.registry.headers)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_no_secret_is_printed(
    tank: Any, desk: Any, skill: Path, github_job: str, options: tuple[str, ...]
) -> None:
    desk.bind(bound_build())
    result = tank("publish", skill, *options)
    secrets = (TICKET, github_job, desk.tickets[0]["id_token"])
    assert not any(secret in result.out + result.err for secret in secrets)


def test_a_gitlab_job_signs_with_the_tokens_it_was_given(
    tank: Any, desk: Any, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint = desk.scene.sigstore.tokens.mint
    claims = BUILD.gitlab_claims() | {
        "ci_config_ref_uri": "gitlab.com/acme/skills//.gitlab-ci.yml@refs/tags/v1.0.0",
        "runner_environment": GITLAB_HOSTED,
    }
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("SIGSTORE_ID_TOKEN", mint(GITLAB, claims, "sigstore"))
    monkeypatch.setenv("TANK_ID_TOKEN", mint(GITLAB, claims, "tank"))
    repository = f"{GITLAB}/acme/skills"
    workflow = f"{repository}//.gitlab-ci.yml"
    binding = build_binding(
        issuer=GITLAB, repository=repository, workflow=workflow, runner=GITLAB_HOSTED, environment=""
    )
    desk.bind(binding)
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    check_uploaded(desk, skill)
    assert desk.verified().claims.issuer == GITLAB


def test_a_person_logs_in_with_the_browser_and_signs(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str]
) -> None:
    desk.bind(bound_person(desk))
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    check_uploaded(desk, skill)
    assert len(browser) == 1
    assert desk.verified().claims.subject == "alice@127.0.0.1"
    assert set(desk.bearers(BEGIN)) == {f"Bearer {STORED}"}


def test_a_person_logs_in_on_another_device_and_types_its_code(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        sys.stdout.write(prompt)  # as the real one does
        captured: Any = sys.stderr
        link = re.search(r"http://127\S+/auth\?\S+", captured.getvalue())
        assert link is not None
        code = re.search(r"<(?:code|output|kbd)[^>]*>([^<]+)<", log_in(link.group(), STORED))
        assert code is not None
        return code.group(1).strip()

    monkeypatch.setattr("builtins.input", typed)
    desk.bind(bound_person(desk))
    result = tank("publish", skill, "--device", "--json")
    assert result.exit_code == 0, result.err
    check_uploaded(desk, skill)
    assert (len(prompts), browser) == (1, [])
    assert result.document["state"] == "published"  # stdout holds the document and nothing else


def test_who_logs_in_as_somebody_else_signs_nothing(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    desk.bind(bound_person(desk), person_binding("ada", subject="other@acme.example"))
    desk.bind(person_binding("ada", issuer=desk.scene.sigstore.tokens.person_issuer))
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-not-bound")
    assert "alice@127.0.0.1" in result.out
    assert BEGIN not in desk.registry.requests


def test_a_build_that_another_publisher_is_bound_for_signs_nothing(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    desk.bind(build_binding("somebody-else"))
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-not-bound")


def test_a_certificate_that_no_binding_accepts_is_not_uploaded(
    tank: Any, desk: Any, skill: Path, github_job: str
) -> None:
    desk.bind(build_binding(environment="", refs=("refs/heads/main",)))
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-not-bound")
    assert "refs/heads/main" in result.out
    assert BEGIN not in desk.registry.requests


def test_a_job_that_nobody_bound_is_told_so_before_it_shows_its_identity_to_anybody(
    tank: Any, desk: Any, skill: Path, github_job: str
) -> None:
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-not-bound")
    assert "--no-sign" in result.document["error"]["fix"]
    assert (desk.tickets, desk.uploads) == ([], [])


def test_a_refused_ticket_ends_it_before_anything_is_signed(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    desk.bind(bound_build())
    problem = {"code": "no-binding", "title": "No.", "detail": "No.", "why": "ref: …", "fix": "Bind it."}
    desk.registry.answer_json("POST", "/v1/tickets", problem | {"status": 403}, 403)
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "no-binding")
    assert BEGIN not in desk.registry.requests


def test_without_a_terminal_and_without_a_job_a_bound_skill_is_refused(
    tank: Any, desk: Any, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    desk.bind(bound_person(desk))
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-unavailable")


def test_where_only_builds_are_bound_nobody_is_asked_to_log_in(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str]
) -> None:
    desk.bind(bound_build())
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "identity-not-bound")
    assert "Only builds are bound" in result.out
    assert browser == []


def test_where_nobody_is_bound_it_is_unsigned_and_says_so(
    tank: Any, desk: Any, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    assert "Not signed: @acme binds no identity for @acme/notes." in result.err
    assert desk.uploads == ["archive"]
    assert "bundle" not in desk.announced


def test_unsigned_because_the_binding_is_only_announced_says_from_when_on_it_counts(
    tank: Any, desk: Any, skill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    desk.bind(bound_build(), effective_at=4_102_444_800)
    result = tank("publish", skill)
    assert result.exit_code == 0, result.err
    assert "Not signed: @acme binds no identity for @acme/notes before 2100-01-01 00:00 UTC." in result.err


def test_no_sign_is_heard_even_in_a_job_and_asks_for_no_bindings(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    desk.bind(bound_build())
    assert tank("publish", skill, "--no-sign").exit_code == 0
    assert desk.uploads == ["archive"]
    assert desk.tickets == []
    assert desk.bearers(BEGIN) == [f"Bearer {STORED}"]


def test_a_version_that_is_published_already_is_not_signed_again(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    desk.bind(bound_build())
    files = {path.name: path.read_bytes() for path in skill.iterdir()}
    monkeypatch.setattr("tank_cli.publishing.flow.check_history", lambda package, index: True)
    result = tank("publish", skill, "--json")
    assert result.exit_code == 0, (result.err, files)
    assert result.document["already"] is True


def test_other_bytes_under_a_published_version_are_refused_before_anything_is_signed(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    desk.bind(bound_build())
    desk.registry.publish("@acme/notes", "1.0.0")
    assert tank("publish", skill, "--json").error_code == "version-conflict"


def test_a_registry_without_a_sigstore_cannot_have_bound_skills_signed(
    tank: Any, desk: Any, skill: Path, github_job: str
) -> None:
    desk.registry.sign_registry()
    desk.bind(bound_build())
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (6, "no-sigstore")


def test_where_tokens_are_forbidden_a_person_is_told_before_logging_in(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str]
) -> None:
    desk.bind(bound_person(desk), forbidden=True)
    result = tank("publish", skill, "--json")
    assert (result.exit_code, result.error_code) == (4, "may-not-publish")
    assert "forbids publishing with tokens" in result.out
    assert browser == []


def test_a_person_is_asked_once_per_registry_before_a_public_log_has_their_address(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [False, True]
    monkeypatch.setattr("click.confirm", lambda *_args, **_options: answers.pop(0))
    desk.name_sigstore("public")
    desk.bind(bound_person(desk))
    declined = tank("publish", skill)
    assert (declined.exit_code, "error[public-log-declined]" in declined.err) == (1, True)
    assert tank("publish", skill, "--json").error_code == "public-log-declined"  # and nobody is asked
    assert answers == [True]
    assert (browser, desk.uploads) == ([], [])
    for _ in range(2):
        result = tank("publish", skill)
        assert result.exit_code == 0, result.err
        assert "@acme/notes@1.0.0 and the time into a public log, for ever" in result.told
    assert answers == []


@pytest.mark.parametrize("service", ["caUrls", "oidcUrls", "rekorTlogUrls", "tsaUrls"])
def test_a_registry_that_calls_somebody_elses_sigstore_its_own_is_not_believed(
    tank: Any,
    desk: Any,
    skill: Path,
    terminal: None,
    browser: list[str],
    monkeypatch: pytest.MonkeyPatch,
    service: str,
) -> None:
    monkeypatch.setattr("click.confirm", lambda *_args, **_options: False)
    config = json.loads(desk.scene.sigstore.signing_config_bytes())
    config[service][0]["url"] = "https://log.example"
    targets = {
        "sigstore/trusted_root.json": desk.scene.trusted_root,
        "sigstore/signing_config.json": json.dumps(config).encode(),
    }
    desk.registry.sign_registry(targets, sigstore="local")
    desk.bind(bound_person(desk))
    result = tank("publish", skill, "--json")
    assert (result.error_code, browser, desk.uploads) == ("public-log-declined", [], [])


def test_yes_agrees_without_being_asked(
    tank: Any, desk: Any, skill: Path, terminal: None, browser: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "click.confirm")
    desk.name_sigstore("public")
    desk.bind(bound_person(desk))
    assert tank("publish", skill, "--yes").exit_code == 0


def test_a_rehearsal_says_that_a_signature_is_needed_and_signs_nothing(
    tank: Any, desk: Any, skill: Path, github_job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    never(monkeypatch, "tank_cli.signing.bundles.signed")
    monkeypatch.setenv("TANK_SEMGREP", "/nonexistent/semgrep")
    desk.bind(bound_build())
    result = tank("publish", skill, "--dry-run")
    assert result.exit_code == 0, result.err
    assert "It must be signed; `tank binding list @acme` shows by whom." in result.err


@pytest.mark.parametrize("option", ["--sign", "--no-sign"])
def test_a_given_bundle_goes_with_neither_wish(tank: Any, desk: Any, skill: Path, option: str) -> None:
    result = tank("publish", skill, "--bundle", skill / "SKILL.md", option, "--json")
    assert (result.exit_code, result.error_code) == (2, "usage")


def test_a_bundle_made_elsewhere_is_uploaded_as_it_is(
    tank: Any, desk: Any, skill: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANK_TOKEN", STORED)
    desk.bind(bound_build())
    given = project / "made.sigstore.json"
    given.write_bytes(b"{}")
    assert tank("publish", skill, "--bundle", given).exit_code == 0
    assert desk.bundle == b"{}"


def never(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Makes a function one that must not be called."""

    def called(*_args: object, **_options: object) -> None:
        raise AssertionError(f"{name} was called")

    monkeypatch.setattr(name, called)
