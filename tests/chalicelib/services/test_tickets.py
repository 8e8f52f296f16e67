"""Tickets: what a build's OIDC token is exchanged for, once, and what the ticket is good for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.oidc.verifier import LEEWAY_SECONDS, MAX_AGE_SECONDS
from chalicelib.ports.errors import PortError
from chalicelib.ports.id_tokens import IdTokenRefusedError
from chalicelib.services import bindings, orgs, publish_progress, publishing, tickets, tokens
from chalicelib.services.authentication import Caller, NotAuthenticatedError, authenticate
from chalicelib.services.authorisation import ForbiddenError, TokensForbiddenError
from chalicelib.services.publishing import PublishInProgressError
from chalicelib.services.tickets import NoBindingError, TicketUsedError
from tank_core.binding import Binding
from tank_core.entities import Role
from tank_core.names import InvalidNameError
from tank_core.publish import PublishState, Stage
from tank_core.signer import SignerClaims
from tests.support.build_tokens import Issuer, github_claims, signed_token, verifier_over
from tests.support.identities import REPOSITORY, build_binding, build_claims
from tests.support.scene import Scene, announcement

TOOL = "@acme/tool"


@pytest.fixture(autouse=True)
def issuer(registry: Scene) -> Issuer:
    """The registry takes tokens that this issuer's key signed, through the real verifier."""
    made = Issuer()
    registry.ports = replace(registry.ports, id_tokens=verifier_over(made, registry.world.clock))
    return made


def bind(registry: Scene, binding: Binding | None = None, skill: str = "") -> str:
    added = bindings.add(registry.ports, registry.ada, "acme", binding or build_binding("grace"), skill)
    return added.binding_id


def id_token(registry: Scene, **changes: Any) -> str:
    unique = registry.ports.ids.new_id()
    return signed_token(github_claims(registry.world.clock, **{"jti": unique} | changes))


def ticket(registry: Scene, name: str = TOOL, **changes: Any) -> Caller:
    issued = tickets.exchange(registry.ports, id_token(registry, **changes), name)
    return authenticate(registry.ports, f"Bearer {issued.secret}")


def test_a_bound_build_gets_a_ticket_for_one_skill_and_a_quarter_of_an_hour(registry: Scene) -> None:
    bind(registry)
    got = ticket(registry).token
    assert (got.publisher_id, got.scopes, got.skills) == ("grace", ("publish",), (TOOL,))
    assert got.expires_at - got.created_at == 900
    assert SignerClaims.from_json(got.claims) == build_claims()
    assert registry.actions(f"token:{got.token_id}") == ["ticket_create"]


def test_the_first_version_of_a_skill_can_come_from_a_build(registry: Scene) -> None:
    bind(registry, skill="@acme/brand-new")
    begun = publishing.begin(
        registry.ports, ticket(registry, "@acme/brand-new"), announcement(name="@acme/brand-new")
    )
    assert begun.publish is not None
    assert begun.publish.publisher_id == "grace"


def test_a_ticket_ends_after_a_quarter_of_an_hour(registry: Scene) -> None:
    bind(registry)
    issued = tickets.exchange(registry.ports, id_token(registry), TOOL)
    registry.world.clock.move(900)
    with pytest.raises(NotAuthenticatedError, match="expired"):
        authenticate(registry.ports, f"Bearer {issued.secret}")


def test_an_id_token_is_exchanged_once(registry: Scene) -> None:
    bind(registry)
    token = id_token(registry)
    tickets.exchange(registry.ports, token, TOOL)
    for name in (TOOL, "@acme/other"):
        with pytest.raises(IdTokenRefusedError) as caught:
            tickets.exchange(registry.ports, token, name)
        assert "replayed" in caught.value.why


