"""The two Rekors over HTTP: entries, checkpoints and tiles, and refusals that say why."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key

from infra.local.sigstore import merkle
from infra.local.sigstore.keys import new_ec_key
from tank_core import dsse
from tests.support.local_sigstore import IN_TOTO, SigstoreScene, certificate, parts
from tests.support.sigstore_api import Api

V1 = "/sigstore/rekor-v1/api/v1/log"
V2 = "/sigstore/rekor-v2/api/v2"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def v1_dsse(scene: SigstoreScene, **changed: Any) -> bytes:
    made = parts(scene, b"{}")
    envelope = {
        "payload": b64(made.statement),
        "payloadType": IN_TOTO,
        "signatures": [{"sig": b64(made.signature)}],
        **changed,
    }
    content = {
        "envelope": json.dumps(envelope),
        "verifiers": [b64(made.leaf.public_bytes(Encoding.PEM))],
    }
    return json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": {"proposedContent": content}}).encode()


def v1_hashedrekord(scene: SigstoreScene, digest: str = "", algorithm: str = "sha256") -> bytes:
    key = new_ec_key()
    signature = key.sign(b"artifact", ec.ECDSA(hashes.SHA256()))
    found = digest or hashlib.sha256(b"artifact").hexdigest()
    public_key = {"content": b64(certificate(scene, key).public_bytes(Encoding.PEM))}
    spec = {
        "data": {"hash": {"algorithm": algorithm, "value": found}},
        "signature": {"content": b64(signature), "publicKey": public_key},
    }
    return json.dumps({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": spec}).encode()


def v2_request(scene: SigstoreScene, **changed: Any) -> bytes:
    key = new_ec_key()
    signed = dsse.pae(IN_TOTO, b"{}")
    signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    verifier = {
        "x509Certificate": {"rawBytes": b64(certificate(scene, key).public_bytes(Encoding.DER))},
        "keyDetails": changed.pop("keyDetails", "PKIX_ECDSA_P256_SHA_256"),
    }
    request = {
        "digest": b64(hashlib.sha256(signed).digest()),
        "signature": {"content": b64(signature), "verifier": verifier},
        **changed,
    }
    return json.dumps({"hashedRekordRequestV002": request}).encode()


@pytest.mark.parametrize("make", [v1_dsse, v1_hashedrekord])
def test_an_entry_of_version_1_is_found_again_by_index_and_uuid(
    api: Api, scene: SigstoreScene, make: Any
) -> None:
    created = api("POST", f"{V1}/entries", make(scene))
    assert created.status == 201
    ((uuid, entry),) = json.loads(created.body).items()
    for query in (f"?logIndex={entry['logIndex']}", f"/{uuid}", f"/{uuid[16:]}"):
        found = json.loads(api("GET", f"{V1}/entries{query}").body)[uuid]  # signed anew, so not byte by byte
        assert {**found, "verification": 0} == {**entry, "verification": 0}
    assert uuid[16:] == merkle.leaf_hash(base64.b64decode(entry["body"])).hex()


def test_the_same_entry_a_second_time_is_a_conflict_that_names_the_first(
    api: Api, scene: SigstoreScene
) -> None:
    body = v1_dsse(scene)
    (uuid,) = json.loads(api("POST", f"{V1}/entries", body).body)
    status, code, why = api.refusal("POST", f"{V1}/entries", body)
    assert (status, code) == (409, "log-entry-exists")
    assert uuid in why


def test_the_same_entry_a_second_time_keeps_its_index_in_version_2(api: Api, scene: SigstoreScene) -> None:
    body = v2_request(scene)
    first, second = (json.loads(api("POST", f"{V2}/log/entries", body).body) for _ in range(2))
    assert first["logIndex"] == second["logIndex"]


@pytest.mark.parametrize("path", ["?logIndex=99", "/" + "0" * 64, "/" + "f" * 80])
def test_an_entry_that_is_not_there_is_a_problem(api: Api, path: str) -> None:
    assert api.refusal("GET", f"{V1}/entries{path}")[:2] == (404, "no-such-log-entry")


@pytest.mark.parametrize("index", ["", "-1", "x", "1" * 19, "٣"])
def test_an_index_that_is_no_number_is_refused(api: Api, index: str) -> None:
    assert api.refusal("GET", f"{V1}/entries?logIndex={index}")[1] == "malformed-query"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"payload": b64(b"other")}, "its signature is not the certificate's"),
        ({"payloadType": "text/plain"}, "its signature is not the certificate's"),
        ({"signatures": []}, "exactly one signature"),
        ({"signatures": [{"sig": ""}, {"sig": ""}]}, "exactly one signature"),
        ({"signatures": [{}]}, "it has no signatures.0.sig"),
        ({"payload": 1}, "its payload is no text"),
        ({"payload": "?"}, "its payload is not base64"),
    ],
)
def test_an_envelope_whose_signature_is_not_good_is_not_logged(
    api: Api, scene: SigstoreScene, changed: dict[str, Any], reason: str
) -> None:
    status, code, why = api.refusal("POST", f"{V1}/entries", v1_dsse(scene, **changed))
    assert (status, code) == (400, "log-entry-refused")
    assert reason in why
    assert json.loads(api("GET", V1).body)["treeSize"] == 0


@pytest.mark.parametrize(
    ("digest", "algorithm", "reason"),
    [
        ("0" * 64, "sha256", "its signature is not the certificate's"),
        ("0" * 62, "sha256", "no sha256 digest"),
        ("A" * 64, "sha256", "not lower-case hex"),
        ("x" * 64, "sha256", "not hex"),
        ("0" * 40, "sha1", "neither SHA-256, SHA-384 nor SHA-512"),
    ],
)
def test_a_digest_whose_signature_is_not_good_is_not_logged(
    api: Api, scene: SigstoreScene, digest: str, algorithm: str, reason: str
) -> None:
    _, code, why = api.refusal("POST", f"{V1}/entries", v1_hashedrekord(scene, digest, algorithm))
    assert code == "log-entry-refused"
    assert reason in why


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"digest": b64(bytes(32))}, "its signature is not the certificate's"),
        ({"digest": b64(bytes(31))}, "no sha256 digest"),
        ({"keyDetails": "PKIX_ECDSA_P384_SHA_384"}, "keyDetails are not the certificate's"),
        ({"signature": {}}, "it has no signature.content"),
    ],
)
def test_version_2_logs_no_signature_that_is_not_good(
    api: Api, scene: SigstoreScene, changed: dict[str, Any], reason: str
) -> None:
    _, code, why = api.refusal("POST", f"{V2}/log/entries", v2_request(scene, **changed))
    assert code == "log-entry-refused"
    assert reason in why


def v2_request_of_size(size_bytes: int) -> bytes:
    """Returns a good request of nearly that size; its certificate is anybody's, and holds a long comment."""
    key, nobody = new_ec_key(), x509.Name([])
    start = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    template = x509.CertificateBuilder(nobody, nobody, key.public_key(), 1, start, start)
    signature = b64(key.sign(b"artifact", ec.ECDSA(hashes.SHA256())))

    def request(comment: bytes) -> bytes:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), comment)
        leaf = template.add_extension(extension, critical=False).sign(key, hashes.SHA256())
        certificate = {"rawBytes": b64(leaf.public_bytes(Encoding.DER))}
        verifier = {"x509Certificate": certificate, "keyDetails": "PKIX_ECDSA_P256_SHA_256"}
        asked = {
            "digest": b64(hashlib.sha256(b"artifact").digest()),
            "signature": {"content": signature, "verifier": verifier},
        }
        return json.dumps({"hashedRekordRequestV002": asked}, separators=(",", ":")).encode()

    return request(bytes((size_bytes - len(request(b""))) * 3 // 4 - 24))


def test_version_2_logs_nothing_that_its_tiles_cannot_hold(api: Api, scene: SigstoreScene) -> None:
    """One such entry would make the tile with all its neighbours unreadable, for ever."""
    parts(scene, b"{}")
    _, code, why = api.refusal("POST", f"{V2}/log/entries", v2_request_of_size(64 * 1024))
    assert (code, "larger than a tile can hold" in why) == ("log-entry-refused", True)
    assert api("POST", f"{V2}/log/entries", v2_request_of_size(60 * 1024)).status == 201
    assert api("GET", f"{V2}/tile/entries/000.p/2").status == 200


@pytest.mark.parametrize("signatures", [5, None, {}, "sig", [{}, {}]])
def test_an_envelope_without_exactly_one_signature_is_refused(
    api: Api, scene: SigstoreScene, signatures: object
) -> None:
    _, code, why = api.refusal("POST", f"{V1}/entries", v1_dsse(scene, signatures=signatures))
    assert (code, "exactly one signature" in why) == ("log-entry-refused", True)


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        (f"{V1}/entries", b"", "no JSON"),
        (f"{V1}/entries", b"[]", "it has no kind"),
        (
            f"{V1}/entries",
            b'{"kind": "rekord", "apiVersion": "0.0.1"}',
            "neither dsse 0.0.1 nor hashedrekord",
        ),
        (f"{V1}/entries", b'{"kind": "dsse", "apiVersion": "0.0.2"}', "neither dsse 0.0.1 nor hashedrekord"),
        (
            f"{V1}/entries",
            b'{"kind": "dsse", "apiVersion": "0.0.1"}',
            "it has no spec.proposedContent.envelope",
        ),
        (f"{V2}/log/entries", b"{}", "no hashedrekord 0.0.2"),
        (f"{V2}/log/entries", b'{"dsseRequestV002": {}}', "no hashedrekord 0.0.2"),
    ],
)
def test_what_is_no_entry_is_refused(api: Api, path: str, body: bytes, reason: str) -> None:
    _, code, why = api.refusal("POST", path, body)
    assert code == "log-entry-refused"
    assert reason in why


