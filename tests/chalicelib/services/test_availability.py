from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.ports.artifacts import Artifact
from chalicelib.ports.errors import PortError
from chalicelib.services import availability, keys
from chalicelib.services.authorisation import ForbiddenError, Scope
from chalicelib.services.availability import latest_of
from tank_core.absence import SkillNotFoundError, VersionNotFoundError, WithdrawnError
from tank_core.entities import Availability, SkillVersion
from tank_core.findings import Verdict
from tank_core.index import IndexVersion, parse_index
from tests.support.sample_entities import a_publish, a_version
from tests.support.scene import Scene

NAME = "@acme/tool"
Act = Callable[[], SkillVersion]


def indexed(registry: Scene, version: str) -> IndexVersion:
    document = parse_index(registry.world.index.documents[NAME])
    return next(entry for entry in document.versions if str(entry.version) == version)


def latest(registry: Scene) -> str:
    skill = registry.world.catalog.skill(NAME)
    assert skill is not None
    return skill.latest


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ((), ""),
        (("1.9.0", "1.10.0", "1.2.0"), "1.10.0"),
        (("1.0.0", "2.0.0-rc.1"), "1.0.0"),
        (("2.0.0-rc.1",), ""),
    ],
)
def test_latest_is_the_highest_stable_version_whatever_came_last(
    versions: tuple[str, ...], expected: str
) -> None:
    assert latest_of(a_version(a_publish(version=version)) for version in versions) == expected


def test_latest_is_no_version_that_was_found_to_be_malicious() -> None:
    bad = a_version(a_publish(version="2.0.0"), verdict=Verdict.FAIL)
    assert latest_of((a_version(a_publish(version="1.0.0")), bad)) == "1.0.0"


def test_a_yank_leaves_resolution_and_latest_and_can_be_undone(registry: Scene) -> None:
    registry.publish(version="1.0.0")
    registry.publish(version="1.1.0")
    availability.yank(registry.ports, registry.ada, NAME, "1.1.0", "broken on Windows")
    assert latest(registry) == "1.0.0"
    assert indexed(registry, "1.1.0").availability is Availability.YANKED
    assert indexed(registry, "1.1.0").availability_reason == "broken on Windows"
    availability.unyank(registry.ports, registry.ada, NAME, "1.1.0")
    assert latest(registry) == "1.1.0"
    assert indexed(registry, "1.1.0").availability is Availability.AVAILABLE
    assert registry.actions(f"skill:{NAME}@1.1.0") == ["publish", "yank", "unyank"]


def test_the_same_act_again_writes_no_event_and_mends_the_index(registry: Scene) -> None:
    registry.publish()
    availability.yank(registry.ports, registry.ada, NAME, "1.0.0", "broken")
    registry.world.index.documents.clear()
    availability.yank(registry.ports, registry.ada, NAME, "1.0.0", "broken")
    assert indexed(registry, "1.0.0").availability is Availability.YANKED
    assert registry.actions(f"skill:{NAME}@1.0.0") == ["publish", "yank"]


def test_a_deprecation_is_shown_and_cleared(registry: Scene) -> None:
    registry.publish()
    availability.deprecate(registry.ports, registry.ada, NAME, "1.0.0", "use @acme/better")
    assert indexed(registry, "1.0.0").deprecation == "use @acme/better"
    availability.deprecate(registry.ports, registry.ada, NAME, "1.0.0", "")
    assert indexed(registry, "1.0.0").deprecation == ""
    assert registry.actions(f"skill:{NAME}@1.0.0") == ["publish", "deprecate", "undeprecate"]


def test_a_takedown_makes_the_bytes_unreadable_and_keeps_them(registry: Scene) -> None:
    stored = registry.publish()
    data = registry.world.blobs.get(keys.blob(stored.digest), max_bytes=1000)
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "steals tokens")
    assert registry.world.blobs.head(keys.blob(stored.digest)) is None
    assert registry.world.blobs.get(keys.quarantine(stored.digest), max_bytes=1000) == data
    assert indexed(registry, "1.0.0").availability is Availability.WITHDRAWN
    assert stored.digest not in registry.world.index.documents[NAME].decode()
    assert latest(registry) == ""
    assert registry.actions(f"skill:{NAME}@1.0.0") == ["publish", "takedown"]


def mirrored(registry: Scene, version: str) -> str:
    """Publishes a version with its OCI artifact and returns the digest of that."""
    artifact = Artifact("acme/tool", version, f"archive {version}".encode(), {}, ())
    reference = registry.world.artifacts.push(artifact)
    registry.publish(version=version, package_ref=reference)
    return reference.partition("@")[2]


