"""Sign and tickets: the run that uploads is the run that signed, for one publish, while its binding lasts."""

from __future__ import annotations

import pytest

from pipeline.stages import sign
from tank_core.signature import Signature
from tank_core.trusted_publishing import TokenRule
from tests.support.identities import REF, REPOSITORY, build_binding, build_claims
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import package, uploaded
from tests.support.signing_scene import bind, change_org, refusal, rejection, signed, with_ticket

STRANGER = "https://github.com/mallory/skills"


def test_a_ticket_of_the_run_that_signed_is_accepted_even_after_it_expired(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = with_ticket(world, signed(world, build_claims()), build_claims())
    assert sign.run(given, world.ports()).facts["signature"]


def test_an_environment_that_the_certificate_lacks_comes_from_the_ticket(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = with_ticket(world, signed(world, build_claims(environment="")), build_claims())
    stated = Signature.from_json(sign.run(given, world.ports()).facts["signature"])
    assert stated.claims == build_claims()


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("run", f"{REPOSITORY}/actions/runs/8/attempts/1"),
        ("commit", "d" * 40),
        ("ref", "refs/tags/v2.0.0"),
        ("repository_id", "666"),
        ("subject", f"{STRANGER}/x.yml@{REF}"),
        ("issuer", "https://gitlab.com"),
    ],
)
def test_a_ticket_of_another_run_is_refused_with_the_claim(
    world: MemoryWorld, claim: str, value: str
) -> None:
    bind(world, build_binding("alice"))
    given = with_ticket(world, signed(world, build_claims()), build_claims(**{claim: value}))
    refused = rejection(given, world)
    assert (refused.code, refused.why) == ("ticket-mismatch", f"They differ in {claim}.")


@pytest.mark.parametrize("publish_id", ["", "another"])
def test_a_ticket_of_another_publish_is_refused(world: MemoryWorld, publish_id: str) -> None:
    bind(world, build_binding("alice"))
    given = with_ticket(world, signed(world, build_claims()), build_claims(), publish_id=publish_id)
    assert refusal(given, world) == "ticket-used"


def test_a_revoked_ticket_ends_the_publish(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = with_ticket(world, signed(world, build_claims()), build_claims(), revoked_at=1)
    assert refusal(given, world) == "token-revoked"


def test_a_ticket_whose_binding_ended_does_not_publish_unsigned(world: MemoryWorld) -> None:
    given = with_ticket(world, uploaded(world, package()), build_claims())
    assert refusal(given, world) == "unbound-signature"


def test_a_token_that_was_forbidden_since_the_publish_began_is_refused(world: MemoryWorld) -> None:
    bind(world, build_binding("alice"))
    given = signed(world, build_claims())
    change_org(world, token_rule=TokenRule(is_forbidden=True))
    assert refusal(given, world) == "tokens-forbidden"
    assert sign.run(with_ticket(world, given, build_claims()), world.ports()).facts["signature"]
