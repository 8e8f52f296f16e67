"""The parts of a transparency log entry that sigstore-python leaves unauthenticated.

The library verifies the inclusion proof up to the checkpoint's root hash, the
checkpoint's signature, and Rekor v1's promise if it is there. Everything else that a
bundle says about its entry is a hint to it. Here each of those must equal what was
verified, so that a log entry that we keep and show is the one that is in the log.

Source: sigstore-python 4.5.1, ``models.py`` and ``_internal/rekor/checkpoint.py``;
Rekor v2 specification, section 6; the transparency-dev checkpoint format.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from tank_core.errors import quoted

# The entry kinds that are verified: a statement or an artifact, in a Rekor of either generation.
V1_KINDS = frozenset({"dsse/0.0.1", "hashedrekord/0.0.1"})
V2_KINDS = frozenset({"hashedrekord/0.0.2"})
_SIGNATURES = re.compile(r"(?:\u2014 \S+ [A-Za-z0-9+/]+={0,2}\n)+")
_HINT_BYTES = 4  # of the key's id, in front of each signature


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a bundle says about its log entry, once the library accepted the bundle.

    Attributes:
        kind: entry kind and version, one of those above.
        body_kind: the same, out of the body that the inclusion proof covers.
        log_id: the log's id, raw bytes; the library takes it for a hint, and ``verification`` does not.
        log_index: the entry's index, outside the inclusion proof.
        integrated_time: seconds since the Unix epoch; 0 when there is none.
        has_promise: whether a signed entry timestamp is there; with a time, the library verified
            it, and it covers ``log_id``, ``log_index`` and ``integrated_time``.
        proof_index: the index in the inclusion proof.
        proof_tree_size: the tree size in the inclusion proof.
        checkpoint: the signed note, as text; the library verified its signature and root hash.
    """

    kind: str
    body_kind: str
    log_id: bytes
    log_index: int
    integrated_time: int
    has_promise: bool
    proof_index: int
    proof_tree_size: int
    checkpoint: str


def first_complaint(facts: LogFacts) -> str:
    """Returns what is wrong with a log entry in ways that the library does not see, or "".

    1. The proof's tree size is the signed checkpoint's, and holds the index. Below the checkpoint
       are signatures and nothing else, and the log's own are under its own name.
    2. The kind is the one of the logged body.
    3. Rekor v1: a promise with a time is there, because only it authenticates index and time.
       The two indexes differ there by design: the proof counts within a shard.
    4. Rekor v2: no promise and no time, and both indexes are equal.
    """
    return next(_complaints(facts), "")


def _complaints(facts: LogFacts) -> Iterator[str]:
    if facts.checkpoint.split("\n")[1:2] != [str(facts.proof_tree_size)]:  # 1
        yield "inclusion proof: its tree size is not the signed checkpoint's"
    if not 0 <= facts.proof_index < facts.proof_tree_size:
        yield "inclusion proof: its index is outside its tree"
    if not _SIGNATURES.fullmatch(facts.checkpoint.partition("\n\n")[2]):
        yield "checkpoint: it holds something else than signatures"
    elif not _is_under_own_name(facts):
        yield "checkpoint: the log's signature is under another name"
    if facts.kind != facts.body_kind:  # 2
        yield f"log entry: it says that it is {quoted(facts.kind)}, and its body is {quoted(facts.body_kind)}"
    if facts.kind in V1_KINDS:  # 3
        if not (facts.has_promise and facts.integrated_time > 0):
            yield "log entry: it lacks the log's promise, so nothing authenticates its index and time"
        return
    if facts.has_promise or facts.integrated_time:  # 4
        yield "log entry: it carries a promise or a time, which such a log never gives"
    if facts.log_index != facts.proof_index:
        yield "log entry: its index is not the inclusion proof's"


def _is_under_own_name(facts: LogFacts) -> bool:
    """Rekor v1 puts its tree's number behind its name in the origin, after a dash."""
    text, _, signatures = facts.checkpoint.partition("\n\n")
    origin = text.partition("\n")[0].partition(" - ")[0]
    lines = [line.split(" ") for line in signatures.splitlines()]
    hint = facts.log_id[:_HINT_BYTES]
    return {name for _, name, stamp in lines if b64decode(stamp)[:_HINT_BYTES] == hint} == {origin}
