"""One importer per vendor library, so that a swap is one place (STYLE, "Dependencies")."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = ("app.py", "tank_core", "chalicelib", "pipeline", "cli/tank_cli", "infra")

# The only places that may import a library: files, or folders ending in "/".
IMPORTERS = {
    "asn1crypto": {"infra/local/sigstore/timestamps.py"},
    "aws_lambda_powertools": {"chalicelib/adapters/logging.py"},
    "boto3": {"chalicelib/adapters/aws.py"},
    "botocore": {"chalicelib/adapters/aws.py"},
    "certifi": {"cli/tank_cli/client/wire.py"},
    "chalice": {"chalicelib/api/application.py", "infra/local/web/api.py"},
    "click": {"cli/tank_cli/"},
    "cryptography": {
        "chalicelib/adapters/kms.py",
        "chalicelib/adapters/tuf/metadata.py",
        "infra/local/signer.py",
        "infra/local/sigstore/",
        "tank_core/bundle/",
        "tank_core/dsse.py",
        "infra/ceremony/keys.py",
    },
    "id": {"cli/tank_cli/signing/ambient.py"},
    "jwt": {"chalicelib/adapters/oidc/", "infra/local/sigstore/id_tokens.py"},
    "nab_resolver": {"tank_core/resolver/"},
    "oras": {"chalicelib/adapters/oci.py"},
    "pynamodb": {"chalicelib/adapters/dynamo/"},
    "requests": {"chalicelib/adapters/oci.py"},
    "securesystemslib": {"chalicelib/adapters/tuf/", "infra/ceremony/"},
    "sigstore": {"cli/tank_cli/signing/", "tank_core/bundle/"},
    "sigstore_models": {"tank_core/bundle/"},
    "sqlite3": {"infra/local/sigstore/log.py", "infra/local/sqlite/"},
    "tuf": {"chalicelib/adapters/tuf/", "cli/tank_cli/client/", "infra/ceremony/"},
    "waitress": {"infra/local/server.py"},
    "yaml": {"tank_core/analysis/rules.py", "tank_core/strict_yaml.py"},
}


def source_files() -> Iterator[Path]:
    for source in SOURCES:
        path = PROJECT / source
        found = [path] if path.is_file() else sorted(path.rglob("*.py"))
        yield from (file for file in found if "rules" not in file.relative_to(PROJECT).parts[:-1])


def imported_by(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@cache
def importers_by_library() -> dict[str, set[str]]:
    """Reads every source file once; library → the files that import it."""
    found: dict[str, set[str]] = {}
    for path in source_files():
        for name in imported_by(path):
            found.setdefault(name, set()).add(path.relative_to(PROJECT).as_posix())
    return found


def is_allowed(file: str, places: set[str]) -> bool:
    return any(file == place or (place.endswith("/") and file.startswith(place)) for place in places)


@pytest.mark.parametrize("library", sorted(IMPORTERS))
def test_a_vendor_library_is_imported_in_its_place_only(library: str) -> None:
    importers = importers_by_library().get(library, set())
    assert importers, f"nothing imports {library}: take it off the list"
    assert {file for file in importers if not is_allowed(file, IMPORTERS[library])} == set()
