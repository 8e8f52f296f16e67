"""An install from a lock: it reads the notices, and of the index only what they name."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tank_core import tuf_layout
from tank_core.entities import Availability
from tests.support.registry_double import RegistryDouble, blob_path

NAMES = [f"@acme/tool-{number}" for number in range(8)]


@pytest.fixture
def locked(tank: Any, trusted: RegistryDouble, home: Path, project: Path) -> RegistryDouble:
    """A project with a lock, on a machine that has seen nothing but the registry's root."""
    for name in NAMES:
        trusted.publish(name, "1.0.0")
    assert tank("add", *NAMES).exit_code == 0
    for left in (home / ".cache", project / ".tank", project / ".agents"):
        shutil.rmtree(left)
    for metadata in home.rglob("metadata"):
        shutil.rmtree(metadata)
    trusted.requests.clear()
    return trusted


def asked_of_the_index(registry: RegistryDouble) -> list[str]:
    """Returns the requests beside those for archives and attestations, in order."""
    return [
        request.removeprefix("GET ").removeprefix("/")
        for request in registry.requests
        if "/blobs/" not in request
    ]


def documents(registry: RegistryDouble) -> set[str]:
    asked = asked_of_the_index(registry)
    return {path for path in asked if path.startswith("targets/index/") and not path.endswith("notices.json")}


def test_it_costs_five_requests_for_the_index_however_many_skills_there_are(
    tank: Any, locked: RegistryDouble
) -> None:
    assert tank("ci").exit_code == 0
    tuf = locked.tuf
    notices_bin = tuf.path(tuf_layout.bin_of(tuf_layout.NOTICES_TARGET))
    (document,) = (path for path in asked_of_the_index(locked) if path.endswith("notices.json"))
    assert sorted(asked_of_the_index(locked)) == sorted(
        [
            tuf_layout.TIMESTAMP,
            *(tuf.path(role).removeprefix("/") for role in ("snapshot", "targets")),
            notices_bin.removeprefix("/"),
            document,
        ]
    )
    blobs = {blob_path(v.digest) for each in locked.versions.values() for v in each}
    assert blobs <= {request.removeprefix("GET ") for request in locked.requests}


def test_only_what_is_noticed_is_looked_up(tank: Any, locked: RegistryDouble) -> None:
    locked.change(NAMES[3], "1.0.0", deprecation="use another")
    locked.change(NAMES[5], "1.0.0", availability=Availability.YANKED, availability_reason="oops")
    locked.publish(NAMES[6], "1.1.0")
    locked.change(NAMES[6], "1.1.0", deprecation="not the locked one")
    result = tank("ci")
    assert result.exit_code == 0
    told = " ".join(result.err.split())
    assert f"{NAMES[3]}@1.0.0 is deprecated: use another" in told
    assert f"{NAMES[5]}@1.0.0 was yanked: oops" in told
    assert NAMES[6] not in told
    assert documents(locked) == {
        locked.tuf.document_path(name).removeprefix("/") for name in (NAMES[3], NAMES[5])
    }


def test_a_registry_without_notices_is_asked_about_every_skill(tank: Any, locked: RegistryDouble) -> None:
    role = tuf_layout.bin_of(tuf_layout.NOTICES_TARGET)
    del locked.tuf.bin(role).targets[tuf_layout.NOTICES_TARGET]
    locked.tuf.publish_bins([role])
    locked.tuf.put_document(NAMES[0], locked.objects[locked.tuf.document_path(NAMES[0])])
    assert tank("ci").exit_code == 0
    assert documents(locked) == {locked.tuf.document_path(name).removeprefix("/") for name in NAMES}


@pytest.mark.parametrize("content", [b"[]", b'{"versions":[]}'])
def test_what_are_no_notices_is_a_refusal_and_not_nothing_to_tell(
    tank: Any, locked: RegistryDouble, project: Path, content: bytes
) -> None:
    locked.tuf.put_targets({tuf_layout.NOTICES_TARGET: content})
    refused = tank("ci", "--json")
    assert (refused.exit_code, refused.error_code) == (5, "invalid-notices")
    assert not (project / ".tank/skills").exists()


def test_notices_that_are_kept_back_are_a_refusal(tank: Any, locked: RegistryDouble) -> None:
    place = next(path for path in locked.objects if path.endswith("notices.json"))
    for path in [path for path in locked.objects if path.endswith("notices.json")]:
        del locked.objects[path]
    refused = tank("ci", "--json")
    assert (refused.exit_code, refused.error_code) == (6, "index-mixed")
    assert place.startswith("/targets/")


def test_prefer_offline_reads_the_notices_that_were_kept(
    tank: Any, locked: RegistryDouble, project: Path, home: Path
) -> None:
    assert tank("ci").exit_code == 0
    shutil.rmtree(project / ".tank")
    shutil.rmtree(home / ".cache" / "tank" / "trees", ignore_errors=True)
    digest = locked.versions[NAMES[0]][0].digest
    next((home / ".cache").rglob(digest.removeprefix("sha256:"))).unlink()
    locked.requests.clear()
    assert tank("install", "--prefer-offline").exit_code == 0
    assert asked_of_the_index(locked) == []
    assert [request for request in locked.requests if blob_path(digest) in request]


def test_an_audit_without_the_network_goes_by_the_notices_where_no_document_was_read(
    tank: Any, locked: RegistryDouble
) -> None:
    locked.change(NAMES[5], "1.0.0", availability=Availability.WITHDRAWN, availability_reason="malware")
    locked.change(NAMES[3], "1.0.0", deprecation="use another")
    assert tank("ci").exit_code == 8
    locked.change(NAMES[5], "1.0.0", availability=Availability.YANKED, availability_reason="oops")
    assert tank("ci").exit_code == 0
    locked.requests.clear()
    audit = tank("audit", "--offline", "--json")
    assert (audit.exit_code, locked.requests) == (0, [])
    told = {(one["rule_id"], one["where"]) for one in audit.document["findings"]}
    assert told == {("yanked", f"{NAMES[5]}@1.0.0"), ("deprecated", f"{NAMES[3]}@1.0.0")}
    about = {one["name"]: (one["availability"], one["verdict_now"]) for one in audit.document["skills"]}
    assert about[NAMES[0]] == ("available", "unknown")
    assert about[NAMES[5]] == ("yanked", "pass")
    assert len(about) == len(NAMES)
    shown = tank("audit", "--offline")
    assert "8 skills audited: 1 medium, 1 low." in shown.out


def test_an_audit_without_network_and_notices_takes_nothing_for_good(
    tank: Any, locked: RegistryDouble, home: Path
) -> None:
    assert tank("ci").exit_code == 0
    for place in (home / ".cache").rglob("*"):
        if place.is_file() and place.read_bytes().startswith(b'{"versions"'):
            place.unlink()
    refused = tank("audit", "--offline", "--json")
    assert (refused.exit_code, refused.error_code) == (5, "not-kept")
