"""What a build's OIDC token says, under the names that Fulcio gives it in a certificate.

The two must agree to the letter: Sign compares the claims of the ticket, which
come from here, with those of the certificate, which Fulcio wrote for another token
of the same run.

Source: Fulcio, config/identity/config.yaml and docs/oid-info.md, "Mapping OIDC token
claims to Fulcio OIDs"; pkg/identity/ciprovider/principal.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tank_core.signer import SignerClaims

GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.com"
_GITHUB_HOST = "https://github.com"
_GITLAB_REFS = {"branch": "refs/heads/", "tag": "refs/tags/"}
_MAX_CHARACTERS = 1000  # of one claim, with room for what is put before it

Claims = Mapping[str, object]


class UnusableClaimsError(Exception):
    """A claim that a certificate would need is missing, or is no text."""


def signer_claims(claims: Claims) -> SignerClaims:
    """Returns the claims of a verified token of a known issuer.

    Raises:
        UnusableClaimsError: names the claim.
    """
    return _MAPPINGS[str(claims["iss"])](claims)


def _of_github(claims: Claims) -> SignerClaims:
    repository = f"{_GITHUB_HOST}/{_text(claims, 'repository')}"
    signer = f"{_GITHUB_HOST}/{_text(claims, 'job_workflow_ref')}"
    return SignerClaims(
        issuer=GITHUB,
        subject=signer,
        owner=f"{_GITHUB_HOST}/{_text(claims, 'repository_owner')}",
        owner_id=_text(claims, "repository_owner_id"),
        repository=repository,
        repository_id=_text(claims, "repository_id"),
        ref=_text(claims, "ref"),
        commit=_text(claims, "sha"),
        workflow=f"{_GITHUB_HOST}/{_text(claims, 'workflow_ref')}",
        signer_workflow=signer,
        trigger=_text(claims, "event_name"),
        runner=_text(claims, "runner_environment"),
        environment=_text(claims, "environment", or_else=""),
        run=f"{repository}/actions/runs/{_text(claims, 'run_id')}/attempts/{_text(claims, 'run_attempt')}",
        visibility=_text(claims, "repository_visibility"),
    )


def _of_gitlab(claims: Claims) -> SignerClaims:
    repository = f"{GITLAB}/{_text(claims, 'project_path')}"
    workflow = f"https://{_text(claims, 'ci_config_ref_uri')}"
    kind = _text(claims, "ref_type")
    if kind not in _GITLAB_REFS:
        raise UnusableClaimsError("its ref_type is neither branch nor tag")
    return SignerClaims(
        issuer=GITLAB,
        subject=workflow,
        owner=f"{GITLAB}/{_text(claims, 'namespace_path')}",
        owner_id=_text(claims, "namespace_id"),
        repository=repository,
        repository_id=_text(claims, "project_id"),
        ref=_GITLAB_REFS[kind] + _text(claims, "ref"),
        commit=_text(claims, "sha"),
        workflow=workflow,
        signer_workflow=workflow,
        trigger=_text(claims, "pipeline_source"),
        runner=_text(claims, "runner_environment"),
        environment=_text(claims, "environment", or_else=""),
        run=f"{repository}/-/jobs/{_text(claims, 'job_id')}",
        visibility=_text(claims, "project_visibility"),
    )


_MAPPINGS: Mapping[str, Callable[[Claims], SignerClaims]] = {GITHUB: _of_github, GITLAB: _of_gitlab}
BUILD_ISSUERS = frozenset(_MAPPINGS)


def _text(claims: Claims, name: str, *, or_else: str | None = None) -> str:
    """Returns a claim as text; Fulcio too writes a number as its digits."""
    value = claims.get(name, or_else)
    if type(value) is int and value >= 0:
        return str(value)
    is_text = isinstance(value, str) and value.isprintable() and len(value) <= _MAX_CHARACTERS
    if not isinstance(value, str) or not is_text or not (value or or_else is not None):
        raise UnusableClaimsError(f"its claim {name} is missing, or is no printable text")
    return value