def test_the_state_of_version_1_has_a_checkpoint_that_its_public_key_verifies(
    api: Api, scene: SigstoreScene
) -> None:
    for _ in range(3):
        api("POST", f"{V1}/entries", v1_hashedrekord(scene))
    state = json.loads(api("GET", V1).body)
    text, _, line = state["signedTreeHead"].partition("\n\n")
    signature = base64.b64decode(line.split()[-1])[4:]
    key = public_key(api("GET", f"{V1}/publicKey").body)
    key.verify(signature, f"{text}\n".encode(), ec.ECDSA(hashes.SHA256()))
    assert text.splitlines()[1:] == ["3", b64(bytes.fromhex(state["rootHash"]))]
    proof = json.loads(api("GET", f"{V1}/proof?firstSize=2&lastSize=3").body)
    assert (proof["rootHash"], len(proof["hashes"])) == (state["rootHash"], 1)
    assert api.refusal("GET", f"{V1}/proof?firstSize=2&lastSize=4")[0] == 404


def public_key(pem: bytes) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(pem)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def test_the_checkpoint_of_version_2_is_a_note_whose_key_id_is_that_of_signed_notes(
    api: Api, scene: SigstoreScene
) -> None:
    text, _, line = api("GET", f"{V2}/checkpoint").body.decode().partition("\n\n")
    origin, (_, signer, stamped) = text.splitlines()[0], line.split()
    key = scene.sigstore.rekor_v2_key.public_key()
    # Source: C2SP signed-note: the name, a newline, 0x01 for Ed25519, and the raw key.
    key_id = hashlib.sha256(f"{origin}\n".encode() + b"\x01" + key.public_bytes_raw()).digest()
    assert (signer, scene.sigstore.rekor_v2.log_id) == (origin, key_id)
    signature = base64.b64decode(stamped)
    assert signature[:4] == key_id[:4]
    key.verify(signature[4:], f"{text}\n".encode())


