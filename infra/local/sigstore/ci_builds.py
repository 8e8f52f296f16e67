"""Builds that never ran: the claims that GitHub Actions or GitLab would put into a build's tokens.

For trying out publishing from CI on one machine. Claims have the names, types and
forms of the real ones.

Source: GitHub, "OpenID Connect reference", claims; GitLab, "OpenID Connect (OIDC)
authentication using ID tokens", token payload.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from infra.local.sigstore.principal import GITLAB

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)+")
_ID = re.compile(r"[1-9][0-9]{0,19}")
_REF = re.compile(r"refs/(heads|tags)/[!-~]+")
_WORD = re.compile(r"[!-~]+")
_RUN, _ATTEMPT = "1", "1"


class UnusableBuildError(Exception):
    """A build that no code host could have run."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build, as an operator describes it.

    Attributes:
        repository: ``owner/name``; on GitLab also with subgroups.
        repository_id: the code host's number; ``owner_id`` that of the owner or namespace.
        workflow: path in the repository, such as ``.github/workflows/release.yml``.
        ref: ``refs/heads/...`` or ``refs/tags/...``.
        event: what started it, such as ``push``.
        environment: the deployment environment; "" for none.
        job_workflow_ref: the workflow that signs, ``owner/name/path@ref``, when it is a
            reusable one; "" when it is the workflow itself. GitHub only.
        runner: such as ``github-hosted``.
    """

    repository: str
    repository_id: str
    owner_id: str
    workflow: str
    ref: str
    event: str
    environment: str = ""
    job_workflow_ref: str = ""
    runner: str = "github-hosted"

    def __post_init__(self) -> None:
        """Raises UnusableBuildError when a part has not the form that it has in real tokens."""
        forms = {
            "repository": _REPOSITORY,
            "repository_id": _ID,
            "owner_id": _ID,
            "workflow": _WORD,
            "ref": _REF,
            "event": _WORD,
            "runner": _WORD,
        }
        for name, form in forms.items():
            if not form.fullmatch(getattr(self, name)):
                raise UnusableBuildError(
                    f"{name} {getattr(self, name)!r} is not one that a code host would tell"
                )

    @property
    def commit(self) -> str:
        """A commit id, 40 hex digits, the same for the same repository and ref."""
        return hashlib.sha256(f"{self.repository}\n{self.ref}".encode()).hexdigest()[:40]

    @property
    def owner(self) -> str:
        """Everything before the repository's own name."""
        return self.repository.rpartition("/")[0]

    @property
    def ref_type(self) -> str:
        """``branch`` or ``tag``."""
        return "branch" if self.ref.startswith("refs/heads/") else "tag"

    @property
    def ref_name(self) -> str:
        """The ref without what says its type."""
        return self.ref.split("/", 2)[2]

    def github_claims(self) -> dict[str, object]:
        """Returns the claims of a GitHub Actions token."""
        workflow_ref = f"{self.repository}/{self.workflow}@{self.ref}"
        where = f"environment:{self.environment}" if self.environment else f"ref:{self.ref}"
        optional = {"environment": self.environment} if self.environment else {}
        return {
            "sub": f"repo:{self.repository}:{where}",
            "repository": self.repository,
            "repository_id": self.repository_id,
            "repository_owner": self.owner,
            "repository_owner_id": self.owner_id,
            "repository_visibility": "public",
            "ref": self.ref,
            "ref_type": self.ref_type,
            "ref_protected": "true",
            "sha": self.commit,
            "workflow": self.workflow.rpartition("/")[2].partition(".")[0],
            "workflow_ref": workflow_ref,
            "workflow_sha": self.commit,
            "job_workflow_ref": self.job_workflow_ref or workflow_ref,
            "job_workflow_sha": self.commit,
            "event_name": self.event,
            "runner_environment": self.runner,
            "run_id": _RUN,
            "run_number": _RUN,
            "run_attempt": _ATTEMPT,
            "actor": self.owner,
            "actor_id": self.owner_id,
            "head_ref": "",
            "base_ref": "",
            **optional,
        }

    def gitlab_claims(self) -> dict[str, object]:
        """Returns the claims of a GitLab CI/CD token."""
        host = GITLAB.removeprefix("https://")
        optional = {"environment": self.environment} if self.environment else {}
        return {
            "sub": f"project_path:{self.repository}:ref_type:{self.ref_type}:ref:{self.ref_name}",
            "project_path": self.repository,
            "project_id": self.repository_id,
            "project_visibility": "public",
            "namespace_path": self.owner,
            "namespace_id": self.owner_id,
            "ref": self.ref_name,
            "ref_path": self.ref,
            "ref_type": self.ref_type,
            "ref_protected": "true",
            "sha": self.commit,
            "ci_config_ref_uri": f"{host}/{self.repository}//{self.workflow}@{self.ref}",
            "ci_config_sha": self.commit,
            "pipeline_source": self.event,
            "pipeline_id": _RUN,
            "job_id": _RUN,
            "runner_environment": self.runner,
            "user_login": self.owner,
            "user_id": self.owner_id,
            **optional,
        }
