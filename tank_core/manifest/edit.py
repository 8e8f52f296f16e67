"""Changes dependencies and budget in a project's skills.json, or the capabilities in a skill's, and nothing else in it.

Source: FORMATS, "skills.json".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, cast

from tank_core.manifest.fields import DOCUMENT, MAX_MANIFEST_BYTES
from tank_core.manifest.project import parse_project_manifest
from tank_core.permissions import NONE, PermissionSet, is_empty, missing, union
from tank_core.strict_json import parse_json


def edit_project_manifest(
    data: bytes,
    *,
    set_skills: Mapping[str, str] | None = None,
    remove: Collection[str] = (),
    allow: PermissionSet = NONE,
) -> bytes:
    """Returns the manifest with other dependencies or a larger budget; other keys stay, in their order.

    Args:
        data: a valid manifest.
        set_skills: ``@org/name`` → range, to add or to replace; wins over ``remove``.
        remove: names to take out; absent ones are fine.
        allow: permissions to add to the project's budget.

    Returns:
        A valid manifest: dependencies sorted by name, two spaces, a final newline, UTF-8.

    Raises:
        InvalidManifestError: ``invalid-manifest``; before the change, or because of it.
    """
    before = parse_project_manifest(data)
    document = cast("dict[str, Any]", parse_json(data, what=DOCUMENT, max_bytes=MAX_MANIFEST_BYTES))
    kept = {name: wanted for name, wanted in document.get("skills", {}).items() if name not in remove}
    document["skills"] = dict(sorted({**kept, **(set_skills or {})}.items()))
    if not is_empty(missing(before.permissions, allow)):
        document["permissions"] = union(before.permissions, allow).to_json()
    edited = json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"
    parse_project_manifest(edited)
    return edited


def edit_skill_capabilities(data: bytes, capabilities: PermissionSet) -> bytes:
    """Returns the manifest with other capabilities; other keys keep their values and their order.

    Args:
        data: a valid manifest of a skill.
        capabilities: what the skill needs; nothing takes the key out.

    Returns:
        A valid manifest: two spaces, a final newline, UTF-8.

    Raises:
        InvalidManifestError: ``invalid-manifest``; before the change, or because of it.
    """
    from tank_core.manifest.skill import parse_skill_manifest

    parse_skill_manifest(data)
    document = cast("dict[str, Any]", parse_json(data, what=DOCUMENT, max_bytes=MAX_MANIFEST_BYTES))
    if is_empty(capabilities):
        document.pop("capabilities", None)
    else:
        document["capabilities"] = capabilities.to_json()
    edited = json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"
    parse_skill_manifest(edited)
    return edited
