"""Store makes a version readable all at once, and may run again after a crash at any write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from pipeline.execution import ExecutionError, StageInput
from pipeline.stages import store
from tank_core.archive import tree_hash
from tank_core.attestation import verify_attestation
from tank_core.index import parse_index
from tank_core.names import SkillName
from tank_core.publish import Stage
from tank_core.semver import Version
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import leave_document, package, uploaded
from tests.support.published import publish_version

NAME = SkillName.parse("@acme/greeter")
WRITES = 9  # archive, manifest, findings, SBOM, signature, attestation, artifact, record, index


class PowerCutError(Exception):
    """The machine stops here."""


def scored(world: MemoryWorld, **options: Any) -> StageInput:
    given = uploaded(world, package(), **options)
    score = {"value": 9.5, "verdict": "pass", "items": [], "findings": []}
    given = leave_document(world, given, Stage.SCORE, store.SCORE, score)
    return leave_document(world, given, Stage.VALIDATE, store.SBOM, {"base64": "e30="})


def test_what_is_recorded_is_what_was_uploaded(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    assert (recorded.digest, recorded.tree_hash) == (given.publish.digest, tree_hash(package()))
    assert world.blobs.get(keys.blob(recorded.digest), max_bytes=10_000)


def test_the_index_document_is_enough_to_install(world: MemoryWorld) -> None:
    store.run(scored(world), world.ports())
    document = parse_index(world.blobs.get(keys.index("@acme/greeter"), max_bytes=10_000), expected=NAME)
    assert [str(version.version) for version in document.versions] == ["1.0.0"]
    assert world.blobs.get(keys.blob(document.versions[0].attestation_digest), max_bytes=10_000)


def test_the_attestation_is_about_these_bytes_and_verifies_with_the_registry_key(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    summary = verify_attestation(
        world.blobs.get(keys.blob(recorded.attestation_digest), max_bytes=65536),
        {world.signer.key_id(): world.signer.public_key_pem()},
        name=NAME,
        version=Version.parse("1.0.0"),
        digest=given.publish.digest,
        integrity=given.publish.integrity,
    )
    assert (summary.publisher, summary.score) == ("alice", 9.5)
    assert summary.findings_digest == recorded.findings_digest


def test_the_publish_event_is_in_the_audit_trail_once(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    store.run(given, world.ports())
    events = world.audit_trail.events("skill:@acme/greeter", cursor="", limit=10).items
    assert [str(event.action) for event in events] == ["publish"]


def test_bytes_that_changed_after_analysis_are_never_promoted(world: MemoryWorld) -> None:
    given = scored(world)
    swapped = world.blobs.put(given.key, b"x" * given.publish.size_bytes)
    with pytest.raises(Exception, match="upload-mismatch"):
        store.run(replace(given, version_id=swapped.version_id), world.ports())
    assert world.catalog.version("@acme/greeter", "1.0.0") is None


def test_a_version_that_another_publish_recorded_is_never_overwritten(world: MemoryWorld) -> None:
    given = scored(world)
    other = replace(given, publish=replace(given.publish, publish_id="another"))
    store.run(given, world.ports())
    with pytest.raises(ExecutionError):
        store.run(other, world.ports())


def test_a_version_recorded_in_the_same_moment_does_not_steal_latest(world: MemoryWorld) -> None:
    """Both stores read the catalog before either wrote; the higher version stays the latest."""
    lower = scored(world)
    ports, blind = world.ports(), world.ports()
    publish_version(world, "@acme/greeter", "2.0.0")

    class Blind:
        """A catalog that does not show the other's version until this one is recorded."""

        def __getattr__(self, name: str) -> Any:
            if name == "versions" and ports.catalog.version("@acme/greeter", "1.0.0") is None:
                return lambda _: ()
            return getattr(ports.catalog, name)

    store.run(lower, replace(blind, catalog=Blind()))
    skill = world.catalog.skill("@acme/greeter")
    assert skill is not None
    assert skill.latest == "2.0.0"


class CutAfter:
    """Lets the first ``writes`` writes of a world through; the next one never happens."""

    def __init__(self, writes: int) -> None:
        self.left = writes

    def guard(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            if self.left == 0:
                raise PowerCutError
            self.left -= 1
            return write(*arguments, **options)

        return guarded


class Cut:
    """A port whose writes are guarded; everything else is passed through."""

    def __init__(self, port: Any, cut: CutAfter, writes: tuple[str, ...]) -> None:
        self._port, self._cut, self._writes = port, cut, writes

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._cut.guard(found) if name in self._writes else found


def guarded(world: MemoryWorld, writes: int) -> RegistryPorts:
    cut, ports = CutAfter(writes), world.ports()
    return replace(
        ports,
        blobs=Cut(ports.blobs, cut, ("put", "copy")),
        catalog=Cut(ports.catalog, cut, ("record",)),
        artifacts=Cut(ports.artifacts, cut, ("push",)),
        signer=Cut(ports.signer, cut, ("sign",)),
    )


def test_an_undisturbed_store_makes_nine_writes(world: MemoryWorld) -> None:
    """The table of crashes below covers each of them; more writes need more rows there."""
    store.run(scored(world), guarded(world, WRITES))


@pytest.mark.parametrize("writes", range(WRITES))
def test_a_crash_before_any_write_leaves_nothing_or_a_whole_version(world: MemoryWorld, writes: int) -> None:
    given = scored(world)
    try:
        store.run(given, guarded(world, writes))
    except PowerCutError:
        recorded = world.catalog.version("@acme/greeter", "1.0.0")
        events = world.audit_trail.events("skill:@acme/greeter", cursor="", limit=10).items
        assert (recorded is None) == (len(events) == 0)
        if recorded is None:
            assert world.blobs.head(keys.index("@acme/greeter")) is None
    store.run(given, world.ports())
    events = world.audit_trail.events("skill:@acme/greeter", cursor="", limit=10).items
    assert len(events) == 1
    assert world.blobs.head(keys.index("@acme/greeter")) is not None
