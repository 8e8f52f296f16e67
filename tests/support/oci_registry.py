"""A real OCI registry on loopback: Debian's docker-registry over a temporary folder."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REGISTRY = "/usr/bin/docker-registry"
SKOPEO = shutil.which("skopeo")
_START_SECONDS = 15

_CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: "{folder}/data"}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


def is_installed() -> bool:
    """Returns whether this machine has the registry."""
    return Path(REGISTRY).exists()


@contextmanager
def running_registry(folder: Path, *, htpasswd: str = "") -> Iterator[str]:
    """Runs a registry and yields its ``host:port``; htpasswd lines make it ask for a password."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    auth = ""
    if htpasswd:
        (folder / "htpasswd").write_text(htpasswd)
        auth = f'auth: {{htpasswd: {{realm: tank, path: "{folder}/htpasswd"}}}}'
    config = folder / "registry.yml"
    config.write_text(_CONFIG.format(folder=folder, port=port, auth=auth))
    with (folder / "registry.log").open("wb") as log:
        server = subprocess.Popen([REGISTRY, "serve", str(config)], stdout=log, stderr=log)
        try:
            _wait(port, server)
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as attempt:
            attempt.settimeout(0.2)
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)  # waits for a process, not for a result
    raise RuntimeError("docker-registry did not start")
