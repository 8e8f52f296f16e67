"""Sign refuses bytes that are not the announced ones, and publishers and bundles that prove nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.errors import Missing
from pipeline.execution import ExecutionError
from pipeline.stages import sign
from tank_core.archive import pack
from tank_core.binding import Binding
from tank_core.entities import Action, AuditEvent, Publisher, Role
from tank_core.signature import Signature
from tank_core.signer import SignerClaims
from tank_core.trusted_publishing import TokenRule
from tests.support.identities import (
    REF,
    REPOSITORY,
    WORKFLOW,
    build_binding,
    build_claims,
    person_binding,
    person_claims,
)
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import join_org, package, uploaded
from tests.support.sample_entities import a_version
from tests.support.signing_scene import NAME, bind, change_org, refusal, rejection, signed, statement_for


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


def test_an_attempt_that_stands_on_somebody_elses_token_is_nobodys(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    token = world.accounts.tokens[given.publish.token_id]
    world.accounts.tokens[token.token_id] = replace(token, publisher_id="mallory")
    with pytest.raises(ExecutionError, match="somebody else's token"):
        sign.run(given, world.ports())


def test_a_publish_that_names_no_token_is_refused(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    unnamed = replace(given, publish=replace(given.publish, token_id=""))
    assert refusal(unnamed, world) == "token-revoked"


def test_without_bindings_and_without_a_bundle_a_version_is_not_signed(world: MemoryWorld) -> None:
    output = sign.run(uploaded(world, package()), world.ports())
    assert output.facts["signature"] == {}
    assert (output.facts["signed_by"], output.facts["bundle_digest"]) == ("", "")
    assert output.summary.endswith("by alice, not signed")


@pytest.mark.parametrize(
    ("binding", "claims"),
    [(build_binding("alice"), build_claims()), (person_binding("alice"), person_claims())],
    ids=["build", "person"],
)
def test_a_good_bundle_of_a_bound_identity_is_accepted_and_described(
    world: MemoryWorld, binding: Binding, claims: SignerClaims
) -> None:
    bind(world, binding)
    given = signed(world, claims)
    facts = sign.run(given, world.ports()).facts
    stated = Signature.from_json(facts["signature"])
    assert (stated.claims, stated.binding) == (claims, binding)
    assert stated.log == world.bundles.accepted[b"bundle"].log
    assert facts["signed_by"] == str(claims.signer)
    assert facts["bundle_digest"] == given.publish.bundle_digest


def test_where_somebody_is_bound_an_unsigned_version_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    refused = rejection(uploaded(world, package()), world)
    assert refused.code == "missing-signature"
    assert WORKFLOW in refused.why


def test_a_member_who_is_not_bound_cannot_publish_unsigned_either(world: MemoryWorld) -> None:
    """Otherwise a stolen token of any member would do."""
    join_org(world, publisher=Publisher("bob", 1))
    change_org(world, members={"alice": Role.OWNER, "bob": Role.PUBLISHER})
    bind(world, build_binding("bob"))
    assert refusal(uploaded(world, package()), world) == "missing-signature"


def test_a_bundle_where_nobody_is_bound_is_refused(world: MemoryWorld) -> None:
    refused = rejection(signed(world, build_claims()), world)
    assert refused.code == "unbound-signature"
    assert "tank binding add @acme/greeter" in refused.fix


def test_a_binding_that_only_waits_admits_nobody_and_demands_nothing(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"), effective_at=world.clock.now() + 1)
    assert sign.run(uploaded(world, package()), world.ports()).facts["signature"] == {}
    assert refusal(signed(world, build_claims(), version="1.0.1"), world) == "unbound-signature"


def test_a_skills_own_binding_replaces_the_organisations(world: MemoryWorld) -> None:
    bind(world, person_binding("alice"))
    bind(world, build_binding("alice"), skill=NAME)
    assert refusal(signed(world, person_claims()), world) == "binding-mismatch"


def test_an_identity_bound_to_another_publisher_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("bob"))
    refused = rejection(signed(world, build_claims()), world)
    assert (refused.code, refused.problems[0].what) == ("binding-mismatch", "is alice, bound are bob")


STRANGER = "https://github.com/mallory/skills"
MISMATCHES: dict[str, tuple[dict[str, str], str]] = {
    "wrong-issuer": ({"issuer": "https://issuer.example"}, "issuer: “https://issuer.example”"),
    "wrong-owner-id": ({"owner_id": "666"}, "owner-id: “666”, bound is 1001"),
    "wrong-repository-id": ({"repository_id": "666"}, "repository-id: “666”, bound is 2002"),
    "name-resurrected": ({"owner_id": "7", "repository_id": "8"}, "repository-id: “8”, bound is 2002"),
    "another-repository": ({"repository": STRANGER}, f"repository: “{STRANGER}”"),
    "wrong-workflow": (
        dict.fromkeys(
            ("workflow", "signer_workflow", "subject"), f"{REPOSITORY}/.github/workflows/test.yml@{REF}"
        ),
        f"workflow: “{REPOSITORY}/.github/workflows/test.yml”",
    ),
    "wrong-ref": ({"ref": "refs/heads/main"}, "ref: “refs/heads/main”, bound is refs/tags/v*"),
    "ref-one-segment-deeper": ({"ref": "refs/tags/v1/x"}, "ref: “refs/tags/v1/x”"),
    "wrong-trigger": ({"trigger": "pull_request_target"}, "trigger: “pull_request_target”"),
    "wrong-environment": ({"environment": "staging"}, "environment: “staging”, bound is release"),
    "no-environment": ({"environment": ""}, "environment: nothing, bound is release"),
    "self-hosted-runner": ({"runner": "self-hosted"}, "runner: “self-hosted”, bound is github-hosted"),
    "a-stranger-calls-our-reusable-workflow": (
        {
            "repository": STRANGER,
            "repository_id": "66",
            "owner_id": "6",
            "workflow": f"{STRANGER}/x.yml@{REF}",
        },
        "repository-id: “66”, bound is 2002",
    ),
    "we-call-a-strangers-reusable-workflow": (
        dict.fromkeys(("signer_workflow", "subject"), f"{STRANGER}/.github/workflows/sign.yml@{REF}"),
        "reusable-workflow: “https://github.com/mallory/skills/.github/workflows/sign.yml@refs/tags/v1.0.0”",
    ),
    "a-person": ({"subject": "ada@acme.example"}, "subject: “ada@acme.example”"),
}


@pytest.mark.parametrize("name", sorted(MISMATCHES))
def test_a_signer_that_differs_in_one_claim_is_refused_with_that_claim(world: MemoryWorld, name: str) -> None:
    changes, reason = MISMATCHES[name]
    bind(world, build_binding("alice"))
    refused = rejection(signed(world, build_claims(**changes)), world)
    assert refused.code == "binding-mismatch"
    assert reason in refused.why


def test_every_claim_that_differs_is_a_problem_of_its_own(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    refused = rejection(signed(world, build_claims(trigger="schedule", runner="self-hosted")), world)
    assert [problem.where for problem in refused.problems] == ["trigger", "runner"]


def test_a_bundle_that_does_not_verify_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    assert refusal(uploaded(world, package(), bundle=b"forged"), world) == "bundle-refused"


def test_a_payload_of_another_type_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    refused = rejection(signed(world, build_claims(), payload_type="text/plain"), world)
    assert (refused.code, "text/plain" in refused.why) == ("bundle-refused", True)


def test_a_bundle_that_was_announced_but_never_uploaded_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    announced: dict[str, Any] = {"bundle_digest": "sha256:" + "1" * 64, "bundle_size_bytes": 9}
    assert refusal(uploaded(world, package(), **announced), world) == "bundle-mismatch"


def test_another_bundle_than_the_announced_one_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = uploaded(world, package(), bundle=b"bundle", bundle_digest="sha256:" + "1" * 64)
    assert refusal(given, world) == "bundle-mismatch"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "pkg:tank/acme/other@1.0.0"},
        {"name": "pkg:tank/acme/greeter@1.0.1"},
        {"digest": {"sha256": "0" * 64, "sha512": "0" * 128}},
        {"extra": "field"},
    ],
    ids=["another-package", "another-version", "another-digest", "extra-field"],
)
def test_a_signature_over_another_package_cannot_be_replayed(
    world: MemoryWorld, changed: dict[str, Any]
) -> None:
    bind(world, build_binding("alice"))
    given = signed(world, build_claims())
    forged = replace(world.bundles.accepted[b"bundle"], statement=statement_for(given, **changed))
    world.bundles.accepted[b"bundle"] = forged
    refused = rejection(given, world)
    assert refused.code == "provenance-mismatch"
    assert "its subject is not pkg:tank/acme/greeter@1.0.0" in refused.why.lower()


@pytest.mark.parametrize("statement", [b"", b"[]", b"{", b'{"_type": "x"}', b'{"subject": []}'])
def test_a_statement_of_another_shape_is_refused(world: MemoryWorld, statement: bytes) -> None:
    bind(world, build_binding("alice"))
    assert refusal(signed(world, build_claims(), statement=statement), world) == "provenance-mismatch"


@pytest.mark.parametrize("seconds", [-3600 - 300, -3600, 0, 300])
def test_a_signature_made_for_this_publish_is_accepted(world: MemoryWorld, seconds: int) -> None:
    bind(world, build_binding("alice"))
    assert sign.run(signed(world, build_claims(), signed_after_seconds=seconds), world.ports())


@pytest.mark.parametrize("seconds", [-3600 - 301, 301, -90 * 24 * 3600])
def test_an_old_or_a_later_signature_is_refused(world: MemoryWorld, seconds: int) -> None:
    bind(world, build_binding("alice"))
    refused = rejection(signed(world, build_claims(), signed_after_seconds=seconds), world)
    assert refused.code == "stale-signature"
    assert f"{abs(seconds)} seconds {'before' if seconds < 0 else 'after'}" in refused.why


def test_a_failed_attempt_that_is_driven_again_days_later_keeps_its_signature(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = signed(world, build_claims())
    world.clock.move(3 * 24 * 3600)
    assert sign.run(given, world.ports()).facts["signature"]


def test_a_version_that_the_publish_recorded_keeps_what_was_decided(world: MemoryWorld) -> None:
    """Its index was not written: refusing it now would leave it half published."""
    bind(world, build_binding("alice"))
    given = signed(world, build_claims())
    decided = sign.run(given, world.ports()).facts
    recorded = a_version(given.publish, signature=decided["signature"])
    world.publishes.published[NAME, given.publish.version] = recorded
    change_org(world, members={}, bindings=(), token_rule=TokenRule(is_forbidden=True))
    assert sign.run(given, world.ports()).facts == decided
    world.publishes.published[NAME, given.publish.version] = replace(recorded, publish_id="another")
    assert refusal(given, world) == "publisher-not-authorised"


def test_a_publisher_who_is_gone_is_refused(world: MemoryWorld) -> None:
    given = uploaded(world, package())
    del world.accounts.publishers["alice"]
    assert refusal(given, world) == "publisher-not-authorised"
