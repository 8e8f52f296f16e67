"""The timestamp authority: says that a digest existed at a time, as a CMS-signed token.

The signature covers the signed attributes as a SET OF, although they are transmitted
with another tag; the certificate is named by its digest among them, and its extended
key usage is critical. The root's key signs twice and is then forgotten.

Source: RFC 3161; RFC 5652, section 5.4; RFC 5816.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from chalicelib.ports.clock import Clock
from infra.local.sigstore.authority import ca_template, certificate_template, distinguished, key_usage
from infra.local.sigstore.keys import KeyWithChain, key_with_chain, new_ec_key
from tank_core.errors import TankError

MAX_REQUEST_BYTES = 64 * 1024
_POLICY = "1.3.6.1.4.1.57264.2"  # Sigstore's own policy for timestamps
_DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
_SERIAL_BYTES = 16
_YEARS = 9  # within the root's ten


class TimestampRequestRefusedError(TankError):
    """The timestamp authority does not understand the request, or knows no such digest."""

    code = "timestamp-request-refused"


class TimestampAuthority:
    """Answers timestamp requests."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Reads or makes the key and its certificates.

        Raises:
            ExposedFileError: others may read the file.
            UnusableKeyError: the file holds something else.
        """
        held = key_with_chain(path, lambda: _new_authority(clock.now()))
        self._key = held.key
        self._clock = clock
        self.chain = held.chain

    def respond(self, request: bytes) -> bytes:
        """Returns the response, DER, to a request, DER.

        Raises:
            TimestampRequestRefusedError: timestamp-request-refused; ``why`` has the reason.
        """
        asked = _parsed(request)
        imprint = asked["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        if len(imprint["hashed_message"].native) != _DIGEST_BYTES.get(algorithm):
            raise _refused("it asks for no SHA-256, SHA-384 or SHA-512 digest")
        if asked["req_policy"].native not in (None, _POLICY):
            raise _refused("it asks for another policy")
        info = self._info(asked)
        return bytes(
            tsp.TimeStampResp(
                {
                    "status": {"status": "granted"},
                    "time_stamp_token": self._signed(info, with_certificates=asked["cert_req"].native),
                }
            ).dump()
        )

    def _info(self, asked: tsp.TimeStampReq) -> tsp.TSTInfo:
        fields = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": int.from_bytes(secrets.token_bytes(_SERIAL_BYTES), "big"),
            "gen_time": datetime.fromtimestamp(self._clock.now(), UTC),
        }
        if asked["nonce"].native is not None:
            fields["nonce"] = asked["nonce"].native
        return tsp.TSTInfo(fields)

    def _signed(self, info: tsp.TSTInfo, *, with_certificates: bool) -> cms.ContentInfo:
        own = asn1_x509.Certificate.load(self.chain[0].public_bytes(Encoding.DER))
        content = info.dump()
        attributes = _attributes(content, own)
        # Source: RFC 5652, section 5.4: signed with the tag of SET OF, which is how it dumps by itself.
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        identifier = cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier("issuer_and_serial_number", identifier),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signature,
        }
        signed = {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(content),
            },
            "signer_infos": [signer],
        }
        if with_certificates:
            signed["certificates"] = [own]
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _attributes(content: bytes, certificate: asn1_x509.Certificate) -> cms.CMSAttributes:
    named = tsp.ESSCertIDv2(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
        }
    )
    values = {
        "content_type": "tst_info",
        "message_digest": hashlib.sha256(content).digest(),
        "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [named]}),
    }
    return cms.CMSAttributes([cms.CMSAttribute({"type": kind, "values": [v]}) for kind, v in values.items()])


def _parsed(request: bytes) -> tsp.TimeStampReq:
    if len(request) > MAX_REQUEST_BYTES:
        raise _refused("it is too large")
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        if asked["version"].native != "v1":
            raise _refused("its version is not 1")
        if asked["extensions"].native:
            raise _refused("it has extensions, and none is known")
        asked.native  # noqa: B018  # parses the rest of it, lazily left so far
    except TimestampRequestRefusedError:
        raise
    except Exception as exc:  # The parser's refusals have several types; none of them may pass.
        raise _refused("it is no timestamp request") from exc
    return asked


def _new_authority(now: int) -> KeyWithChain:
    root_key, key = new_ec_key(), new_ec_key()
    issuer = ("timestamp root", root_key.public_key())
    root = ca_template(issuer[0], root_key.public_key(), issuer, now=now, path_length=0)
    start = datetime.fromtimestamp(now, UTC)
    lifetime = (start, start + timedelta(days=365 * _YEARS))
    name, issuer_name = distinguished("timestamp authority"), distinguished(issuer[0])
    own = (
        certificate_template(name, key.public_key(), issuer_name, issuer[1], lifetime)
        .add_extension(key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return KeyWithChain(key, tuple(template.sign(root_key, hashes.SHA256()) for template in (own, root)))


def _refused(reason: str) -> TimestampRequestRefusedError:
    return TimestampRequestRefusedError(
        "The timestamp request is not acceptable.",
        why=f"The local Sigstore refuses it: {reason}.",
        fix="Send an RFC 3161 request over a SHA-256, SHA-384 or SHA-512 digest.",
    )
