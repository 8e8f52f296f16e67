"""A one-machine registry to attack: real stores, pipeline, index writer and keys, behind real HTTP.

Left out are the API (attackers and publishers call the services below it), the scanner's
process and semgrep; every stage, every check and every signature is the one that is served.
``attackers`` has those who own a part of it.
"""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import waitress

from chalicelib import wiring
from chalicelib.ports.registry import RegistryPorts
from chalicelib.services import keys, publishing, uploads
from chalicelib.services.announcement import Announcement
from chalicelib.services.authentication import authenticate
from chalicelib.services.registry_document import registry_document
from chalicelib.services.tokens import TokenOrder, issue
from chalicelib.settings import Settings
from infra.local.authority import settle_authority
from infra.local.folder import DataFolder
from infra.local.sigstore.ci_builds import Build
from infra.local.stages import stage_functions
from infra.local.states.engine import Engine
from infra.local.states.task_thread import TaskThread
from infra.local.web.messages import Endpoint, Request, Response
from infra.local.web.objects import ObjectEndpoint
from infra.local.web.wsgi import application
from infra.local.wiring import EmbeddedRegistry, embedded_ports
from pipeline.handlers.runner import run_stage
from pipeline.stages import analyze
from tank_core import tuf_layout
from tank_core.archive import pack, read_archive
from tank_core.entities import Action, Org, Publish, Publisher, Role, SkillVersion
from tank_core.integrity import sha256_digest, sha512_integrity
from tank_core.manifest import SkillManifest, parse_skill_manifest
from tank_core.provenance import publisher_statement
from tank_core.publish import Stage
from tank_core.trusted_publishing import OrgBinding
from tests.support import local_sigstore
from tests.support.identities import build_binding
from tests.support.local_sigstore import BUILD, SigstoreScene
from tests.support.memory_ports import MemoryScanner
from tests.support.packages import package
from tests.support.sample_entities import an_event

PLAIN, SIGNED = "@acme/plain", "@acme/signed"
BINDING = build_binding("ada", environment="")
STRANGER = replace(BUILD, repository="mallory/skills", repository_id="666", owner_id="667")


@dataclass(slots=True)
class Served:
    """An address whose answers are those of whatever registry stands behind it at the moment."""

    url: str = ""
    behind: Endpoint | None = None
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        assert self.behind is not None
        self.asked.append(request.path)
        return self.behind(request)


