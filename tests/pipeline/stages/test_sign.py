"""Sign refuses bytes that are not the announced ones, and publishers and bundles that prove nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.ports.bundles import VerifiedBundle
from chalicelib.ports.errors import Missing
from pipeline.execution import StageInput
from pipeline.stages import sign
from tank_core import provenance
from tank_core.archive import pack
from tank_core.entities import Action, AuditEvent, Identity, Publisher
from tank_core.names import SkillName
from tank_core.publish import StageRejected
from tests.support.memory_ports import MemoryWorld, memory_world
from tests.support.packages import join_org, package, uploaded

CI = Identity("https://issuer.example", "https://git.example/acme/greeter/.github/workflows/release.yml")


def refusal(given: StageInput, world: MemoryWorld) -> str:
    with pytest.raises(StageRejected) as caught:
        sign.run(given, world.ports())
    return caught.value.rejection.code


def test_the_digest_comes_from_the_stored_bytes(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    assert sign.run(given, world.ports()).facts["digest"] == given.publish.digest


def test_other_bytes_of_the_announced_size_are_refused(world: MemoryWorld) -> None:
    packed = bytearray(pack(package()))
    packed[-1] ^= 1
    assert refusal(uploaded(world, package(), archive=bytes(packed)), world) == "upload-mismatch"


def test_more_bytes_than_announced_are_refused_unread(world: MemoryWorld) -> None:
    assert refusal(uploaded(world, package(), archive=pack(package()) + b"x"), world) == "upload-mismatch"


def test_a_digest_that_the_client_invented_is_refused(world: MemoryWorld) -> None:
    assert refusal(uploaded(world, package(), digest="sha256:" + "0" * 64), world) == "upload-mismatch"


def test_an_object_that_is_gone_is_our_fault_and_not_a_refusal(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    with pytest.raises(Missing):
        sign.run(replace(given, version_id="no-such-version"), world.ports())


def test_a_publisher_who_left_the_organisation_is_refused(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    org = world.accounts.org("acme")
    assert org is not None
    event = AuditEvent(world.ids.new_id(), 1, "alice", Action.MEMBER_REMOVE, "org:acme")
    world.accounts.update_org(replace(org, members={}), event)
    assert refusal(given, world) == "publisher-not-authorised"


def test_a_token_that_was_revoked_since_the_publish_began_ends_it(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    event = AuditEvent(world.ids.new_id(), 1, "alice", Action.TOKEN_REVOKE, "token:x")
    world.accounts.revoke_token(given.publish.token_id, 2, event)
    assert refusal(given, world) == "token-revoked"


def test_a_publish_that_names_no_token_is_refused(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    unnamed = replace(given, publish=replace(given.publish, token_id=""))
    assert refusal(unnamed, world) == "token-revoked"


def signing_world() -> MemoryWorld:
    world = memory_world()
    join_org(world, publisher=Publisher("alice", 1, identities=(CI,)))
    return world


def statement_for(given: StageInput, **changed: object) -> bytes:
    publish = given.publish
    subject = provenance.subject_of(
        SkillName.parse(publish.name), publish.version, publish.integrity, publish.digest
    )
    statement = {
        "_type": provenance.STATEMENT_TYPE,
        "subject": [subject | changed],
        "predicateType": provenance.PREDICATE_TYPE,
        "predicate": {"purl": subject["name"]},
    }
    return json.dumps(statement).encode()


def test_a_bound_publisher_who_does_not_sign_is_refused() -> None:
    world = signing_world()
    assert refusal(uploaded(world, package()), world) == "missing-signature"


def test_a_good_bundle_of_the_bound_identity_is_accepted() -> None:
    world = signing_world()
    given = uploaded(world, package(), bundle=b"bundle")
    world.bundles.accepted[b"bundle"] = VerifiedBundle(CI, statement_for(given), 7)
    assert sign.run(given, world.ports()).facts["signed_by"] == CI.subject


def test_a_bundle_that_does_not_verify_is_refused() -> None:
    world = signing_world()
    assert refusal(uploaded(world, package(), bundle=b"forged"), world) == "bundle-refused"


def test_a_bundle_that_was_announced_but_never_uploaded_is_refused() -> None:
    world = signing_world()
    announced = {"bundle_digest": "sha256:" + "1" * 64, "bundle_size_bytes": 9}
    assert refusal(uploaded(world, package(), **announced), world) == "bundle-mismatch"


def test_another_bundle_than_the_announced_one_is_refused() -> None:
    world = signing_world()
    given = uploaded(world, package(), bundle=b"bundle", bundle_digest="sha256:" + "1" * 64)
    assert refusal(given, world) == "bundle-mismatch"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "pkg:tank/acme/other@1.0.0"},
        {"digest": {"sha256": "0" * 64, "sha512": "0" * 128}},
        {"extra": "field"},
    ],
    ids=["another-name", "another-digest", "extra-field"],
)
def test_a_signature_over_another_package_cannot_be_replayed(changed: dict[str, object]) -> None:
    world = signing_world()
    given = uploaded(world, package(), bundle=b"bundle")
    world.bundles.accepted[b"bundle"] = VerifiedBundle(CI, statement_for(given, **changed), 7)
    assert refusal(given, world) == "provenance-mismatch"


@pytest.mark.parametrize("statement", [b"", b"[]", b"{", b'{"_type": "x"}', b'{"subject": []}'])
def test_a_statement_of_another_shape_is_refused(statement: bytes) -> None:
    world = signing_world()
    given = uploaded(world, package(), bundle=b"bundle")
    world.bundles.accepted[b"bundle"] = VerifiedBundle(CI, statement, 7)
    assert refusal(given, world) == "provenance-mismatch"
