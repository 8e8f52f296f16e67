"""Verifying reads no cache, opens no file but code, and connects to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.real_bundles import PROJECT, bundle_of, encoded, needs_sdist

# Where sigstore-python keeps the roots that its production(offline=True) believes without verifying them.
CACHES = (".local/share/sigstore-python/tuf", ".cache/sigstore-python/tuf")
AUDITED = """
import json, sys
opened, outside = [], []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        writes = arguments[1] is not None and bool(set(arguments[1]) & set("wax+"))
        opened.append([arguments[0], writes])
    elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen", "os.system"):
        outside.append(event)
from tank_core.bundle import verify_bundle
from tank_core.bundle.public_roots import public_root
early = sorted({name.partition(".")[0] for name in sys.modules} & {"sigstore", "cryptography", "pydantic"})
bundle = sys.stdin.buffer.read()
sys.addaudithook(hook)
log = verify_bundle(bundle, trusted_root=public_root(), needs_timestamp=False).log
print(json.dumps({"index": log.index, "early": early, "opened": opened, "outside": outside}))
"""


@needs_sdist
def test_a_poisoned_cache_is_not_read_and_nothing_is_written_or_connected_to(tmp_path: Path) -> None:
    for cache in CACHES:
        for host in ("tuf-repo-cdn.sigstore.dev", "tuf-repo-cdn.sigstage.dev"):
            folder = tmp_path / cache / f"https%3A%2F%2F{host}"
            folder.mkdir(parents=True)
            (folder / "trusted_root.json").write_text("poison")
            (folder / "root.json").write_text("poison")
    before = sorted(tmp_path.rglob("*"))
    run = subprocess.run(
        [sys.executable, "-B", "-c", AUDITED],
        input=encoded(bundle_of()),
        env={"HOME": str(tmp_path), "PYTHONPATH": str(PROJECT), "PATH": ""},
        capture_output=True,
        check=True,
        timeout=60,
    )
    seen = json.loads(run.stdout)
    assert seen["index"] == 153454663
    assert seen["early"] == []
    assert seen["outside"] == []
    assert seen["opened"]
    assert [path for path, writes in seen["opened"] if writes] == []
    assert [
        path for path, _ in seen["opened"] if path.startswith(str(tmp_path)) or "sigstore-python" in path
    ] == []
    assert sorted(tmp_path.rglob("*")) == before
