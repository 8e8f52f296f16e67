"""What publishing needs of both sides: a skill's folder, and the registry's words on who is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_skill(folder: Path, org: str = "acme") -> Path:
    """Writes the smallest honest skill ``@org/notes`` 1.0.0 into a new folder, and returns it."""
    folder.mkdir()
    manifest = {"name": f"@{org}/notes", "version": "1.0.0", "description": "Notes", "license": "MIT"}
    (folder / "skills.json").write_text(json.dumps(manifest))
    (folder / "SKILL.md").write_text("---\nname: notes\ndescription: Notes\n---\nWrite notes.\n")
    return folder


def whoami(publisher: str) -> dict[str, Any]:
    """Returns the answer of ``GET /v1/whoami`` for a publisher of @acme."""
    token: dict[str, Any] = {
        "token_id": "01J",
        "publisher_id": publisher,
        "scopes": ["publish"],
        "skills": [],
    }
    token |= {"description": "", "created_at": 0, "expires_at": 2_000_000_000, "revoked_at": None}
    who = {"publisher_id": publisher, "created_at": 0, "verified": True, "is_registry_admin": False}
    return {"publisher": who, "token": token, "orgs": [{"org": "acme", "role": "publisher"}]}
