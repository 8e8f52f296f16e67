"""What a publisher signs, and which statements are about an archive."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from tank_core import canonical
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.names import SkillName
from tank_core.provenance import (
    MAX_STATEMENT_BYTES,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    ProvenanceError,
    check_publisher_statement,
    publisher_statement,
)
from tank_core.semver import Version
from tests.support.strategies_core import names, versions

NAME = SkillName.parse("@acme/notes")
ARCHIVE = b"the archive"
INTEGRITY, DIGEST = sha512_integrity(ARCHIVE), sha256_digest(ARCHIVE)


def check(statement: bytes) -> None:
    check_publisher_statement(
        statement, name=NAME, version="1.0.0", archive_integrity=INTEGRITY, digest=DIGEST
    )


def test_the_only_subject_is_the_package_url_with_both_digests() -> None:
    value = json.loads(publisher_statement(NAME, "1.0.0", INTEGRITY, DIGEST))
    assert value["_type"] == STATEMENT_TYPE
    assert [subject["name"] for subject in value["subject"]] == ["pkg:tank/acme/notes@1.0.0"]
    assert sorted(value["subject"][0]["digest"]) == ["sha256", "sha512"]
    assert value["predicateType"] == PREDICATE_TYPE
    assert value["predicate"] == {"purl": "pkg:tank/acme/notes@1.0.0"}


@given(names, versions)
def test_a_statement_is_about_its_own_archive_and_about_no_other_name(
    name: SkillName, version: Version
) -> None:
    statement = publisher_statement(name, version, INTEGRITY, DIGEST)
    check_publisher_statement(
        statement, name=name, version=str(version), archive_integrity=INTEGRITY, digest=DIGEST
    )
    with pytest.raises(ProvenanceError):
        check_publisher_statement(
            statement, name=NAME, version="999.0.0", archive_integrity=INTEGRITY, digest=DIGEST
        )


def drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        for key in keys:
            del value[key]

    return change


OTHERS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another statement type": (
        lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
        "is not a https",
    ),
    "no subject": (drop("subject"), "exactly one subject"),
    "two subjects": (lambda s: s["subject"].append(s["subject"][0]), "exactly one subject"),
    "another name": (lambda s: s["subject"][0].update(name="pkg:tank/acme/notes@1.0.1"), "subject is not"),
    "another sha256": (lambda s: s["subject"][0]["digest"].update(sha256="0" * 64), "subject is not"),
    "another sha512": (lambda s: s["subject"][0]["digest"].update(sha512="0" * 128), "subject is not"),
    "one digest only": (lambda s: s["subject"][0]["digest"].pop("sha512"), "subject is not"),
    "a third digest": (lambda s: s["subject"][0]["digest"].update(md5="0"), "subject is not"),
    "SLSA provenance": (lambda s: s.update(predicateType="https://slsa.dev/provenance/v1"), "predicate type"),
    "no predicate type": (drop("predicateType"), "predicate type"),
    "no predicate": (drop("predicate"), "is not the release"),
    "another release": (lambda s: s["predicate"].update(purl="pkg:npm/notes@1.0.0"), "is not the release"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_statement_about_something_else_is_refused_with_its_reason(case: str) -> None:
    change, reason = OTHERS[case]
    value = json.loads(publisher_statement(NAME, "1.0.0", INTEGRITY, DIGEST))
    change(value)
    with pytest.raises(ProvenanceError) as caught:
        check(canonical.compact(value))
    assert reason in caught.value.why


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "bytes; the limit is"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "levels deep"),
        (b'{"_type": "x", "_type": "y"}', "not JSON that every reader understands alike"),
        (b" " * (MAX_STATEMENT_BYTES + 1), "bytes; the limit is"),
        (b"[]", "is not a https"),
    ],
    ids=["empty", "cut off", "endless", "deep", "a key twice", "too large", "a list"],
)
def test_what_is_no_statement_is_refused_with_its_reason(statement: bytes, reason: str) -> None:
    with pytest.raises(ProvenanceError) as caught:
        check(statement)
    assert reason in caught.value.why
