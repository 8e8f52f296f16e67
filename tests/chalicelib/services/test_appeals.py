"""Publishers appeal, reviewers decide, consumers are told; every act leaves its event."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.services import appeals, keys, waivers
from chalicelib.services.appeals import (
    AppealConflictError,
    AppealNotFoundError,
    InvalidAppealError,
    Objection,
)
from chalicelib.services.authorisation import ForbiddenError, Scope
from tank_core.entities import Appeal, AppealState, SkillVersion
from tank_core.index import IndexVersion, parse_index
from tank_core.names import SkillName
from tank_core.semver import Version
from tank_core.waiver_statement import WaiverRefusedError, verify_waiver
from tank_core.waivers import DAY_SECONDS, MAX_OF_VERSION
from tests.support.scene import Scene

NAME = "@acme/tool"
SUBJECT = f"skill:{NAME}@1.0.0"
OBJECTION = Objection(
    name=NAME,
    version="1.0.0",
    digest="sha256:" + "a" * 64,
    integrity="sha512-" + "A" * 86 + "==",
    rule_id="some-rule",
    file="run.py",
    line=3,
    reason="It is an example in the documentation.",
)


def filed(registry: Scene, **changes: Any) -> Appeal:
    return appeals.file(registry.ports, registry.ada, replace(OBJECTION, **changes))


def of_published(registry: Scene) -> tuple[SkillVersion, Appeal]:
    stored = registry.publish()
    return stored, filed(registry, digest=stored.digest, integrity=stored.integrity)


def indexed(registry: Scene) -> IndexVersion:
    return parse_index(registry.world.index.documents[NAME]).versions[0]


def test_an_appeal_against_a_refused_publish_names_bytes_that_nobody_published(registry: Scene) -> None:
    appeal = filed(registry)
    assert (appeal.state, appeal.appellant) == (AppealState.OPEN, "ada")
    assert appeals.show(registry.ports, registry.ada, appeal.appeal_id) == appeal
    assert registry.actions(SUBJECT) == ["appeal_file"]


def test_the_same_objection_again_is_the_same_appeal(registry: Scene) -> None:
    first = filed(registry)
    assert filed(registry, reason="I said so.").appeal_id == first.appeal_id
    assert filed(registry, line=4).appeal_id != first.appeal_id
    assert registry.actions(SUBJECT) == ["appeal_file", "appeal_file"]


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "sha256:abc"},
        {"digest": ""},
        {"integrity": "sha512-abc"},
        {"rule_id": "*"},
        {"file": ""},
        {"line": -1},
        {"reason": ""},
        {"reason": "one line\nand another"},
        {"reason": "\x1b[2Kall is well"},
        {"version": "latest"},
        {"name": "tool"},
    ],
)
def test_what_could_never_become_a_waiver_is_not_filed(registry: Scene, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidAppealError):
        filed(registry, **changes)
    assert registry.world.appeals.appeals == {}


def test_a_stranger_files_nothing(registry: Scene) -> None:
    for caller in (registry.caller("mallory"), registry.caller("ada", Scope.MANAGE)):
        with pytest.raises(ForbiddenError):
            appeals.file(registry.ports, caller, OBJECTION)


def test_other_bytes_than_the_published_ones_have_nothing_to_appeal_for(registry: Scene) -> None:
    registry.publish()
    with pytest.raises(AppealConflictError, match="other bytes"):
        filed(registry)


def test_a_version_has_a_limited_number_of_appeals(registry: Scene) -> None:
    for line in range(MAX_OF_VERSION):
        filed(registry, line=line)
    with pytest.raises(AppealConflictError, match="appeals already"):
        filed(registry, line=MAX_OF_VERSION)
    first = registry.world.appeals.of_version(NAME, "1.0.0")[0]
    appeals.decline(registry.ports, registry.admin, first.appeal_id, "It is not.")
    filed(registry, line=MAX_OF_VERSION)


def test_a_granted_appeal_is_a_signed_waiver_with_an_end(registry: Scene) -> None:
    appeal = filed(registry)
    granted = appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It documents the attack.", 90)
    assert granted.state is AppealState.GRANTED
    envelope = registry.ports.blobs.get(keys.blob(granted.waiver_digest), max_bytes=100_000)
    waiver = verify_waiver(
        envelope,
        {registry.world.signer.key_id(): registry.world.signer.public_key_pem()},
        name=SkillName.parse(NAME),
        version=Version.parse("1.0.0"),
        digest=OBJECTION.digest,
        integrity=OBJECTION.integrity,
    )
    assert (waiver.appellant, waiver.granted_by) == ("ada", registry.admin.publisher_id)
    assert waiver.reason == "It documents the attack."
    assert waiver.expires_at == registry.ports.clock.now() + 90 * DAY_SECONDS
    assert registry.actions(SUBJECT) == ["appeal_file", "waiver_grant"]


def test_only_a_reviewer_decides(registry: Scene) -> None:
    appeal = filed(registry)
    for act in (
        lambda: appeals.grant(registry.ports, registry.ada, appeal.appeal_id, "Yes.", 1),
        lambda: appeals.decline(registry.ports, registry.ada, appeal.appeal_id, "No."),
        lambda: appeals.revoke(registry.ports, registry.ada, appeal.appeal_id, "No."),
        lambda: appeals.undecided(registry.ports, registry.ada, cursor="", limit=10),
    ):
        with pytest.raises(ForbiddenError):
            act()
    assert registry.world.appeals.get(appeal.appeal_id) == appeal


def test_an_appeal_is_decided_once(registry: Scene) -> None:
    appeal = filed(registry)
    appeals.decline(registry.ports, registry.admin, appeal.appeal_id, "It is not.")
    with pytest.raises(AppealConflictError):
        appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It is.", 90)
    with pytest.raises(AppealConflictError):
        appeals.revoke(registry.ports, registry.admin, appeal.appeal_id, "It is not.")
    assert registry.actions(SUBJECT) == ["appeal_file", "appeal_decline"]


@pytest.mark.parametrize("days", [0, 366])
def test_a_waiver_without_a_sensible_end_is_never_granted(registry: Scene, days: int) -> None:
    appeal = filed(registry)
    with pytest.raises(WaiverRefusedError):
        appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "Yes.", days)
    assert registry.world.appeals.get(appeal.appeal_id) == appeal


def test_reviewers_see_what_is_open_and_members_what_is_theirs(registry: Scene) -> None:
    first, second = filed(registry), filed(registry, line=4)
    appeals.decline(registry.ports, registry.admin, first.appeal_id, "It is not.")
    assert appeals.undecided(registry.ports, registry.admin, cursor="", limit=10).items == (second,)
    of_version = appeals.of_version(registry.ports, registry.caller("grace"), NAME, "1.0.0")
    assert [a.appeal_id for a in of_version] == [first.appeal_id, second.appeal_id]
    with pytest.raises(ForbiddenError):
        appeals.of_version(registry.ports, registry.caller("mallory"), NAME, "1.0.0")
    with pytest.raises(ForbiddenError):
        appeals.show(registry.ports, registry.caller("mallory"), second.appeal_id)
    with pytest.raises(AppealNotFoundError):
        appeals.show(registry.ports, registry.admin, "nothing")


def test_the_index_of_a_published_version_names_the_waiver_and_its_revocation(registry: Scene) -> None:
    _, appeal = of_published(registry)
    granted = appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It documents it.", 90)
    reference = indexed(registry).waivers[0]
    assert (reference.digest, reference.counted, reference.revoked_at) == (granted.waiver_digest, False, None)
    revoked = appeals.revoke(registry.ports, registry.admin, appeal.appeal_id, "It does more than that.")
    reference = indexed(registry).waivers[0]
    assert reference.digest == granted.waiver_digest
    assert (reference.revoked_at, reference.revocation) == (revoked.revoked_at, "It does more than that.")
    assert registry.ports.blobs.head(keys.blob(granted.waiver_digest)) is not None
    assert registry.actions(SUBJECT) == ["publish", "appeal_file", "waiver_grant", "waiver_revoke"]


def test_the_same_act_again_writes_no_event_and_mends_the_index(registry: Scene) -> None:
    stored, appeal = of_published(registry)
    appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It documents it.", 90)
    named = indexed(registry).waivers
    registry.world.catalog.set_waivers(NAME, "1.0.0", (), before=named)
    registry.world.index.documents.clear()
    again = appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It documents it.", 90)
    assert [w.digest for w in indexed(registry).waivers] == [again.waiver_digest]
    assert registry.actions(SUBJECT) == ["publish", "appeal_file", "waiver_grant"]
    assert registry.world.catalog.version(stored.name, stored.version) is not None


def archive(appeal: Appeal) -> waivers.Archive:
    return waivers.Archive(appeal.name, appeal.version, appeal.digest, appeal.integrity)


def granted(registry: Scene) -> Appeal:
    appeal = filed(registry)
    return appeals.grant(registry.ports, registry.admin, appeal.appeal_id, "It documents it.", 90)


def test_a_waiver_counts_from_grant_to_its_end(registry: Scene) -> None:
    appeal = granted(registry)
    assert list(waivers.verified(registry.ports, archive(appeal))) == [appeal.waiver_digest]
    registry.world.clock.move(90 * DAY_SECONDS)
    assert waivers.verified(registry.ports, archive(appeal)) == {}


def test_a_revoked_waiver_counts_for_nothing(registry: Scene) -> None:
    appeal = granted(registry)
    appeals.revoke(registry.ports, registry.admin, appeal.appeal_id, "It was wrong.")
    assert waivers.verified(registry.ports, archive(appeal)) == {}
    assert not waivers.are_claimed(registry.ports, archive(appeal))


@pytest.mark.parametrize(
    "other",
    [{"digest": "sha256:" + "b" * 64}, {"integrity": "sha512-" + "B" * 84 + "BQ=="}, {"version": "1.0.1"}],
    ids=lambda other: next(iter(other)),
)
def test_a_waiver_for_other_bytes_or_another_version_counts_for_nothing(
    registry: Scene, other: dict[str, str]
) -> None:
    others = replace(archive(granted(registry)), **other)
    assert waivers.verified(registry.ports, others) == {}
    assert not waivers.are_claimed(registry.ports, others)


def test_a_row_that_says_granted_is_no_waiver_without_the_registrys_signature(registry: Scene) -> None:
    appeal = filed(registry)
    now = registry.ports.clock.now()
    forged = replace(appeal, state=AppealState.GRANTED, decided_by="admin", decided_at=now, decision="Yes.")
    for waiver_digest in ("", "sha256:" + "0" * 64, registry.blob({"payload": "e30="})):
        registry.world.appeals.appeals[appeal.appeal_id] = replace(
            forged, expires_at=now + DAY_SECONDS, waiver_digest=waiver_digest
        )
        assert waivers.verified(registry.ports, archive(appeal)) == {}


def test_a_waiver_that_was_moved_to_another_version_in_the_database_counts_for_nothing(
    registry: Scene,
) -> None:
    appeal = granted(registry)
    moved = replace(appeal, appeal_id="moved", version="2.0.0")
    registry.world.appeals.appeals["moved"] = moved
    assert waivers.are_claimed(registry.ports, archive(moved))
    assert waivers.verified(registry.ports, archive(moved)) == {}


def test_an_envelope_that_was_exchanged_in_the_store_counts_for_nothing(registry: Scene) -> None:
    appeal = granted(registry)
    registry.ports.blobs.put(keys.blob(appeal.waiver_digest), b"{}")
    assert waivers.verified(registry.ports, archive(appeal)) == {}
