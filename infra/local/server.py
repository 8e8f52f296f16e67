"""Starts and stops the embedded registry: everything that one process holds, in order."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

import waitress

from chalicelib import wiring
from chalicelib.adapters.oidc import BUILD_ISSUERS, OidcVerifier
from chalicelib.adapters.system import SystemClock
from chalicelib.ports.blobs import ObjectInfo
from chalicelib.services import uploads
from chalicelib.services.publishers import bootstrap_admin
from chalicelib.services.registry_document import (
    listed_keys,
    publish_registry_document,
    registry_document,
)
from chalicelib.settings import BINDING_DELAY_SECONDS, MIB, SecondOpinionSettings, Settings
from infra.ceremony.folder import Ceremony
from infra.local.analysis_process import AnalysisProcess
from infra.local.authority import settle_authority
from infra.local.durable import secret_file, write_durably
from infra.local.folder import DataFolder
from infra.local.index_timer import signing_in_time
from infra.local.mirror import mirror
from infra.local.rescanner import rescanning
from infra.local.sigstore.choice import SigstoreChoice, SigstoreTrust, kept_trusted_root, sigstore_trust
from infra.local.sigstore.publishers import publisher_of
from infra.local.sigstore.stand_in import LocalSigstore, open_local_sigstore
from infra.local.sigstore.web.endpoint import sigstore_endpoint
from infra.local.stages import rescan_functions
from infra.local.states.engine import Engine, TaskFunction
from infra.local.states.workers import Workers
from infra.local.web.api import ApiEndpoint
from infra.local.web.limits import limited
from infra.local.web.messages import Endpoint
from infra.local.web.objects import ObjectEndpoint
from infra.local.web.site import Site
from infra.local.web.uploads import UploadEndpoint
from infra.local.web.wsgi import application
from infra.local.wiring import EmbeddedRegistry, embedded_ports
from pipeline.judging import rules_in_force
from tank_core import tuf_layout

_THREADS = 8
_CONNECTIONS = 900  # below what select() can watch
_IDLE_SECONDS = 20
_SWEEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What a server is started with.

    Attributes:
        data: the data folder; made when it is not there.
        host: the address to listen on.
        port: 0 takes a free one.
        public_url: where clients reach the registry; "" means the listening address itself.
        ready_file: written, as JSON with ``url`` and ``fingerprint``, once requests are answered.
        oci_registry: ``host[:port][/prefix]`` to mirror versions to; "" keeps them in the data folder.
        sigstore: whose Sigstore publishers sign with.
        trusted_root: a Sigstore trusted root file that replaces that Sigstore's own; "" for none.
        binding_delay_seconds: how long a binding that lets somebody new in is announced before it counts.
        is_behind_proxy: whether a proxy on this machine tells who asks, as the last of X-Forwarded-For.
        rebuild_index_from: writes the whole index from the catalog, no version below this one; None does not.
        rules: the folder of the detection rules; None is the one that ships.
        takes_down_failed: whether a rescan withdraws a version whose verdict became ``fail``.
        is_verbose: one line per request on stderr.
        second_opinion: whom to ask about packages besides the rules; nobody unless told otherwise.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    ready_file: Path | None = None
    oci_registry: str = ""
    sigstore: SigstoreChoice = SigstoreChoice.LOCAL
    trusted_root: str = ""
    binding_delay_seconds: int = BINDING_DELAY_SECONDS
    is_behind_proxy: bool = False
    rebuild_index_from: int | None = None
    rules: Path | None = None
    takes_down_failed: bool = False
    is_verbose: bool = False
    second_opinion: SecondOpinionSettings = field(default_factory=SecondOpinionSettings)


StageFunctions = Callable[[TaskFunction], Mapping[str, TaskFunction]]


def serve(
    options: ServeOptions,
    semgrep: Path,
    stage_functions: StageFunctions,
    *,
    rescan_functions: StageFunctions = rescan_functions,
    announce: Callable[[str, str], None] = lambda _url, _fingerprint: None,
) -> None:
    """Runs a registry until SIGTERM or SIGINT.

    Args:
        options: what to serve, where.
        semgrep: the program that Analyze runs.
        stage_functions: of a publish, see ``infra.local.stages``.
        rescan_functions: of a rescan, likewise.
        announce: told the URL and the root's fingerprint, once, when requests are answered.

    Raises:
        FolderInUseError: another server runs on the data folder.
        OfflineKeyMissingError: what clients trust changed, and who signs it is not here.
        RuleError: the rules are not usable.
        TankError: root and targets are not acceptable; the code says why.
        OSError: the address cannot be listened on.
    """
    # 1. The folder is ours, so every lease in it belongs to the dead.
    folder = DataFolder(options.data.absolute())
    folder.make()
    with ExitStack() as stack:
        stack.enter_context(folder.locked())
        # 2. The address, because links carry it.
        listening = stack.enter_context(socket.create_server((options.host, options.port)))
        public_url = options.public_url.rstrip("/") or _own_url(options.host, listening)
        sigstore = stack.enter_context(_local_sigstore(options.sigstore, folder, public_url))
        trust = sigstore_trust(options.sigstore, sigstore, options.trusted_root)
        settings = _settings(options, public_url, folder, trust)
        rules_in_force(settings)  # unusable ones are said before anything is served
        # 3. The world, its key document, and a first token.
        registry = embedded_ports(
            folder.root,
            settings=settings,
            semgrep=semgrep,
            artifacts=mirror(options.oci_registry),
            id_tokens=_id_tokens(sigstore),
        )
        wiring.provide(registry.ports)
        stack.callback(wiring.provide, None)
        registry.blobs.sweep()
        fingerprint = _published_trust(folder, registry, trust, options.rebuild_index_from)
        secret_file(folder.admin_token, lambda: f"{bootstrap_admin(registry.ports)}\n".encode())
        # 4. What was interrupted goes on; what lost its event starts.
        analysis = AnalysisProcess(folder.root, settings.public_url, semgrep, settings.rules_path)
        stack.enter_context(signing_in_time(registry.index))
        stack.enter_context(_working(registry, stage_functions(analysis), analysis))
        # 5. What other rules judged is judged again.
        scan = AnalysisProcess(folder.root, settings.public_url, semgrep, settings.rules_path, "scan")
        stack.enter_context(rescanning(registry, rescan_functions(scan), scan))
        # 6. Requests.
        site = _site(registry, settings, sigstore, is_verbose=options.is_verbose)
        server = _server(site, listening, settings, is_behind_proxy=options.is_behind_proxy)
        with _stopping_on_signals():
            _tell_ready(options.ready_file, settings.public_url, fingerprint)
            announce(settings.public_url, fingerprint)
            server.run()  # returns on SystemExit and KeyboardInterrupt


def _settings(options: ServeOptions, public_url: str, folder: DataFolder, trust: SigstoreTrust) -> Settings:
    return Settings(
        public_url=public_url,
        trusted_root_path=kept_trusted_root(trust, folder.trusted_root),
        binding_delay_seconds=options.binding_delay_seconds,
        rules_path=str(options.rules.absolute()) if options.rules else "",
        takes_down_failed=options.takes_down_failed,
        earlier_keys=listed_keys(Ceremony(folder.ceremony).target(tuf_layout.REGISTRY_TARGET)),
        second_opinion=options.second_opinion,
    )


def _server(
    site: Site, listening: socket.socket, settings: Settings, *, is_behind_proxy: bool
) -> waitress.server.BaseWSGIServer:
    return waitress.create_server(
        application(site, is_behind_proxy=is_behind_proxy),
        sockets=[listening],
        threads=_THREADS,
        connection_limit=_CONNECTIONS,
        channel_timeout=_IDLE_SECONDS,
        cleanup_interval=_IDLE_SECONDS // 2,
        max_request_body_size=settings.max_archive_bytes + MIB,
        ident="tank",
        clear_untrusted_proxy_headers=not is_behind_proxy,  # ours reads them, from this machine only
    )


def _published_trust(
    folder: DataFolder, registry: EmbeddedRegistry, trust: SigstoreTrust, rebuild_from: int | None
) -> str:
    """Publishes what clients trust, signed; returns the fingerprint of the root."""
    ports, before = registry.ports, Ceremony(folder.ceremony).target(tuf_layout.REGISTRY_TARGET)
    document = registry_document(
        ports.settings.public_url, ports.signer, listed=listed_keys(before), sigstore=trust.kind
    )
    contents = {tuf_layout.REGISTRY_TARGET: document}
    if trust.kind:
        contents[tuf_layout.TRUSTED_ROOT_TARGET] = trust.trusted_root
        contents[tuf_layout.SIGNING_CONFIG_TARGET] = trust.signing_config
    if rebuild_from is not None:
        registry.index.rebuild(at_least=rebuild_from)
    fingerprint = settle_authority(folder, registry.index, contents, now=ports.clock.now())
    publish_registry_document(ports.blobs, document)
    return fingerprint


@contextmanager
def _local_sigstore(
    choice: SigstoreChoice, folder: DataFolder, public_url: str
) -> Iterator[LocalSigstore | None]:
    """Opens this machine's own Sigstore until the block ends, if it is the choice."""
    if choice is not SigstoreChoice.LOCAL:
        yield None
        return
    sigstore = open_local_sigstore(folder.sigstore, public_url, SystemClock())
    try:
        yield sigstore
    finally:
        sigstore.close()


