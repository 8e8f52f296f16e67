"""sigstore-python, unmodified, signs and verifies through the stand-in, with Rekor v1 and v2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sigstore.dsse import Statement, StatementBuilder, Subject
from sigstore.models import Bundle, ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext
from sigstore.verify import Verifier
from sigstore.verify.policy import Identity

from chalicelib.adapters.system import SystemClock
from infra.local.sigstore.principal import GITHUB
from tank_core.bundle import verify_bundle
from tests.support.local_sigstore import (
    ALICE,
    BUILD,
    SigstoreScene,
    bundle,
    client_trust_config,
    served_sigstore,
)

WORKFLOW = "https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1.0.0"
SIGNERS = 40


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    with served_sigstore(tmp_path_factory.mktemp("served") / "sigstore", SystemClock()) as made:
        yield made


def statement(number: int = 0) -> Statement:
    subject = Subject(name=f"pkg:tank/acme/tool@{number}.0.0", digest={"sha256": f"{number:064x}"})
    builder = StatementBuilder().subjects([subject]).predicate_type("https://tank.example/release/v1")
    return builder.predicate({}).build()


def signed(scene: SigstoreScene, versions: tuple[int, ...], token: str, number: int = 0) -> Bundle:
    config = ClientTrustConfig.from_json(client_trust_config(scene, versions))
    with SigningContext.from_trust_config(config).signer(IdentityToken(token)) as signer:
        return Bundle.from_json(signer.sign_dsse(statement(number)).to_json())


def verified(scene: SigstoreScene, found: Bundle, identity: str, issuer: str) -> bytes:
    config = ClientTrustConfig.from_json(client_trust_config(scene))
    kind, payload = Verifier(trusted_root=config.trusted_root).verify_dsse(
        found, Identity(identity=identity, issuer=issuer)
    )
    assert kind == "application/vnd.in-toto+json"
    return payload


@pytest.mark.parametrize(
    ("versions", "kind"), [((1,), ("dsse", "0.0.1")), ((1, 2), ("hashedrekord", "0.0.2"))]
)
def test_a_build_signs_and_its_bundle_verifies(
    scene: SigstoreScene, versions: tuple[int, ...], kind: tuple[str, str]
) -> None:
    found = signed(scene, versions, scene.token())
    material = json.loads(found.to_json())["verificationMaterial"]
    (entry,) = material["tlogEntries"]
    assert (entry["kindVersion"]["kind"], entry["kindVersion"]["version"]) == kind
    assert len(material["timestampVerificationData"]["rfc3161Timestamps"]) == 1
    assert json.loads(verified(scene, found, WORKFLOW, GITHUB))["subject"][0]["name"].startswith("pkg:tank/")


def test_a_person_signs_and_the_certificate_holds_the_address(scene: SigstoreScene) -> None:
    issuer = scene.sigstore.tokens.person_issuer
    found = signed(scene, (1, 2), scene.token(ALICE, issuer))
    verified(scene, found, "alice@acme.example", issuer)
    claims = verify_bundle(found.to_json().encode(), trusted_root=scene.trusted_root).claims
    assert (claims.subject, claims.issuer, claims.is_machine) == ("alice@acme.example", issuer, False)


def test_forty_signers_at_once_each_get_an_entry_of_their_own_and_all_verify(scene: SigstoreScene) -> None:
    versions = [(1,) if number % 2 else (1, 2) for number in range(SIGNERS)]
    with ThreadPoolExecutor(SIGNERS) as pool:
        jobs = [
            pool.submit(signed, scene, chosen, scene.token(), number + 1)
            for number, chosen in enumerate(versions)
        ]
        found = [job.result(60) for job in jobs]
    for one in found:
        verified(scene, one, WORKFLOW, GITHUB)
    places = {(one.log_entry._inner.log_id.key_id, one.log_entry._inner.log_index) for one in found}
    assert len(places) == SIGNERS


@pytest.mark.parametrize("rekor", [1, 2])
def test_a_bundle_made_in_process_is_one_that_the_registry_accepts(tmp_path: Path, rekor: int) -> None:
    scene = SigstoreScene(tmp_path / "sigstore")
    found = verify_bundle(bundle(scene, b'{"x":1}', rekor=rekor), trusted_root=scene.trusted_root)
    scene.close()
    assert found.statement == b'{"x":1}'
    assert found.claims.repository_id == BUILD.repository_id
    assert found.log.signed_at == scene.clock.now()
