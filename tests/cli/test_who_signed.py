"""What a person reads about a signature: facts, and nothing that looks like approval."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Any

import pytest

from tank_cli import render, who_signed
from tank_core.signature import Signature
from tests.support.identities import REPOSITORY, WORKFLOW
from tests.support.registry_double import RegistryDouble
from tests.support.signatures import BUILD, PERSON, a_signature

# Words and signs that would make a signature look like a judgement about what was signed.
_PRAISE = re.compile(
    r"\b(safe|safety|secure|security|trusted|trustworthy|verified|verifies|clean|harmless|approved|genuine|"
    r"authentic|guarantee\w*|reputable|legitimate|good|valid|ok|okay|passed)\b|[✓✔✅☑🔒🔐🛡🟢👍★]",
    re.IGNORECASE,
)


def shown(signature: Signature) -> str:
    return "\n".join(f"{label}: {text}" for label, text in who_signed.facts(signature))


def test_a_build_is_shown_with_everything_that_leads_back_to_it() -> None:
    claims = replace(
        BUILD, environment="release", signer_workflow=f"{REPOSITORY}/.github/workflows/sign.yml@main"
    )
    text = shown(a_signature(claims=claims))
    wanted = (
        f"{REPOSITORY} (repository 2002, owner 1001)",
        "https://token.actions.githubusercontent.com",
        BUILD.commit,
        "refs/tags/v1.0.0",
        f"{WORKFLOW}@refs/tags/v1.0.0",
        "sign.yml@main",
        "push",
        f"{REPOSITORY}/actions/runs/7/attempts/1",
        "github-hosted",
        "release",
        "log entry: 4711 (dsse/0.0.1)",
        f"log: {'ab' * 32}",
        "2023-11-14 22:13:20 UTC",
    )
    assert [text_ for text_ in wanted if text_ not in text] == []


def test_a_person_is_shown_with_address_and_issuer_and_no_empty_lines() -> None:
    labels = [label for label, _ in who_signed.facts(a_signature(claims=PERSON))]
    assert labels == ["signed by", "issuer", "log entry", "log", "signed at"]
    assert "alice@acme.example" in shown(a_signature(claims=PERSON))


def test_a_workflow_that_signed_for_itself_is_shown_once() -> None:
    assert "called workflow" not in shown(a_signature())


def test_a_time_beyond_every_calendar_is_shown_as_none() -> None:
    signature = a_signature(claims=PERSON)
    late = replace(signature, log=replace(signature.log, signed_at=2**62))
    assert dict(who_signed.facts(late))["signed at"] == "at no time"
    assert (render.day(2**62), render.day(10**30), render.minute(2**62)) == ("at no time",) * 3


def test_one_line_says_who_or_that_nobody_did() -> None:
    assert who_signed.one_line(a_signature(claims=PERSON)) == "signed by alice@acme.example"
    assert who_signed.one_line(None) == "not signed"


@pytest.mark.parametrize(
    "text", ["✓ signed", "Verified publisher", "trusted: yes", "it is SAFE", "valid signature"]
)
def test_the_search_for_praise_finds_praise(text: str) -> None:
    assert _PRAISE.search(text)


@pytest.mark.parametrize("claims", [BUILD, PERSON])
def test_nothing_about_a_signature_sounds_like_approval(claims: Any) -> None:
    text = "\n".join((shown(a_signature(claims=claims)), who_signed.NOTE, who_signed.NOT_SIGNED))
    assert _PRAISE.findall(text) == []


def announce(registry: RegistryDouble, signature: Signature | None) -> dict[str, Any]:
    """Makes the API tell of one version; returns its document."""
    published = registry.publish("@acme/notes", "1.0.0", publisher="alice", score=None)
    document = {key: value for key, value in asdict(published).items() if key != "publish_id"}
    if signature:
        document |= {"bundle_digest": "sha256:" + "b" * 64, "signature": signature.to_json()}
    line = {"version": "1.0.0", "availability": "available", "availability_reason": "", "published_at": 1}
    skill = {"name": "@acme/notes", "description": "d", "keywords": [], "latest": "1.0.0", "versions": [line]}
    registry.answer_json("GET", "/v1/skills/acme/notes", {**skill, "created_at": 1, "updated_at": 1})
    registry.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", document)
    return document


@pytest.mark.parametrize("asked", ["@acme/notes", "@acme/notes@1.0.0"])
def test_info_shows_who_signed_and_what_that_does_not_mean(
    tank: Any, trusted: RegistryDouble, asked: str
) -> None:
    announce(trusted, a_signature())
    result = tank("info", asked)
    assert result.exit_code == 0, result.err
    part = " ".join(result.out.partition("signature:\n")[2].partition("\n\n")[0].split())
    assert f"{REPOSITORY} (repository 2002, owner 1001)" in part
    assert who_signed.NOTE in part
    assert "As the registry states it" in part
    assert _PRAISE.findall(part) == []
    assert "\x1b[32m" not in result.out


@pytest.mark.parametrize("asked", ["@acme/notes", "@acme/notes@1.0.0"])
def test_info_says_plainly_that_nobody_signed(tank: Any, trusted: RegistryDouble, asked: str) -> None:
    announce(trusted, None)
    result = tank("info", asked)
    assert "not signed" in result.out
    assert "signature:" not in result.out
    # This registry tells of no bindings: that nothing is announced would be more than is known.
    assert tank("info", asked, "--json").document["announced"] is None


@pytest.mark.parametrize(
    "lie",
    [
        {"bundle_digest": ""},
        {"signature": {}},
        {"publisher_id": "mallory"},
        {"signature": {"claims": {}}},
    ],
)
def test_info_shows_no_version_that_contradicts_itself_about_its_signature(
    tank: Any, trusted: RegistryDouble, lie: dict[str, Any]
) -> None:
    document = announce(trusted, a_signature())
    trusted.answer_json("GET", "/v1/skills/acme/notes/versions/1.0.0", document | lie)
    result = tank("info", "@acme/notes@1.0.0", "--json")
    assert (result.exit_code, result.error_code) == (5, "unexpected-answer")


def test_info_shows_announced_changes_of_who_may_sign(tank: Any, trusted: RegistryDouble) -> None:
    announce(trusted, a_signature())
    binding = {"publisher": "alice", "issuer": "https://a.example", "subject": "", "owner_id": "1"}
    binding |= {
        "repository_id": "9",
        "repository": REPOSITORY,
        "workflow": WORKFLOW,
        "refs": [],
        "triggers": [],
    }
    binding |= {"reusable_workflows": [], "runner": "", "environment": ""}
    late = 4_000_000_000
    item = {"binding_id": "b", "skill": "", "binding": binding, "added_by": "jo", "added_at": 1}
    items = [
        {**item, "effective_at": late, "ends_at": None},
        {**item, "effective_at": 1, "ends_at": late + 60},
        {**item, "effective_at": 1, "ends_at": None},
        {**item, "effective_at": late, "ends_at": None, "skill": "@acme/other"},
    ]
    rule = {"forbidden": True, "until": late + 120}
    trusted.answer_json("GET", "/v1/orgs/acme/bindings", {"org": "acme", "items": items, "token_rule": rule})
    part = tank("info", "@acme/notes@1.0.0").out.partition("announced:\n")[2].replace("\n    ", " ")
    who = f"{WORKFLOW} (repository 9, owner 1), as alice"
    assert part.splitlines() == [
        f"  from 2096-10-02 07:06 UTC: {who} may sign",
        f"  from 2096-10-02 07:07 UTC: {who} may sign no more",
        "  from 2096-10-02 07:08 UTC: tokens may publish again",
    ]
