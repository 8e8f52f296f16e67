"""Signatures as the registry attests them: what a certificate says, a binding that it meets, a log entry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tank_core.binding import GITHUB_HOSTED, Binding
from tank_core.signature import Signature
from tank_core.signer import LogEntry, SignerClaims
from tests.support.identities import build_claims

BUILD = build_claims(environment="")
PERSON = SignerClaims(issuer="https://accounts.example", subject="alice@acme.example")
LOG = LogEntry(log_id="ab" * 32, index=4711, kind="dsse/0.0.1", signed_at=1_700_000_000)


def binding_of(claims: SignerClaims, publisher: str, **changes: Any) -> Binding:
    """Returns a binding that exactly such claims meet."""
    if not claims.is_machine:
        return replace(Binding(publisher, claims.issuer, subject=claims.subject), **changes)
    bound = Binding(
        publisher,
        claims.issuer,
        owner_id=claims.owner_id,
        repository_id=claims.repository_id,
        repository=claims.repository,
        workflow=claims.workflow.rpartition("@")[0],
        refs=("refs/tags/v*",),
        triggers=(claims.trigger,),
        runner=GITHUB_HOSTED,
    )
    return replace(bound, **changes)


def a_signature(publisher: str = "alice", claims: SignerClaims = BUILD, **changes: Any) -> Signature:
    """Returns a signature whose parts agree with each other."""
    return replace(Signature(claims, binding_of(claims, publisher), LOG), **changes)