def _site(
    registry: EmbeddedRegistry, settings: Settings, sigstore: LocalSigstore | None, *, is_verbose: bool
) -> Site:
    from app import app  # Chalice's entry point; it asks the wiring for its ports at the first request

    def on_stored(info: ObjectInfo) -> None:
        uploads.object_created(registry.ports, info.key, info.version_id)

    return Site(
        api=ApiEndpoint(app),
        objects=ObjectEndpoint(registry.blobs),
        uploads=UploadEndpoint(registry.links, registry.blobs, registry.ports.clock, on_stored),
        sigstore=None if sigstore is None else _sigstore_endpoint(sigstore, registry),
        is_https=settings.public_url.startswith("https://"),
        log=_to_stderr if is_verbose else None,
    )


def _sigstore_endpoint(sigstore: LocalSigstore, registry: EmbeddedRegistry) -> Endpoint:
    return limited(sigstore_endpoint(sigstore, publisher_of(registry.ports)), registry.ports)


@contextmanager
def _working(
    registry: EmbeddedRegistry, functions: Mapping[str, TaskFunction], analysis: AnalysisProcess
) -> Iterator[None]:
    """Runs executions, and sweeps, until the block ends."""
    clock, checkpoints = registry.ports.clock, registry.checkpoints
    checkpoints.release_all()
    engine = Engine(registry.machine, functions, checkpoints, clock)
    workers, stopping = Workers(engine, checkpoints, clock), threading.Event()
    registry.executions.attach(workers)
    sweeper = threading.Thread(target=_sweep, args=(registry, stopping), daemon=True, name="sweeper")
    workers.start()
    sweeper.start()
    try:
        yield
    finally:
        stopping.set()
        workers.stop(interrupt=analysis.stop)