def test_the_tiles_of_version_2_are_the_tree_of_its_checkpoint(api: Api, scene: SigstoreScene) -> None:
    bodies = [base64.b64decode(parts(scene, b"%d" % n).entry["canonicalizedBody"]) for n in range(5)]
    checkpoint = api("GET", f"{V2}/checkpoint").body.decode()
    assert checkpoint.splitlines()[1] == "5"
    tile = api("GET", f"{V2}/tile/0/000.p/5")
    assert "immutable" in tile.headers["cache-control"]
    leaves = [tile.body[start : start + 32] for start in range(0, 160, 32)]
    assert leaves == [merkle.leaf_hash(body) for body in bodies]
    entries = b"".join(len(body).to_bytes(2, "big") + body for body in bodies)
    assert api("GET", f"{V2}/tile/entries/000.p/5").body == entries
    assert api("GET", f"{V2}/tile/entries/000.p/3").body == entries[: sum(len(b) + 2 for b in bodies[:3])]


@pytest.mark.parametrize(
    "tile", ["0/000", "0/000.p/6", "0/001.p/1", "1/000.p/1", "64/000", "0/000.p/0", "0/000.p/257", "0/00"]
)
def test_a_tile_that_is_not_there_is_a_problem(api: Api, scene: SigstoreScene, tile: str) -> None:
    for number in range(5):
        parts(scene, b"%d" % number)
    assert api.refusal("GET", f"{V2}/tile/{tile}")[0] == 404