def test_a_takedown_withdraws_the_mirrored_artifact_and_no_other(registry: Scene) -> None:
    mirrored(registry, "1.0.0")
    other = mirrored(registry, "1.1.0")
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "steals tokens")
    pull = registry.world.artifacts.pull
    assert pull("acme/tool", "1.0.0") is None
    assert pull("acme/tool", "1.1.0") == pull("acme/tool", other) is not None


def test_a_takedown_that_the_mirror_refused_is_finished_by_the_next_one(
    registry: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = mirrored(registry, "1.0.0")

    def refuse(*args: object) -> None:
        raise PortError("the mirror is away")

    with monkeypatch.context() as away:
        away.setattr(type(registry.world.artifacts), "withdraw", refuse)
        with pytest.raises(PortError, match="away"):
            availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    stored = availability.stored_version(registry.ports, NAME, "1.0.0")
    assert stored.availability is Availability.WITHDRAWN
    assert registry.world.blobs.head(keys.blob(stored.digest)) is None
    assert registry.world.artifacts.pull("acme/tool", digest) is not None
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    assert registry.world.artifacts.pull("acme/tool", digest) is None
    assert registry.actions(f"skill:{NAME}@1.0.0") == ["publish", "takedown"]


@pytest.mark.parametrize(("port", "broken"), [("index", "write"), ("blobs", "copy"), ("blobs", "delete")])
def test_a_takedown_that_crashed_is_finished_by_the_next_one(
    registry: Scene, monkeypatch: pytest.MonkeyPatch, port: str, broken: str
) -> None:
    stored = registry.publish()

    def die(*args: object, **kwargs: object) -> None:
        raise PortError("killed")

    with monkeypatch.context() as crash:
        crash.setattr(type(getattr(registry.world, port)), broken, die)
        with pytest.raises(PortError):
            availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    with pytest.raises(WithdrawnError):
        availability.readable_version(registry.ports, NAME, "1.0.0")
    for _ in range(2):
        availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    assert registry.world.blobs.head(keys.blob(stored.digest)) is None
    assert registry.world.blobs.head(keys.quarantine(stored.digest)) is not None
    assert indexed(registry, "1.0.0").availability is Availability.WITHDRAWN
    assert registry.actions(f"skill:{NAME}@1.0.0") == ["publish", "takedown"]


def test_only_an_admin_takes_down(registry: Scene) -> None:
    registry.publish()
    limited = registry.caller("admin", Scope.REGISTRY_ADMIN, skills=("@other/*",))
    for caller in (registry.ada, registry.caller("ada", Scope.REGISTRY_ADMIN), limited):
        with pytest.raises(ForbiddenError):
            availability.take_down(registry.ports, caller, NAME, "1.0.0", "no")


def test_members_with_the_scope_manage_and_nobody_else(registry: Scene) -> None:
    registry.publish()
    for caller in (registry.caller("mallory"), registry.caller("ada", Scope.PUBLISH)):
        with pytest.raises(ForbiddenError):
            availability.yank(registry.ports, caller, NAME, "1.0.0", "no")
        with pytest.raises(ForbiddenError):
            availability.unyank(registry.ports, caller, NAME, "1.0.0")
        with pytest.raises(ForbiddenError):
            availability.deprecate(registry.ports, caller, NAME, "1.0.0", "no")
    availability.yank(registry.ports, registry.caller("grace", Scope.MANAGE), NAME, "1.0.0", "yes")


def test_a_withdrawn_version_stays_withdrawn(registry: Scene) -> None:
    registry.publish()
    availability.take_down(registry.ports, registry.admin, NAME, "1.0.0", "malware")
    acts: tuple[Act, ...] = (
        lambda: availability.yank(registry.ports, registry.ada, NAME, "1.0.0", "x"),
        lambda: availability.unyank(registry.ports, registry.ada, NAME, "1.0.0"),
        lambda: availability.deprecate(registry.ports, registry.ada, NAME, "1.0.0", "x"),
    )
    for act in acts:
        with pytest.raises(WithdrawnError):
            act()


def test_what_was_never_published_is_not_found(registry: Scene) -> None:
    with pytest.raises(SkillNotFoundError):
        availability.yank(registry.ports, registry.ada, NAME, "1.0.0", "x")
    registry.publish()
    with pytest.raises(VersionNotFoundError):
        availability.yank(registry.ports, registry.ada, NAME, "2.0.0", "x")
