"""Why the library refuses, in words that name the part.

Its refusals have many types, and its messages are for its developers. Each is told
by the part that is wrong. A message that is not in the table is a refusal all the
same, with the library's own words behind it.

Source: sigstore-python 4.5.1, ``verify/verifier.py``, ``models.py``, ``_internal``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tank_core.bundle.refusal import BundleRefusedError, refused
from tank_core.errors import quoted

if TYPE_CHECKING:
    from pydantic import ValidationError

# A piece of the library's message, and what it means. The first that is found counts.
REASONS = (
    ("failed to verify SCT", "SCT: no trusted certificate log promised to log this certificate"),
    ("Key usage is not of type", "certificate: it is not one for signing"),
    ("Extended usage does not contain", "certificate: it is not one for signing code"),
    ("cannot perform DSSE verification", "statement: there is none, only a signature over an artifact"),
    ("DSSE: invalid signature", "signature: the certificate's key did not make it over this statement"),
    ("Signature is invalid for input", "signature: the certificate's key did not make it over this artifact"),
    ("exactly 1 signature", "signature: there is not exactly one"),
    ("exactly one signature", "signature: there is not exactly one"),
    ("must be non-empty", "signature: it is empty"),
    ("Bundle message digest mismatch", "signature: it is about another artifact"),
    ("expected exactly one log entry", "log entry: there is not exactly one"),
    ("must contain inclusion proof", "inclusion proof: it, or its checkpoint, is missing"),
    ("expected checkpoint in inclusion proof", "checkpoint: it is missing"),
    ("must contain an inclusion promise or signed", "timestamp: there is none, and no promise of the log"),
    ("must contain an inclusion promise", "log entry: it lacks the log's promise"),
    (
        "SET: invalid inclusion promise",
        "log entry: the log's promise is not about this entry, index and time",
    ),
    ("inclusion proof has wrong size", "inclusion proof: it does not fit its index and tree size"),
    ("inclusion proof contains invalid root hash", "inclusion proof: it does not lead to its root hash"),
    ("Inclusion proof contains invalid root hash", "checkpoint: its root hash is not the inclusion proof's"),
    ("checkpoint: invalid signature", "checkpoint: its signature is not the log's"),
    ("checkpoint: Signature not found", "checkpoint: it has no signature of the entry's log"),
    ("LogCheckpoint", "checkpoint: it is malformed"),
    ("Note", "checkpoint: it is malformed"),
    ("note must contain", "checkpoint: it is malformed"),
    ("log entry payload hash does not match", "log entry: it is about another statement"),
    ("log entry signatures do not match", "log entry: it is about another signature or certificate"),
    (
        "transparency log entry is inconsistent",
        "log entry: it is about another signature, content or certificate",
    ),
    ("DSSE log entry", "log entry: its body is not one for a statement"),
    ("Expected entry type", "log entry: its body is not one for an artifact"),
    ("log entry version", "log entry: it is of an unknown kind"),
    ("Integrated time only supported", "log entry: it carries a time, which such a log never gives"),
    ("not enough sources of verified time", "timestamp: there is none that a trusted authority signed"),
    ("Invalid Timestamp Response", "timestamp: it is malformed"),
    ("Malformed TimestampToken", "timestamp: it is malformed"),
    ("duplicate timestamp", "timestamp: it is there twice"),
    ("too many signed timestamp", "timestamp: there are too many"),
    ("no Timestamp Authorities", "timestamp: the trusted root has no timestamp authority"),
    (
        "failed to build timestamp certificate chain",
        "certificate chain: it does not lead to a trusted authority",
    ),
    ("unsupported bundle format", "format: the bundle's media type is unknown"),
    ("certificate in bundle", "certificate: it is missing"),
    ("certificate chain in bundle", "certificate: it is missing"),
    ("error parsing asn1 value", "certificate: it is malformed"),
    ("leaf position", "certificate: the first of the chain is not a signer's"),
    ("failed to load bundle", "format: it is not a Sigstore bundle"),
)


@contextmanager
def refusing() -> Iterator[None]:
    """Turns whatever the library raises inside into a refusal."""
    try:
        yield
    except BundleRefusedError:
        raise
    except Exception as exc:  # Fail closed: its refusals have no common type.
        raise refused(reason_of(exc)) from exc
    except BaseException as exc:
        # A panic in Rust code derives from BaseException, so that nobody swallows it; to us it is a refusal.
        if type(exc).__name__ != "PanicException":
            raise
        raise refused("the library failed on it") from exc


def reason_of(exc: Exception) -> str:
    """Returns the part that is wrong and how, as a sentence without its full stop."""
    from pydantic import ValidationError

    cause = exc if isinstance(exc, ValidationError) else exc.__context__
    if isinstance(cause, ValidationError):
        return f"format: {_first_of(cause)}"
    message = " ".join(str(argument) for argument in exc.args)
    for piece, reason in REASONS:
        if piece in message:
            return reason
    return f"the library refuses it: {type(exc).__name__}, {quoted(message)}"


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{quoted('.'.join(map(str, first['loc'])))} is not as it must be, {quoted(first['msg'])}"
