"""The audit policy of the user: what they ask of every skill in every project.

A project can ask for more and never for less: the stricter of the two counts. It lies in
the user's configuration, whose values are texts.

Source: FORMATS, "skills.json", audit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tank_cli.config import POLICY_KEYS, Config, InvalidConfigError, read_config_file
from tank_core.manifest import AuditPolicy, InvalidManifestError, parse_project_manifest

_BOOLEANS = {"true": True, "false": False}


def user_policy(config: Config) -> AuditPolicy:
    """Returns what the user asks of every skill.

    Raises:
        InvalidConfigError: invalid-config.
    """
    return policy_of(read_config_file(config.config_file))


def policy_of(stored: Mapping[str, str]) -> AuditPolicy:
    """Returns the policy in the texts of a configuration; other keys are left alone.

    Raises:
        InvalidConfigError: invalid-config; a value is not one of its key.
    """
    audit = {
        key.removeprefix("audit."): _value(key, text)
        for key, text in sorted(stored.items())
        if key in POLICY_KEYS
    }
    try:
        return parse_project_manifest(json.dumps({"audit": audit}).encode()).audit
    except InvalidManifestError as error:
        problem = error.problems[0]
        key = problem.where.removeprefix("skills.json: ")
        raise InvalidConfigError(
            f"{key} in the configuration {problem.what}.",
            why="It is read as the same key in skills.json is.",
            fix=f"{problem.fix} Or: tank config unset {key}",
        ) from error


def _value(key: str, text: str) -> object:
    if key == "audit.require_provenance":
        return _BOOLEANS.get(text, text)
    if key == "audit.min_score":
        try:
            return float(text)
        except ValueError:
            return text
    return text
