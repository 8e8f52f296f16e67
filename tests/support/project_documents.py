"""skills.json and skills.lock of a test's project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def manifest(project: Path, *, skills: dict[str, str], **more: object) -> None:
    permissions = {"subprocess": ["git"], "network": {"outbound": ["api.example"]}}
    (project / "skills.json").write_text(json.dumps({"permissions": permissions, "skills": skills, **more}))


def lock_of(project: Path) -> dict[str, Any]:
    value = json.loads((project / "skills.lock").read_bytes())
    assert isinstance(value, dict)
    return value
