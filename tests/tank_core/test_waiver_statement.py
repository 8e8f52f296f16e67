"""A waiver counts when the registry's pinned key signed it for exactly these bytes, and not otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tank_core import canonical
from tank_core.names import SkillName
from tank_core.provenance import PAYLOAD_TYPE
from tank_core.semver import Version
from tank_core.waiver_statement import MAX_WAIVER_BYTES, WaiverRefusedError, statement_bytes, verify_waiver
from tank_core.waivers import DAY_SECONDS, MAX_REASON, Waiver
from tests.support.sample_waivers import ARCHIVE, GRANTED_AT, a_waiver, enveloped
from tests.support.signing_keys import SigningKey

KEY = SigningKey.new()
KEYS = {KEY.key_id: KEY.pem}


def verify(envelope: bytes, **expected: Any) -> Waiver:
    return verify_waiver(envelope, KEYS, **(ARCHIVE | expected))


def test_what_was_granted_comes_back() -> None:
    assert verify(enveloped(a_waiver(), KEY)) == a_waiver()


def test_the_longest_reason_fits() -> None:
    waiver = replace(a_waiver(), reason="界" * MAX_REASON)
    envelope = enveloped(waiver, KEY)
    assert len(envelope) < MAX_WAIVER_BYTES
    assert verify(envelope) == waiver


@pytest.mark.parametrize(
    "other",
    [
        {"name": SkillName.parse("@acme/other")},
        {"version": Version.parse("1.0.1")},
        {"digest": "sha256:" + "b" * 64},
        {"integrity": "sha512-" + "B" * 84 + "BQ=="},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_waiver_for_anything_else_counts_for_nothing(other: dict[str, Any]) -> None:
    with pytest.raises(WaiverRefusedError):
        verify(enveloped(a_waiver(), KEY), **other)


def test_another_key_signs_no_waiver() -> None:
    with pytest.raises(WaiverRefusedError):
        verify(enveloped(a_waiver(), SigningKey.new()))
    with pytest.raises(WaiverRefusedError):
        verify_waiver(enveloped(a_waiver(), KEY), {}, **ARCHIVE)


def test_no_flipped_byte_of_an_envelope_is_accepted() -> None:
    envelope = enveloped(a_waiver(), KEY)
    for at in range(0, len(envelope), 7):
        changed = bytearray(envelope)
        changed[at] ^= 1
        try:
            read = verify(bytes(changed))
        except WaiverRefusedError:
            continue
        assert read == a_waiver()  # in base64 some bits say nothing


BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "another statement type": lambda s: s.update(_type="https://in-toto.io/Statement/v0.1"),
    "the predicate of an attestation": lambda s: s.update(
        predicateType="https://slsa.dev/verification_summary/v1"
    ),
    "two subjects": lambda s: s["subject"].append(s["subject"][0]),
    "no subject": lambda s: s.update(subject=[]),
    "an unknown key": lambda s: s.update(more=1),
    "an unknown field": lambda s: s["predicate"].update(more=1),
    "another resource": lambda s: s["predicate"].update(resourceUri="pkg:tank/acme/other@1.0.0"),
    "no rule": lambda s: s["predicate"].update(ruleId=""),
    "every rule": lambda s: s["predicate"].update(ruleId="*"),
    "no file": lambda s: s["predicate"].update(file=""),
    "a line that is none": lambda s: s["predicate"].update(line=-1),
    "a line that is a text": lambda s: s["predicate"].update(line="3"),
    "no reason": lambda s: s["predicate"].update(reason=""),
    "a reason with a control": lambda s: s["predicate"].update(reason="a\x1b[2K"),
    "a reason without an end": lambda s: s["predicate"].update(reason="a" * (MAX_REASON + 1)),
    "nobody who granted it": lambda s: s["predicate"].pop("grantedBy"),
    "no expiry": lambda s: s["predicate"].pop("expiresAt"),
    "an expiry in another form": lambda s: s["predicate"].update(expiresAt="never"),
    "an expiry after years": lambda s: s["predicate"].update(expiresAt="2099-01-01T00:00:00Z"),
    "an expiry before its beginning": lambda s: s["predicate"].update(expiresAt="2001-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_signed_statement_that_is_not_a_waiver_is_refused(case: str) -> None:
    statement = json.loads(statement_bytes(a_waiver()))
    BAD[case](statement)
    with pytest.raises(WaiverRefusedError):
        verify(KEY.envelope(PAYLOAD_TYPE, canonical.compact(statement)))


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": GRANTED_AT},
        {"expires_at": GRANTED_AT + 366 * DAY_SECONDS},
        {"reason": ""},
        {"rule_id": "Some Rule"},
        {"file": "a\nb"},
        {"line": -1},
    ],
)
def test_what_nobody_could_read_back_is_never_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(WaiverRefusedError):
        statement_bytes(replace(a_waiver(), **changes))
