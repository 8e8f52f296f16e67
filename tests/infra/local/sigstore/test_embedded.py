"""The stand-in inside the embedded registry: a registry token becomes a signature that outlives kill -9."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
from sigstore.dsse import StatementBuilder, Subject
from sigstore.models import ClientTrustConfig
from sigstore.oidc import IdentityToken
from sigstore.sign import SigningContext

from infra.local.__main__ import announcement
from infra.local.folder import DataFolder
from infra.local.server import ServeOptions
from infra.local.sigstore.choice import SigstoreChoice
from tank_core.bundle import verify_bundle
from tests.support.embedded_server import RunningServer, running_server

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Publisher:
    """Somebody with a registry token, at a running server."""

    server: RunningServer
    data: Path

    @property
    def trusted_root(self) -> bytes:
        return DataFolder(self.data).trusted_root.read_bytes()

    def confirmed(self, token: str) -> httpx.Response:
        """Answers the issuer's page."""
        form = {
            "response_type": "code",
            "client_id": "sigstore",
            "redirect_uri": OUT_OF_BAND,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "s",
            "token": token,
        }
        return self.server.client.post("/sigstore/oidc/auth", data=form)

    def identity(self) -> IdentityToken:
        page = self.confirmed((self.data / "admin.token").read_text())
        code = re.search("<code>([^<]+)</code>", page.text)
        assert code is not None, page.text
        form = {
            "grant_type": "authorization_code",
            "client_id": "sigstore",
            "redirect_uri": OUT_OF_BAND,
            "code": code[1],
            "code_verifier": VERIFIER,
        }
        answer = self.server.client.post("/sigstore/oidc/token", data=form)
        return IdentityToken(answer.raise_for_status().json()["id_token"])

    def signed(self) -> bytes:
        config = ClientTrustConfig.from_json(
            json.dumps(
                {
                    "mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json",
                    "trustedRoot": json.loads(self.trusted_root),
                    "signingConfig": json.loads(self._target("sigstore/signing_config.json")),
                }
            )
        )
        subject = Subject(name="pkg:tank/acme/tool@1.0.0", digest={"sha256": "0" * 64})
        statement = (
            StatementBuilder().subjects([subject]).predicate_type("https://tank.example/x").predicate({})
        )
        with SigningContext.from_trust_config(config).signer(self.identity()) as signer:
            return signer.sign_dsse(statement.build()).to_json().encode()

    def _target(self, path: str) -> bytes:
        """Reads a target by the digest that the newest top-level targets state; the client's tests verify it."""
        client = self.server.client
        snapshot = client.get("/tuf/timestamp.json").json()["signed"]["meta"]["snapshot.json"]["version"]
        targets = client.get(f"/tuf/{snapshot}.snapshot.json").json()["signed"]["meta"]["targets.json"][
            "version"
        ]
        listed = client.get(f"/tuf/{targets}.targets.json").json()["signed"]["targets"][path]
        folder, _, name = path.rpartition("/")
        return client.get(f"/targets/{folder}/{listed['hashes']['sha256']}.{name}").raise_for_status().content


def test_a_registry_token_becomes_a_signature_that_verifies_after_the_server_was_killed(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    with running_server(data) as server:
        publisher = Publisher(server, data)
        bundle, root = publisher.signed(), publisher.trusted_root
        found = verify_bundle(bundle, trusted_root=root)
        issuer = f"{server.client.base_url}".rstrip("/") + "/sigstore/oidc"
        assert (found.claims.subject, found.claims.issuer) == ("admin@127.0.0.1", issuer)
        assert (found.log.kind, found.log.index) == ("hashedrekord/0.0.2", 0)
        server.kill()
    with running_server(data) as server:
        publisher = Publisher(server, data)
        assert publisher.trusted_root == root
        again = verify_bundle(publisher.signed(), trusted_root=root)
        assert (again.log.index, again.log.log_id) == (1, found.log.log_id)
        assert server.client.get("/sigstore/rekor-v2/api/v2/checkpoint").text.splitlines()[1] == "2"
        assert verify_bundle(bundle, trusted_root=root) == found


def test_the_issuer_asks_the_registrys_own_accounts_and_keeps_the_pages_policy(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        page = Publisher(server, tmp_path / "data").confirmed("tank_" + "x" * 43)
        assert page.status_code == 401
        assert "The token is not valid." in page.text
        assert "sandbox" not in page.headers["content-security-policy"]
        assert server.client.get("/api/v2/trustBundle").status_code == 200
        problem = server.client.get("/api/v2/anything")
        assert (problem.status_code, problem.json()["code"]) == (404, "no-such-object")


def lines(**options: object) -> str:
    return announcement(ServeOptions(data=Path("data"), **options), "http://127.0.0.1:1", "sha256:00")  # type: ignore[arg-type]


def test_one_loud_line_says_what_the_local_sigstore_is() -> None:
    (line,) = re.findall(r"\*\*\* (.*?) \*\*\*", " ".join(lines().split()))
    assert "LOCAL SIGSTORE" in line
    assert "count for clients of this registry only" in line
    assert "anyone with the data folder can sign as anybody" in line


def test_without_a_sigstore_the_line_says_that_nobody_can_sign() -> None:
    assert "every bundle is refused" in lines(sigstore=SigstoreChoice.NONE)
    assert "***" not in lines(sigstore=SigstoreChoice.PUBLIC)
