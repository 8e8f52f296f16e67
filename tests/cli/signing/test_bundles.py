"""Signing against a Sigstore on loopback: the bundle is good, or nothing comes of it."""

from __future__ import annotations

import gc
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.system import SystemClock
from tank_cli.registry_targets import SigstoreTarget
from tank_cli.signing import bundles
from tank_cli.signing.bundles import (
    InvalidSigningConfigError,
    OwnBundleRefusedError,
    SigningFailedError,
    provider_of,
    signed,
)
from tank_core.bundle import verify_bundle
from tank_core.errors import TankError
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.names import SkillName
from tank_core.provenance import publisher_statement
from tests.support.local_sigstore import ALICE, SigstoreScene, served_sigstore

STATEMENT = publisher_statement(
    SkillName.parse("@acme/notes"), "1.0.0", sha512_integrity(b"archive"), sha256_digest(b"archive")
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    with served_sigstore(tmp_path_factory.mktemp("served") / "sigstore", SystemClock()) as made:
        yield made
        gc.collect()  # the library closes no session; an open connection would hold the server


def target(
    scene: SigstoreScene,
    change: Callable[[dict[str, Any]], object] = lambda _: None,
    rekor_versions: tuple[int, ...] = (1, 2),
) -> SigstoreTarget:
    """Returns the scene's documents; ``change`` changes the signing configuration."""
    services = json.loads(scene.sigstore.signing_config_bytes(rekor_versions=rekor_versions))
    change(services)
    return SigstoreTarget(scene.trusted_root, json.dumps(services).encode(), "local")


@contextmanager
def silence() -> Iterator[str]:
    """Yields the address of a service that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("versions", "kind"), [((1,), "dsse/0.0.1"), ((1, 2), "hashedrekord/0.0.2")], ids=["v1", "v2"]
)
def test_a_build_signs_exactly_this_statement_with_either_log(
    scene: SigstoreScene, versions: tuple[int, ...], kind: str
) -> None:
    made = signed(STATEMENT, scene.token(), target(scene, rekor_versions=versions))
    found = verify_bundle(made.bundle, trusted_root=scene.trusted_root)
    assert found == made.proven
    assert found.statement == STATEMENT
    assert (found.claims.repository_id, found.log.kind) == ("2002", kind)


def test_a_person_signs(scene: SigstoreScene) -> None:
    issuer = scene.sigstore.tokens.person_issuer
    made = signed(STATEMENT, scene.token(ALICE, issuer), target(scene))
    assert (made.proven.claims.issuer, made.proven.claims.subject) == (issuer, "alice@acme.example")
    assert provider_of(target(scene)) == issuer


def test_nothing_of_the_users_own_cache_is_read_or_written(
    scene: SigstoreScene, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed(STATEMENT, scene.token(), target(scene))
    assert list(home.rglob("*")) == []


def test_without_a_timestamp_authority_nothing_is_signed(scene: SigstoreScene) -> None:
    with pytest.raises(InvalidSigningConfigError) as caught:
        signed(STATEMENT, scene.token(), target(scene, lambda services: services.pop("tsaUrls")))
    assert "no timestamp authority" in caught.value.why


@pytest.mark.parametrize(
    ("versions", "error", "words"),
    [
        ((1,), OwnBundleRefusedError, "gave no timestamp"),
        ((1, 2), SigningFailedError, "timestamp"),
    ],
    ids=["v1", "v2, where the library notices"],
)
def test_a_timestamp_that_failed_is_a_refusal_and_not_a_warning(
    scene: SigstoreScene, versions: tuple[int, ...], error: type[TankError], words: str
) -> None:
    def break_tsa(services: dict[str, Any]) -> None:
        services["tsaUrls"][0]["url"] = f"{scene.base_url}/nothing"

    with pytest.raises(error) as caught:
        signed(STATEMENT, scene.token(), target(scene, break_tsa, versions))
    assert words in caught.value.why


@pytest.mark.parametrize("service", ["caUrls", "rekorTlogUrls"])
def test_a_service_that_never_answers_ends_in_time(scene: SigstoreScene, service: str) -> None:
    with silence() as url:

        def silent(services: dict[str, Any]) -> None:
            for item in services[service]:
                item["url"] = url

        with pytest.raises(SigningFailedError) as caught:
            signed(STATEMENT, scene.token(), target(scene, silent), seconds=1)
    assert "no answer within 1 seconds" in caught.value.why
    for thread in threading.enumerate():
        if thread.name == "tank-signing":
            thread.join(5)  # the closed socket ends it


@pytest.mark.parametrize("service", ["caUrls", "oidcUrls", "rekorTlogUrls", "tsaUrls"])
def test_a_token_goes_to_no_service_without_tls(scene: SigstoreScene, service: str) -> None:
    def plain(services: dict[str, Any]) -> None:
        services[service][0]["url"] = "http://service.example"

    with pytest.raises(InvalidSigningConfigError) as caught:
        signed(STATEMENT, scene.token(), target(scene, plain))
    assert "http://service.example" in caught.value.why


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example\\@127.0.0.1/api",  # requests goes to evil.example, urlsplit finds this machine
        "https://jo@service.example",
        "https://service.example/?next=x",
        "https://service.example#x",
        "https://service.example\n.evil.example",
        "HTTPS://service.example",
        "https://",
        "file:///etc/passwd",
    ],
)
def test_a_token_goes_to_no_address_that_has_two_readings(scene: SigstoreScene, url: str) -> None:
    def odd(services: dict[str, Any]) -> None:
        services["caUrls"][0]["url"] = url

    with pytest.raises(InvalidSigningConfigError) as caught:
        signed(STATEMENT, scene.token(), target(scene, odd))
    assert "is not a plain address" in caught.value.why


@pytest.mark.parametrize(
    ("audience", "words"),
    [("tank", "malformed or missing"), ("sigstore", "Unauthorized")],
    ids=["ours", "forged"],
)
def test_a_token_that_the_authority_refuses_is_told_without_the_token(
    scene: SigstoreScene, audience: str, words: str
) -> None:
    token = scene.token(audience=audience)
    forged = token if audience == "tank" else token[:-8] + "AAAAAAAA"
    with pytest.raises(SigningFailedError) as caught:
        signed(STATEMENT, forged, target(scene))
    assert words in caught.value.why
    assert forged not in caught.value.why


def test_an_error_that_holds_the_token_is_told_without_it(
    scene: SigstoreScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = scene.token()

    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot use {token} here")

    monkeypatch.setattr(bundles, "_sign", fail)
    with pytest.raises(SigningFailedError) as caught:
        signed(STATEMENT, token, target(scene))
    assert caught.value.why == "RuntimeError: cannot use … here"


def test_a_bundle_over_another_statement_is_not_used(
    scene: SigstoreScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = bundles._sign
    other = STATEMENT.replace(b"1.0.0", b"1.0.1")
    monkeypatch.setattr(bundles, "_sign", lambda _, token, config: sign(other, token, config))
    with pytest.raises(OwnBundleRefusedError) as caught:
        signed(STATEMENT, scene.token(), target(scene))
    assert "another statement" in caught.value.why


def test_a_certificate_of_another_authority_is_not_used(scene: SigstoreScene, tmp_path: Path) -> None:
    other = SigstoreScene(tmp_path / "other")
    given = SigstoreTarget(other.trusted_root, target(scene).signing_config, "local")
    other.close()
    with pytest.raises((SigningFailedError, OwnBundleRefusedError)) as caught:
        signed(STATEMENT, scene.token(), given)
    assert "SCT" in caught.value.why


@pytest.mark.parametrize(
    "documents",
    [(b"{}", b"{}"), (b"", b""), (b"[]", b"[]"), (b"\xff", b"\xff")],
    ids=["empty objects", "nothing", "lists", "no text"],
)
def test_documents_that_are_no_sigstore_are_refused(documents: tuple[bytes, bytes]) -> None:
    for use in (provider_of, lambda given: signed(STATEMENT, "a.b.c", given)):
        with pytest.raises(TankError) as caught:
            use(SigstoreTarget(*documents, "local"))
        assert caught.value.code == "invalid-signing-config"