def _sweep(registry: EmbeddedRegistry, stopping: threading.Event) -> None:
    """Does, at once and then every minute, what lost upload events would have done."""
    while not stopping.is_set():
        try:
            uploads.sweep(registry.ports)
        except Exception:
            # The outermost edge of a thread that must outlive a full disk.
            traceback.print_exc(file=sys.stderr)
        stopping.wait(_SWEEP_SECONDS)


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        del number, frame
        raise SystemExit(0)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _id_tokens(sigstore: LocalSigstore | None) -> OidcVerifier | None:
    """Returns what verifies builds' tokens against this machine's keys alone; None leaves it to the real issuers."""
    if sigstore is None:
        return None
    sources = {issuer: (lambda keys=keys: keys) for issuer, keys in sigstore.issuer_keys().items()}
    return OidcVerifier({issuer: sources[issuer] for issuer in BUILD_ISSUERS}, sigstore.clock.now)


def _own_url(host: str, listening: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listening.getsockname()[1]}"


def _tell_ready(path: Path | None, url: str, fingerprint: str) -> None:
    if path is not None:
        document = json.dumps({"url": url, "fingerprint": fingerprint}) + "\n"
        write_durably(path.absolute(), document.encode(), temporary=path.absolute().with_suffix(".new"))


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
