"""`tank sbom`: the project's bill of materials, from the lock alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.registry_double import RegistryDouble
from tests.support.spdx_schema import complaints


@pytest.fixture
def locked(tank: Any, trusted: RegistryDouble) -> RegistryDouble:
    trusted.publish("@acme/text", "1.0.0", publisher="josé")
    trusted.publish("@acme/notes", "1.2.0", skills={"@acme/text": "^1.0.0"})
    assert tank("add", "@acme/notes").exit_code == 0
    return trusted


def test_it_needs_the_lock_and_nothing_else(
    tank: Any, locked: RegistryDouble, project: Path, home: Path
) -> None:
    shutil.rmtree(home / ".cache")
    shutil.rmtree(home / ".config")
    (project / "skills.json").write_text("{}")
    locked.requests.clear()
    told = tank("sbom")
    assert (told.exit_code, told.err, locked.requests) == (0, "", [])
    assert [component["purl"] for component in told.document["components"]] == [
        "pkg:tank/acme/notes@1.2.0",
        "pkg:tank/acme/text@1.0.0",
    ]
    assert told.out.isascii()
    assert tank("sbom", "--json").out == told.out


def test_spdx_goes_to_a_file(tank: Any, locked: RegistryDouble, project: Path) -> None:
    told = tank("sbom", "--format", "spdx", "--output", "bom.json", "--json")
    assert told.document == {"output": "bom.json", "skills": 2}
    first = (project / "bom.json").read_bytes()
    assert complaints(json.loads(first)) == []
    tank("sbom", "--format", "spdx", "--output", "bom.json")
    assert (project / "bom.json").read_bytes() == first


def test_without_a_lock_there_is_none(tank: Any, trusted: RegistryDouble) -> None:
    assert tank("sbom", "--json").error_code == "no-lock"
