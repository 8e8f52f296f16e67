"""The paths below a skill, and how their parameters become a name and a version."""

from __future__ import annotations

from chalicelib.api.route import Call
from tank_core.names import SkillName
from tank_core.semver import Version

SKILL = "/v1/skills/{org}/{name}"
VERSION = "/v1/skills/{org}/{name}/versions/{version}"


def skill_name(call: Call) -> str:
    """Returns ``@org/name`` of the path.

    Raises:
        InvalidNameError: invalid-name.
    """
    return str(SkillName.parse(f"@{call.path['org']}/{call.path['name']}"))


def version_number(call: Call) -> str:
    """Returns the version of the path.

    Raises:
        InvalidVersionError: invalid-version.
    """
    return str(Version.parse(call.path["version"]))
