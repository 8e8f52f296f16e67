"""Store makes a version readable all at once, and may run again after a crash at any write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys
from pipeline.execution import ExecutionError, StageInput, matter_of
from pipeline.stages import store
from tank_core import oci
from tank_core.archive import tree_hash
from tank_core.attestation import VerificationSummary, verify_attestation
from tank_core.index import parse_index
from tank_core.names import SkillName
from tank_core.publish import Stage
from tank_core.semver import Version
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import leave_document, package, uploaded
from tests.support.published import publish_version
from tests.support.signatures import LOG, a_signature

NAME = SkillName.parse("@acme/greeter")
WRITES = 9  # archive, manifest, findings, SBOM, signature, attestation, artifact, record, index


class PowerCutError(Exception):
    """The machine stops here."""


def said_by_sign(given: StageInput, **changes: Any) -> StageInput:
    """Returns the input after Sign had looked at these bytes and, where there is a bundle, at its signature."""
    publish = given.publish
    signature = a_signature(publish.publisher_id).to_json() if publish.bundle_digest else {}
    facts = {**matter_of(publish), "signature": signature, **changes}
    return replace(given, earlier={**given.earlier, Stage.SIGN: facts})


def scored(world: MemoryWorld, **options: Any) -> StageInput:
    given = said_by_sign(uploaded(world, package(), **options))
    score = {"value": 9.5, "verdict": "pass", "items": [], "findings": []}
    given = leave_document(world, given, Stage.SCORE, store.SCORE, score)
    return leave_document(world, given, Stage.VALIDATE, store.SBOM, {"base64": "e30="})


def attested(world: MemoryWorld, given: StageInput) -> VerificationSummary:
    """Returns what the registry's key attests of the published version."""
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    return verify_attestation(
        world.blobs.get(keys.blob(recorded.attestation_digest), max_bytes=65536),
        {world.signer.key_id(): world.signer.public_key_pem()},
        name=NAME,
        version=Version.parse("1.0.0"),
        digest=given.publish.digest,
        integrity=given.publish.integrity,
    )


def test_what_is_recorded_is_what_was_uploaded(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    assert (recorded.digest, recorded.tree_hash) == (given.publish.digest, tree_hash(package()))
    assert world.blobs.get(keys.blob(recorded.digest), max_bytes=10_000)


def test_the_rules_that_it_was_scanned_with_are_recorded(world: MemoryWorld) -> None:
    given = scored(world)
    rules = {"rule_set": "sha256:" + "7" * 64}
    store.run(replace(given, earlier={**given.earlier, Stage.ANALYZE: rules}), world.ports())
    assert world.catalog.scanned_otherwise(rules["rule_set"], cursor="", limit=1).items == ()
    assert len(world.catalog.scanned_otherwise("", cursor="", limit=1).items) == 1


def test_the_index_document_is_enough_to_install(world: MemoryWorld) -> None:
    store.run(scored(world), world.ports())
    document = parse_index(world.index.documents["@acme/greeter"], expected=NAME)
    assert [str(version.version) for version in document.versions] == ["1.0.0"]
    assert world.blobs.get(keys.blob(document.versions[0].attestation_digest), max_bytes=10_000)


def test_the_attestation_is_about_these_bytes_and_verifies_with_the_registry_key(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    summary = attested(world, given)
    assert (summary.publisher, summary.score) == ("alice", 9.5)
    assert summary.findings_digest == recorded.findings_digest


def test_what_sign_found_is_recorded_attested_and_indexed(world: MemoryWorld) -> None:
    given = scored(world, bundle=b"bundle")
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    assert recorded.signature == a_signature("alice").to_json()
    summary = attested(world, given)
    assert (summary.signature, summary.bundle_digest) == (a_signature("alice"), recorded.bundle_digest)
    document = parse_index(world.index.documents["@acme/greeter"], expected=NAME)
    assert document.versions[0].signature == a_signature("alice")
    assert world.blobs.get(keys.blob(recorded.bundle_digest), max_bytes=100) == b"bundle"


def test_a_version_without_a_bundle_is_attested_as_not_signed(world: MemoryWorld) -> None:
    given = scored(world)
    store.run(given, world.ports())
    recorded = world.catalog.version("@acme/greeter", "1.0.0")
    assert recorded is not None
    assert (recorded.signature, attested(world, given).signature) == ({}, None)


def test_the_bundle_hangs_on_the_artifact_with_the_time_of_its_signature(world: MemoryWorld) -> None:
    store.run(scored(world, bundle=b"bundle"), world.ports())
    ((artifact, _),) = world.artifacts.pushed.values()
    (bundle,) = [one for one in artifact.referrers if one.artifact_type == oci.BUNDLE]
    created = datetime.fromisoformat(bundle.annotations["org.opencontainers.image.created"])
    assert (bundle.data, created.timestamp()) == (b"bundle", LOG.signed_at)


@pytest.mark.parametrize(
    ("bundle", "lie", "reason"),
    [
        (b"bundle", {"signature": {}}, "a signature or a bundle only"),
        (b"", {"signature": a_signature().to_json()}, "a signature or a bundle only"),
        (b"bundle", {"signature": {"claims": {}}}, "malformed: a signature has claims"),
        (b"bundle", {"digest": "sha256:" + "1" * 64}, "another digest"),
        (b"bundle", {"bundle_digest": "sha256:" + "1" * 64}, "another bundle_digest"),
        (b"", {"bundle_digest": "sha256:" + "1" * 64}, "another bundle_digest"),
        (b"", {"integrity": "sha512-"}, "another integrity"),
        (b"", {"name": "@mallory/greeter"}, "another name"),
        (b"", {"version": "0.9.0"}, "another version"),
        (b"bundle", {"publisher": "mallory"}, "another publisher"),
    ],
)
def test_what_sign_did_not_look_at_is_not_published(
    world: MemoryWorld, bundle: bytes, lie: dict[str, Any], reason: str
) -> None:
    given = said_by_sign(scored(world, bundle=bundle), **lie)
    with pytest.raises(ExecutionError, match=reason):
        store.run(given, world.ports())
    assert world.catalog.version("@acme/greeter", "1.0.0") is None


def test_a_publish_that_sign_never_saw_is_not_published(world: MemoryWorld) -> None:
    given = scored(world)
    unseen = replace(given, earlier={s: facts for s, facts in given.earlier.items() if s is not Stage.SIGN})
    with pytest.raises(ExecutionError, match="sign did not pass"):
        store.run(unseen, world.ports())


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
        index=Cut(ports.index, cut, ("write",)),
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
            assert world.index.documents == {}
    store.run(given, world.ports())
    events = world.audit_trail.events("skill:@acme/greeter", cursor="", limit=10).items
    assert len(events) == 1
    assert "@acme/greeter" in world.index.documents