def test_a_replay_is_refused_as_long_as_the_id_token_could_be_good(registry: Scene) -> None:
    """The ticket that stands against it ends long before; its row stays."""
    bind(registry)
    token = id_token(registry, exp=registry.world.clock.now() + 10 * MAX_AGE_SECONDS)
    tickets.exchange(registry.ports, token, TOOL)
    reasons = []
    for seconds in (tickets.TICKET_SECONDS, MAX_AGE_SECONDS + LEEWAY_SECONDS - tickets.TICKET_SECONDS - 1, 1):
        registry.world.clock.move(seconds)
        with pytest.raises(IdTokenRefusedError) as caught:
            tickets.exchange(registry.ports, token, TOOL)
        reasons.append("replayed" if "replayed" in caught.value.why else caught.value.why)
    assert reasons[:2] == ["replayed", "replayed"]
    assert "expired" in reasons[2]


def test_one_id_at_two_issuers_is_no_replay(registry: Scene) -> None:
    first = registry.ports.id_tokens.verify(id_token(registry, jti="one"), "tank")
    other = replace(first, claims=replace(first.claims, issuer="https://gitlab.com"))
    assert tickets._ticket_id(first) != tickets._ticket_id(other)


def mismatches(registry: Scene, name: str = TOOL, **changes: Any) -> dict[str, str]:
    with pytest.raises(NoBindingError) as caught:
        ticket(registry, name, **changes)
    return {problem.where: problem.what for problem in caught.value.problems}


STRANGER = {"repository": "mallory/skills", "repository_id": "66", "repository_owner_id": "6"}
WRONG: dict[str, tuple[dict[str, str], set[str]]] = {
    "owner-id": ({"repository_owner_id": "666"}, {"owner-id"}),
    "repository-id": ({"repository_id": "666"}, {"repository-id"}),
    "name-resurrected": ({"repository_owner_id": "7", "repository_id": "8"}, {"owner-id", "repository-id"}),
    "repository": ({"repository": "acme/fork"}, {"repository"}),
    "workflow": (
        dict.fromkeys(
            ("workflow_ref", "job_workflow_ref"), "acme/skills/.github/workflows/x.yml@refs/tags/v1.0.0"
        ),
        {"workflow"},
    ),
    "ref": ({"ref": "refs/heads/main"}, {"ref"}),
    "trigger": ({"event_name": "pull_request_target"}, {"trigger"}),
    "environment": ({"environment": "staging"}, {"environment"}),
    "runner": ({"runner_environment": "self-hosted"}, {"runner"}),
    "a-stranger-calls-our-reusable-workflow": (
        {**STRANGER, "workflow_ref": "mallory/skills/.github/workflows/x.yml@refs/tags/v1"},
        {"owner-id", "repository-id", "repository", "workflow", "reusable-workflow"},
    ),
    "we-call-a-strangers-reusable-workflow": (
        {"job_workflow_ref": "mallory/skills/.github/workflows/sign.yml@refs/tags/v1.0.0"},
        {"reusable-workflow"},
    ),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_a_build_that_is_not_the_bound_one_gets_no_ticket_and_each_reason(registry: Scene, name: str) -> None:
    changes, reasons = WRONG[name]
    bind(registry)
    assert mismatches(registry, **changes).keys() == reasons


def test_a_skill_without_a_binding_in_force_gives_no_ticket(registry: Scene) -> None:
    assert mismatches(registry) == {TOOL: "has no binding in force"}
    assert mismatches(registry, "@nobody/tool") == {"@nobody/tool": "has no binding in force"}
    registry.publish(TOOL)
    bind(registry)
    assert mismatches(registry) == {TOOL: "has no binding in force"}


def test_a_publisher_who_left_takes_its_bindings_along(registry: Scene) -> None:
    bind(registry)
    orgs.remove_member(registry.ports, registry.ada, "acme", "grace")
    assert mismatches(registry) == {"publisher": "grace is no member any more"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://issuer.example"}, "its issuer"),
        ({"aud": "sigstore"}, "its audience"),
        ({"aud": ["tank", "sigstore"]}, "its audience"),
        ({"exp": 1}, "it has expired"),
        ({"nbf": 2**40}, "it is not yet valid"),
        ({"jti": None}, "no id of its own"),
    ],
)
def test_a_bad_id_token_gives_no_ticket_and_leaves_no_trace(
    registry: Scene, changes: dict[str, Any], reason: str
) -> None:
    bind(registry)
    before = dict(registry.world.accounts.tokens)
    with pytest.raises(IdTokenRefusedError) as caught:
        tickets.exchange(registry.ports, id_token(registry, **changes), TOOL)
    assert reason in caught.value.why.lower()
    assert registry.world.accounts.tokens == before


