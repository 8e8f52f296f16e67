"""From the claims of an OIDC token to what a Fulcio certificate says.

Extensions are given by the last number of their OID, 1.3.6.1.4.1.57264.1.x. The SAN
of a build is the workflow that signs (``job_workflow_ref``), which a reusable
workflow makes another one than the workflow that was started (``workflow_ref``).

Source: Fulcio, docs/oid-info.md and config/identity/config.yaml; .24 came with 1.8.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
_GITHUB_HOST = "https://github.com"
RAW_EXTENSIONS = range(1, 7)  # these hold the text itself, all later ones a DER UTF8String

Claims: TypeAlias = Mapping[str, object]


class UnusableClaimsError(Exception):
    """The token lacks a claim that its certificate needs."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom a certificate is for.

    Attributes:
        name: the subject alternative name.
        is_person: whether the name is an e-mail address; it is a URI otherwise.
        challenge: what a requester signs to prove that they hold the key.
        extensions: number of the OID → text, sorted, none empty.
    """

    name: str
    is_person: bool
    challenge: str
    extensions: tuple[tuple[int, str], ...]


def principal_of(claims: Claims) -> Principal:
    """Returns whom a certificate for a verified token is for; every issuer but two is one of persons.

    Raises:
        UnusableClaimsError: a claim is missing, not a text, or an address is not verified.
    """
    issuer, subject = _text(claims, "iss"), _text(claims, "sub")
    if issuer == GITHUB:
        return _build(_github(claims), issuer, subject)
    if issuer == GITLAB:
        return _build(_gitlab(claims), issuer, subject)
    if claims.get("email_verified") is not True:
        raise UnusableClaimsError("its e-mail address is not verified")
    address = _text(claims, "email")
    extensions = {1: issuer, 8: issuer, 24: subject}
    return Principal(_name(address), True, address, tuple(sorted(extensions.items())))


def _build(extensions: dict[int, str], issuer: str, subject: str) -> Principal:
    found = {**extensions, 1: issuer, 8: issuer, 24: subject}
    present = tuple(sorted((number, text) for number, text in found.items() if text))
    return Principal(_name(extensions[9]), False, subject, present)


def _github(claims: Claims) -> dict[int, str]:
    repository = f"{_GITHUB_HOST}/{_text(claims, 'repository')}"
    run = f"{_text(claims, 'run_id')}/attempts/{_text(claims, 'run_attempt')}"
    return {
        2: _text(claims, "event_name"),
        3: _text(claims, "sha"),
        4: _text(claims, "workflow"),
        5: _text(claims, "repository"),
        6: _text(claims, "ref"),
        9: f"{_GITHUB_HOST}/{_text(claims, 'job_workflow_ref')}",
        10: _text(claims, "job_workflow_sha"),
        11: _text(claims, "runner_environment"),
        12: repository,
        13: _text(claims, "sha"),
        14: _text(claims, "ref"),
        15: _text(claims, "repository_id"),
        16: f"{_GITHUB_HOST}/{_text(claims, 'repository_owner')}",
        17: _text(claims, "repository_owner_id"),
        18: f"{_GITHUB_HOST}/{_text(claims, 'workflow_ref')}",
        19: _text(claims, "workflow_sha"),
        20: _text(claims, "event_name"),
        21: f"{repository}/actions/runs/{run}",
        22: _text(claims, "repository_visibility"),
        23: _optional(claims, "environment"),
    }


def _gitlab(claims: Claims) -> dict[int, str]:
    config = f"https://{_text(claims, 'ci_config_ref_uri')}"
    project = f"{GITLAB}/{_text(claims, 'project_path')}"
    kind = "heads" if _text(claims, "ref_type") == "branch" else "tags"
    return {
        9: config,
        10: _text(claims, "ci_config_sha"),
        11: _text(claims, "runner_environment"),
        12: project,
        13: _text(claims, "sha"),
        14: f"refs/{kind}/{_text(claims, 'ref')}",
        15: _text(claims, "project_id"),
        16: f"{GITLAB}/{_text(claims, 'namespace_path')}",
        17: _text(claims, "namespace_id"),
        18: config,
        19: _text(claims, "ci_config_sha"),
        20: _text(claims, "pipeline_source"),
        21: f"{project}/-/jobs/{_text(claims, 'job_id')}",
        22: _text(claims, "project_visibility"),
        23: _optional(claims, "environment"),
    }


def _name(text: str) -> str:
    if not text.isascii() or " " in text:
        raise UnusableClaimsError("its name is not one that a certificate can hold")
    return text


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise UnusableClaimsError(f"its claim {name} is no printable text")
    return value


def _optional(claims: Claims, name: str) -> str:
    return _text(claims, name) if name in claims else ""
