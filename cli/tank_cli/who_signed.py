"""Who signed a version, as a person reads it, and as ``--json`` says it.

Facts only: names, numbers and addresses, never a judgement. Valid signatures on
malicious packages have happened at scale, so nothing here may look like approval;
the sentence below goes with every such list.
"""

from __future__ import annotations

from collections.abc import Iterator

from tank_cli import render
from tank_core.signature import Signature
from tank_core.signer import SignerClaims

NOT_SIGNED = "not signed"
_COMMIT_DIGITS = 12  # enough to find it in its repository
_LOG_DIGITS = 12  # enough to tell the logs of a trusted root apart
NOTE = "A signature says who published these bytes and from where. It says nothing about what they do."


def one_line(signature: Signature | None) -> str:
    """Returns who signed, for a line of a table."""
    return f"signed by {_holder(signature.claims)}" if signature else NOT_SIGNED


def short(signature: Signature | None) -> str:
    """Returns who signed, for a column of a table: a name, without the numbers that make it certain."""
    return signature.claims.signer.short if signature else NOT_SIGNED


def trace(signature: Signature) -> str:
    """Returns where a signature came from and is logged, in one line: ``info`` tells the rest."""
    claims, log = signature.claims, signature.log
    place = f" from {claims.ref}, commit {claims.commit[:_COMMIT_DIGITS]}" if claims.is_machine else ""
    return f"signed by {claims.signer.short}{place}; entry {log.index} of log {log.log_id[:_LOG_DIGITS]}…"


def facts(signature: Signature) -> Iterator[tuple[str, str]]:
    """Yields labels and texts: who signed, from where, and where that is logged."""
    claims = signature.claims
    yield "signed by", _holder(claims)
    yield "issuer", claims.issuer
    yield from _of_the_build(claims)
    log = signature.log
    yield "log entry", f"{log.index} ({log.kind})"
    yield "log", log.log_id
    yield "signed at", render.second(log.signed_at)


def document(signature: Signature | None) -> dict[str, object] | None:
    """Returns what ``--json`` says of a signature; None when there is none."""
    return signature.to_json() if signature else None


def _holder(claims: SignerClaims) -> str:
    if not claims.is_machine:
        return claims.subject
    return f"{claims.repository} (repository {claims.repository_id}, owner {claims.owner_id})"


def _of_the_build(claims: SignerClaims) -> Iterator[tuple[str, str]]:
    """Yields where a build ran; a claim that the certificate lacks is left out."""
    reusable = claims.signer_workflow if claims.signer_workflow != claims.workflow else ""
    stated = (
        ("commit", claims.commit),
        ("ref", claims.ref),
        ("workflow", claims.workflow),
        ("called workflow", reusable),
        ("started by", claims.trigger),
        ("run", claims.run),
        ("runner", claims.runner),
        ("environment", claims.environment),
    )
    yield from ((label, text) for label, text in stated if text)
