"""The index as it was kept: read without a request, verified again, and never taken for the newest."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tank_cli.client.index_reader import IndexReader
from tank_cli.client.index_refusals import IndexMixedError
from tank_cli.client.kept_metadata import Age, KeptMetadata, NotKeptError
from tank_core import tuf_layout
from tank_core.absence import SkillNotFoundError
from tank_core.names import SkillName
from tests.support.client_machine import NOTES, Machine
from tests.support.registry_double import RegistryDouble
from tests.support.tuf_repository import Keys

DAY = 24 * 3600
BIN = tuf_layout.bin_of(tuf_layout.index_target(NOTES))


def kept_versions(machine: Machine, name: str = NOTES) -> list[str]:
    reader = IndexReader(KeptMetadata(machine.trust), machine.cache)
    return [str(entry.version) for entry in reader.fetch(SkillName.parse(name)).versions]


def kept_file(machine: Machine, role: str) -> Path:
    return machine.metadata_dir / f"{role}.json"


def test_what_was_seen_is_read_without_a_request(machine: Machine, used: RegistryDouble) -> None:
    used.requests.clear()
    assert kept_versions(machine) == ["1.0.0"]
    assert used.requests == []


def test_a_skill_that_the_index_does_not_list_is_not_found(machine: Machine, used: RegistryDouble) -> None:
    names = (f"@other/skill-{number}" for number in range(5000))
    other = next(name for name in names if tuf_layout.bin_of(tuf_layout.index_target(name)) == BIN)
    with pytest.raises(SkillNotFoundError):
        kept_versions(machine, other)


def test_what_was_never_seen_is_not_known_and_not_absent(machine: Machine, used: RegistryDouble) -> None:
    with pytest.raises(NotKeptError, match="index of @other/thing"):
        kept_versions(machine, "@other/thing")


def test_a_machine_that_never_read_the_index_has_none(machine: Machine, registry: RegistryDouble) -> None:
    with pytest.raises(NotKeptError):
        KeptMetadata(machine.trust)


def test_an_older_bin_than_the_snapshot_names_is_not_believed(machine: Machine, used: RegistryDouble) -> None:
    used.publish(NOTES, "1.1.0")
    machine.refresh()
    with pytest.raises(NotKeptError, match="newest index"):
        kept_versions(machine)


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", BIN])
def test_an_altered_file_is_refused(machine: Machine, used: RegistryDouble, role: str) -> None:
    path = kept_file(machine, role)
    document = json.loads(path.read_bytes())
    document["signed"]["expires"] = "2099-01-01T00:00:00Z"
    path.write_text(json.dumps(document))
    with pytest.raises(IndexMixedError, match="mixed"):
        kept_versions(machine)


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_an_older_file_between_newer_ones_is_refused(
    machine: Machine, used: RegistryDouble, role: str
) -> None:
    old = kept_file(machine, role).read_bytes()
    used.publish(NOTES, "1.1.0")
    used.sign_registry()
    assert machine.versions() == ["1.0.0", "1.1.0"]
    kept_file(machine, role).write_bytes(old)
    with pytest.raises(IndexMixedError):
        kept_versions(machine)


def test_one_role_cannot_stand_for_another(machine: Machine, used: RegistryDouble) -> None:
    kept_file(machine, "targets").write_bytes(kept_file(machine, BIN).read_bytes())
    with pytest.raises(IndexMixedError):
        kept_versions(machine)


def test_a_rotated_root_is_followed_from_the_pinned_one(machine: Machine, used: RegistryDouble) -> None:
    used.tuf.rotate_root(Keys.fresh())
    used.tuf.sign_again()
    assert machine.versions() == ["1.0.0"]
    assert kept_versions(machine) == ["1.0.0"]
    (machine.metadata_dir / "root_history" / "2.root.json").write_bytes(b"{}")
    with pytest.raises(IndexMixedError):
        kept_versions(machine)


def test_its_age_is_told_and_that_it_would_be_refused_by_now(machine: Machine, used: RegistryDouble) -> None:
    kept, now = KeptMetadata(machine.trust), int(time.time())
    assert not kept.age(now).is_expired
    later = kept.age(now + 9 * DAY)
    assert later.is_expired
    assert later.seconds == now + 9 * DAY - later.signed_at


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(59, "less than a minute"), (60, "1 minute"), (7_300, "2 hours"), (DAY, "1 day"), (40 * DAY, "40 days")],
)
def test_an_age_reads_as_people_say_it(seconds: int, text: str) -> None:
    assert str(Age(0, seconds, is_expired=False)) == text
