"""Whether the token may publish a skill: the check before an upload.

Token scope, token limit, role and the organisation's rule must all allow it. The
registry decides for itself; this tells the publisher earlier.
"""

from __future__ import annotations

from tank_cli.client.api import Api
from tank_core.errors import ExitCode, TankError
from tank_core.names import SkillName
from tank_core.wire.accounts import WhoAmIDocument

_SCOPE = "publish"


class MayNotPublishError(TankError):
    """The token, or its publisher, may not publish a skill."""

    code = "may-not-publish"
    exit_code = ExitCode.FORBIDDEN


def check_rights(api: Api, name: SkillName, *, forbids_tokens: bool = False) -> str:
    """Returns the id of the caller, who may publish a skill.

    Args:
        api: with the token.
        name: the skill.
        forbids_tokens: its organisation lets only CI jobs publish.

    Raises:
        MayNotPublishError: may-not-publish.
        RegistryError: not-authenticated; the token is not valid.
        NetworkError: network-error.
    """
    caller = api.get("/whoami", WhoAmIDocument)
    token, who = caller.token, caller.publisher.publisher_id
    if _SCOPE not in token.scopes:
        raise _refused(name, f"The token lacks the scope “{_SCOPE}”.", "Log in with a token that has it.")
    if token.skills and not {str(name), f"@{name.org}/*"}.intersection(token.skills):
        limit = f"The token is limited to {', '.join(token.skills)}."
        raise _refused(name, limit, "Log in with a token without that limit.")
    if name.org not in {membership.org for membership in caller.orgs}:
        raise _refused(
            name,
            f"{who} is no member of @{name.org}, or there is no such organisation.",
            f"Create it with `tank org create {name.org}`, or ask an owner to let you in.",
        )
    if forbids_tokens:
        why = f"@{name.org} forbids publishing with tokens."
        raise _refused(name, why, "Publish from CI: docs/publishing-from-ci.md")
    return who


def _refused(name: SkillName, why: str, fix: str) -> MayNotPublishError:
    return MayNotPublishError(f"You may not publish {name}.", why=why, fix=fix)
