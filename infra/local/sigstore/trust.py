"""What a client trusts and what it signs with: trusted root and signing configuration.

Both are made from the keys alone, so they are the same bytes at every start. Every
service is this machine's; Rekor v2 is taken before v1 by clients that know both.

Source: sigstore/protobuf-specs, sigstore_trustroot.proto; "validFor.start" is mandatory.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from infra.local.sigstore.keys import public_der
from tank_core import canonical

OPERATOR = "tank.invalid"
OIDC, FULCIO, TSA = "/sigstore/oidc", "/sigstore/fulcio", "/sigstore/tsa/api/v1/timestamp"
CI_TOKENS = "/sigstore/ci/github/token"
REKOR = {1: "/sigstore/rekor-v1", 2: "/sigstore/rekor-v2"}
_ROOT_TYPE = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
_CONFIG_TYPE = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
_DETAILS = {
    ec.EllipticCurvePublicKey: "PKIX_ECDSA_P256_SHA_256",
    ed25519.Ed25519PublicKey: "PKIX_ED25519",
}


def log_instance(
    url: str, key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey, log_id: bytes, since: datetime
) -> dict[str, object]:
    """Returns a transparency log's entry in a trusted root. ``url``: a name only, nobody connects to it."""
    details = next(text for kind, text in _DETAILS.items() if isinstance(key, kind))
    public = {"rawBytes": _base64(public_der(key)), "keyDetails": details, "validFor": _since(since)}
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": public,
        "logId": {"keyId": _base64(log_id)},
    }


def authority_instance(url: str, chain: Sequence[x509.Certificate]) -> dict[str, object]:
    """Returns a certificate or timestamp authority's entry. ``chain``: root last."""
    root = chain[-1]
    names = {attribute.rfc4514_attribute_name: str(attribute.value) for attribute in root.subject}
    certificates = [{"rawBytes": _base64(item.public_bytes(Encoding.DER))} for item in chain]
    return {
        "subject": {"organization": names["O"], "commonName": names["CN"]},
        "uri": url,
        "certChain": {"certificates": certificates},
        "validFor": _since(root.not_valid_before_utc),
    }


def trusted_root(
    *,
    logs: Sequence[dict[str, object]],
    ct_logs: Sequence[dict[str, object]],
    authorities: Sequence[dict[str, object]],
    timestamp_authorities: Sequence[dict[str, object]],
) -> bytes:
    """Returns a trusted root, JSON, the same bytes for the same parts."""
    return canonical.pretty(
        {
            "mediaType": _ROOT_TYPE,
            "tlogs": list(logs),
            "certificateAuthorities": list(authorities),
            "ctlogs": list(ct_logs),
            "timestampAuthorities": list(timestamp_authorities),
        }
    )


def signing_config(base_url: str, since: datetime, rekor_versions: Sequence[int] = (1, 2)) -> bytes:
    """Returns a signing configuration v0.2, JSON.

    Args:
        base_url: where clients reach the registry, without a trailing slash.
        since: from when on the services are valid.
        rekor_versions: the versions of the Rekor API to announce; clients take the highest.
    """

    def service(path: str, version: int = 1) -> dict[str, object]:
        return {
            "url": base_url + path,
            "majorApiVersion": version,
            "validFor": _since(since),
            "operator": OPERATOR,
        }

    return canonical.pretty(
        {
            "mediaType": _CONFIG_TYPE,
            "caUrls": [service(FULCIO)],
            "oidcUrls": [service(OIDC)],
            "rekorTlogUrls": [service(REKOR[version], version) for version in sorted(rekor_versions)],
            "tsaUrls": [service(TSA)],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        }
    )


def _since(start: datetime) -> dict[str, str]:
    return {"start": start.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
