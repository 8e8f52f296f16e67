"""Identities that sign: the claims of a build and of a person, and bindings that they meet."""

from __future__ import annotations

import dataclasses
from typing import Any

from tank_core.binding import GITHUB, GITHUB_HOSTED, Binding
from tank_core.signer import LogEntry, SignerClaims

REPOSITORY = "https://github.com/acme/skills"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml"
REF = "refs/tags/v1.0.0"


def build_claims(**changes: Any) -> SignerClaims:
    """Returns what a build of acme/skills at tag v1.0.0 says of itself."""
    claims = SignerClaims(
        issuer=GITHUB,
        subject=f"{WORKFLOW}@{REF}",
        owner="https://github.com/acme",
        owner_id="1001",
        repository=REPOSITORY,
        repository_id="2002",
        ref=REF,
        commit="c" * 40,
        workflow=f"{WORKFLOW}@{REF}",
        signer_workflow=f"{WORKFLOW}@{REF}",
        trigger="push",
        runner=GITHUB_HOSTED,
        environment="release",
        run=f"{REPOSITORY}/actions/runs/7/attempts/1",
        visibility="public",
    )
    return dataclasses.replace(claims, **changes)


def build_binding(publisher: str = "ada", **changes: Any) -> Binding:
    """Returns a binding that ``build_claims`` meets."""
    binding = Binding(
        publisher=publisher,
        issuer=GITHUB,
        owner_id="1001",
        repository_id="2002",
        repository=REPOSITORY,
        workflow=WORKFLOW,
        refs=("refs/tags/v*",),
        triggers=("push", "workflow_dispatch"),
        runner=GITHUB_HOSTED,
        environment="release",
    )
    return dataclasses.replace(binding, **changes)


def person_claims(**changes: Any) -> SignerClaims:
    claims = SignerClaims("https://accounts.example", "ada@acme.example")
    return dataclasses.replace(claims, **changes)


def person_binding(publisher: str = "ada", **changes: Any) -> Binding:
    binding = Binding(publisher, "https://accounts.example", subject="ada@acme.example")
    return dataclasses.replace(binding, **changes)


def a_log_entry(**changes: Any) -> LogEntry:
    entry = LogEntry("ab" * 32, 7, "hashedrekord/0.0.2", 1_750_000_000)
    return dataclasses.replace(entry, **changes)
