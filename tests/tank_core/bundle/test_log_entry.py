"""What the library does not authenticate must equal what it does."""

from __future__ import annotations

import dataclasses

import pytest

from tank_core.bundle.log_entry import LogFacts, first_complaint

SIGNATURE = "AQEBAXNpZw=="  # the first four bytes of the log's id, and then the signature
CHECKPOINT = f"log.example\n10\nhash\n\n\u2014 log.example {SIGNATURE}\n"
V1 = LogFacts("dsse/0.0.1", "dsse/0.0.1", b"\x01" * 32, 900, 1_700_000_000, True, 7, 10, CHECKPOINT)
V2 = LogFacts("hashedrekord/0.0.2", "hashedrekord/0.0.2", b"\x01" * 32, 7, 0, False, 7, 10, CHECKPOINT)


@pytest.mark.parametrize("facts", [V1, V2], ids=["v1", "v2"])
def test_entries_of_both_generations_are_accepted(facts: LogFacts) -> None:
    assert first_complaint(facts) == ""


def test_witnesses_may_sign_the_checkpoint_too() -> None:
    assert (
        first_complaint(dataclasses.replace(V2, checkpoint=CHECKPOINT + "\u2014 witness.example c2ln\n"))
        == ""
    )


def test_the_number_of_a_tree_is_no_part_of_the_logs_name() -> None:
    numbered = CHECKPOINT.replace("log.example\n", "log.example - 42\n", 1)
    assert first_complaint(dataclasses.replace(V1, checkpoint=numbered)) == ""


INCONSISTENT: dict[str, tuple[LogFacts, str]] = {
    "other tree size": (dataclasses.replace(V2, proof_tree_size=11), "inclusion proof: its tree size is not"),
    "tree size with a sign": (
        dataclasses.replace(V2, checkpoint=CHECKPOINT.replace("\n10\n", "\n+10\n")),
        "inclusion proof: its tree size is not",
    ),
    "no checkpoint": (dataclasses.replace(V2, checkpoint=""), "inclusion proof: its tree size is not"),
    "index outside the tree": (dataclasses.replace(V1, proof_index=10), "inclusion proof: its index is outside"),
    "negative index": (dataclasses.replace(V1, proof_index=-1), "inclusion proof: its index is outside"),
    "no signatures": (
        dataclasses.replace(V1, checkpoint="log.example\n10\nhash\n\n"),
        "checkpoint: it holds something else",
    ),
    "words below the checkpoint": (
        dataclasses.replace(V1, checkpoint=CHECKPOINT + "words\n"),
        "checkpoint: it holds something else",
    ),
    "body of another kind": (
        dataclasses.replace(V1, body_kind="hashedrekord/0.0.1"),
        "log entry: it says that it is “dsse/0.0.1”, and its body is “hashedrekord/0.0.1”",
    ),
    "signature under another name": (
        dataclasses.replace(V1, checkpoint=CHECKPOINT.replace("\u2014 log", "\u2014 lag")),
        "checkpoint: the log's signature is under another name",
    ),
    "a second signature under another name": (
        dataclasses.replace(V1, checkpoint=f"{CHECKPOINT}\u2014 lag.example {SIGNATURE}\n"),
        "checkpoint: the log's signature is under another name",
    ),
    "v1 without promise": (dataclasses.replace(V1, has_promise=False), "log entry: it lacks the log's promise"),
    "v1 without time": (dataclasses.replace(V1, integrated_time=0), "log entry: it lacks the log's promise"),
    "v2 with a time": (dataclasses.replace(V2, integrated_time=1), "log entry: it carries a promise or a time"),
    "v2 with a promise": (dataclasses.replace(V2, has_promise=True), "log entry: it carries a promise or a time"),
    "v2 with another index": (dataclasses.replace(V2, log_index=8), "log entry: its index is not the inclusion"),
}  # fmt: skip


@pytest.mark.parametrize("case", INCONSISTENT)
def test_an_inconsistent_entry_has_a_complaint(case: str) -> None:
    facts, reason = INCONSISTENT[case]
    assert first_complaint(facts).startswith(reason)