def test_a_malformed_name_is_refused_before_any_key_is_fetched(registry: Scene, issuer: Issuer) -> None:
    with pytest.raises(InvalidNameError):
        tickets.exchange(registry.ports, id_token(registry), "tool")
    assert issuer.fetched == 0


def test_keys_that_cannot_be_had_are_the_registrys_fault(registry: Scene, issuer: Issuer) -> None:
    issuer.failure = PortError("away")
    with pytest.raises(PortError):
        tickets.exchange(registry.ports, id_token(registry), TOOL)


def begun_with(registry: Scene, caller: Caller, data: bytes = b"an archive", **changes: Any) -> str:
    begun = publishing.begin(registry.ports, caller, announcement(data, **changes))
    assert begun.publish is not None
    return begun.publish.publish_id


def again(registry: Scene, caller: Caller) -> Caller:
    """Returns the caller as a later request finds it."""
    stored = registry.world.accounts.tokens[caller.token.token_id]
    return replace(caller, token=stored)


def test_a_ticket_serves_one_publish_and_may_ask_again_for_that(registry: Scene) -> None:
    bind(registry)
    caller = ticket(registry)
    publish_id = begun_with(registry, caller)
    assert begun_with(registry, caller) == publish_id
    assert publishing.status(registry.ports, again(registry, caller), publish_id).publish_id == publish_id


def test_a_used_ticket_begins_nothing_else_and_holds_nothing(registry: Scene) -> None:
    bind(registry)
    caller = ticket(registry)
    begun_with(registry, caller)
    with pytest.raises(TicketUsedError):
        begun_with(registry, caller, b"other", version="1.0.1")
    held = registry.world.publishes.holder(TOOL, "1.0.1")
    assert held is not None
    assert held.state is PublishState.EXPIRED


@pytest.mark.parametrize("has_failed", [False, True])
def test_a_used_ticket_ends_no_attempt_and_reserves_no_version(registry: Scene, has_failed: bool) -> None:
    """Whoever finds one in a build's log must not end with it what the next build began."""
    bind(registry)
    used = ticket(registry)
    begun_with(registry, used, version="1.0.1")
    other = begun_with(registry, ticket(registry))
    if has_failed:
        fail(registry, other)
    before = dict(registry.world.publishes.attempts)
    for version in ("1.0.0", "1.0.2"):
        with pytest.raises(TicketUsedError):
            begun_with(registry, again(registry, used), b"other bytes", version=version)
    assert registry.world.publishes.attempts == before


def test_a_used_ticket_does_not_go_on_with_another_attempt(registry: Scene) -> None:
    bind(registry)
    used, fresh = ticket(registry), ticket(registry)
    begun_with(registry, used)
    other = begun_with(registry, fresh, version="1.0.1")
    with pytest.raises(TicketUsedError):
        begun_with(registry, used, version="1.0.1")
    with pytest.raises(TicketUsedError):
        publishing.status(registry.ports, again(registry, used), other)
    with pytest.raises(TicketUsedError):
        publishing.redrive(registry.ports, again(registry, used), other)


def test_a_ticket_reaches_no_other_skill_and_no_other_right(registry: Scene) -> None:
    bind(registry)
    caller = ticket(registry)
    with pytest.raises(ForbiddenError, match="does not cover"):
        begun_with(registry, caller, name="@acme/other")
    with pytest.raises(ForbiddenError):
        tokens.list_own(registry.ports, caller)
    with pytest.raises(ForbiddenError):
        bindings.set_token_rule(registry.ports, caller, "acme", is_forbidden=False)


