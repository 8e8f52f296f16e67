"""The identity of the CI job that this process runs in, where there is one.

Two services are known, those that a binding can name: GitHub Actions, which hands
out a token for an audience on request, and GitLab CI, which puts tokens into the
variables that the job asked for. A token is a secret for some minutes: it is asked
for when it is needed, and never shown.

Source: GitHub, "OpenID Connect reference"; GitLab, "id_tokens"; the ``id`` library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tank_core.errors import ExitCode, TankError

SIGNING_AUDIENCE = "sigstore"  # what the certificate authority asks for
UPLOAD_AUDIENCE = "tank"  # what the registry exchanges for a ticket
GITHUB, GITLAB = "GitHub Actions", "GitLab CI"
_REQUEST_VARIABLES = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
_GUIDE = "docs/publishing-from-ci.md has a complete file."


class IdentityUnavailableError(TankError):
    """There is no identity to sign with."""

    code = "identity-unavailable"
    exit_code = ExitCode.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Ambient:
    """A CI job that can prove which one it is.

    Attributes:
        service: what runs it, for a person.
        prepared: audience → token, for a service that hands them out before the job starts.
    """

    service: str
    prepared: Mapping[str, str] = field(default_factory=dict, repr=False)

    def token(self, audience: str) -> str:
        """Returns a token for one audience.

        Raises:
            IdentityUnavailableError: identity-unavailable.
        """
        return self._prepared(audience) if self.service == GITLAB else _requested(audience)

    def _prepared(self, audience: str) -> str:
        # Not by the library: on a cloud's machine it asks that cloud first, and signs as the machine.
        if audience not in self.prepared:
            variable = _gitlab_variable(audience)
            raise _unavailable(
                f"The job has no {variable}.",
                f"Add to the job: id_tokens: {variable}: aud: {audience}   ({_GUIDE})",
            )
        return self.prepared[audience]


def found(environment: Mapping[str, str]) -> Ambient | None:
    """Returns the CI job that an environment describes; None when there is none that has an identity."""
    if environment.get("GITHUB_ACTIONS") and all(environment.get(name) for name in _REQUEST_VARIABLES):
        return Ambient(GITHUB)
    if environment.get("GITLAB_CI"):
        tokens = {a: environment.get(_gitlab_variable(a), "") for a in (SIGNING_AUDIENCE, UPLOAD_AUDIENCE)}
        prepared = {audience: token for audience, token in tokens.items() if token}
        return Ambient(GITLAB, prepared) if prepared else None
    return None


def absence(environment: Mapping[str, str]) -> IdentityUnavailableError:
    """Returns the error for a run that has no identity and nobody to ask, with the fix for where it runs."""
    if environment.get("GITHUB_ACTIONS"):
        fix = f"Give the workflow's job `permissions: id-token: write`.   ({_GUIDE})"
        return _unavailable("This job may not ask GitHub for a token.", fix)
    if environment.get("GITLAB_CI"):
        wanted = f"{_gitlab_variable(SIGNING_AUDIENCE)} and {_gitlab_variable(UPLOAD_AUDIENCE)}"
        return _unavailable("This job has no ID tokens.", f"Give it id_tokens {wanted}.   ({_GUIDE})")
    return _unavailable(
        "Nobody is here to log in: there is no terminal, and this is no CI job that has an identity.",
        "Run it in a terminal, or publish from GitHub Actions or GitLab CI: docs/publishing-from-ci.md",
    )


def _requested(audience: str) -> str:
    import id  # the library's name

    try:
        token = id.detect_credential(audience)
    except id.GitHubOidcPermissionCredentialError as error:
        raise _unavailable(
            "GitHub refuses this job a token.", "Set `permissions: id-token: write`."
        ) from error
    except id.IdentityError as error:
        raise _unavailable(f"GitHub gave no usable token: {error}.", "Run the job again.") from error
    if token is None:
        raise _unavailable("GitHub gave no token.", "Run the job again.")
    return token


def _gitlab_variable(audience: str) -> str:
    return f"{audience.upper()}_ID_TOKEN"


def _unavailable(why: str, fix: str) -> IdentityUnavailableError:
    return IdentityUnavailableError("There is no identity to sign with.", why=why, fix=fix)
