"""Only the services of the pinned root are believed, each with its own key and in its own time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.sigstore.authority import CertificateAuthority
from infra.local.sigstore.keys import new_ec_key
from tank_core.bundle import verify_bundle
from tests.support.bundle_refusals import Bundle, why_refused
from tests.support.local_bundles import BundleScene
from tests.support.local_sigstore import NOW, certificate

both_logs = pytest.mark.parametrize("rekor", [1, 2])


def encoded(bundle: Bundle) -> bytes:
    return json.dumps(bundle).encode()


@both_logs
def test_a_bundle_of_another_sigstore_is_refused(
    sigstore: BundleScene, other_sigstore: BundleScene, rekor: int
) -> None:
    bundle = other_sigstore.sign(rekor=rekor)
    why = why_refused(bundle, sigstore.trusted_root)
    assert why == "log entry: its log is none of the trusted root's; it comes from another Sigstore."


ANOTHER_SERVICE: dict[str, str] = {
    "certificateAuthorities": "certificate chain: it does not lead to a trusted authority",
    "ctlogs": "SCT: no trusted certificate log promised to log this certificate",
    "timestampAuthorities": "timestamp: no trusted authority made it over this signature",
}


@both_logs
@pytest.mark.parametrize("service", ANOTHER_SERVICE)
def test_a_service_with_another_key_is_refused(
    sigstore: BundleScene, other_sigstore: BundleScene, rekor: int, service: str
) -> None:
    root = {**sigstore.root(), service: other_sigstore.root()[service]}
    why = why_refused(sigstore.sign(rekor=rekor), encoded(root))
    assert why.startswith(ANOTHER_SERVICE[service])


@both_logs
def test_a_log_with_the_right_id_and_another_key_is_refused(
    sigstore: BundleScene, other_sigstore: BundleScene, rekor: int
) -> None:
    root, foreign = sigstore.root(), other_sigstore.root()
    root["tlogs"][rekor - 1]["publicKey"] = foreign["tlogs"][rekor - 1]["publicKey"]
    why = why_refused(sigstore.sign(rekor=rekor), encoded(root))
    assert why.startswith("checkpoint: its signature is not the log's")


def test_a_certificate_that_no_trusted_log_promised_to_log_is_refused(sigstore: BundleScene) -> None:
    key = new_ec_key()
    unknown = CertificateAuthority(sigstore.folder / "fulcio.pem", new_ec_key(), now=NOW)
    bundle = sigstore.sign(key=key, leaf=certificate(sigstore, key, authority=unknown))
    assert why_refused(bundle, sigstore.trusted_root).startswith("SCT: no trusted certificate log")


SERVICES: dict[str, tuple[Callable[[dict[str, Any]], list[dict[str, Any]]], str]] = {
    "authority": (
        lambda root: [a["validFor"] for a in root["certificateAuthorities"]],
        "trusted root: it has no certificate authority for the time of this signature",
    ),
    "transparency log": (
        lambda root: [log["publicKey"]["validFor"] for log in root["tlogs"][:1]],
        "log entry: its log was not in service when the signature was made",
    ),
    "certificate log": (
        lambda root: [log["publicKey"]["validFor"] for log in root["ctlogs"]],
        "trusted root: it has no certificate transparency log for the time of this signature",
    ),
    "timestamp authority": (
        lambda root: [a["validFor"] for a in root["timestampAuthorities"]],
        "timestamp: no trusted authority made it over this signature",
    ),
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "window",
    [
        {"start": "2025-10-09T08:53:21Z"},
        {"start": "2025-01-01T00:00:00Z", "end": "2025-10-09T08:53:19Z"},
    ],
)
def test_a_service_that_was_not_in_service_is_not_trusted(
    sigstore: BundleScene, service: str, window: dict[str, str]
) -> None:
    windows, reason = SERVICES[service]
    root = sigstore.root()
    for found in windows(root):
        found.clear()
        found.update(window)
    assert why_refused(sigstore.sign(rekor=1), encoded(root)).startswith(reason)


RETIRED: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = {
    "certificateAuthorities": (
        lambda authority: authority["validFor"],
        "certificate chain: it does not lead to a trusted authority",
    ),
    "ctlogs": (
        lambda log: log["publicKey"]["validFor"],
        "SCT: no trusted certificate log promised to log this certificate",
    ),
}


@both_logs
@pytest.mark.parametrize("service", RETIRED)
def test_a_retired_service_is_not_trusted_because_another_is_in_service(
    sigstore: BundleScene, other_sigstore: BundleScene, rekor: int, service: str
) -> None:
    window, reason = RETIRED[service]
    root = sigstore.root()
    root[service] += other_sigstore.root()[service]
    bundle = sigstore.sign(rekor=rekor)
    assert verify_bundle(encoded(bundle), trusted_root=encoded(root))
    window(root[service][0]).update(start="2025-01-01T00:00:00Z", end="2025-10-09T08:53:19Z")
    assert why_refused(bundle, encoded(root)).startswith(reason)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_trusted_in_the_last_second_of_its_window(sigstore: BundleScene, service: str) -> None:
    windows, _ = SERVICES[service]
    root = sigstore.root()
    for found in windows(root):
        found.update(end="2025-10-09T08:53:20Z")
    assert verify_bundle(encoded(sigstore.sign(rekor=1)), trusted_root=encoded(root))


@pytest.mark.parametrize("missing", ["tlogs", "certificateAuthorities", "ctlogs"])
def test_a_trusted_root_without_a_service_verifies_nothing(sigstore: BundleScene, missing: str) -> None:
    root = {**sigstore.root(), missing: []}
    assert why_refused(sigstore.sign(), encoded(root))


def test_a_trusted_root_that_readers_would_read_differently_verifies_nothing(sigstore: BundleScene) -> None:
    twice = sigstore.trusted_root[:-1] + b', "ctlogs": []}'
    assert why_refused(sigstore.sign(), twice).startswith("trusted root: it cannot be read")


@pytest.mark.parametrize("root", [b"", b"{}", b"[]", b"\xff", b'{"mediaType":"x"}', b" " * 300_000])
def test_bytes_that_are_no_trusted_root_verify_nothing(sigstore: BundleScene, root: bytes) -> None:
    assert why_refused(sigstore.sign(), root).startswith("trusted root: it cannot be read")
