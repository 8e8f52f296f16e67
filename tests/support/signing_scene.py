"""A publish at the Sign stage: who is bound, what its bundle says, and which token began it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.ports.bundles import VerifiedBundle
from pipeline.execution import StageInput
from pipeline.stages import sign
from tank_core import provenance
from tank_core.binding import Binding
from tank_core.entities import Token
from tank_core.names import SkillName
from tank_core.publish import Rejection, StageRejected
from tank_core.signer import SignerClaims
from tank_core.trusted_publishing import OrgBinding
from tests.support.identities import a_log_entry
from tests.support.memory_ports import MemoryWorld
from tests.support.packages import package, uploaded

NAME = "@acme/greeter"


def rejection(given: StageInput, world: MemoryWorld) -> Rejection:
    with pytest.raises(StageRejected) as caught:
        sign.run(given, world.ports())
    return caught.value.rejection


def refusal(given: StageInput, world: MemoryWorld) -> str:
    return rejection(given, world).code


def change_org(world: MemoryWorld, **changes: Any) -> None:
    world.accounts.orgs["acme"] = replace(world.accounts.orgs["acme"], **changes)


def bind(world: MemoryWorld, *bindings: Binding, skill: str = "", effective_at: int = 0) -> None:
    """Binds identities for the organisation, or for one of its skills, beside what is bound already."""
    before = world.accounts.orgs["acme"].bindings
    made = (OrgBinding(f"b{n}", b, "alice", 0, effective_at, skill=skill) for n, b in enumerate(bindings))
    change_org(world, bindings=(*before, *made))


def statement_for(given: StageInput, **changed: Any) -> bytes:
    publish = given.publish
    name = SkillName.parse(publish.name)
    text = provenance.publisher_statement(name, publish.version, publish.integrity, publish.digest)
    statement = json.loads(text)
    statement["subject"] = [statement["subject"][0] | changed]
    return json.dumps(statement).encode()


def signed(
    world: MemoryWorld,
    claims: SignerClaims,
    *,
    signed_after_seconds: int = -5,
    statement: bytes | None = None,
    payload_type: str = provenance.PAYLOAD_TYPE,
    **changed: Any,
) -> StageInput:
    """Returns a publish whose bundle verifies, and says this of its signer."""
    given = uploaded(world, package(), bundle=b"bundle", **changed)
    log = a_log_entry(signed_at=given.publish.created_at + signed_after_seconds)
    stated = statement_for(given) if statement is None else statement
    world.bundles.accepted[b"bundle"] = VerifiedBundle(claims, payload_type, stated, log)
    return given


def with_ticket(world: MemoryWorld, given: StageInput, claims: SignerClaims, **changes: Any) -> StageInput:
    """Returns the publish as one that began with a ticket for a run with these claims."""
    publish_id = given.publish.publish_id
    ticket = Token("ticket-1", "ff", "alice", ("publish",), (NAME,), "", 0, 900, claims=claims.to_json())
    world.accounts.tokens["ticket-1"] = replace(ticket, **({"publish_id": publish_id} | changes))
    return replace(given, publish=replace(given.publish, token_id="ticket-1"))
