"""The paths' parameters: how they become an organisation, a name and a version."""

from __future__ import annotations

from chalicelib.api.route import Call
from tank_core.names import SkillName, parse_org
from tank_core.semver import Version

SKILL = "/v1/skills/{org}/{name}"
VERSION = "/v1/skills/{org}/{name}/versions/{version}"


def skill_name(call: Call) -> str:
    """Returns ``@org/name`` of the path.

    Raises:
        InvalidNameError: invalid-name.
    """
    return str(SkillName.parse(f"@{call.path['org']}/{call.path['name']}"))


def org_name(call: Call) -> str:
    """Returns the organisation of the path; a reserved name may have been given before it was reserved.

    Raises:
        InvalidNameError: invalid-name.
    """
    return parse_org(call.path["org"], allow_reserved=True)


def version_number(call: Call) -> str:
    """Returns the version of the path.

    Raises:
        InvalidVersionError: invalid-version.
    """
    return str(Version.parse(call.path["version"]))
