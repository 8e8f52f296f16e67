"""A real OCI registry on loopback: Debian's docker-registry over a temporary folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from chalicelib.adapters.oci import OciRegistry
from chalicelib.ports.artifacts import Artifact
from tank_core.oci import IMAGE_INDEX, IMAGE_MANIFEST, Referrer

REGISTRY = "/usr/bin/docker-registry"
SKOPEO = shutil.which("skopeo")
_START_SECONDS = 15

_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: "{folder}/data"}}
  delete: {{enabled: {deletes}}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


def is_installed() -> bool:
    """Returns whether this machine has the registry."""
    return Path(REGISTRY).exists()


@contextmanager
def running_registry(folder: Path, *, htpasswd: str = "", deletes: bool = True) -> Iterator[str]:
    """Runs a registry and yields its ``host:port``.

    Args:
        folder: where it keeps everything.
        htpasswd: lines that make it ask for a password.
        deletes: whether it deletes; as installed, it does not.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    auth = ""
    if htpasswd:
        (folder / "htpasswd").write_text(htpasswd)
        auth = f'auth: {{htpasswd: {{realm: tank, path: "{folder}/htpasswd"}}}}'
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(folder=folder, port=port, auth=auth, deletes=str(deletes).lower()))
    with (folder / "registry.log").open("wb") as log:
        server = subprocess.Popen([REGISTRY, "serve", str(config)], stdout=log, stderr=log)
        try:
            _wait(port, server)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def pulled(host: str, repository: str, name: str) -> bytes | None:
    """Returns the manifest or blob that a registry serves for a tag or digest, or None."""
    for kind in ("manifests", "blobs"):
        answer = requests.get(
            f"http://{host}/v2/{repository}/{kind}/{name}",
            headers={"Accept": f"{IMAGE_MANIFEST}, {IMAGE_INDEX}"},
            timeout=5,
        )
        if answer.ok:
            return answer.content
    return None


class RegistryOnDemand:
    """The OCI adapter over a registry that runs from the first use until the stack is closed."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._host = ""

    def push(self, artifact: Artifact) -> str:
        return self._port().push(artifact)

    def attach(self, reference: str, referrer: Referrer) -> None:
        self._port().attach(reference, referrer)

    def withdraw(self, reference: str) -> None:
        self._port().withdraw(reference)

    def pull(self, repository: str, name: str) -> bytes | None:
        """Returns what a reader gets for a tag or digest."""
        return pulled(self._running(), repository, name)

    def _port(self) -> OciRegistry:
        return OciRegistry(self._running(), insecure=True)

    def _running(self) -> str:
        if not self._host:
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
            self._host = self._stack.enter_context(running_registry(folder))
        return self._host


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as attempt:
            attempt.settimeout(0.2)
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # waits for a process, not for a result
    raise RuntimeError("docker-registry did not start")
