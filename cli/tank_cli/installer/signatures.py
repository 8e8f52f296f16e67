"""Whether the publisher's own signature says what the registry attests of it.

The registry's word is not taken for it: whoever has the registry's key can attest
anything, but cannot make a bundle of somebody else's. So the bundle is verified
here again, from the pinned root of Sigstore, and everything that was attested of it
is compared with it, and with the lock.

A good signature says who signed. It does not say that what was signed is any good.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from tank_core.errors import ExitCode, Problem, TankError, quoted
from tank_core.lockfile import LockedSkill
from tank_core.names import SkillName
from tank_core.signer import LogEntry, SignerClaims

if TYPE_CHECKING:
    from tank_core.attestation import VerificationSummary
    from tank_core.bundle import VerifiedBundle
    from tank_core.signature import Signature

_TELL = "Do not install it. Tell the registry's security contact."
_ENVIRONMENT = "environment"  # certificates before OID .23 do not name it; the upload's token did


class SignatureMismatchError(TankError):
    """The publisher's signature is good, and says other than the registry attests."""

    code = "signature-mismatch"
    exit_code = ExitCode.INTEGRITY


class NoTrustedRootError(TankError):
    """A version is signed, and nothing here could verify that."""

    code = "no-trusted-root"
    exit_code = ExitCode.INTEGRITY


def check_signature(
    name: SkillName,
    skill: LockedSkill,
    summary: VerificationSummary,
    bundle: bytes,
    trusted_root: bytes | None,
    *,
    known: VerifiedBundle | None = None,
) -> None:
    """Checks the publisher's signature of one version against everything that speaks of it.

    1. There is a root to verify with.
    2. The bundle is good: certificate, log entry, timestamp, signature.
    3. What was signed is about this name, this version and these bytes.
    4. The certificate's claims and the log entry are the attested ones; an environment
       that the certificate does not name may come from the attestation.
    5. The attested binding allows this signer, and belongs to the publisher that is
       attested and locked.
    6. The signer is the locked one.

    Args:
        skill: the line of the lock.
        summary: the registry's attestation, verified, with a signature.
        bundle: bytes with the attested digest.
        trusted_root: of Sigstore, pinned.
        known: what verifying this very bundle by this root gave before; None verifies it here.

    Raises:
        NoTrustedRootError: ``no-trusted-root``.
        BundleRefusedError: ``bundle-refused``.
        ProvenanceError: ``provenance-mismatch``.
        SignatureMismatchError: ``signature-mismatch``, with every difference.
    """
    from tank_core.bundle import verify_bundle
    from tank_core.provenance import check_publisher_statement

    what = f"{name}@{skill.version}"
    if trusted_root is None:  # 1
        raise _no_root(what)
    verified = known or verify_bundle(bundle, trusted_root=trusted_root)  # 2
    check_publisher_statement(  # 3
        verified.statement,
        name=name,
        version=str(skill.version),
        archive_integrity=skill.integrity,
        digest=skill.digest,
    )
    problems = tuple(_contradictions(skill, summary, verified))
    if problems:
        raise SignatureMismatchError(
            f"Who signed {what} is not who is said to have signed it.",
            why=f"{problems[0].where}: {problems[0].what}",
            fix=_TELL,
            problems=problems,
        )


def _contradictions(
    skill: LockedSkill, summary: VerificationSummary, verified: VerifiedBundle
) -> Iterator[Problem]:
    attested = summary.signature
    if attested is None:
        yield Problem("attestation", "It names a bundle, and nobody who signed.", _TELL)
        return
    yield from _other_claims(attested.claims, verified.claims)  # 4
    yield from _other_log(attested.log, verified.log)
    yield from _not_bound(attested, skill.publisher, summary.publisher)  # 5
    signer = verified.claims.signer
    if skill.signer is None or skill.signer != signer:  # 6
        locked = quoted(str(skill.signer)) if skill.signer else "nobody"
        shown = f"skills.lock says {locked}; the certificate says {quoted(str(signer))}."
        yield Problem("signer", shown, "Find out who changed skills.lock; restore it.")


def _other_claims(attested: SignerClaims, certified: SignerClaims) -> Iterator[Problem]:
    for field in fields(SignerClaims):
        said, found = getattr(attested, field.name), getattr(certified, field.name)
        if said != found and not (field.name == _ENVIRONMENT and not found):
            yield _differs(f"claim {field.name}", said, found)


def _other_log(attested: LogEntry, found: LogEntry) -> Iterator[Problem]:
    for field in fields(LogEntry):
        said, proven = (str(getattr(entry, field.name)) for entry in (attested, found))
        if said != proven:
            yield _differs(f"log {field.name}", said, proven)


def _not_bound(attested: Signature, locked_publisher: str, attested_publisher: str) -> Iterator[Problem]:
    for mismatch in attested.binding.mismatches(attested.claims):
        yield Problem(f"binding {mismatch.claim}", f"The binding that is attested has {mismatch}.", _TELL)
    bound = attested.binding.publisher
    if not bound == attested_publisher == locked_publisher:
        names = f"the binding {quoted(bound)}, the attestation {quoted(attested_publisher)}"
        yield Problem("publisher", f"It is {names}, skills.lock {quoted(locked_publisher)}.", _TELL)


def _differs(where: str, attested: str, found: str) -> Problem:
    shown = f"The registry attests {quoted(attested) if attested else 'nothing'}; "
    return Problem(where, f"{shown}the bundle says {quoted(found) if found else 'nothing'}.", _TELL)


def _no_root(what: str) -> NoTrustedRootError:
    return NoTrustedRootError(
        f"{what} is signed, and nothing here can verify the signature.",
        why="The registry attests a bundle, and names no Sigstore whose root would verify it.",
        fix="Ask the registry's operator to sign sigstore/trusted_root.json; until then, do not install it.",
    )