@contextmanager
def serving() -> Iterator[Served]:
    """Serves on a free loopback port until the block ends."""
    served, listening = Served(), socket.create_server(("127.0.0.1", 0))
    served.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = waitress.create_server(application(served), sockets=[listening], threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield served
    finally:
        server.close()
        thread.join(10)
        listening.close()


@dataclass(slots=True)
class AttackedRegistry:
    """An honest registry. ``fingerprint``: of its root."""

    data: Path
    url: str
    sigstore: SigstoreScene
    embedded: EmbeddedRegistry
    ports: RegistryPorts
    fingerprint: str
    thread: TaskThread

    def secret(self, publisher: str) -> str:
        """Returns a new token of a publisher, for publishing."""
        return issue(self.ports, publisher, TokenOrder(("publish",), (), "a test", 3600), actor="test").secret

    def publish(
        self,
        name: str,
        version: str,
        *,
        secret: str = "",
        build: Build | None = None,
        manifest: Mapping[str, Any] | None = None,
        **files: bytes,
    ) -> Publish:
        """Publishes as the holder of a token would; returns the attempt as it ended.

        Args:
            secret: of the token; a new one of ada's unless told otherwise.
            build: what signs; None does not sign.
            manifest: what skills.json says besides.
            files: see ``tests.support.packages.package``.
        """
        archive = pack(package({"name": name, "version": version, **(manifest or {})}, **files))
        signed = b"" if build is None else self.bundle(archive, build)
        publish_id = self.begin(archive, secret=secret, bundle=signed)
        self.run()
        return self.attempt(publish_id)

    def begin(self, archive: bytes, *, secret: str = "", bundle: bytes = b"") -> str:
        """Announces and uploads; the pipeline is started and has not run yet. Returns the publish id."""
        ports = self.ports
        caller = authenticate(ports, f"Bearer {secret or self.secret('ada')}")
        begun = publishing.begin(ports, caller, _announced(archive, bundle))
        assert begun.publish is not None
        publish_id = begun.publish.publish_id
        if bundle:
            ports.blobs.put(keys.incoming_bundle(publish_id), bundle)
        arrived = ports.blobs.put(keys.incoming_archive(publish_id), archive)
        uploads.object_created(ports, arrived.key, arrived.version_id)
        return publish_id

    def bundle(self, archive: bytes, build: Build = BUILD) -> bytes:
        """Returns a build's bundle over an archive."""
        manifest = manifest_of(archive)
        statement = publisher_statement(
            manifest.name, manifest.version, sha512_integrity(archive), sha256_digest(archive)
        )
        return local_sigstore.bundle(self.sigstore, statement, build.github_claims())

    def run(self, *, steps: int | None = None) -> None:
        """Runs what is due; with ``steps`` no further than so many stages."""
        left = [steps]

        def stopping() -> bool:
            if left[0] is None:
                return False
            left[0] -= 1
            return left[0] < 0

        embedded, ports = self.embedded, self.ports
        functions = stage_functions(lambda event: run_stage(Stage.ANALYZE, analyze.run, event, ports))
        engine = Engine(embedded.machine, functions, embedded.checkpoints, ports.clock)
        engine.run_one("worker", self.thread, stopping=stopping)

    def attempt(self, publish_id: str) -> Publish:
        found = self.ports.publishes.get(publish_id)
        assert found is not None
        return found

    def version(self, name: str, version: str) -> SkillVersion:
        found = self.ports.catalog.version(name, version)
        assert found is not None
        return found

    def sweep(self) -> None:
        """Does what the registry does every minute."""
        uploads.sweep(self.ports)

    def close(self) -> None:
        wiring.provide(None)
        self.thread.close()
        self.embedded.database.close()


def open_registry(data: Path, served: Served, sigstore: SigstoreScene) -> AttackedRegistry:
    """Opens a data folder, makes what is missing in it, and serves it."""
    folder = DataFolder(data)
    folder.make()
    folder.trusted_root.write_bytes(sigstore.trusted_root)
    settings = Settings(public_url=served.url, trusted_root_path=str(folder.trusted_root))
    embedded = embedded_ports(data, settings=settings, semgrep=data / "no-semgrep")
    ports = replace(embedded.ports, scanner=MemoryScanner())
    wiring.provide(ports)
    contents = {
        tuf_layout.REGISTRY_TARGET: registry_document(served.url, ports.signer, listed={}, sigstore="local"),
        tuf_layout.TRUSTED_ROOT_TARGET: sigstore.trusted_root,
        tuf_layout.SIGNING_CONFIG_TARGET: sigstore.sigstore.signing_config_bytes(),
    }
    fingerprint = settle_authority(folder, embedded.index, contents, now=ports.clock.now())
    served.behind = ObjectEndpoint(embedded.blobs)
    return AttackedRegistry(data, served.url, sigstore, embedded, ports, fingerprint, TaskThread())


def populate(registry: AttackedRegistry) -> None:
    """ada owns @acme with an unsigned and a signed skill; mallory owns @mallory."""
    accounts, now = registry.ports.accounts, registry.ports.clock.now()
    bound = OrgBinding("b1", BINDING, "ada", now, now, skill=SIGNED)
    for who, org, bindings in (("ada", "acme", (bound,)), ("mallory", "mallory", ())):
        accounts.put_publisher(
            Publisher(who, now), an_event(f"publisher:{who}", action=Action.PUBLISHER_CREATE)
        )
        accounts.create_org(
            Org(org, now, {who: Role.OWNER}, bindings=bindings),
            an_event(f"org:{org}", action=Action.ORG_CREATE),
        )
    assert registry.publish(PLAIN, "1.0.0").state == "published"
    assert registry.publish(SIGNED, "1.0.0", build=BUILD).state == "published"


def copied(data: Path, target: Path) -> Path:
    """Returns a copy of a data folder that nobody has open."""
    return Path(shutil.copytree(data, target, ignore=shutil.ignore_patterns("lock")))


def manifest_of(archive: bytes) -> SkillManifest:
    """Returns the manifest in an archive."""
    return parse_skill_manifest(next(e.data for e in read_archive(archive) if e.path == "skills.json"))


def _announced(archive: bytes, bundle: bytes) -> Announcement:
    manifest = manifest_of(archive)
    return Announcement(
        name=str(manifest.name),
        version=str(manifest.version),
        integrity=sha512_integrity(archive),
        digest=sha256_digest(archive),
        size_bytes=len(archive),
        manifest=manifest.to_json(),
        bundle_digest=sha256_digest(bundle) if bundle else "",
        bundle_size_bytes=len(bundle),
    )
