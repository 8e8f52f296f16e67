"""Index documents: written canonically, read lazily, refused when they are not what was asked for."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from tank_core.entities import Availability, SkillVersion
from tank_core.errors import ExitCode
from tank_core.findings import Verdict
from tank_core.index import IndexVersion, InvalidIndexError, index_bytes, parse_index
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.names import SkillName
from tank_core.ranges import Range
from tank_core.semver import Version
from tests.support.signatures import a_signature

NAME = SkillName("acme", "pdf")
DIGEST = sha256_digest(b"archive")
PUBLISHED = SkillVersion(
    name="@acme/pdf", version="1.0.0", published_at=1_700_000_000, publish_id="p",
    publisher_id="alice", size_bytes=10,
    integrity=sha512_integrity(b"archive"), digest=DIGEST, tree_hash=DIGEST, description="Reads PDF.", license="MIT",
    keywords=(), capabilities={"subprocess": ["git"]}, dependencies={"@acme/base": "^1.0.0"}, audit_score=9.5,
    verdict=Verdict.PASS, manifest_digest=DIGEST, findings_digest=DIGEST, sbom_digest=DIGEST,
    attestation_digest=DIGEST,
    bundle_digest="", package_ref="tank/acme/pdf@" + DIGEST,
)  # fmt: skip


SIGNED = replace(PUBLISHED, bundle_digest=DIGEST, signature=a_signature("alice").to_json())


def document_of(*versions: SkillVersion) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(index_bytes("@acme/pdf", versions))
    return value


def read(value: object) -> tuple[IndexVersion, ...]:
    return parse_index(json.dumps(value).encode(), expected=NAME).versions


def test_a_version_tells_what_was_published() -> None:
    (entry,) = read(document_of(PUBLISHED))
    assert entry.version == Version(1, 0, 0)
    assert entry.is_available
    assert (entry.integrity, entry.digest, entry.size_bytes) == (PUBLISHED.integrity, DIGEST, 10)
    assert entry.capabilities.subprocess == ("git",)
    assert entry.dependencies == {SkillName("acme", "base"): Range.parse("^1.0.0")}
    assert (entry.audit_score, entry.verdict, entry.publisher) == (9.5, Verdict.PASS, "alice")
    assert (entry.published_at, entry.bundle_digest, entry.license) == (1_700_000_000, "", "MIT")


def test_the_same_versions_in_any_order_are_the_same_bytes() -> None:
    versions = [replace(PUBLISHED, version=text) for text in ("1.10.0", "1.9.0", "2.0.0-rc.1", "2.0.0")]
    written = index_bytes("@acme/pdf", versions)
    assert index_bytes("@acme/pdf", reversed(versions)) == written
    assert [str(entry.version) for entry in parse_index(written).versions] == [
        "1.9.0",
        "1.10.0",
        "2.0.0-rc.1",
        "2.0.0",
    ]


def test_a_withdrawn_version_keeps_its_reason_and_no_digest() -> None:
    withdrawn = replace(PUBLISHED, availability=Availability.WITHDRAWN, availability_reason="malware")
    value = document_of(withdrawn)
    assert value["versions"] == [
        {"version": "1.0.0", "availability": "withdrawn", "availability_reason": "malware"}
    ]
    (entry,) = read(value)
    assert (entry.availability, entry.availability_reason) == (Availability.WITHDRAWN, "malware")
    assert (entry.digest, entry.integrity, entry.verdict) == ("", "", Verdict.FAIL)
    assert not entry.is_available


def test_no_stored_text_makes_a_document_unreadable() -> None:
    hostile = replace(
        PUBLISHED, availability=Availability.YANKED, availability_reason="a\x1b[31m\nb" + "x" * 9000
    )
    (entry,) = read(document_of(hostile))
    assert entry.availability_reason.startswith("a [31m b")


def test_an_entry_read_lazily_equals_one_that_was_built_and_can_be_copied() -> None:
    (lazy,) = read(document_of(PUBLISHED))
    assert copy.copy(lazy) == lazy
    assert replace(lazy, size_bytes=11) != lazy
    assert not hasattr(lazy, "unheard_of")


def test_a_signature_comes_back_and_is_absent_where_there_is_none() -> None:
    assert "signature" not in document_of(PUBLISHED)["versions"][0]
    signed, unsigned = read(document_of(replace(SIGNED, version="2.0.0"), PUBLISHED))[::-1]
    assert (signed.signature, signed.bundle_digest) == (a_signature("alice"), DIGEST)
    assert unsigned.signature is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bundle_digest": ""}, "signature is there, and no bundle"),
        ({"signature": None}, "signature is malformed: a signature has claims, binding and log"),
        ({"signature": {}}, "signature is malformed: a signature has claims, binding and log"),
        ({"publisher": "mallory"}, "has a binding of “alice”, and “mallory” published it"),
        ({"signature": {**a_signature().to_json(), "note": "x"}}, "has claims, binding and log"),
    ],
)
def test_an_entry_that_contradicts_itself_about_its_signature_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    document = document_of(SIGNED)
    document["versions"][0] |= changes
    (entry,) = read(document)
    with pytest.raises(InvalidIndexError) as caught:
        assert entry.signature
    assert reason in caught.value.why


def test_a_bundle_that_nobody_is_said_to_have_signed_is_refused() -> None:
    (entry,) = read(document_of(replace(PUBLISHED, bundle_digest=DIGEST)))
    with pytest.raises(InvalidIndexError) as caught:
        assert entry.digest
    assert "signature is missing, and there is a bundle" in caught.value.why


@pytest.mark.parametrize(
    "versions",
    [["1.0.0", "1.0.0"], ["2.0.0", "1.0.0"]],
    ids=["twice", "descending"],
)
def test_versions_out_of_order_are_refused(versions: list[str]) -> None:
    entries = [document_of(replace(PUBLISHED, version=text))["versions"][0] for text in versions]
    with pytest.raises(InvalidIndexError, match="out of order"):
        read({"name": "@acme/pdf", "versions": entries})


def test_a_document_of_another_skill_is_refused() -> None:
    with pytest.raises(InvalidIndexError, match="another skill") as caught:
        parse_index(index_bytes("@acme/other", [PUBLISHED]), expected=NAME)
    assert caught.value.exit_code is ExitCode.NETWORK


@pytest.mark.parametrize(
    "value",
    [
        [], {}, {"name": "@acme/pdf"}, {"name": "@acme/pdf", "versions": {}}, {"name": "pdf", "versions": []},
        {"name": "@acme/pdf", "versions": [1]}, {"name": "@acme/pdf", "versions": [{"version": "1.0.0"}]},
        {"name": "@acme/pdf", "versions": [{"version": "1.0", "availability": "available"}]},
        {"name": "@acme/pdf", "versions": [{"version": "1.0.0", "availability": "perhaps"}]},
    ],
)  # fmt: skip
def test_a_malformed_document_is_refused_at_once(value: object) -> None:
    with pytest.raises(InvalidIndexError):
        read(value)


@pytest.mark.parametrize("data", [b"", b"<html>", b'{"name":1,"name":2}', b"[" * 10_000])
def test_bytes_that_are_not_json_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidIndexError):
        parse_index(data)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("integrity", "sha512-x"), ("digest", ""), ("digest", "sha256:0"), ("tree_hash", None),
        ("attestation_digest", ""),
        ("bundle_digest", "x"), ("size_bytes", 0), ("size_bytes", True), ("size_bytes", 1.5),
        ("capabilities", {"x": 1}),
        ("dependencies", {"a": "1"}), ("dependencies", {"@a/a": "latest"}), ("audit_score", 11), ("audit_score", "9"),
        ("verdict", "fine"), ("verdict", 1), ("publisher", ""), ("published_at", -1), ("description", 1),
    ],
)  # fmt: skip
def test_a_wrong_detail_is_refused_when_it_is_looked_at(key: str, value: object) -> None:
    document = document_of(PUBLISHED)
    document["versions"][0][key] = value
    (entry,) = read(document)
    assert entry.version == Version(1, 0, 0)
    with pytest.raises(InvalidIndexError, match="malformed"):
        assert entry.digest