def test_a_used_ticket_drives_its_own_failed_publish_again(registry: Scene) -> None:
    bind(registry)
    caller = ticket(registry)
    publish_id = begun_with(registry, caller)
    fail(registry, publish_id)
    driven = publishing.redrive(registry.ports, again(registry, caller), publish_id)
    assert driven.state is PublishState.RUNNING


def test_a_build_that_runs_again_signs_again_and_replaces_its_failed_attempt(registry: Scene) -> None:
    bind(registry)
    bundles: Iterator[dict[str, Any]] = (
        {"bundle_digest": f"sha256:{c * 64}", "bundle_size_bytes": 9} for c in "12"
    )
    first = begun_with(registry, ticket(registry), **next(bundles))
    fail(registry, first)
    second = begun_with(registry, ticket(registry), **next(bundles))
    assert second != first
    assert registry.world.publishes.attempts[first].state is PublishState.EXPIRED


def test_a_build_that_runs_again_follows_its_recorded_attempt_to_the_end(registry: Scene) -> None:
    """The version is recorded and its index is still to come: the new ticket is for this attempt."""
    bind(registry)
    stored = registry.publish(TOOL, publisher_id="grace")
    caller = ticket(registry, jti="first")
    same: dict[str, Any] = {"digest": stored.digest, "integrity": stored.integrity}
    assert begun_with(registry, caller, **same) == stored.publish_id
    assert publishing.status(registry.ports, again(registry, caller), stored.publish_id)
    with pytest.raises(TicketUsedError):
        begun_with(registry, caller, version="1.0.1")


def test_a_running_attempt_is_not_replaced(registry: Scene) -> None:
    bind(registry)
    run(registry, begun_with(registry, ticket(registry)))
    with pytest.raises(PublishInProgressError):
        begun_with(registry, ticket(registry), b"other bytes")


def test_where_tokens_are_forbidden_only_tickets_publish(registry: Scene) -> None:
    bind(registry)
    publish_id = begun_with(registry, registry.caller("grace"), version="0.9.0")
    fail(registry, publish_id)
    bindings.set_token_rule(registry.ports, registry.ada, "acme", is_forbidden=True)
    with pytest.raises(TokensForbiddenError):
        begun_with(registry, registry.ada)
    with pytest.raises(TokensForbiddenError):
        publishing.redrive(registry.ports, registry.caller("grace"), publish_id)
    assert publishing.status(registry.ports, registry.ada, publish_id).state is PublishState.FAILED
    assert begun_with(registry, ticket(registry))


def test_only_tickets_that_are_good_now_are_listed_with_the_tokens(registry: Scene) -> None:
    bind(registry, build_binding("ada"))
    got = ticket(registry).token
    assert got in tokens.list_own(registry.ports, registry.ada)
    registry.world.clock.move(900)
    assert got not in tokens.list_own(registry.ports, registry.ada)


def test_a_binding_of_a_person_gives_no_build_a_ticket(registry: Scene) -> None:
    bind(registry, Binding("grace", build_claims().issuer, subject=f"{REPOSITORY}/x"))
    assert mismatches(registry).keys() == {"subject"}


def run(registry: Scene, publish_id: str) -> None:
    attempt = registry.world.publishes.attempts[publish_id]
    registry.world.publishes.advance(attempt.moved_to(PublishState.RUNNING, object_version="v"))


def fail(registry: Scene, publish_id: str) -> None:
    run(registry, publish_id)
    publish_progress.stage_started(registry.ports, publish_id, Stage.SIGN)
    publish_progress.fail(registry.ports, publish_id, "the store was away")


def test_an_owner_is_no_publisher_by_a_binding_alone(registry: Scene) -> None:
    """The role decides what a ticket's publisher may do: here it lost the right since the exchange."""
    bind(registry)
    caller = ticket(registry)
    orgs.set_member(registry.ports, registry.ada, "acme", "mallory", Role.OWNER)
    orgs.remove_member(registry.ports, registry.ada, "acme", "grace")
    with pytest.raises(ForbiddenError):
        begun_with(registry, caller)
