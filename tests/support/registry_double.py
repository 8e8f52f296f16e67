"""A registry on loopback whose documents are made by ``tank_core`` itself; for tests of the command."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tank_core import canonical, dsse, tuf_layout, waiver_statement
from tank_core.archive import ArchiveEntry, pack, tree_hash
from tank_core.attestation import PAYLOAD_TYPE, VerificationSummary, statement_bytes
from tank_core.entities import SkillVersion, WaiverReference
from tank_core.findings import Finding, Verdict
from tank_core.index import index_bytes
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.names import SkillName
from tank_core.notices import Notices, notices_bytes
from tank_core.permissions import PermissionSet
from tank_core.provenance import publisher_statement
from tank_core.semver import Version
from tank_core.signature import Signature
from tank_core.waivers import DAY_SECONDS, Waiver
from tests.support.tuf_repository import TufRepository

NOTHING = "sha256:" + "0" * 64
Route = Callable[[bytes, Mapping[str, str]], tuple[int, Mapping[str, str], bytes]]


@dataclass
class RegistryDouble:
    """What the double serves, and what it was asked.

    ``overrides``: path → status and body, in place of what is there.
    ``routes``: method and path → a function from body and headers to an answer.
    """

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict, repr=False)
    versions: dict[str, list[SkillVersion]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    summaries: dict[tuple[str, str], VerificationSummary] = field(default_factory=dict)
    overrides: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    tuf: TufRepository = field(init=False, repr=False)
    notices: Notices = field(default_factory=Notices)
    _listed_notices: bytes = b""

    def __post_init__(self) -> None:
        self.tuf = TufRepository(self.objects)

    @property
    def pem(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    @property
    def key_id(self) -> str:
        return dsse.key_id_of(self.pem)

    @property
    def fingerprint(self) -> str:
        return self.tuf.fingerprint

    def start(self, url: str) -> None:
        self.url = url
        self.sign_registry()

    def sign_registry(self, others: Mapping[str, bytes] | None = None, **changes: Any) -> None:
        """Signs what the operator says: ``changes`` to registry.json, and other targets by path."""
        document = {
            "registry": self.url,
            "api": f"{self.url}/v1",
            "keys": [{"key_id": self.key_id, "public_key": self.pem}],
            "sigstore": "local" if others else "",
            **changes,
        }
        self.objects["/registry.json"] = canonical.pretty(document)
        self.tuf.sign_targets({"registry.json": canonical.pretty(document), **(others or {})})

    def publish(
        self,
        name: str,
        version: str,
        *,
        capabilities: dict[str, Any] | None = None,
        skills: dict[str, str] | None = None,
        files: dict[str, bytes] | None = None,
        verdict: Verdict = Verdict.PASS,
        score: float | None = 9.5,
        publisher: str = "jo",
        published_at: int = 1_700_000_000,
        sign: Callable[[bytes], tuple[bytes, Signature]] | None = None,
        attested: Callable[[VerificationSummary], VerificationSummary] = lambda summary: summary,
        findings: Sequence[Finding] | None = None,
    ) -> SkillVersion:
        """Publishes a version.

        Args:
            sign: makes a bundle of a publisher's statement, and says what it holds; None does not sign.
            attested: may make the attestation say something else.
            findings: those that the registry gives out; None gives out none.
        """
        parsed = PermissionSet.from_json(capabilities or {}, "capabilities").to_json()
        manifest_bytes = _manifest_bytes(name, version, capabilities or {}, skills or {})
        manifest = parse_skill_manifest(manifest_bytes)
        entries = _entries(manifest, manifest_bytes, files or {})
        archive = pack(entries)
        digest, integrity = self._blob(archive), sha512_integrity(archive)
        statement = publisher_statement(manifest.name, manifest.version, integrity, digest)
        bundle, signature = sign(statement) if sign else (b"", None)
        summary = VerificationSummary(
            name=manifest.name,
            version=manifest.version,
            digest=digest,
            integrity=integrity,
            verifier=self.url,
            time_verified=published_at,
            policy_uri=f"{self.url}/policies/1",
            policy_digest=NOTHING,
            publisher=publisher,
            bundle_digest=self._blob(bundle) if bundle else "",
            manifest_digest=sha256_digest(manifest_bytes),
            findings_digest=self._findings(findings),
            sbom_digest=NOTHING,
            capabilities_digest=sha256_digest(canonical.compact(parsed)),
            verdict=verdict,
            score=score,
            signature=signature,
        )
        self.summaries[name, version] = summary
        attestation = self._blob(self.envelope(attested(summary)))
        published = replace(
            _row(manifest, summary),
            size_bytes=len(archive),
            tree_hash=tree_hash(entries),
            capabilities=parsed,
            dependencies=dict(skills or {}),
            attestation_digest=attestation,
        )
        self.versions.setdefault(name, []).append(published)
        self._write_index(name)
        return published

    def change(self, name: str, version: str, **changes: Any) -> None:
        """Changes what the index says of a version, such as its availability."""
        self.versions[name] = [
            replace(v, **changes) if v.version == version else v for v in self.versions[name]
        ]
        self._write_index(name)

    def waive(
        self,
        published: SkillVersion,
        *,
        counted: bool = True,
        days: int = 90,
        revocation: str = "",
        key: ec.EllipticCurvePrivateKey | None = None,
        **changes: Any,
    ) -> Waiver:
        """Signs a waiver of a version and has the index name it, beside those that it names."""
        granted_at = int(time.time()) - 30 * DAY_SECONDS
        fields: dict[str, Any] = {
            "name": SkillName.parse(published.name),
            "version": Version.parse(published.version),
            "digest": published.digest,
            "integrity": published.integrity,
            "rule_id": "some-rule",
            "file": "SKILL.md",
            "line": 7,
            "registry": self.url,
            "appellant": "jo",
            "granted_by": "reviewer",
            "reason": "It documents the attack.",
            "granted_at": granted_at,
            "expires_at": granted_at + days * DAY_SECONDS,
        } | changes
        waiver = Waiver(**fields)
        envelope = self._signed(waiver_statement.statement_bytes(waiver), key or self.key)
        reference = WaiverReference(
            digest=self._blob(envelope),
            counted=counted,
            revoked_at=granted_at if revocation else None,
            revocation=revocation,
        )
        named = next(v for v in self.versions[published.name] if v.version == published.version).waivers
        self.change(published.name, published.version, waivers=(*named, reference))
        return waiver

    def rescan(self, name: str, version: str, verdict: Verdict, score: float, **changes: Any) -> None:
        """Judges a version anew, as a rescan does: another attestation, and the old one stays."""
        summary = replace(self.summaries[name, version], verdict=verdict, score=score)
        attestation = self._blob(self.envelope(summary, is_rescan=True))
        self.change(
            name, version, verdict=verdict, audit_score=score, attestation_digest=attestation, **changes
        )

    def envelope(self, summary: VerificationSummary, *, is_rescan: bool = False) -> bytes:
        return self._signed(statement_bytes(summary, is_rescan=is_rescan), self.key)

    def _signed(self, statement: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        signature = key.sign(dsse.pae(PAYLOAD_TYPE, statement), ec.ECDSA(hashes.SHA256()))
        return dsse.envelope_bytes(PAYLOAD_TYPE, statement, self.key_id, signature)

    def answer_json(self, method: str, path: str, document: object, status: int = 200) -> None:
        """Makes the API answer one JSON document."""
        kind = "application/json" if status < 400 else "application/problem+json"
        body = json.dumps(document).encode()
        self.routes[(method, path)] = lambda _body, _headers: (status, {"Content-Type": kind}, body)

    def respond(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        path = target.partition("?")[0]
        self.requests.append(f"{method} {target}")
        self.headers.append(dict(headers))
        if self.overrides.get(path):
            status, data = self.overrides[path].pop(0)
            return status, {"Retry-After": "0"}, data
        if (method, path) in self.routes:
            return self.routes[(method, path)](body, headers)
        if path not in self.objects:
            return 404, {}, b""
        etag = f'"{hashlib.sha256(self.objects[path]).hexdigest()}"'
        if headers.get("If-None-Match") == etag:
            return 304, {"ETag": etag}, b""
        return 200, {"ETag": etag}, self.objects[path]

    def _blob(self, data: bytes) -> str:
        digest = sha256_digest(data)
        self.objects[blob_path(digest)] = data
        return digest

    def _findings(self, findings: Sequence[Finding] | None) -> str:
        if findings is None:
            return NOTHING
        return self._blob(canonical.compact({"findings": [finding.to_json() for finding in findings]}))

    def _write_index(self, name: str) -> None:
        self.notices = self.notices.of(name, self.versions[name])
        documents = {tuf_layout.index_target(name): index_bytes(name, self.versions[name])}
        notices = notices_bytes(self.notices)
        if notices != self._listed_notices:
            documents[tuf_layout.NOTICES_TARGET] = self._listed_notices = notices
        self.tuf.put_targets(documents)


def _manifest_bytes(
    name: str, version: str, capabilities: Mapping[str, Any], skills: Mapping[str, str]
) -> bytes:
    return json.dumps(
        {
            "name": name,
            "version": version,
            "description": f"{name.partition('/')[2]} does things",
            "license": "Apache-2.0",
            "capabilities": capabilities,
            "skills": skills,
        }
    ).encode()


def _entries(
    manifest: SkillManifest, manifest_bytes: bytes, files: Mapping[str, bytes]
) -> tuple[ArchiveEntry, ...]:
    last, about = manifest.name.name, manifest.description
    contents = {
        "skills.json": manifest_bytes,
        "SKILL.md": f"---\nname: {last}\ndescription: {about}\n---\n{manifest.version}\n".encode(),
        "scripts/run.sh": b"#!/bin/sh\necho hi\n",
        **files,
    }
    return tuple(ArchiveEntry(p, data, p.endswith(".sh")) for p, data in sorted(contents.items()))


def _row(manifest: SkillManifest, summary: VerificationSummary) -> SkillVersion:
    """Returns what a summary says of a version, as the index has it; without what only the archive tells."""
    name = str(summary.name)
    return SkillVersion(
        name=name,
        version=str(summary.version),
        published_at=summary.time_verified,
        publish_id="01J",
        publisher_id=summary.publisher,
        size_bytes=0,
        integrity=summary.integrity,
        digest=summary.digest,
        tree_hash="",
        description=manifest.description,
        license=manifest.license,
        keywords=(),
        capabilities={},
        dependencies={},
        audit_score=summary.score,
        verdict=summary.verdict,
        manifest_digest=summary.manifest_digest,
        findings_digest=summary.findings_digest,
        sbom_digest=summary.sbom_digest,
        attestation_digest="",
        bundle_digest=summary.bundle_digest,
        signature=summary.signature.to_json() if summary.signature else {},
        package_ref=f"oci.example/{name[1:]}@{summary.digest}",
    )


def blob_path(digest: str) -> str:
    """Returns the URL path of a blob."""
    return f"/blobs/sha256/{digest.removeprefix('sha256:')}"


@contextmanager
def serving(double: RegistryDouble) -> Iterator[RegistryDouble]:
    """Serves a double on a free loopback port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one segment, or each answer waits 40 ms for an acknowledgement

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, data = double.respond(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data if status != 304 else b"")

        do_GET = do_PUT = do_POST = do_DELETE = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Stays quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that stops reading is no news
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        double.start(f"http://127.0.0.1:{server.server_port}")
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
