"""Claims, signers, log entries and signatures: read back as written, and nothing else is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tank_core.signature import Signature
from tank_core.signer import LogEntry, Signer, SignerClaims
from tests.support.identities import (
    REPOSITORY,
    a_log_entry,
    build_binding,
    build_claims,
    person_binding,
    person_claims,
)

SIGNATURE = Signature(build_claims(), build_binding(), a_log_entry())
READERS: dict[str, Callable[[object], object]] = {
    "claims": SignerClaims.from_json,
    "signer": Signer.from_json,
    "log": LogEntry.from_json,
    "signature": Signature.from_json,
}
texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=20)


@given(st.builds(SignerClaims, **{f.name: texts.filter(bool) for f in fields(SignerClaims)}))
def test_claims_are_read_back_as_they_were_written(claims: SignerClaims) -> None:
    assert SignerClaims.from_json(claims.to_json()) == claims


@given(st.builds(LogEntry, texts, st.integers(0, 2**63 - 1), texts, st.integers(0, 2**63 - 1)))
def test_a_log_entry_is_read_back_as_it_was_written(entry: LogEntry) -> None:
    assert LogEntry.from_json(entry.to_json()) == entry


@pytest.mark.parametrize(
    "signature",
    [SIGNATURE, Signature(person_claims(), person_binding(), a_log_entry())],
    ids=["build", "person"],
)
def test_a_signature_and_its_signer_are_read_back_as_they_were_written(signature: Signature) -> None:
    assert Signature.from_json(signature.to_json()) == signature
    assert Signer.from_json(signature.claims.signer.to_json()) == signature.claims.signer


def test_absent_claims_are_not_written() -> None:
    assert person_claims().to_json() == {"issuer": "https://accounts.example", "subject": "ada@acme.example"}


def test_a_build_is_known_by_ids_and_a_person_by_an_address() -> None:
    build, person = build_claims().signer, person_claims().signer
    assert (build.owner_id, build.repository_id, build.subject) == ("1001", "2002", "")
    assert str(build).startswith(f"{REPOSITORY} (repository 2002, owner 1001, ")
    assert (person.subject, person.repository_id) == ("ada@acme.example", "")
    assert str(person) == "ada@acme.example (https://accounts.example)"


def test_a_signer_in_few_words_is_an_address_or_a_repository() -> None:
    build = build_claims().signer
    assert build.short == "github.com/acme/skills"
    assert replace(build, repository="").short == f"repository {build.repository_id}"
    assert person_claims().signer.short == "ada@acme.example"


def test_a_renamed_repository_is_the_same_signer_and_a_resurrected_name_is_not() -> None:
    signer = build_claims().signer
    assert signer.is_same(replace(signer, repository="https://github.com/acme/renamed"))
    assert not signer.is_same(build_claims(repository_id="3003").signer)
    assert not signer.is_same(build_claims(owner_id="3003").signer)
    assert not signer.is_same(build_claims(issuer="https://gitlab.com").signer)
    assert not signer.is_same(person_claims().signer)


@given(st.sampled_from([f.name for f in fields(SignerClaims)]), texts)
def test_the_signer_does_not_change_with_the_run(claim: str, text: str) -> None:
    who = {"issuer", "owner_id", "repository_id"}
    changed = build_claims(**{claim: text})
    is_same = claim not in who or text == getattr(build_claims(), claim)
    assert build_claims().signer.is_same(changed.signer) == is_same


CLAIMS, SIGNER, LOG = build_claims().to_json(), build_claims().signer.to_json(), a_log_entry().to_json()
SHAPES: dict[str, tuple[str, object]] = {
    "claims-none": ("claims", None),
    "claims-list": ("claims", []),
    "claims-without-issuer": ("claims", {"subject": "a"}),
    "claims-without-subject": ("claims", {"issuer": "a"}),
    "claims-with-an-unknown-one": ("claims", CLAIMS | {"actor": "ada"}),
    "claims-with-a-number": ("claims", CLAIMS | {"repository_id": 2002}),
    "claims-with-an-empty-subject": ("claims", CLAIMS | {"subject": ""}),
    "claims-with-a-line-break": ("claims", CLAIMS | {"ref": "a\nb"}),
    "claims-without-end": ("claims", CLAIMS | {"ref": "a" * 1025}),
    "signer-without-issuer": ("signer", {"subject": "a"}),
    "signer-of-nobody": ("signer", {"issuer": "a"}),
    "signer-with-one-id": ("signer", {"issuer": "a", "repository_id": "1"}),
    "signer-of-both-kinds": ("signer", SIGNER | {"subject": "a"}),
    "log-without-index": ("log", {"log_id": "a", "kind": "b", "signed_at": 1}),
    "log-with-more": ("log", LOG | {"more": 1}),
    "log-before-the-first": ("log", LOG | {"index": -1}),
    "log-with-a-truth-value": ("log", LOG | {"index": True}),
    "log-with-a-fraction": ("log", LOG | {"signed_at": 1.5}),
    "log-too-far": ("log", LOG | {"index": 2**63}),
    "log-with-an-index-as-text": ("log", LOG | {"index": "7"}),
    "log-list": ("log", [7]),
    "signature-without-log": ("signature", {"claims": CLAIMS, "binding": build_binding().to_json()}),
    "signature-with-more": ("signature", SIGNATURE.to_json() | {"is_safe": True}),
    "signature-with-a-bad-binding": ("signature", SIGNATURE.to_json() | {"binding": {}}),
    "signature-none": ("signature", None),
}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_another_shape_is_refused(name: str) -> None:
    reader, value = SHAPES[name]
    with pytest.raises(ValueError, match=r"."):
        READERS[reader](value)


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(READERS)), JSON_VALUES)
def test_any_json_is_read_or_refused_with_a_value_error(reader: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        READERS[reader](value)
