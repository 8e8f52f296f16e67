"""``python -m infra.local ci-identity``: makes a shell look like a build to whoever asks for its tokens.

Prints lines for ``eval``. It needs the data folder of a registry that has served with
its local Sigstore, and nothing else: who can read that folder can sign as anybody.
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from chalicelib.adapters.system import SystemClock
from infra.local.folder import DataFolder
from infra.local.sigstore.ci_builds import Build
from infra.local.sigstore.ci_requests import BuildSecrets
from infra.local.sigstore.id_tokens import AUDIENCES
from infra.local.sigstore.principal import GITLAB
from infra.local.sigstore.stand_in import BUILD_SECRETS, kept_base_url, open_tokens
from infra.local.sigstore.trust import CI_TOKENS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes the command's options."""
    parser.add_argument("--data", type=Path, required=True, help="data folder of the registry")
    parser.add_argument("--gitlab", action="store_true", help="a GitLab job, not a GitHub one")
    parser.add_argument("--repository", required=True, help="such as acme/skills")
    parser.add_argument("--repository-id", required=True, help="number of the repository")
    parser.add_argument("--owner-id", required=True, help="number of its owner or namespace")
    parser.add_argument("--workflow", required=True, help="such as .github/workflows/release.yml")
    parser.add_argument("--ref", required=True, help="such as refs/tags/v1.0.0")
    parser.add_argument("--event", default="push", help="what started the build")
    parser.add_argument("--environment", default="", help="deployment environment")
    parser.add_argument(
        "--job-workflow-ref", default="", help="reusable workflow that signs, owner/name/path@ref"
    )
    parser.add_argument(
        "--runner", default="", help="such as self-hosted; hosted by the code host unless given"
    )


def run(given: argparse.Namespace) -> str:
    """Returns the lines for a shell.

    Raises:
        UnusableBuildError: no code host could have run such a build.
        NotServedError: the data folder never served with a local Sigstore.
    """
    build = Build(
        repository=given.repository,
        repository_id=given.repository_id,
        owner_id=given.owner_id,
        workflow=given.workflow,
        ref=given.ref,
        event=given.event,
        environment=given.environment,
        job_workflow_ref=given.job_workflow_ref,
        runner=given.runner or ("gitlab-hosted" if given.gitlab else "github-hosted"),
    )
    folder = DataFolder(given.data.absolute()).sigstore
    variables = _gitlab(folder, build) if given.gitlab else _github(folder, build)
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def _github(folder: Path, build: Build) -> dict[str, str]:
    base_url = kept_base_url(folder)
    secret = BuildSecrets(folder / BUILD_SECRETS).made(build.github_claims(), now=SystemClock().now())
    return {
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{base_url}{CI_TOKENS}?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret,
    }


def _gitlab(folder: Path, build: Build) -> dict[str, str]:
    tokens = open_tokens(folder, kept_base_url(folder), SystemClock())
    claims = build.gitlab_claims()
    minted = {
        f"{audience.upper()}_ID_TOKEN": tokens.mint(GITLAB, claims, audience)
        for audience in sorted(AUDIENCES)
    }
    return {"GITLAB_CI": "true", **minted}
